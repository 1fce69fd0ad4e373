"""Transcribed statements: comma-separated, a row has a number that someone stated on some day.

Each row has its own day; a file lies in the folder of its latest statement, or of a later day.
"""

from datetime import date

import polars as pl

from orchestration.readers.cells import mark_problems, refuse_days_after
from orchestration.readers.delimited import read_table
from orchestration.readers.reader import ParsedRelease, ReadContext
from orchestration.releases.publication import PublicationDate

DAYS = ("published_on", "stated_on", "as_of_date")


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one file. Raises ReadError, also for a statement dated after the publication."""
    table, notes = read_table(content, context.dataset, context.limits)
    rows = mark_problems(table, context.dataset, context.vocabulary).with_columns(
        pl.lit(None, pl.String).alias("month_start")
    )
    typed = rows.filter(pl.col("problem").is_null())
    days = [name for name in DAYS if name in context.dataset.columns]
    refuse_days_after(typed, days, context.published_on)
    return ParsedRelease(rows, notes, _span(typed, days))


def _span(typed: pl.DataFrame, days: list[str]) -> tuple[date, date] | None:
    """First and last month of the days on which something was stated."""
    texts = [text.strip() for name in days for text in typed[name].to_list()]
    months = sorted(PublicationDate.parse(text).earliest.replace(day=1) for text in texts if text)
    return (months[0], months[-1]) if months else None
