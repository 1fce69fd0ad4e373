"""The figures of a release, in a form that can be compared between releases.

What belongs here: from parsed rows to one row per figure, under the catalogue's names and in
one spelling. Whether a difference is too large is decided in `comparison`.
"""

from collections.abc import Iterator

import polars as pl

from orchestration.catalogue.categories import has_labels, in_one_spelling, spelling
from orchestration.catalogue.dataset import Alike, Dataset, RevisionLimits
from orchestration.catalogue.vocabulary import fold
from orchestration.readers.cells import number
from orchestration.releases.release import Release


def figures_of(
    rows: pl.DataFrame, release: Release, dataset: Dataset, limits: RevisionLimits
) -> pl.DataFrame:
    """One row per figure of a release.

    rows: as the archive holds them, with the corrections that apply.
    Returns release_id; is_year; is_closed, whether the release covers the fiscal year to its end;
    through, the last day of the fiscal year that it covers; the columns of key_of, in which
    period is `2024-03-01`, or `FY2024` for a row of a year, and series is a label of the dataset
    or else the figure's column; and figure, NULL where a mark was published instead of a number.
    """
    labels = dataset.revised_labels
    typed = rows.filter(pl.col("problem").is_null())
    if "series" in dataset.columns:  # of a workbook, only the columns that feed the facts
        typed = _of_facts(typed, dataset)
    timed = typed.with_columns(_period(dataset)).with_columns(_coverage(release, limits))
    index = ["period", "is_year", "is_closed", "through", *labels]
    spelled = in_one_spelling(timed.select(*index, *dataset.figures), dataset, labels)
    for rule in limits.alike:
        spelled = spelled.with_columns(_as_one(rule, dataset))
    series = "figure_column" if "series" in labels else "series"
    unpivoted = spelled.filter(has_labels(limits.only, dataset)).unpivot(
        on=dataset.figures, index=index, variable_name=series, value_name="text"
    )
    figures = unpivoted.select(
        pl.lit(release.release_id).alias("release_id"),
        "is_year",
        "is_closed",
        "through",
        *key_of(dataset),
        number("text").alias("figure"),
    )
    if limits.labels is None and not limits.alike:
        return figures
    # the limits name fewer labels than identify a cell, so several rows may share a key
    keys = [name for name in figures.columns if name != "figure"]
    return figures.group_by(keys, maintain_order=True).agg(
        pl.when(pl.col("figure").is_not_null().any()).then(pl.col("figure").sum()).alias("figure")
    )


def _of_facts(typed: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """The cells that facts are made of. Where the catalogue names no series, and the table is a
    breakdown, its label, folded, is the series."""
    breakdowns = [table for table in dataset.tables if table.remainder]
    if breakdowns:
        remainder = {fold(label) for table in breakdowns for label in table.remainder}
        labels = typed["label"].unique().to_list()
        folded = {label: "" if fold(label) in remainder else fold(label) for label in labels}
        is_label = (pl.col("series") == "") & pl.col("table_name").is_in(
            [table.name for table in breakdowns]
        )
        label = pl.col("label").replace_strict(folded, return_dtype=pl.String)
        typed = typed.with_columns(series=pl.when(is_label).then(label).otherwise("series"))
    return typed.filter(pl.col("series") != "")


def days_of_year(through: str) -> pl.Expr:
    """How many days of the period's fiscal year have passed on the last day covered."""
    year = pl.col("period").str.extract(r"(\d{4})").cast(pl.Int32)
    return (pl.col(through) - pl.date(year - 1, 9, 30)).dt.total_days()


def key_of(dataset: Dataset) -> list[str]:
    """The columns that identify a figure within a release."""
    return list(dict.fromkeys(("period", "series", *dataset.revised_labels)))


def tables_of(cells: pl.DataFrame) -> Iterator[tuple[str | None, pl.DataFrame]]:
    """The rows of each table of a release; all of them, under None, if it has only one.

    cells: with a column table_name if the release has several.
    """
    if "table_name" not in cells.columns:
        yield from [(None, cells)] * bool(len(cells))
        return
    for part in cells.partition_by("table_name", maintain_order=True):
        yield part["table_name"][0], part


def _as_one(rule: Alike, dataset: Dataset) -> pl.Expr:
    """The rule's column with the first of its labels in place of the others, where it applies."""
    labels = list(spelling(rule.labels, dataset.columns[rule.column]).values())
    applies = pl.col(rule.column).is_in(labels) & has_labels(rule.when, dataset)
    return pl.when(applies).then(pl.lit(labels[0])).otherwise(rule.column).alias(rule.column)


def _period(dataset: Dataset) -> tuple[pl.Expr, ...]:
    if "fiscal_year" not in dataset.columns:
        return pl.col("month_start").alias("period"), pl.lit(value=False).alias("is_year")
    year = pl.format("FY{}", pl.col("fiscal_year").str.extract(r"(\d{4})"))
    return (
        pl.coalesce("month_start", year).alias("period"),
        pl.col("month_start").is_null().alias("is_year"),
    )


def _coverage(release: Release, limits: RevisionLimits) -> tuple[pl.Expr, ...]:
    """is_closed: whether the release covers the row's fiscal year to its last day. through: the
    last day covered, at the latest that of the publication if the release does not say."""
    year = pl.col("period").str.extract(r"(\d{4})").cast(pl.Int32)
    month = pl.col("period").str.extract(r"^\d{4}-(\d\d)").cast(pl.Int32)
    last_day = pl.date(year + (month >= 10).fill_null(value=False).cast(pl.Int32), 9, 30)
    covered = _last_day_covered(release, limits, last_day)
    latest = pl.min_horizontal(pl.lit(release.published_on), last_day)
    return (
        (covered >= last_day).fill_null(value=False).alias("is_closed"),
        pl.min_horizontal(covered.fill_null(latest), last_day).alias("through"),
    )


def _last_day_covered(release: Release, limits: RevisionLimits, last_day: pl.Expr) -> pl.Expr:
    """The last day that a row covers; NULL if the release does not say."""
    if limits.covered_through is None:
        assert release.last_month is not None
        return pl.lit(release.last_month).dt.month_end()
    text = pl.col(limits.covered_through).str.to_lowercase()
    day = text.str.extract(r"(\d{4}-\d\d-\d\d)").str.to_date()
    end_of_month = (text.str.extract(r"(\d{4}-\d\d)") + "-01").str.to_date().dt.month_end()
    return (
        pl.when(text.str.contains("full year"))
        .then(last_day)
        .otherwise(pl.coalesce(day, end_of_month))
    )
