"""The sheets of ICE's detention statistics: where a table is, and which days its figures cover.

What belongs here: what the required tables and those with axes share. What a table's cells are
belongs to `ice_detention_statistics` and `detention_axes`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from orchestration.catalogue.dataset import Table
from orchestration.catalogue.vocabulary import fold
from orchestration.printable import quoted
from orchestration.readers.cells import MARKS, MEAN
from orchestration.readers.reader import ReadError
from orchestration.readers.workbook import Sheet, without_footnote
from orchestration.readers.written_days import BEFORE_DAY, DAY, after, days_in
from orchestration.releases.publication import PublicationDate

FISCAL_YEAR = (
    r"(?P<ended>EO(?:Y ?)?|End of (?:the )?)?(?:FY(?:TD)?|Fiscal Year) ?(?:20)?(?P<year>\d\d)"
)
# in a title: what may follow its year says how far its data go, or is the mark of a footnote
YEAR_AT_END = re.compile(
    rf"\b(?:(?:in|for|during) )?(?:YTD ?:? ?)?{FISCAL_YEAR}\)?"
    r"(?:[ ,:\u2013\u2014-]*\(?(?:(?:FY)?TD|YTD|year[ -]to[ -]date|final|preliminary|provisional"
    r"|revised|(?P<closed>EO(?:Y ?)?FY|end of (?:the )?(?:fiscal )?year|full year)"
    rf"|(?:through|thru|as of) {BEFORE_DAY}{DAY})\)?)*(?: ?\d{{1,2}})?[{MARKS}]*$",
    re.IGNORECASE,
)
THROUGH_WORDS = "through|thru|(?:updated|current|are|is) (?:as of|to|until)"
THROUGH = after(THROUGH_WORDS)
THROUGH_REMOVALS = after(rf"removals? .{{0,60}}?\b(?:{THROUGH_WORDS}|as of|to|until)")
OF_DATA = after(f"{THROUGH_WORDS}|snapshot as(?: of)?")
IN_TITLE = after("through|thru|as of")
MARKED_FIGURE = rf"^(?P<figure>{MEAN}) ?[{MARKS}]+$"
ROWS_TO_HEADINGS = 3
ROWS_TO_NEXT = 3  # empty rows within a table: it is looked at for more rows that far below its end
YEAR_END_LAG = timedelta(days=31)  # a year's last figures, and its last snapshot, are of October


@dataclass(frozen=True)
class FoundTable:
    """A table on its sheet.

    ended: whether its title says that the fiscal year has ended.
    row: the row of its title, from 0.
    columns: the columns that it covers, from 0.
    """

    sheet: Sheet
    table: Table
    title: str
    fiscal_year: int
    ended: bool
    row: int
    columns: range

    @property
    def year(self) -> tuple[date, date]:
        return date(self.fiscal_year - 1, 10, 1), date(self.fiscal_year, 9, 30)

    def cells(self, row: int) -> list[str]:
        return [self.sheet.grid[row][i] for i in self.columns]


def with_plain_figures(sheet: Sheet) -> Sheet:
    """The sheet, its figures without the marks of footnotes: `150,378*` is 150,378."""
    plain = pl.col(sheet.letters).str.replace(MARKED_FIGURE, "${figure}")
    return replace(sheet, rows=sheet.rows.with_columns(plain))


def places(sheet: Sheet) -> Iterator[tuple[int, range]]:
    """The row of each filled cell, and the columns up to the next filled cell of its row: where a
    table may begin, and how far it may extend."""
    for row, cells in enumerate(sheet.grid):
        starts = [i for i, cell in enumerate(cells) if cell]
        for start, end in pairwise([*starts, len(cells)]):
            yield row, range(start, end)


def without_hidden_copies(tables: Sequence[FoundTable]) -> tuple[list[FoundTable], list[str]]:
    """The tables without those on hidden sheets that a visible one has as well, and a note on each
    of these: a draft, or last month's sheet, that was not deleted."""
    seen = {(t.table.name, t.fiscal_year) for t in tables if not t.sheet.is_hidden}
    kept, notes = [], []
    for found in tables:
        if found.sheet.is_hidden and (found.table.name, found.fiscal_year) in seen:
            place, title = found.sheet.where(found.row), quoted(found.title)
            notes.append(
                f"not read: {place}: found {title} on a hidden sheet, and on a visible one as well"
            )
        else:
            kept.append(found)
    return kept, notes


def year_at_end(title: str) -> tuple[str, int, bool] | None:
    """What a title names, without its footnote; the fiscal year that it ends with; and whether it
    says that the year has ended. None for a title without a year."""
    if (found := YEAR_AT_END.search(title)) is None:
        return None
    ended = found["ended"] is not None or found["closed"] is not None
    return before_year(title, found.start()), 2000 + int(found["year"]), ended


def before_year(title: str, year: int) -> str:
    """A title up to its year, without the punctuation between them and without a footnote."""
    end = next((i for i in range(year, 0, -1) if title[i - 1].isalnum()), 0)
    return without_footnote(title[:end])


def title_at(sheet: Sheet, row: int, columns: range) -> str:
    """What may be the title of a table that begins there, with single spaces."""
    return " ".join(sheet.grid[row][columns.start].split())


def title_key(title: str) -> str:
    """What titles of one table have in common: publishers vary commas as they vary letter case."""
    return fold(title.replace(",", " "))


