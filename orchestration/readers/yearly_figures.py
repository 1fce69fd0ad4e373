"""Figures by fiscal year bundled with the project: a row has a year and how much of it is
covered."""

from datetime import date

import polars as pl

from orchestration.readers.cells import mark_problems, refuse_days_after
from orchestration.readers.delimited import read_table
from orchestration.readers.reader import ParsedRelease, ReadContext


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one file, in which each figure has its own publication date. Raises ReadError, also
    for a date after that of the file's folder."""
    table, notes = read_table(content, context.dataset, context.limits)
    rows = mark_problems(table, context.dataset, context.vocabulary).with_columns(
        pl.lit(None, pl.String).alias("month_start")
    )
    typed = rows.filter(pl.col("problem").is_null())
    refuse_days_after(typed, ["published_on"], context.published_on)
    years = typed["fiscal_year"].str.extract(r"([0-9]{4})").cast(pl.Int32).to_list()
    span = (date(min(years) - 1, 10, 1), date(max(years) - 1, 10, 1)) if years else None
    return ParsedRelease(rows, notes, span)
