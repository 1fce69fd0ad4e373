"""A release compared with the figures that were current before it: how far it moves the months,
or fiscal years, that both cover.

What belongs here: arithmetic on figures. Whether a release is held is decided in `review`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from orchestration.catalogue.dataset import Dataset, RevisionLimits
from orchestration.releases.checks import Check
from orchestration.review.figures import days_of_year, key_of, tables_of
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
    cells = _with_limits(_cells(before, after, key_of(dataset)), limits)
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


def totals_too_far(
    before: pl.DataFrame, after: pl.DataFrame, limits: RevisionLimits
) -> pl.DataFrame:
    """The totals of one period and series that differ too much between two frames, which may be
    of different datasets; one row each, with total_before, total_after, percent, grew_too_fast
    and the release_id of `before`.

    before, after: release_id, is_year, is_closed, through, period, series, figure.
    """
    cells = _with_limits(_changed(_cells(before, after, ["period", "series"])), limits)
    return cells.filter(pl.col("total_too_far") | pl.col("grew_too_fast"))


def relabelled_too_far(
    before: pl.DataFrame, after: pl.DataFrame, labels: list[str], limits: RevisionLimits
) -> pl.DataFrame:
    """The months of which too many people are in another category of two frames, which may be of
    different datasets; one row each, with relabelled, total_before and relabelled_percent.

    before, after: release_id, is_year, is_closed, through, period, series, the labels and figure.
    """
    key = ["period", *labels]
    of_month = ["release_id", "is_year", "is_closed", "through"]
    before, after = (
        frame.group_by(key, maintain_order=True).agg(
            *(pl.first(name) for name in of_month),
            pl.lit("").alias("series"),
            pl.col("figure").sum(),
        )
        for frame in (before, after)
    )
    cells = _with_limits(_changed(_cells(before, after, ["period", "series", *labels])), limits)
    return cells.filter("is_relabelled").unique("period", keep="first", maintain_order=True)


def _cells(current: pl.DataFrame, figures: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """One row per cell of the periods that both cover, with its figure before and after."""
    shared = set(current["period"].unique()) & set(figures["period"].unique())
    before, after = (f.filter(pl.col("period").is_in(list(shared))) for f in (current, figures))
    reached = after.group_by("period").agg(through_after=pl.col("through").max())
    newest = before.filter(~pl.col("is_year"))["period"].max()
    present = pl.lit(value=True)
    of_release = ("release_id", "is_year", "is_closed", "through")
    cells = before.select(*key, *of_release, before="figure", was_there=present).join(
        after.select(*key, after="figure", is_there=present), on=key, how="full", coalesce=True
    )
    if cells["was_there"].null_count():
        cells = _with_releases_beside(cells, of_release, key)
    compared = (
        cells.rename({"through": "through_before"})
        .join(reached, on="period")
        .with_columns(
            age=_months_between(pl.col("period"), newest),
            difference=pl.col("after").fill_null(0) - pl.col("before").fill_null(0),
            is_changed=pl.col("before").ne_missing(pl.col("after")),
        )
    )
    return compared.sort(key)


def _with_releases_beside(
    cells: pl.DataFrame, of_release: Sequence[str], key: list[str]
) -> pl.DataFrame:
    """The cells, of which the new ones have the release of those beside them."""
    for group in (["period", "table_name"], ["period"]):
        if set(group) <= set(key):
            cells = cells.with_columns(
                pl.col(name).fill_null(pl.col(name).min().over(group)) for name in of_release
            )
    return cells


def _changed(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells of the periods in which any has changed: mostly there is none."""
    return cells.filter(
        pl.col("period").is_in(cells.filter("is_changed")["period"].unique().implode())
    )


def _months_between(period: pl.Expr, newest: object) -> pl.Expr:
    """How many months a period is older than the newest; NULL for a fiscal year."""
    if newest is None:
        return pl.lit(None, pl.Int32)
    first, last = period.str.to_date(strict=False), pl.lit(newest).str.to_date()
    return (last.dt.year() - first.dt.year()) * 12 + last.dt.month() - first.dt.month()