def extent(found: FoundTable) -> tuple[int, range]:
    """The row of the headings, and the rows below it up to the next empty one. Raises ReadError for
    a table without headings, or for one that goes on below it."""
    end = len(found.sheet.grid)
    for header in range(found.row + 1, min(found.row + 1 + ROWS_TO_HEADINGS, end)):
        if any(found.cells(header)[1:]):
            break
    else:
        raise ReadError(
            "tables_keep_their_layout",
            f"{found.sheet.where(found.row)}: found no headings below {quoted(found.title)}, "
            f"expected them within {ROWS_TO_HEADINGS} rows",
        )
    rows = _rows_up_to_empty(found, header + 1)
    _check_ended(found, rows.stop)
    return header, rows


def _rows_up_to_empty(found: FoundTable, start: int) -> range:
    end = len(found.sheet.grid)
    return range(start, next((r for r in range(start, end) if not any(found.cells(r))), end))


def _check_ended(found: FoundTable, end: int) -> None:
    """Refuse a table that goes on below an empty row: the first row below it has a label and
    figures, where another table has a title alone, and a note has no figure."""
    below = range(end, min(end + ROWS_TO_NEXT, len(found.sheet.grid)))
    for row in below:
        first, *figures = found.cells(row)
        if not first and not any(figures):
            continue
        if any(re.fullmatch(MEAN, figure) for figure in figures):
            raise ReadError(
                "tables_keep_their_layout",
                f"{found.sheet.where(row)}: found {quoted(first)} with figures below the empty row "
                f"{found.sheet.rows['row_number'][end]}, expected the end of "
                f"{quoted(found.title)} there",
            )
        return


def footnotes(sheets: list[Sheet]) -> list[str]:
    """The cells that may have the last day of some data."""
    texts = (cell for sheet in sheets for row in sheet.grid for cell in row if cell)
    of_data = (THROUGH, THROUGH_REMOVALS)
    return [text for text in texts if any(day for one in of_data for day in days_in(text, one))]


def footnotes_by_term(sheets: list[Sheet]) -> list[tuple[str, str]]:
    """The footnotes with a day, each with the term that it explains, which stands in the first
    row of its footnotes only."""
    rows = []
    for sheet in sheets:
        term = ""
        for cells in sheet.grid:
            term = cells[0] or term
            text = " ".join(cell for cell in cells[1:] if cell)
            if any(days_in(text, OF_DATA)):
                rows.append((term, text))
    return rows


def covered_through(
    found: FoundTable,
    notes: list[str],
    published_on: PublicationDate,
    last_month: date,
) -> date | None:
    """The last day that a table's figures cover; None if the workbook does not say.

    The first of these that applies: the day in its title; the last day in a footnote on
    removals; the year's end, if the title says that the year has ended; the first day in a
    footnote on other data, of those in the last month with figures or after it if there are any,
    as a footnote may be left over from the workbook before; the year's end, if the workbook was
    published after it. A day on which removals were extracted in the October after the year is its
    end. Another day outside the fiscal year is left over from another one, a day after the
    publication is a mistake; neither counts.

    last_month: the first day of the last month of the year with figures; the first of all days if
        that is not known.
    """
    if (own := _covered_by_removals(found, notes, published_on)) is not None:
        return own
    if other := _days_of_other_data(found, notes, published_on):
        return min([day for day in other if day >= last_month] or other)
    last = found.year[1]
    return last if published_on.earliest > last else None


def is_dated_by_other_data(
    found: FoundTable, notes: list[str], published_on: PublicationDate
) -> bool:
    """Whether the last day that a table's figures cover is that of other data."""
    own = _covered_by_removals(found, notes, published_on)
    return own is None and bool(_days_of_other_data(found, notes, published_on))


def _covered_by_removals(
    found: FoundTable, notes: list[str], published_on: PublicationDate
) -> date | None:
    """The first of these that applies: the day in its title; the last day in a footnote on
    removals; the year's end, if the title says that the year has ended."""
    first, last = found.year
    latest = min(last + YEAR_END_LAG, published_on.on)
    if (titled := dated_by_title(found, published_on)) is not None:
        return titled
    removals = [day for day in _days(notes, THROUGH_REMOVALS) if first <= day <= latest]
    if removals:
        return min(max(removals), last)
    return last if found.ended else None


def _days_of_other_data(
    found: FoundTable, notes: list[str], published_on: PublicationDate
) -> list[date]:
    first, last = found.year
    latest = min(last, published_on.on)
    return [day for day in _days(notes, THROUGH) if first <= day <= latest]


def dated_by_title(found: FoundTable, published_on: PublicationDate) -> date | None:
    """The last day that a title gives, such as `…: FY2026 through 01/25/2026`; None if it gives
    none that can be."""
    first, last = found.year
    days = [day for day in days_in(found.title, IN_TITLE) if first <= day]
    return max((day for day in days if day <= min(last, published_on.on)), default=None)


def dated_by_footnote(
    found: FoundTable, by_term: list[tuple[str, str]], published_on: PublicationDate
) -> date | None:
    """The last day in the footnotes on a table's own data: those whose term names it or, if there
    are none, whose text does. None if there is none that can be."""
    axes = found.table.axes
    assert axes is not None
    first, last = found.year
    latest = min(last + YEAR_END_LAG if axes.snapshot else last, published_on.on)
    for part in (0, 1):
        about = [
            note[1]
            for note in by_term
            if any(topic.lower() in note[part].lower() for topic in axes.dated_by)
        ]
        days = [day for day in _days(about, OF_DATA) if first <= day <= latest]
        if days:
            return max(days)
    return None


def _days(texts: Sequence[str], pattern: re.Pattern[str]) -> Iterator[date]:
    return (day for text in texts for day in days_in(text, pattern))
