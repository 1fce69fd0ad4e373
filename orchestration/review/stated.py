"""Statements as numbers of people from a first to a last day.

What belongs here: what a transcribed row says, whoever said it. Whether it can be true is decided
in `statements`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import fold
from orchestration.readers.cells import place
from orchestration.releases.publication import PublicationDate

Row = Mapping[str, str]
SAN_DIEGO_COUNTY = "San Diego County"  # where statements are about that name no place


@dataclass(frozen=True)
class Span:
    """People from a first to a last day: at least `low`, at most `high`."""

    first: date
    last: date
    low: float
    high: float

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def overlap(self, other: "Span") -> int:
        """How many days both have."""
        return max(0, (min(self.last, other.last) - max(self.first, other.first)).days + 1)


@dataclass(frozen=True)
class Statement:
    """One row of a transcription.

    key: what identifies it, whatever its value is.
    people: the ends of its value; of a single number, that number twice.
    measure: what was counted.
    span: None if it does not say from when it counts, or does not count people.
    is_exact: whether it is a count, rounded or not, rather than a bound or an estimate.
    place: the county or city that it is about; empty for one about the country.
    """

    where: str
    key: tuple[str, ...]
    people: tuple[int, int]
    measure: str
    span: Span | None
    is_exact: bool
    place: str = ""

    @property
    def number(self) -> str:
        low, high = self.people
        return f"{low:,}" if low == high else f"{low:,} to {high:,}"

    def describe(self) -> str:
        when = "" if self.span is None else f" from {self.span.first} to {self.span.last}"
        where = "" if self.place in ("", SAN_DIEGO_COUNTY) else f" in {self.place}"
        return f"{self.where}: found {self.number} {self.measure}{where}{when}"


def is_local(dataset: Dataset) -> bool:
    """Whether a dataset's statements are about counties and cities."""
    return "count_type" in dataset.columns


def statements_of(rows: pl.DataFrame, dataset: Dataset) -> list[Statement]:
    """The statements of a release. rows: its typed rows."""
    names = [name for name in dataset.cell if name != "value"]
    read = _reading_of(dataset)
    found = []
    for row in rows.iter_rows(named=True):
        measure, span = read(row)
        key = tuple(fold(row[name]) for name in names)
        is_exact = fold(row.get("qualifier", "exact")).startswith(("exact", "rounded"))
        where = _place(row) if is_local(dataset) else ""
        found.append(Statement(place(row), key, _ends(row), measure, span, is_exact, where))
    return found


def _reading_of(dataset: Dataset) -> Callable[[Row], tuple[str, Span | None]]:
    if is_local(dataset):
        return _local
    return _of_a_year if "calendar_year" in dataset.columns else _national


def _of_a_year(row: Row) -> tuple[str, Span | None]:
    """Measure and span of a report on a calendar year."""
    year = int(row["calendar_year"])
    first, last = date(year, 1, 1), date(year, 12, 31)
    return "transfers from jails to ICE", _span(row, first, last, is_average=False)


def _national(row: Row) -> tuple[str, Span | None]:
    """Measure and span of a statement about a month, a day, a fiscal year, or two of the former
    with a slash between them. A share or a change has no span: it is not of people."""
    if fold(row["unit"]) not in ("", "people"):
        return row["metric"].strip(), None
    period = row["period"].strip()
    if period.upper().startswith("FY"):
        year = int(period[2:])
        first, last = date(year - 1, 10, 1), date(year, 9, 30)
    else:
        ends = [PublicationDate.parse(end) for end in period.split("/")]
        first, last = ends[0].earliest, ends[-1].on
    return row["metric"].strip(), _span(row, first, last, is_average=False)


def _local(row: Row) -> tuple[str, Span | None]:
    """Measure and span of a statement about a place, as the dbt project has them. A daily average
    without a beginning is of its last day; a weekly one, and a number of people who are somewhere
    on a day, have no span."""
    count_type = fold(row["count_type"])
    served = "served by welcome centre" if count_type == "served" else "street releases"
    measure = fold(row["measure"]) or served
    if count_type in ("weekly average", "on that day"):
        return measure, None
    last = PublicationDate.parse(row["period_end"].strip() or row["as_of_date"].strip()).on
    is_average = count_type == "daily average"
    begin = row["period_start"].strip()
    first = PublicationDate.parse(begin).earliest if begin else last if is_average else None
    return measure, _span(row, first, last, is_average)


def _place(row: Row) -> str:
    """The county or city that a row is about, spelled as one word for one thing."""
    named = row.get("place", "").strip()
    is_home = fold(named) in ("", fold(SAN_DIEGO_COUNTY))
    return SAN_DIEGO_COUNTY if is_home else named


def _span(row: Row, first: date | None, last: date, is_average: bool) -> Span | None:
    if first is None or last < first:
        return None
    low, high = _ends(row)
    times = (last - first).days + 1 if is_average else 1
    return Span(first, last, low * times, high * times)


def _ends(row: Row) -> tuple[int, int]:
    ends = row["value"].replace("\N{EN DASH}", "-").replace(",", "").split("-")
    numbers = [int(float(end)) for end in ends]  # a spreadsheet writes 600.0
    return numbers[0], numbers[-1]