def _with_limits(cells: pl.DataFrame, limits: RevisionLimits) -> pl.DataFrame:
    """The cells with the change of their total, and whether the total or the cell moved too far."""
    total = _total(limits)
    # a year to date grows anyway, so only a fall is a revision
    revised = pl.when(pl.col("is_year") & ~pl.col("is_closed"))
    is_newest = (pl.col("age") < limits.newest_months).fill_null(value=False)
    percent = (
        pl.when(is_newest)
        .then(limits.newest_months_percent)
        .when("is_closed")
        .then(limits.closed_year_percent)
    )
    cell_percent = pl.when(is_newest).then(limits.newest_months_percent)
    summed = cells.with_columns(
        total_before=pl.col("before").sum().over(total),
        total_after=pl.col("after").sum().over(total),
        net=pl.col("difference").sum().over(total),
        is_lost=pl.col("before").is_not_null() & pl.col("after").is_null(),
        # no figure was published before, so this is not a revision
        is_new=pl.col("before").count().over(total) == 0,
    ).with_columns(
        # each person who is in another category is missing in one and new in another
        relabelled=(pl.col("difference").abs().sum().over(total) - pl.col("net").abs()) // 2,
        net_revised=revised.then(pl.min_horizontal("net", 0)).otherwise("net"),
        cell_revised=revised.then(pl.min_horizontal("difference", 0)).otherwise("difference"),
        percent=percent.otherwise(limits.open_month_percent),
        cell_percent=cell_percent.otherwise(limits.cell_percent),
        relabelled_percent=pl.when("is_closed")
        .then(min(limits.relabelled_percent, limits.closed_year_percent))
        .otherwise(limits.relabelled_percent),
    )

    def beyond(people: str, percent: str) -> pl.Expr:
        allowed = pl.col("total_before") * pl.col(percent) / 100
        return ~pl.col("is_new") & (
            pl.col(people).abs() > pl.max_horizontal(pl.lit(limits.people), allowed)
        )

    return summed.with_columns(
        total_too_far=beyond("net_revised", "percent"),
        cell_too_far=beyond("cell_revised", "cell_percent"),
        grew_too_fast=_grew_too_fast(limits),
        is_relabelled=beyond("relabelled", "relabelled_percent"),
    )


def _grew_too_fast(limits: RevisionLimits) -> pl.Expr:
    """Whether a year to date grew faster, per day, than so many times its pace until then."""
    if limits.year_growth_times is None:
        return pl.lit(value=False)
    # two releases of one week may cover the same day
    days = pl.max_horizontal(
        (pl.col("through_after") - pl.col("through_before")).dt.total_days(), 7
    )
    allowed = (
        limits.year_growth_times * pl.col("total_before") * days / days_of_year("through_before")
    )
    return (
        pl.col("is_year")
        & ~pl.col("is_closed")
        & (pl.col("total_before") > limits.people)
        & (pl.col("net") > allowed)
    )


def _total(limits: RevisionLimits) -> list[str]:
    """The columns that identify a total."""
    return list(dict.fromkeys(("period", "series", *limits.total_of)))


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
    """One finding per table with totals that have this flag."""
    far = cells.filter(flag).unique(_total(limits), maintain_order=True)
    return _by_table(check, far, size, sentence, "totals")


def _by_table(
    check: Check,
    far: pl.DataFrame,
    size: str,
    sentence: Callable[[dict[str, Any]], str],
    what: str,
) -> list[Finding]:
    """One finding per table with rows that moved too far, of which it names the largest."""
    return [
        Finding(
            check,
            "; ".join(shortened(list(map(sentence, _largest(mine, size))), what, len(mine))),
            table,
        )
        for table, mine in tables_of(far)
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
