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
    "a month (2024-11), a range (2024-05/2024-11), a fiscal year (FY2024), a calendar year (CY2024)"
)
YEAR = re.compile(r"(FY|CY)([0-9]{4})")
MONTH = re.compile(r"([0-9]{4})-([0-9]{2})(-[0-9]{2})?")


def month_after(month: date, number: int = 1) -> date:
    """The first day of the month so many months later, or earlier."""
    index = month.year * MONTHS + month.month - 1 + number
    return date(index // MONTHS, index % MONTHS + 1, 1)


def fiscal_year_of(month: date) -> int:
    return month.year + (month.month >= FIRST_FISCAL)


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
        """Read one of KNOWN. Days are taken for their months. Raises ValueError."""
        start, slash, end = text.strip().partition("/")
        first = _parse_one(start)
        return cls(first.first, _parse_one(end).last) if slash else first

    @property
    def months(self) -> list[date]:
        return list(months_between(self.first, self.last))

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

    def __str__(self) -> str:
        """The period in words: `November 2024`, `fiscal year 2024`, `May to November 2024`."""
        if self.fiscal is not None:
            return f"fiscal year {self.fiscal}"
        if self == Period.calendar_year(self.first.year):
            return str(self.first.year)
        if self.is_month:
            return f"{self.first:%B %Y}"
        start = f"{self.first:%B}" if self.first.year == self.last.year else f"{self.first:%B %Y}"
        return f"{start} to {self.last:%B %Y}"


def endpoints(text: str) -> tuple[Period, Period]:
    """The two periods that a change is between: both sides of a slash. Raises ValueError."""
    start, slash, end = text.strip().partition("/")
    if not slash:
        raise ValueError(f"found {text!r}, expected two periods, such as 2024-10/2024-11")
    return _parse_one(start), _parse_one(end)


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
            return Period.month(date(int(found[1]), int(found[2]), 1))
        except ValueError:
            pass
    raise ValueError(f"found {text!r}, expected {KNOWN}")
