"""Figures that were filled or altered by a slip of the hand: copied from another month, summed up,
all the same, or rounded.

What belongs here: signs of a slip in the figures themselves, whatever their size. Each function
returns sentences.
"""

import polars as pl

from orchestration.review.finding import shortened

FEWEST_CELLS = 4  # fewer may be equal by chance
GROWN = 1.6  # times; a November may exceed its October in every cell, but not by so much
FEW_CELLS = 20  # a month with no more of them is compared as a whole
# smaller figures are often equal by chance
TELLING_PEOPLE, TELLING_ROUNDED = 20, 1_000
ROUNDED_TO = 10
EQUAL_CELLS = 0.5  # of the telling ones; of two real months about one in thirty are
NOT_BELOW = 0.97  # of the cells of a year to date are at least as large as its months before
FEWEST_ROUND, ROUND_SHARE = 12, 0.6  # one in ten is a multiple of 100 by chance
FEWEST_ROUND_IN_MONTH, NEARLY_ALL = 6, 0.9


def copied(cells: pl.DataFrame, new: list[str]) -> list[str]:
    """New months with the figures of another month, in all cells or in half of the telling ones.

    cells: one row per cell of every known month: period, labels, figure.
    """
    is_rounded = (cells["figure"] % ROUNDED_TO == 0).all()
    least = TELLING_ROUNDED if is_rounded else TELLING_PEOPLE
    of_month = cells.group_by("period").agg(pl.len().alias("cells"))
    few = (of_month["cells"] <= FEW_CELLS).all()
    compared = cells if few else cells.filter(pl.col("figure") >= least)
    is_new = pl.col("period").is_in(new)
    is_older = pl.col("period_of_other") < pl.col("period")
    telling = pl.col("figure") >= least
    pairs = (
        compared.filter(is_new)
        .join(compared, on=[*_labels(cells), "figure"], suffix="_of_other", nulls_equal=True)
        .filter(is_older | ~pl.col("period_of_other").is_in(new))
        .filter(pl.col("period") != pl.col("period_of_other"))
        .group_by("period", "period_of_other")
        .agg(pl.len().alias("equal"), telling.sum().alias("equal_telling"))
        .join(of_month, on="period")
        .join(compared.group_by("period").agg(compared=pl.len()), on="period")
        .join(cells.filter(telling).group_by("period").agg(telling=pl.len()), on="period")
        .filter(_is_copied())
        .sort("period", "equal", "period_of_other", descending=[False, True, True])
        .unique("period", keep="first", maintain_order=True)
    )
    return shortened(
        [
            f"{row['period'][:7]}: found the figures of {row['period_of_other'][:7]} in "
            f"{row['equal']:,} of {row['compared']:,} cells, expected others"
            for row in pairs.iter_rows(named=True)
        ],
        "months",
    )


def _is_copied() -> pl.Expr:
    """Whether so many cells are equal that it cannot be chance."""
    every = (pl.col("equal") == pl.col("cells")) & (pl.col("cells") > 2)
    many = pl.col("equal_telling") >= pl.max_horizontal(
        pl.lit(FEWEST_CELLS), EQUAL_CELLS * pl.col("telling")
    )
    return (every & (pl.col("equal_telling") > 0)) | many


def rounded(figures: pl.DataFrame) -> list[str]:
    """Fiscal years of which most large figures are multiples of 100.

    figures: as `figures_of` returns them.
    """
    hundred = (pl.col("figure") % 100 == 0).sum()
    years = (
        figures.filter(~pl.col("is_year") & (pl.col("figure") >= TELLING_ROUNDED))
        .group_by(fiscal_year=_fiscal_year())
        .agg(pl.len().alias("large"), hundred.alias("round"))
        .filter(
            (pl.col("large") >= FEWEST_ROUND) & (pl.col("round") >= ROUND_SHARE * pl.col("large"))
        )
        .sort("fiscal_year")
    )
    return shortened(
        [
            f"FY{row['fiscal_year']}: found multiples of 100 in {row['round']:,} of "
            f"{row['large']:,} figures of {TELLING_ROUNDED:,} or more, expected exact figures, or "
            f"figures rounded to {ROUNDED_TO}"
            for row in years.iter_rows(named=True)
        ],
        "years",
    )


def one_figure(cells: pl.DataFrame, new: list[str]) -> list[str]:
    """New months with one figure in every row. cells: as `copied` takes them."""
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
    the one before.

    cells: with a row for each cell and month, in the order of the months.
    """
    labels = _labels(cells)
    of_year = [*labels, "fiscal_year"]
    figure, before = pl.col("figure"), pl.col("before")
    years = (
        cells.with_columns(fiscal_year=_fiscal_year())
        .with_columns(
            before=figure.cum_sum().over(of_year) - figure,
            months=pl.col("period").cum_count().over(of_year) - 1,
        )
        .filter(pl.col("period").is_in(new) & (before >= TELLING_PEOPLE))
        .group_by("period")
        .agg(
            pl.len().alias("cells"),
            reached=(figure >= before).sum(),
            times=figure.sum() / before.sum(),
            months=pl.first("months"),
        )
        .filter(
            (pl.col("cells") >= FEWEST_CELLS)
            & (pl.col("reached") >= NOT_BELOW * pl.col("cells"))
            & ((pl.col("months") > 1) | (pl.col("times") >= GROWN))
        )
        .sort("period")
    )
    return shortened(
        [
            f"{row['period'][:7]}: found {row['reached']:,} of {row['cells']:,} cells at or above "
            "the sum of the fiscal year's months before, expected a month, not the year to date"
            for row in years.iter_rows(named=True)
        ],
        "months",
    )


def rounded_months(cells: pl.DataFrame, new: list[str]) -> list[str]:
    """New months of which nearly all large figures are multiples of 10 or 100, unlike those of
    all months together. cells: as `copied` takes them."""
    sentences = []
    for unit in (10, 100):
        large = cells.filter(pl.col("figure") >= 10 * unit)
        is_round = pl.col("figure") % unit == 0
        usual = large.select(is_round.mean()).item()
        months = (
            large.filter(pl.col("period").is_in(new))
            .group_by("period")
            .agg(pl.len().alias("large"), is_round.sum().alias("round"))
            .filter(
                (pl.col("large") >= FEWEST_ROUND_IN_MONTH)
                & (pl.col("round") >= NEARLY_ALL * pl.col("large"))
            )
            .sort("period")
        )
        if usual is not None and usual < ROUND_SHARE:
            sentences += [
                f"{row['period'][:7]}: found multiples of {unit} in {row['round']:,} of "
                f"{row['large']:,} figures of {10 * unit:,} or more, expected exact figures, as in "
                "other months"
                for row in months.iter_rows(named=True)
            ]
    return shortened(sentences, "months")


def _fiscal_year() -> pl.Expr:
    return pl.col("period").str.to_date().dt.offset_by("3mo").dt.year()


def _labels(cells: pl.DataFrame) -> list[str]:
    return [name for name in cells.columns if name not in ("period", "figure")]
