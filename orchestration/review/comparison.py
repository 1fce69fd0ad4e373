"""A release compared with the figures that were current before it: how far it moves the months,
or fiscal years, that both cover.

What belongs here: arithmetic on figures. Whether a release is held is decided in `review`.
"""

import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from orchestration.catalogue.dataset import Dataset, RevisionLimits
from orchestration.releases.checks import Check
from orchestration.review.figures import key_of

LEARNED_MONTHS = 12
LAST_FISCAL_MONTH = "09"
FEWEST, MOST = 0.5, 2.0
SHOWN = 3
ENVELOPE = {
    "month": pl.String(),
    "rows": pl.Int64(),
    "at_least": pl.Int64(),
    "at_most": pl.Int64(),
    "is_exact": pl.Boolean(),
}


@dataclass(frozen=True)
class Finding:
    """What a check found outside its limits, as a sentence."""

    check: Check
    sentence: str


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

    current, figures: as `figures_of` returns them; in current, each period is from one release.
    """
    cells = _with_limits(_cells(current, figures, dataset), limits)
    envelope = _envelope(current, figures, cells, limits)
    beyond = envelope.filter(~pl.col("rows").is_between("at_least", "at_most"))
    rows_lost = _rows_lost(cells, limits)
    sentences: dict[Check, list[str]] = {
        "months_reach_as_far": _short_of(current, figures),
        "labels_remain": _labels_gone(current, figures, dataset, limits),
        "totals_stay": _totals_too_far(cells, dataset, limits),
        "totals_do_not_leap": _leaps(figures, dataset, limits, current)
        + _years_grown_too_fast(cells, dataset, limits),
        "cells_stay": _cells_too_far(cells, limits),
        "rows_remain": rows_lost,
        "rows_are_as_many": _rows_beyond(beyond),
    }
    findings = tuple(Finding(check, found) for check in sentences for found in sentences[check])
    too_far = (
        pl.col("total_too_far")
        | pl.col("grew_too_fast")
        | pl.col("cell_too_far")
        | pl.col("period").is_in(beyond["month"].to_list())
        | (pl.col("is_lost") & bool(rows_lost))
    )
    moved = cells.filter(pl.col("is_changed") & too_far)
    return Comparison(findings, _largest_first(moved, "difference"), envelope)


def leaps(figures: pl.DataFrame, dataset: Dataset, limits: RevisionLimits) -> tuple[Finding, ...]:
    """The leaps within a release that has no release before it to compare with."""
    return tuple(Finding("totals_do_not_leap", found) for found in _leaps(figures, dataset, limits))


def _cells(current: pl.DataFrame, figures: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """One row per cell of the periods that both cover, with its figure before and after."""
    key = key_of(dataset)
    shared = set(current["period"].unique()) & set(figures["period"].unique())
    before, after = (f.filter(pl.col("period").is_in(list(shared))) for f in (current, figures))
    periods = before.group_by("period").agg(
        pl.col("release_id").first(),
        pl.col("is_year").first(),
        pl.col("is_closed").all(),
        through_before=pl.col("through").max(),
    )
    reached = after.group_by("period").agg(through_after=pl.col("through").max())
    present = pl.lit(value=True)
    cells = before.select(*key, before="figure", was_there=present).join(
        after.select(*key, after="figure", is_there=present), on=key, how="full", coalesce=True
    )
    difference = pl.col("after").fill_null(0) - pl.col("before").fill_null(0)
    newest = before.filter(~pl.col("is_year"))["period"].max()
    compared = (
        cells.join(periods, on="period")
        .join(reached, on="period")
        .with_columns(
            age=_months_between(pl.col("period"), newest),
            difference=difference,
            is_changed=pl.col("before").ne_missing(pl.col("after")),
        )
    )
    return compared.sort(key)


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
        is_relabelled=pl.col("net") == 0,
        net_revised=revised.then(pl.min_horizontal("net", 0)).otherwise("net"),
        cell_revised=revised.then(pl.min_horizontal("difference", 0)).otherwise("difference"),
        percent=percent.otherwise(limits.open_month_percent),
        cell_percent=cell_percent.otherwise(limits.cell_percent),
    )
    floor = pl.lit(limits.people)
    return summed.with_columns(
        total_too_far=~pl.col("is_new")
        & (
            pl.col("net_revised").abs()
            > pl.max_horizontal(floor, pl.col("total_before") * pl.col("percent") / 100)
        ),
        cell_too_far=~pl.col("is_new")
        & ~pl.col("is_relabelled")
        & (
            pl.col("cell_revised").abs()
            > pl.max_horizontal(floor, pl.col("total_before") * pl.col("cell_percent") / 100)
        ),
        grew_too_fast=_grew_too_fast(limits),
        is_lost=pl.col("is_lost") & ~pl.col("is_relabelled"),
    )


def _grew_too_fast(limits: RevisionLimits) -> pl.Expr:
    """Whether a year to date grew faster, per day, than so many times its pace until then."""
    if limits.year_growth_times is None:
        return pl.lit(value=False)
    year = pl.col("period").str.extract(r"(\d{4})").cast(pl.Int32)
    days_before = (pl.col("through_before") - pl.date(year - 1, 9, 30)).dt.total_days()
    # two releases of one week may cover the same day
    days = pl.max_horizontal(
        (pl.col("through_after") - pl.col("through_before")).dt.total_days(), 7
    )
    allowed = limits.year_growth_times * pl.col("total_before") * days / days_before
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
        if (gone := sorted(set(newest[name]) - set(figures[name])))
    ]


def _short_of(current: pl.DataFrame, figures: pl.DataFrame) -> list[str]:
    """An older file under a newer date. Files that end with a fiscal year are exempt: publishers
    do publish those again."""
    reached, expected = (
        frame.filter(~pl.col("is_year"))["period"].max() for frame in (figures, current)
    )
    if not isinstance(reached, str) or not isinstance(expected, str) or reached >= expected:
        return []
    if reached[5:7] == LAST_FISCAL_MONTH:
        return []
    earlier = current.filter(pl.col("period") == expected)["release_id"][0]
    return [
        f"found figures up to {reached[:7]} only, expected them up to {expected[:7]} at least, as "
        f"in release {earlier}, which was published before"
    ]


def _leaps(
    figures: pl.DataFrame,
    dataset: Dataset,
    limits: RevisionLimits,
    current: pl.DataFrame | None = None,
) -> list[str]:
    """New months whose total, or the total of a component or region, is many times the largest
    of the twelve months before."""
    if limits.new_month_times is None:
        return []
    covered = figures["period"].unique().to_list()
    earlier = None if current is None else current.filter(~pl.col("period").is_in(covered))
    known = figures if earlier is None else pl.concat([earlier, figures])
    new = set(covered) - set(() if current is None else current["period"].unique())
    sentences = []
    for name in (None, *dataset.complete_by):
        label = pl.lit("") if name is None else pl.col(name)
        totals = known.group_by("period", label.alias("label")).agg(pl.col("figure").sum())
        before = pl.col("figure").rolling_max(LEARNED_MONTHS, min_samples=1).shift(1).over("label")
        leapt = (
            totals.sort("label", "period")
            .with_columns(before=before)
            .filter(
                pl.col("period").is_in(list(new))
                & (pl.col("figure") > limits.new_month_times * pl.col("before"))
                & (pl.col("figure") - pl.col("before") > limits.people)
            )
        )
        sentences += [
            f"{row['period'][:7]}{', ' * bool(row['label'])}{row['label']}: found "
            f"{row['figure']:,} in total, expected at most {limits.new_month_times:g} times "
            f"{row['before']:,}, the largest total of the twelve months before"
            for row in leapt.iter_rows(named=True)
        ]
    return _shortened(sentences[:SHOWN], len(sentences), "totals")


def _years_grown_too_fast(
    cells: pl.DataFrame, dataset: Dataset, limits: RevisionLimits
) -> list[str]:
    far = cells.filter("grew_too_fast").unique(_total(limits), maintain_order=True)
    sentences = [
        f"{_named(row, dataset, limits.total_of)}: found {row['total_after']:,} through "
        f"{row['through_after']}, expected growth from the {row['total_before']:,} through "
        f"{row['through_before']} in release {row['release_id']} at no more than "
        f"{limits.year_growth_times:g} times the pace until then"
        for row in _largest(far, "net")
    ]
    return _shortened(sentences, len(far), "totals")


def _totals_too_far(cells: pl.DataFrame, dataset: Dataset, limits: RevisionLimits) -> list[str]:
    far = cells.filter("total_too_far").unique(_total(limits), maintain_order=True)
    sentences = [
        f"{_named(row, dataset, limits.total_of)}: found {row['total_after']:,} in total, expected "
        f"{row['total_before']:,} as in release {row['release_id']}, within "
        f"{row['percent']:g} %; moved by {row['net']:+,}"
        for row in _largest(far, "net")
    ]
    return _shortened(sentences, len(far), "totals")


def _cells_too_far(cells: pl.DataFrame, limits: RevisionLimits) -> list[str]:
    far = cells.filter(pl.col("cell_too_far") & ~pl.col("total_too_far"))
    sentences = [
        f"{row['period'].removesuffix('-01')}: found a cell moved by {row['difference']:+,}, "
        f"expected at most {row['cell_percent']:g} % of the total of {row['total_before']:,}"
        for row in _largest(far, "difference")
    ]
    return _shortened(sentences, len(far), "cells")


def _rows_lost(cells: pl.DataFrame, limits: RevisionLimits) -> list[str]:
    before, lost = cells["before"].count(), int(cells["is_lost"].sum())
    if lost <= before * limits.rows_lost_percent / 100:
        return []
    return [
        f"found {lost:,} of the {before:,} cells of the months that both cover missing, expected "
        f"at most {limits.rows_lost_percent:g} %"
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
    return _shortened(sentences, len(beyond), "months")


def _envelope(
    current: pl.DataFrame, figures: pl.DataFrame, cells: pl.DataFrame, limits: RevisionLimits
) -> pl.DataFrame:
    """The bounds on each month's number of rows. In a closed year that was not relabelled: the
    number before, give or take rows with next to no people in them. Otherwise: half the fewest
    to twice the most rows of the twelve months up to it."""
    if limits.detail_varies:
        return pl.DataFrame(schema=ENVELOPE)
    before = _rows_a_month(current)
    closed = set(current.filter("is_closed")["period"].unique())
    moved = pl.col("is_changed") & pl.col("is_relabelled")
    relabelled = set(cells.filter(moved)["period"].unique())
    few = pl.col("difference").abs() <= limits.people
    removed = _counted(cells.filter(pl.col("is_there").is_null() & few))
    added = _counted(cells.filter(pl.col("was_there").is_null() & (few | pl.col("is_new"))))
    rows = []
    for month, found in _rows_a_month(figures).items():
        learned = [count for known, count in before.items() if known <= month][-LEARNED_MONTHS:]
        if month in before and month in closed and month not in relabelled:
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


def _shortened(sentences: list[str], found: int, what: str) -> list[str]:
    more = [f"and {found - SHOWN:,} more {what}"] if found > SHOWN else []
    return [*sentences, *more]


def _named(row: dict[str, Any], dataset: Dataset, names: tuple[str, ...]) -> str:
    """How messages name a total: its period, its labels, and whether its year was closed."""
    series = [row["series"]] if len(dataset.figures) > 1 else []
    labels = [str(label) for label in (*series, *(row[name] for name in names)) if label]
    closed = ["closed fiscal year"] if row["is_closed"] else []
    return ", ".join([str(row["period"]).removesuffix("-01"), *labels, *closed])
