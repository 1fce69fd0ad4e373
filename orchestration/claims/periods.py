"""The periods that claims are about, in whole months.

What belongs here: reading and writing them. Figures of a period are in `series`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = 12
FIRST_FISCAL = 10  # a fiscal year begins in the October before it
KNOWN = (
    "a month (2024-11), a range (2024-05 to 2024-11), a fiscal year (FY2024), "
    "a calendar year (CY2024)"
)
RANGE = " to "
TO_DATE = f"{RANGE}date"
YEAR = re.compile(r"(FY|CY)((?:18|19|20|21)[0-9]{2})")
MONTH = re.compile(r"((?:18|19|20|21)[0-9]{2})-([0-9]{2})(?:-([0-9]{2}))?")


def month_after(month: date, number: int = 1) -> date:
    """The first day of the month so many months later, or earlier."""
    index = month.year * MONTHS + month.month - 1 + number
    return date(index // MONTHS, index % MONTHS + 1, 1)


@dataclass(frozen=True, order=True)
class Period:
    """Whole months, from the first of `first` to the end of `last`; both are first days."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"found {self.first:%Y-%m} after {self.last:%Y-%m}")

    @classmethod
    def fiscal_year(cls, year: int) -> "Period":
        return cls(date(year - 1, FIRST_FISCAL, 1), date(year, FIRST_FISCAL - 1, 1))

    @classmethod
    def calendar_year(cls, year: int) -> "Period":
        return cls(date(year, 1, 1), date(year, MONTHS, 1))

    @classmethod
    def month(cls, month: date) -> "Period":
        return cls(month.replace(day=1), month.replace(day=1))

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read one of KNOWN; a range may have a slash for `to`. `FY2025 to 2024-12` is the fiscal
        year to that month. Days are taken for their months; see `is_day`. Raises ValueError."""
        start, range_, end = text.strip().replace("/", RANGE).partition(RANGE)
        first = _parse_one(start)
        return cls(first.first, _parse_one(end).last) if range_ else first

    @property
    def months(self) -> list[date]:
        return list(months_between(self.first, self.last))

    @property
    def length(self) -> int:
        """How many months it has."""
        years, months = self.last.year - self.first.year, self.last.month - self.first.month
        return MONTHS * years + months + 1

    @property
    def end(self) -> date:
        """The last day."""
        return month_after(self.last) - timedelta(days=1)

    @property
    def days(self) -> int:
        return (month_after(self.last) - self.first).days

    @property
    def is_month(self) -> bool:
        return self.first == self.last

    @property
    def fiscal(self) -> int | None:
        """The fiscal year that this is, if it is one."""
        return self.last.year if self == Period.fiscal_year(self.last.year) else None

    @property
    def calendar(self) -> int | None:
        """The calendar year that this is, if it is one."""
        return self.first.year if self == Period.calendar_year(self.first.year) else None

    def years_later(self, number: int) -> "Period":
        """The same months so many years later, or earlier."""
        months = MONTHS * number
        return Period(month_after(self.first, months), month_after(self.last, months))

    def __str__(self) -> str:
        """The period in words: `November 2024`, `fiscal year 2024`, `May to November 2024`."""
        if self.fiscal is not None:
            return f"fiscal year {self.fiscal}"
        if self.calendar is not None:
            return str(self.calendar)
        if self.is_month:
            return f"{self.first:%B %Y}"
        word = "and" if month_after(self.first) == self.last else "to"
        return from_to(self.first, self.last, word)


def is_day(text: str) -> bool:
    """Whether a text is one day, other than the first of a month, by which tables write months."""
    found = MONTH.fullmatch(text.strip())
    return found is not None and found[3] not in (None, "01")


def from_to(first: date, last: date, word: str = "to") -> str:
    """Two months in words, with the year of the first one if that is another."""
    start = f"{first:%B}" if first.year == last.year else f"{first:%B %Y}"
    return f"{start} {word} {last:%B %Y}"


def endpoints(text: str) -> tuple[Period, Period]:
    """The two periods that a change is between: both sides of a slash. Raises ValueError."""
    start, slash, end = text.strip().partition("/")
    if not slash:
        raise ValueError(f"found {text!r}, expected two periods, such as 2024-10/2024-11")
    return Period.parse(start), Period.parse(end)


def dated(text: str, last: date) -> str:
    """A period `to date`, such as `FY2025 to date` or `2024-06 to date`, with the month in which it
    ends: the last one that was known. Of two of them the earlier one has as many months. Any other
    text is returned as it is. Raises ValueError."""
    start, slash, end = text.strip().partition("/")
    if not end.endswith(TO_DATE):
        return _ended(start, last) + slash + end
    later = _ended(end, last)
    months = Period.parse(later).length
    return _ended(start, last, months) + slash + later


def _ended(text: str, last: date, months: int | None = None) -> str:
    """months: how many the period has, if not all until `last`."""
    if not text.endswith(TO_DATE):
        return text
    start = text.removesuffix(TO_DATE)
    begun = _parse_one(start)
    end = last if months is None else month_after(begun.first, months - 1)
    if not begun.is_month:
        end = min(end, begun.last)  # a year to date ends with the year at the latest
    return f"{start}{RANGE}{max(begun.first, end):%Y-%m}"


def months_between(first: date, last: date) -> Iterator[date]:
    """Each month from one to another, both included."""
    while first <= last:
        yield first
        first = month_after(first)


def _parse_one(text: str) -> Period:
    if found := YEAR.fullmatch(text.strip()):
        make = Period.fiscal_year if found[1] == "FY" else Period.calendar_year
        return make(int(found[2]))
    if found := MONTH.fullmatch(text.strip()):
        try:
            return Period.month(date(int(found[1]), int(found[2]), int(found[3] or 1)))
        except ValueError:
            pass
    raise ValueError(f"found {text!r}, expected {KNOWN}")
