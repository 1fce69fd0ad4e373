"""The cells of two releases side by side: how far each moved, and whether beyond the limits.

What belongs here: arithmetic on figures. What is said of it is in `comparison`.
"""

from collections.abc import Sequence

import polars as pl

from orchestration.catalogue.dataset import RevisionLimits
from orchestration.review.figures import days_of_year


def totals_too_far(
    before: pl.DataFrame, after: pl.DataFrame, limits: RevisionLimits
) -> pl.DataFrame:
    """The totals of one period and series that differ too much between two frames, which may be
    of different datasets; one row each, with total_before, total_after, percent, grew_too_fast
    and the release_id of `before`.

    before, after: release_id, is_year, is_closed, through, period, series, figure.
    """
    cells = with_limits(_changed(cells_of(before, after, ["period", "series"])), limits)
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
    cells = with_limits(_changed(cells_of(before, after, ["period", "series", *labels])), limits)
    return cells.filter("is_relabelled").unique("period", keep="first", maintain_order=True)


def cells_of(current: pl.DataFrame, figures: pl.DataFrame, key: list[str]) -> pl.DataFrame:
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


def with_limits(cells: pl.DataFrame, limits: RevisionLimits) -> pl.DataFrame:
    """The cells with the change of their total, and whether the total or the cell moved too far."""
    total = total_key(limits)
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


def total_key(limits: RevisionLimits) -> list[str]:
    """The columns that identify a total."""
    return list(dict.fromkeys(("period", "series", *limits.total_of)))
