"""What the name of a release says: its first year, its last month, its publication date.

What belongs here: the habits of publishers, browsers and people who copy files. Which names a
dataset has is in its YAML, as a pattern with these groups: `first` and `last` (fiscal years),
`year` and `month` of the last month, and the publication date as `published_y`, `published_m` and
`published_d`, or as a run of digits, `published`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import unquote

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# how digits are read as a date, by their number; what they lack is taken from the fiscal year
DIGITS = {
    8: (r"(?P<m>\d\d)(?P<d>\d\d)(?P<y>\d{4})", r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)"),
    7: (r"(?P<m>\d)(?P<d>\d\d)(?P<y>\d{4})",),
    6: (r"(?P<m>\d\d)(?P<d>\d\d)(?P<y>\d\d)", r"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)"),
    4: (r"(?P<m>\d\d)(?P<d>\d\d)",),
}
FAR = timedelta(days=365)  # a wrong year in a name is out by at least so much
COPY_MARKS = (  # before the extension, as browsers, file managers and people write them
    r"[ _]?\(\d{1,2}\)",
    r"[ _-]+copy(?:[ _]?\(?\d{1,2}\)?)?",
    r"-\d{1,2}",
    r"[ _-]+(?:final|new|corrected|updated|v\d{1,2}|508(?:[ _-]?compliant)?)",
    r"(?<=\d)v\d{1,2}",
)
COPY_OF = re.compile(r"^(?:copy|kopie) (?:of|von) (?:\(\d{1,2}\) )?", re.IGNORECASE)
MARKED = re.compile(rf"(?:{'|'.join(COPY_MARKS)})(?=\.[a-z]+$)", re.IGNORECASE)


def match(pattern: str, file_name: str) -> dict[str, str] | None:
    """The groups of a dataset's pattern in a name, those without text left out; also in the
    name of a copy, such as `Copy of X.xlsx` or `X (1).xlsx`. None if the name is another."""
    for name in _without_copy_marks(file_name):
        if found := re.fullmatch(pattern, name, re.IGNORECASE):
            return {group: text for group, text in found.groupdict().items() if text}
    return None


def published_name(pattern: str, file_name: str) -> str | None:
    """A name as the publisher gave it, without the marks of a copy; None if the name is another."""
    names = _without_copy_marks(file_name)
    return next((name for name in names if re.fullmatch(pattern, name, re.IGNORECASE)), None)


def span_of(groups: Mapping[str, str]) -> tuple[int, int | None] | None:
    """The last fiscal year and, if the name has it, the last month (1 to 12); None if the name
    has neither."""
    month = _month_number(groups.get("month"))
    if groups.get("year") and month:
        return int(groups["year"]) + (month >= 10), month
    if not groups.get("last"):
        return None
    return 2000 + int(groups["last"]), month


def first_year_of(groups: Mapping[str, str]) -> int | None:
    """The first fiscal year; None if the name has none, or one that is after the last."""
    first, last = groups.get("first"), groups.get("last")
    return 2000 + int(first) if first and last and int(first) <= int(last) else None


def publication_of(
    groups: Mapping[str, str], published_on: date | None = None
) -> tuple[date | None, str | None]:
    """The publication date in a name, and a note on a date that is not believed: one that is
    not a day, that lies before the fiscal year that the name has begun, or that lies a year or
    more before `published_on`, the date that the listing or the folder gives."""
    if "published" in groups:
        return _from_digits(groups["published"], 2000 + int(groups["last"]), published_on)
    try:
        year, month, day = (int(groups[f"published_{part}"]) for part in ("y", "m", "d"))
        found = date(year if year > 99 else 2000 + year, month, day)
    except (KeyError, ValueError):
        return None, None
    return _believed([found], published_on)


def _without_copy_marks(file_name: str) -> Iterator[str]:
    """The name, without what a URL needs, then with one mark of a copy less, and so on."""
    name = unquote(file_name)  # as some programs save a URL: `KHSM%20Encounters…`
    while True:
        yield name
        plain = MARKED.sub("", COPY_OF.sub("", name))
        if plain == name:
            return
        name = plain


def _from_digits(
    digits: str, fiscal_year: int, published_on: date | None
) -> tuple[date | None, str | None]:
    digits = digits.replace("-", "")
    begun = date(fiscal_year - 1, 10, 1)
    days = list(_readings(digits, fiscal_year))
    if possible := [day for day in days if begun <= day]:
        return _believed(possible, published_on)
    found = f"the date {days[0]}" if days else f"the digits {digits}"
    return None, f"{found} in the file's name, expected a day of FY{fiscal_year} or later: not used"


def _believed(days: Sequence[date], published_on: date | None) -> tuple[date | None, str | None]:
    """The first of some days that is not so far before the publication that its year is a slip."""
    if published_on is None:
        return min(days), None
    if near := [day for day in days if published_on - day < FAR]:
        return min(near), None
    return None, (
        f"the date {max(days)} in the file's name, expected a day after {published_on - FAR}, a "
        "year before the publication: not used"
    )


def _readings(digits: str, fiscal_year: int) -> Iterator[date]:
    """The days that digits can be read as. A year that is not there is the fiscal year's."""
    for pattern in DIGITS.get(len(digits), ()):
        found = re.fullmatch(pattern, digits)
        if found is None:
            continue
        parts = {name: int(text) for name, text in found.groupdict().items()}
        year = parts.get("y", fiscal_year - (parts["m"] >= 10))
        try:
            yield date(year if year > 99 else 2000 + year, parts["m"], parts["d"])
        except ValueError:
            continue


def _month_number(text: str | None) -> int | None:
    """1 to 12 for `nov`, `November` or `11`."""
    if text is None:
        return None
    if text.isdigit():
        return int(text) if 1 <= int(text) <= 12 else None
    short = text.lower()[:3]
    return MONTHS.index(short) + 1 if short in MONTHS else None
