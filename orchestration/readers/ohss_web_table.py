"""OHSS's web table: comma-separated, one row per month; month 0 is a fiscal year's total."""

import polars as pl

from orchestration.readers.cells import PADDING, first_of_month, mark_problems
from orchestration.readers.delimited import read_table
from orchestration.readers.reader import ParsedRelease, ReadContext


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one file. Raises ReadError. A row whose fiscal year is not that of its month
    cannot be typed."""
    table, notes = read_table(content, context.dataset, context.limits)
    rows = mark_problems(table, context.dataset, context.vocabulary)
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
    wrong_year = (month > 0) & (calendar + (month >= 10).cast(pl.Int32) != fiscal)
    rows = rows.with_columns(
        pl.coalesce("problem", pl.when(wrong_year).then(described)).alias("problem")
    ).with_columns(
        pl.when((month > 0) & pl.col("problem").is_null())
        .then(first_of_month(calendar, month))
        .alias("month_start")
    )
    return ParsedRelease(rows, notes)
