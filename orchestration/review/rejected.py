"""How many people a release's rejected rows may stand for.

What belongs here: a bound by people. `intake` bounds the number of rejected rows; eight starred
cells of a month's thirty-three can be most of its people.
"""

import polars as pl

from orchestration.catalogue.categories import in_one_spelling
from orchestration.catalogue.dataset import TIMES, Dataset, RevisionLimits
from orchestration.review.figures import key_of
from orchestration.review.finding import SHOWN, Finding


def rejected_findings(
    rows: pl.DataFrame,
    figures: pl.DataFrame,
    current: pl.DataFrame | None,
    dataset: Dataset,
    limits: RevisionLimits,
) -> list[Finding]:
    """The months of which rejected rows take away too much, going by their own figures, or else
    by the same cells of the month before.

    rows: as the archive holds them, rejected ones as well. figures: of the typed rows; current:
        those that were current before, both as `figures_of` returns them.
    """
    labels = [name for name in key_of(dataset) if name not in ("period", "series")]
    dated = _dated(rows, dataset)
    if dated.is_empty() or not labels:
        return []
    known = figures if current is None else pl.concat([current, figures])
    by_month = pl.col("period").str.to_date(strict=False).dt.offset_by("1mo").dt.to_string("%F")
    before = (
        known.filter(~pl.col("is_year"))
        .unique(["period", *labels, "series"], keep="last", maintain_order=True)
        .with_columns(period=by_month)
        .group_by("period", *labels)
        .agg(missing=pl.col("figure").sum())
    )
    texts = (pl.col(name).str.replace_all(",", "") for name in dataset.figures)
    own = pl.sum_horizontal(text.cast(pl.Int64, strict=False).clip(0) for text in texts)
    cells = in_one_spelling(dated, dataset, labels).select(*labels, own=own, period="month_start")
    of_table = pl.col("table_name") if "table_name" in labels else pl.lit(None, pl.String)
    lost = (
        cells.join(before, on=["period", *labels], how="left")
        .with_columns(missing=pl.coalesce(pl.col("own").replace(0, None), "missing", 0))
        .group_by("period")
        .agg(pl.len().alias("rows"), pl.col("missing").sum(), of_table.unique().alias("tables"))
        .join(figures.group_by("period").agg(pl.col("figure").sum()), on="period")
        .with_columns(percent=100 * pl.col("missing") / (pl.col("missing") + pl.col("figure")))
        .filter(
            (pl.col("percent") > limits.open_month_percent) & (pl.col("missing") > limits.people)
        )
        .sort("percent", descending=True)
    )
    return [
        Finding(
            "rejected_rows_are_few",
            f"{row['period'][:7]}: found {row['rows']:,} rejected rows, of some "
            f"{row['missing']:,} people, {row['percent']:.1f} % of the month, expected at most "
            f"{limits.open_month_percent:g} %",
            row["tables"][0] if len(row["tables"]) == 1 else None,
        )
        for row in lost[:SHOWN].iter_rows(named=True)
    ]


def _dated(rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """The rejected rows with their months, which the archive does not say: those of the typed rows
    with the same texts."""
    times = [name for name, column in dataset.columns.items() if column.kind in TIMES]
    is_typed = pl.col("problem").is_null()
    months = rows.filter(is_typed & pl.col("month_start").is_not_null()).select(
        *times, "month_start"
    )
    rejected = rows.filter(~is_typed).drop("month_start")
    return rejected.join(months.unique(times), on=times) if times else rejected.clear()
