"""An exhibit: a query, and how its rows are drawn and read.

What belongs here: the description of an exhibit and its rows. Charts are drawn in `charts`, pages
are put together in `pages`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import duckdb

from orchestration.report.releases import Source

Row = Mapping[str, Any]
Kind = Literal["lines", "bars", "dots"]


@dataclass(frozen=True)
class Reading:
    """Which columns of an exhibit's rows are drawn as what.

    x: a date, or a fiscal year as a number. y: the figure; rows without one are not drawn.
    unit: what is counted, as in a sentence.
    series: the column whose values are told apart by colour; panel: those with a chart each.
    release: the column of the release, or of a list of them.
    open: the column that says that a figure may be revised, or is of a part of its year.
    alone: the column that says that a figure is no part of a series, such as a statement.
    who: the column with whose figure it is, where its release does not say.
    years: what a year is, of x by year. days: x is a day, also where it is the first of a month.
    """

    x: str
    y: str
    unit: str
    series: str | None = None
    panel: str | None = None
    release: str = "release_id"
    open: str | None = None
    alone: str | None = None
    who: str | None = None
    years: str = "Fiscal year"
    days: bool = False


@dataclass(frozen=True)
class Exhibit:
    """One figure of the report with its query.

    name: of its anchor and of its CSV file. sql: at most what a reader would type.
    caption: what is counted, and what not to do with it.
    finding: a sentence from the rows, or none.
    logarithmic: whether a switch to a logarithmic scale helps.
    """

    name: str
    title: str
    sql: str
    kind: Kind
    reading: Reading
    caption: str = ""
    finding: Callable[[Sequence[Row]], str] | None = None
    logarithmic: bool = False


@dataclass(frozen=True)
class Mark:
    """A figure as it is drawn.

    x: an ISO date, or a fiscal year. says: the figure in words, with its release.
    open: it may be revised, or is of a part of its year. alone: it is no part of a series.
    """

    x: str | int
    y: float
    series: str
    panel: str
    says: str
    open: bool
    alone: bool


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    """The rows of a query, by column."""
    answer = connection.execute(sql)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def marks_of(rows: Sequence[Row], reading: Reading, cited: Mapping[str, Source]) -> list[Mark]:
    """The figures of the rows that have one."""
    return [_mark(row, reading, cited) for row in rows if row[reading.y] is not None]


def release_ids(rows: Sequence[Row], reading: Reading) -> list[str]:
    """The releases that the rows are from."""
    return sorted({release for row in rows for release in _releases(row, reading)})


def amount(figure: float) -> str:
    """A figure with thousands separators, and decimals only where it has any."""
    return f"{figure:,.0f}" if float(figure).is_integer() else f"{figure:,.1f}"


def when(x: date | int, reading: Reading) -> str:
    """A month, a day or a year in words."""
    if isinstance(x, int):
        return f"{reading.years} {x}"
    return f"{x:%B %Y}" if x.day == 1 and not reading.days else f"{x.day} {x:%B %Y}"


def _mark(row: Row, reading: Reading, cited: Mapping[str, Source]) -> Mark:
    x, y = row[reading.x], row[reading.y]
    series = str(row[reading.series]) if reading.series else ""
    panel = str(row[reading.panel]) if reading.panel else ""
    is_open = bool(reading.open and row[reading.open])
    return Mark(
        x=x if isinstance(x, int) else x.isoformat(),
        y=float(y),
        series=series,
        panel=panel,
        says=_sentence(row, reading, cited, is_open),
        open=is_open,
        alone=bool(reading.alone and row[reading.alone]),
    )


def _sentence(row: Row, reading: Reading, cited: Mapping[str, Source], is_open: bool) -> str:
    columns = (reading.panel, reading.series, reading.who)
    named = [str(row[column]) for column in columns if column and row[column]]
    what = ", ".join([f"{amount(row[reading.y])} {reading.unit}", *named])
    yearly = isinstance(row[reading.x], int)
    doubt = (" (part of the year)" if yearly else " (may be revised)") if is_open else ""
    sources = [cited[release].short for release in _releases(row, reading) if release in cited]
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    origin = f" Source: {sources[-1]}{more}." if sources else ""
    return f"{when(row[reading.x], reading)}: {what}{doubt}.{origin}"


def _releases(row: Row, reading: Reading) -> list[str]:
    found = row.get(reading.release)
    if found is None:
        return []
    return [found] if isinstance(found, str) else [release for release in found if release]
