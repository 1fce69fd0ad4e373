"""OHSS's web table: comma-separated, a row a month; month 0 is a fiscal year's total."""

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import Vocabulary
from orchestration.readers.cells import PADDING, ParsedRelease, first_of_month, mark_problems
from orchestration.readers.delimited import read_table
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits


def read(
    content: bytes,
    dataset: Dataset,
    vocabulary: Vocabulary,
    published_on: PublicationDate,
    limits: Limits,
) -> ParsedRelease:
    """Parse one file. Raises ReadError. A row whose fiscal year is not that of its month
    cannot be typed."""
    table, notes = read_table(content, dataset, limits)
    judged = mark_problems(table, dataset, vocabulary)
    month = pl.col("month_number").str.strip_chars(PADDING).cast(pl.Int32, strict=False)
    calendar, fiscal = (
        pl.col(name).str.extract(r"([0-9]{4})").cast(pl.Int32)
        for name in ("calendar_year", "fiscal_year")
    )
    described = pl.format(
        "found month {} of {} in the fiscal year {}, expected the fiscal year of that month",
        "month_number",
        "calendar_year",
        "fiscal_year",
    )
    astray = (month > 0) & (calendar + (month >= 10).cast(pl.Int32) != fiscal)
    rows = judged.with_columns(
        pl.coalesce("problem", pl.when(astray).then(described)).alias("problem")
    ).with_columns(
        pl.when((month > 0) & pl.col("problem").is_null())
        .then(first_of_month(calendar, month))
        .alias("month_start")
    )
    return ParsedRelease(rows, notes)
