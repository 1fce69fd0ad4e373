"""What the first page says of the newest month."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.report.exhibit import Row, rows_of
from orchestration.report.releases import Source, in_words

NEWEST = """\
select month, between_ports, between_ports_month_change_percent as change,
  between_ports_year_change_percent as year_change, between_ports_lowest_since as lowest_since,
  between_ports_highest_since as highest_since, between_ports_lowest_since_status as lowest,
  between_ports_highest_since_status as highest, is_provisional,
  between_ports_release_id as release_id,
  min(month) filter (where between_ports is not null) over () as first_month
from southwest_border_monthly
where between_ports is not null
order by month desc
limit 1"""
AT_PORTS = """\
select month, at_ports, at_ports_release_id as release_id from southwest_border_monthly
where at_ports is not null order by month desc limit 1"""
THIS_YEAR = """\
select fiscal_year, encounters, last_month, is_partial, change_percent
from southwest_border_by_fiscal_year
where series = 'between ports' order by fiscal_year desc limit 1"""
REMOVED = """\
select fiscal_year, people, period_end, is_partial from deportations_by_fiscal_year
where measure = 'ICE removals' order by fiscal_year desc limit 1"""


@dataclass(frozen=True)
class Number:
    """A number of the first page: what is counted, the figure, and what it is of."""

    what: str
    figure: str
    note: str


@dataclass(frozen=True)
class Headline:
    """The newest month in a sentence, and some numbers beside it."""

    sentence: str
    numbers: tuple[Number, ...]


def headline(connection: duckdb.DuckDBPyConnection, cited: dict[str, Source]) -> Headline | None:
    """What is newest in the published file; None without any month."""
    rows = rows_of(connection, NEWEST)
    if not rows:
        return None
    return Headline(sentence(rows[0], cited), tuple(_numbers(connection, rows[0])))


def sentence(row: Row, cited: dict[str, Source]) -> str:
    """The newest month, its change and its record, with its release. row: of NEWEST."""
    parts = [
        f"The Border Patrol had {row['between_ports']:,} encounters between ports of entry at the "
        f"southwest border in {row['month']:%B %Y}"
    ]
    if row["change"] is not None:
        parts.append(_change(row["change"]) + " the month before")
    record = _record(row)
    if record:
        parts.append(record)
    doubt = " A later release may revise it." if row["is_provisional"] else ""
    source = cited.get(row["release_id"])
    return f"{', '.join(parts)}.{doubt}" + (f" Source: {source.short}." if source else "")


def _record(row: Row) -> str:
    """How low or high the month is: nothing where the month before was lower and higher, or where
    a month is unknown that may have been."""
    for kind in ("lowest", "highest"):
        status, since = row[kind], row[f"{kind}_since"]
        if status == "record":
            return f"the {kind} since the series began in {row['first_month']:%B %Y}"
        if status == "since" and _months(since, row["month"]) > 1:
            return f"the {kind} since {since:%B %Y}"
    return ""


def _numbers(connection: duckdb.DuckDBPyConnection, newest: Row) -> Iterator[Number]:
    year = f", {_change(newest['year_change'])} a year before" if newest["year_change"] else ""
    yield Number("Between ports", f"{newest['between_ports']:,}", f"{newest['month']:%B %Y}{year}")
    for row in rows_of(connection, AT_PORTS):
        stale = "" if row["month"] == newest["month"] else ", the newest month in this archive"
        yield Number("At ports", f"{row['at_ports']:,}", f"{row['month']:%B %Y}{stale}")
    for row in rows_of(connection, THIS_YEAR):
        part = f"October to {row['last_month']:%B}" if row["is_partial"] else "the whole year"
        yield Number(
            f"Between ports, fiscal year {row['fiscal_year']}", f"{row['encounters']:,}", part
        )
    for row in rows_of(connection, REMOVED):
        what = f"ICE's removals, fiscal year {row['fiscal_year']}"
        yield Number(what, f"{row['people']:,}", f"through {in_words(row['period_end'])}")


def _change(percent: float) -> str:
    if percent == 0:
        return "as many as"
    return f"{abs(percent):.1f} % {'fewer' if percent < 0 else 'more'} than"


def _months(earlier: date, later: date) -> int:
    """How many months one month is after another."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month
