"""Statements, transcribed: comma-separated, a row a number that somebody stated on some day.

Each row has a day of its own; a file lies in the folder of its latest statement, or later.
"""

from datetime import date

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import Vocabulary
from orchestration.readers.cells import ParsedRelease, mark_problems, refuse_days_after
from orchestration.readers.delimited import read_table
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits

DAYS = ("published_on", "stated_on", "as_of_date")


def read(
    content: bytes,
    dataset: Dataset,
    vocabulary: Vocabulary,
    published_on: PublicationDate,
    limits: Limits,
) -> ParsedRelease:
    """Parse one file. Raises ReadError, also for a statement of a day after the publication."""
    table, notes = read_table(content, dataset, limits)
    rows = mark_problems(table, dataset, vocabulary).with_columns(
        pl.lit(None, pl.String).alias("month_start")
    )
    typed = rows.filter(pl.col("problem").is_null())
    days = [name for name in DAYS if name in dataset.columns]
    refuse_days_after(typed, days, published_on)
    return ParsedRelease(rows, notes, _span(typed, days))


def _span(typed: pl.DataFrame, days: list[str]) -> tuple[date, date] | None:
    """First and last month of the days on which something was stated."""
    texts = [text.strip() for name in days for text in typed[name].to_list()]
    months = sorted(PublicationDate.parse(text).earliest.replace(day=1) for text in texts if text)
    return (months[0], months[-1]) if months else None
