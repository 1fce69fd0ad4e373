"""The figures of a release, in a form that can be compared between releases.

What belongs here: from parsed rows to one row per figure, under the catalogue's names and in
one spelling. Whether a difference is too large is decided in `comparison`.
"""

import polars as pl

from orchestration.catalogue.categories import in_one_spelling, spelling
from orchestration.catalogue.dataset import Dataset, RevisionLimits
from orchestration.readers.cells import number
from orchestration.releases.release import Release


def figures_of(
    rows: pl.DataFrame, release: Release, dataset: Dataset, limits: RevisionLimits
) -> pl.DataFrame:
    """One row per figure of a release.

    rows: as the archive holds them, with the corrections that apply.
    Returns release_id; is_year; is_closed, whether the release covers the fiscal year to its end;
    the columns of key_of, in which period is `2024-03-01`, or `FY2024` for a row of a year, and
    series is a label of the dataset or else the figure's column; and figure, NULL where a mark
    was published instead of a number.
    """
    labels = dataset.revised_labels
    typed = rows.filter(pl.col("problem").is_null())
    if "series" in dataset.columns:  # of a workbook, only the columns that feed the facts
        typed = typed.filter(pl.col("series") != "")
    timed = typed.with_columns(_period(dataset)).with_columns(_is_closed(release, limits))
    index = ["period", "is_year", "is_closed", *labels]
    spelled = in_one_spelling(timed.select(*index, *dataset.figures), dataset, labels)
    series = "figure_column" if "series" in labels else "series"
    unpivoted = spelled.filter(_is_compared(dataset, limits)).unpivot(
        on=dataset.figures, index=index, variable_name=series, value_name="text"
    )
    figures = unpivoted.select(
        pl.lit(release.release_id).alias("release_id"),
        "is_year",
        "is_closed",
        *key_of(dataset),
        number("text").alias("figure"),
    )
    if limits.labels is None:
        return figures
    # the limits name fewer labels than identify a cell, so several rows may share a key
    keys = [name for name in figures.columns if name != "figure"]
    return figures.group_by(keys, maintain_order=True).agg(
        pl.when(pl.col("figure").is_not_null().any()).then(pl.col("figure").sum()).alias("figure")
    )


def key_of(dataset: Dataset) -> list[str]:
    """The columns that identify a figure within a release."""
    return list(dict.fromkeys(("period", "series", *dataset.revised_labels)))


def _is_compared(dataset: Dataset, limits: RevisionLimits) -> pl.Expr:
    wanted = (
        pl.col(name).is_in(list(spelling(labels, dataset.columns[name]).values()))
        for name, labels in limits.only.items()
    )
    return pl.all_horizontal(pl.lit(value=True), *wanted)


def _period(dataset: Dataset) -> tuple[pl.Expr, ...]:
    if "fiscal_year" not in dataset.columns:
        return pl.col("month_start").alias("period"), pl.lit(value=False).alias("is_year")
    year = pl.format("FY{}", pl.col("fiscal_year").str.extract(r"(\d{4})"))
    return (
        pl.coalesce("month_start", year).alias("period"),
        pl.col("month_start").is_null().alias("is_year"),
    )


def _is_closed(release: Release, limits: RevisionLimits) -> pl.Expr:
    """Whether the release covers the row's fiscal year to its last day."""
    year = pl.col("period").str.extract(r"(\d{4})").cast(pl.Int32)
    month = pl.col("period").str.extract(r"^\d{4}-(\d\d)").cast(pl.Int32)
    fiscal_year = year + (month >= 10).fill_null(value=False).cast(pl.Int32)
    if limits.covered_through is None:
        assert release.last_month is not None
        last = release.last_month
        return (fiscal_year <= last.year - (last.month < 9)).alias("is_closed")
    coverage = pl.col(limits.covered_through).str.strip_chars().str.to_lowercase()
    return coverage.str.contains(r"-09(-30)?$|^full year$").alias("is_closed")
