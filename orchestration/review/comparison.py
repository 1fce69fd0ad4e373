"""A release compared with the figures that were current before it: how far it moves the months,
or fiscal years, that both cover.

What belongs here: what is found, in words. The arithmetic is in `cells`, and whether a release is
held for it is decided in `walk`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from orchestration.catalogue.dataset import Dataset, RevisionLimits
from orchestration.releases.checks import Check
from orchestration.review.cells import cells_of, total_key, with_limits
from orchestration.review.figures import key_of, tables_of
from orchestration.review.finding import SHOWN, Finding, shortened
from orchestration.review.new_months import LEARNED_MONTHS, new_month_findings

LAST_FISCAL_MONTH = "09"
LAG_DAYS = 14  # a release that does not say how far it reaches counts to its publication
FEWEST, MOST = 0.5, 2.0
ENVELOPE = {
    "month": pl.String(),
    "rows": pl.Int64(),
    "at_least": pl.Int64(),
    "at_most": pl.Int64(),
    "is_exact": pl.Boolean(),
}


@dataclass(frozen=True)
class Comparison:
    """What a release changed.

    findings: what moved beyond the limits; empty if nothing did.
    moved: the changed cells of the totals, months or rows that moved too far, largest change
        first: period, release_id (the release compared with), labels, before, after, difference.
    envelope: one row per month: its number of rows, and the bounds on it.
    """

    findings: tuple[Finding, ...]
    moved: pl.DataFrame
    envelope: pl.DataFrame


def compare(
    current: pl.DataFrame, figures: pl.DataFrame, dataset: Dataset, limits: RevisionLimits
) -> Comparison:
    """Compare a release's figures with those that were current before it.

    current, figures: as `figures_of` returns them; in current, each period of a table is from one
        release.
    """
    current = current.filter(~_is_of_other_tables(current, figures))
    before, after = _without_other_labels(current, figures, dataset)
    if limits.detail_varies:
        before = _in_months_of_tables(before, after)
    cells = with_limits(cells_of(before, after, key_of(dataset)), limits)
    envelope = _envelope(current, figures, cells, limits)
    beyond = envelope.filter(~pl.col("rows").is_between("at_least", "at_most"))
    rows_lost = _rows_lost(cells, limits)
    findings = (
        *_whole("months_reach_as_far", _short_of(current, figures)),
        *_whole("months_reach_as_far", _earlier_days(cells, dataset)),
        *_same_days(cells, dataset, limits),
        *_whole("labels_remain", _labels_gone(current, figures, dataset, limits)),
        *_relabelled(cells, dataset, limits),
        *_totals_too_far(cells, dataset, limits),
        *new_month_findings(figures, dataset, current),
        *_years_grown_too_fast(cells, dataset, limits),
        *_cells_too_far(cells),
        *rows_lost,
        *_whole("rows_are_as_many", _rows_beyond(beyond)),
    )
    too_far = (
        pl.col("total_too_far")
        | pl.col("is_relabelled")
        | pl.col("grew_too_fast")
        | pl.col("cell_too_far")
        | pl.col("period").is_in(beyond["month"].to_list())
        | (pl.col("is_lost") & _in_tables(rows_lost, cells))
    )
    moved = cells.filter(pl.col("is_changed") & too_far)
    return Comparison(findings, _largest_first(moved, "difference"), envelope)


def _is_of_other_tables(current: pl.DataFrame, figures: pl.DataFrame) -> pl.Expr:
    """Whether a figure is of a table that the release does not have. Nothing takes its place: the
    facts keep what the release before has."""
    if "table_name" not in current.columns:
        return pl.lit(value=False)
    return ~pl.col("table_name").is_in(figures["table_name"].unique().to_list())


def _in_months_of_tables(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The figures of the months that the same table of the release has. CBP left FY2025 in one
    table of its custody page when the others began FY2026."""
    if "table_name" not in before.columns:
        return before
    return before.join(
        after.select("table_name", "period").unique(), on=["table_name", "period"], how="semi"
    )


