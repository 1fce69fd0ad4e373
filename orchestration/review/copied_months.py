"""Months whose figures are those of another month, of the year to date, or all the same.

What belongs here: signs that a month was filled by a slip of the hand. Each function takes one
row per cell, with its period, labels and figure, and the new months, and returns sentences.
"""

import polars as pl

from orchestration.review.finding import shortened

FEWEST_CELLS = 4  # fewer may be equal by chance
MANY_CELLS = 30
# smaller figures are often equal by chance
TELLING_PEOPLE, TELLING_ROUNDED = 20, 1_000
ROUNDED_TO = 10
EQUAL_CELLS = 0.5  # of the telling ones; of two real months about one in thirty are
NOT_BELOW = 0.97  # of the telling cells of a year to date are at least as large as its months


def copied(cells: pl.DataFrame, new: list[str]) -> list[str]:
    """New months of which at least half of the telling cells have another month's figures."""
    labels = _labels(cells)
    is_rounded = (cells["figure"] % ROUNDED_TO == 0).all()
    telling = cells.filter(pl.col("figure") >= (TELLING_ROUNDED if is_rounded else TELLING_PEOPLE))
    counts = telling.group_by("period").agg(cells=pl.len())
    pairs = (
        telling.filter(pl.col("period").is_in(new))
        .join(telling, on=[*labels, "figure"], suffix="_of_other", nulls_equal=True)
        .filter(pl.col("period") != pl.col("period_of_other"))
        # of two new months, the later one
        .filter(
            ~pl.col("period_of_other").is_in(new) | (pl.col("period_of_other") < pl.col("period"))
        )
        .group_by("period", "period_of_other")
        .agg(equal=pl.len())
        .join(counts, on="period")
        .filter(
            (pl.col("equal") >= FEWEST_CELLS) & (pl.col("equal") >= EQUAL_CELLS * pl.col("cells"))
        )
        .sort("period", "equal", "period_of_other", descending=[False, True, True])
        .unique("period", keep="first", maintain_order=True)
    )
    return shortened(
        [
            f"{row['period'][:7]}: found the figures of {row['period_of_other'][:7]} in "
            f"{row['equal']:,} of {row['cells']:,} cells, expected others"
            for row in pairs.iter_rows(named=True)
        ],
        "months",
    )


def one_figure(cells: pl.DataFrame, new: list[str]) -> list[str]:
    """New months with one figure in every row."""
    same = (
        cells.filter(pl.col("period").is_in(new))
        .group_by("period")
        .agg(
            pl.len().alias("cells"),
            pl.col("figure").n_unique().alias("different"),
            pl.first("figure"),
        )
        .filter((pl.col("different") == 1) & (pl.col("cells") >= FEWEST_CELLS))
        .sort("period")
    )
    return shortened(
        [
            f"{row['period'][:7]}: found {row['figure']:,} in each of {row['cells']:,} rows, "
            "expected different figures"
            for row in same.iter_rows(named=True)
        ],
        "months",
    )


def years_to_date(cells: pl.DataFrame, new: list[str]) -> list[str]:
    """New months of which hardly a cell is smaller than the sum of the fiscal year's months up to
    the one before."""
    first_of_year = pl.col("period").str.to_date().dt.offset_by("3mo").dt.year()
    labels = _labels(cells)
    dated = cells.with_columns(fiscal_year=first_of_year)
    sentences = []
    for month in new:
        [year] = dated.filter(pl.col("period") == month)["fiscal_year"].unique()
        before = dated.filter((pl.col("fiscal_year") == year) & (pl.col("period") < month))
        sums = (
            before.group_by(labels)
            .agg(pl.col("figure").sum().alias("sum"))
            .filter(pl.col("sum") >= TELLING_PEOPLE)
        )
        found = cells.filter(pl.col("period") == month)
        both = sums.join(found, on=labels, how="left", nulls_equal=True)
        reached = int((both["figure"].fill_null(0) >= both["sum"]).sum())
        # a November may exceed its October in a few cells
        fewest = FEWEST_CELLS if before["period"].n_unique() > 1 else MANY_CELLS
        if len(both) >= fewest and reached >= NOT_BELOW * len(both):
            sentences.append(
                f"{month[:7]}: found {reached:,} of {len(both):,} cells at or above the sum of "
                "the fiscal year's months before, expected a month, not the year to date"
            )
    return shortened(sentences, "months")


def _labels(cells: pl.DataFrame) -> list[str]:
    return [name for name in cells.columns if name not in ("period", "figure")]
