"""Files that a listing had and no longer has: which of them a person wants to know about.

What belongs here: a pure comparison of two listings of one dataset. A listing loses files by
habit, which is no news: a file is posted again as `_0` or in another folder, the months of a
fiscal year give way to the file of the whole year or of the next one, a workbook is replaced by
the newest one. Any other loss is.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from orchestration.catalogue.dataset import Dataset
from orchestration.printable import printable
from orchestration.sources.listing import ListedFile

NAMED = 5
FEWEST = 4  # of three files, two may be replaced in one night
WHOLE_YEAR = 13  # after the twelve months


def vanished(
    before: Sequence[ListedFile], now: Sequence[ListedFile], dataset: Dataset
) -> list[str]:
    """Return a sentence on the files that have vanished from a dataset's listing; none if that is
    no news, or if there was no listing before."""
    kept = {_stem(file) for file in now}
    gone = [file for file in before if _stem(file) not in kept]
    gone = [file for file in gone if not _year_is_over(file, now, dataset)]
    if len(before) >= FEWEST and 2 * len(gone) >= len(before):
        return [
            f"only {len(before) - len(gone)} of {len(before)} files are still listed; missing: "
            f"{_names(gone)}"
        ]
    known = {_stem(file) for file in before}
    new = [file for file in now if _stem(file) not in known]
    gone = [file for file in gone if not _is_replaced(file, new, dataset)]
    if not gone:
        return []
    newest = max(before, key=lambda file: _rank(file, dataset))
    if gone == [newest]:
        return [f"the newest file is no longer listed: {_names(gone)}"]
    what = "a file is" if len(gone) == 1 else f"{len(gone)} files are"
    which = ", the newest among them" if newest in gone else ""
    return [f"{what} no longer listed{which}: {_names(gone)}"]


def _stem(file: ListedFile) -> str:
    """A file's name without the mark of its being posted again."""
    return re.sub(r"_\d{1,2}(?=\.[a-z]+$)", "", file.file_name.lower())


def _year_is_over(file: ListedFile, now: Iterable[ListedFile], dataset: Dataset) -> bool:
    """Whether a file is of a part of a fiscal year of which a listing has the whole, or the
    next."""
    year, month, _ = _rank(file, dataset)
    later = (_rank(other, dataset) for other in now)
    return month != WHOLE_YEAR and any(
        other > year or (other == year and part == WHOLE_YEAR) for other, part, _ in later
    )


def _is_replaced(file: ListedFile, new: Iterable[ListedFile], dataset: Dataset) -> bool:
    """Whether a file that came at the same time goes further than this one; only the file of a
    whole year replaces another."""
    rank = _rank(file, dataset)
    ranks = (_rank(other, dataset) for other in new)
    return any(
        other > rank and (rank[1] != WHOLE_YEAR or other[1] == WHOLE_YEAR) for other in ranks
    )


def _rank(file: ListedFile, dataset: Dataset) -> tuple[int, int, date]:
    """How far a file goes: its last fiscal year, the month of that year (0 where the name has a
    day of publication instead), its publication."""
    published_on = date.min if file.published_on is None else file.published_on.on
    year, month = dataset.span_in_name(file.file_name) or (0, None)
    if month is not None:
        return year, (month + 2) % 12 + 1, published_on
    has_day = dataset.publication_in_name(file.file_name)[0] is not None
    return year, 0 if has_day or not year else WHOLE_YEAR, published_on


def _names(files: Sequence[ListedFile]) -> str:
    shown = ", ".join(printable(file.file_name) for file in files[:NAMED])
    more = len(files) - NAMED
    return f"{shown} and {more} more" if more > 0 else shown