def _without_other_labels(
    current: pl.DataFrame, figures: pl.DataFrame, dataset: Dataset
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both without the labels of breakdowns that only one of them has: the next release names
    other citizenships."""
    breakdowns = {table.name: table for table in dataset.tables if table.remainder}
    if not breakdowns:
        return current, figures
    named = pl.DataFrame(
        [(name, series) for name, table in breakdowns.items() for series in table.series],
        schema={"table_name": pl.String(), "series": pl.String()},
        orient="row",
    )
    key = ["table_name", "series"]
    is_other = ~pl.col("table_name").is_in(list(breakdowns))

    def comparable(mine: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
        known = pl.concat([other.select(key).unique(), named]).unique()
        return pl.concat(
            [mine.filter(is_other), mine.filter(~is_other).join(known, on=key, how="semi")]
        )

    return comparable(current, figures), comparable(figures, current)


def _whole(check: Check, sentences: list[str]) -> list[Finding]:
    """Findings about the release as a whole."""
    return [Finding(check, sentence) for sentence in sentences]


def _labels_gone(
    current: pl.DataFrame, figures: pl.DataFrame, dataset: Dataset, limits: RevisionLimits
) -> list[str]:
    """Components and regions of the newest current month of which the release has no row."""
    if limits.detail_varies:
        return []
    newest = current.filter(pl.col("period") == pl.col("period").max())
    return [
        f"column {dataset.columns[name].headers[0]!r}: found no row for {', '.join(gone)}, "
        f"expected some, as in release {newest['release_id'][0]}"
        for name in dataset.complete_by
        if (gone := sorted(set(newest[name].unique()) - set(figures[name].unique())))
    ]


def _short_of(current: pl.DataFrame, figures: pl.DataFrame) -> list[str]:
    """An older file under a newer date. Files that end with the last fiscal year that has ended
    are exempt: publishers do publish its final figures within the next."""
    reached, expected = (
        frame.filter(~pl.col("is_year"))["period"].max() for frame in (figures, current)
    )
    if not isinstance(reached, str) or not isinstance(expected, str) or reached >= expected:
        return []
    ended = int(expected[:4]) - (expected[5:7] <= LAST_FISCAL_MONTH)
    if reached[:7] == f"{ended}-{LAST_FISCAL_MONTH}":
        return []
    earlier = current.filter(pl.col("period") == expected)["release_id"][0]
    return [
        f"found figures up to {reached[:7]} only, expected them up to {expected[:7]} at least, as "
        f"in release {earlier}, which was published before"
    ]


def _earlier_days(cells: pl.DataFrame, dataset: Dataset) -> list[str]:
    """Years to date that end earlier than in the release before."""
    back = (pl.col("through_before") - pl.col("through_after")).dt.total_days()
    years = cells.filter("is_year", pl.col("is_there"), back > LAG_DAYS)
    return [
        f"{_named(row, dataset, ())}: found figures through {row['through_after']}, expected them "
        f"through {row['through_before']} at least, as in release {row['release_id']}"
        for row in years.unique(["period", "through_after"], maintain_order=True).iter_rows(
            named=True
        )
    ]


def _same_days(cells: pl.DataFrame, dataset: Dataset, limits: RevisionLimits) -> list[Finding]:
    """Years to date with another total than before although they end on the same day: the footnote
    with the day was left over, so that nobody knows how many days the total covers."""
    if limits.covered_through is None or "table_name" not in cells.columns:
        return []
    same_day = pl.col("through_before") == pl.col("through_after")
    years = cells.filter("is_year", ~pl.col("is_closed"), same_day, pl.col("net") != 0)
    years = years.filter(pl.col("was_there") & pl.col("is_there"))
    return [
        Finding(
            "months_reach_as_far",
            f"{_named(row, dataset, ())}: found {row['total_after']:,} through "
            f"{row['through_after']}, expected {row['total_before']:,} as in release "
            f"{row['release_id']}, which ends on the same day; its footnote may be left over",
            row["table_name"],
            alone=True,
        )
        for row in years.unique(["period", "table_name"], maintain_order=True).iter_rows(named=True)
    ]


def _years_grown_too_fast(
    cells: pl.DataFrame, dataset: Dataset, limits: RevisionLimits
) -> list[Finding]:
    def sentence(row: dict[str, Any]) -> str:
        return (
            f"{_named(row, dataset, limits.total_of)}: found {row['total_after']:,} through "
            f"{row['through_after']}, expected growth from the {row['total_before']:,} through "
            f"{row['through_before']} in release {row['release_id']} at no more than "
            f"{limits.year_growth_times:g} times the pace until then"
        )

    return _by_total("totals_do_not_leap", cells, "grew_too_fast", "net", sentence, limits)


def _totals_too_far(cells: pl.DataFrame, dataset: Dataset, limits: RevisionLimits) -> list[Finding]:
    def sentence(row: dict[str, Any]) -> str:
        return (
            f"{_named(row, dataset, limits.total_of)}: found {row['total_after']:,} in total, "
            f"expected {row['total_before']:,} as in release {row['release_id']}, within "
            f"{row['percent']:g} %; moved by {row['net']:+,}"
        )

    return _by_total("totals_stay", cells, "total_too_far", "net", sentence, limits)


def _relabelled(cells: pl.DataFrame, dataset: Dataset, limits: RevisionLimits) -> list[Finding]:
    def sentence(row: dict[str, Any]) -> str:
        return (
            f"{_named(row, dataset, limits.total_of)}: found {row['relabelled']:,} people in "
            f"another category than in release {row['release_id']}, expected at most "
            f"{row['relabelled_percent']:g} % of {row['total_before']:,}"
        )

    return _by_total("categories_stay", cells, "is_relabelled", "relabelled", sentence, limits)


def _cells_too_far(cells: pl.DataFrame) -> list[Finding]:
    def sentence(row: dict[str, Any]) -> str:
        return (
            f"{row['period'].removesuffix('-01')}: found a cell moved by {row['difference']:+,}, "
            f"expected at most {row['cell_percent']:g} % of the total of {row['total_before']:,}"
        )

    far = cells.filter(pl.col("cell_too_far") & ~pl.col("total_too_far"))
    return _by_table("cells_stay", far, "difference", sentence, "cells")


def _rows_lost(cells: pl.DataFrame, limits: RevisionLimits) -> list[Finding]:
    findings = []
    for table, mine in tables_of(cells):
        before, lost = mine["before"].count(), int(mine["is_lost"].sum())
        if lost > before * limits.rows_lost_percent / 100:
            sentence = (
                f"found {lost:,} of the {before:,} cells of the months that both cover missing, "
                f"expected at most {limits.rows_lost_percent:g} %"
            )
            findings.append(Finding("rows_remain", sentence, table))
    return findings


def _in_tables(findings: list[Finding], cells: pl.DataFrame) -> pl.Expr:
    """Whether a cell is of a table that the findings are about."""
    if "table_name" not in cells.columns:
        return pl.lit(value=bool(findings))
    return pl.col("table_name").is_in([finding.table for finding in findings])


def _by_total(
    check: Check,
    cells: pl.DataFrame,
    flag: str,
    size: str,
    sentence: Callable[[dict[str, Any]], str],
    limits: RevisionLimits,
) -> list[Finding]:
    """Findings on the totals that have this flag."""
    far = cells.filter(flag).unique(total_key(limits), maintain_order=True)
    return _by_table(check, far, size, sentence, "totals")


def _by_table(
    check: Check,
    far: pl.DataFrame,
    size: str,
    sentence: Callable[[dict[str, Any]], str],
    what: str,
) -> list[Finding]:
    """Findings on the largest of the rows of each table that moved too far."""
    return [
        Finding(check, found, table)
        for table, mine in tables_of(far)
        for found in shortened(list(map(sentence, _largest(mine, size))), what, len(mine))
    ]


def _rows_beyond(beyond: pl.DataFrame) -> list[str]:
    sentences = [
        f"{row['month'].removesuffix('-01')}: found {row['rows']:,} rows, expected "
        + (
            f"{row['at_least']:,}, as before"
            if row["is_exact"]
            else f"{row['at_least']:,} to {row['at_most']:,}, going by the months before"
        )
        for row in beyond[:SHOWN].iter_rows(named=True)
    ]
    return shortened(sentences, "months", len(beyond))


def _envelope(
    current: pl.DataFrame, figures: pl.DataFrame, cells: pl.DataFrame, limits: RevisionLimits
) -> pl.DataFrame:
    """The bounds on each month's number of rows. In a closed year: the number before, give or
    take rows with next to no people in them. Otherwise: half the fewest to twice the most rows of
    the twelve months up to it."""
    if limits.detail_varies:
        return pl.DataFrame(schema=ENVELOPE)
    before = _rows_a_month(current)
    closed = set(current.filter("is_closed")["period"].unique())
    few = pl.col("difference").abs() <= limits.people
    removed = _counted(cells.filter(pl.col("is_there").is_null() & few))
    added = _counted(cells.filter(pl.col("was_there").is_null() & (few | pl.col("is_new"))))
    rows = []
    for month, found in _rows_a_month(figures).items():
        learned = [count for known, count in before.items() if known <= month][-LEARNED_MONTHS:]
        if month in before and month in closed:
            fewest = before[month] - removed.get(month, 0)
            most = before[month] + added.get(month, 0)
            rows.append((month, found, fewest, most, fewest == most))
        elif learned:
            fewest, most = math.floor(min(learned) * FEWEST), math.ceil(max(learned) * MOST)
            rows.append((month, found, fewest, most, False))
    return pl.DataFrame(rows, schema=ENVELOPE, orient="row")


def _rows_a_month(figures: pl.DataFrame) -> dict[str, int]:
    return _counted(figures.filter(~pl.col("is_year")))


def _counted(rows: pl.DataFrame) -> dict[str, int]:
    """How many rows each period has, in the order of the periods."""
    return dict(rows.group_by("period").len().sort("period").iter_rows())


def _largest(rows: pl.DataFrame, name: str) -> list[dict[str, Any]]:
    return _largest_first(rows, name)[:SHOWN].to_dicts()


def _largest_first(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.sort(pl.col(name).abs(), descending=True, maintain_order=True)


def _named(row: dict[str, Any], dataset: Dataset, names: tuple[str, ...]) -> str:
    """How messages name a total: its period, its labels, and whether its year was closed."""
    series = [row["series"]] if len(dataset.figures) > 1 else []
    labels = [str(label) for label in (*series, *(row[name] for name in names)) if label]
    closed = ["closed fiscal year"] if row["is_closed"] else []
    return ", ".join([str(row["period"]).removesuffix("-01"), *labels, *closed])
