"""Figures bundled with the project: a row is a month written as a date, and some labels."""

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import Vocabulary
from orchestration.readers.cells import ParsedRelease, ReadError, mark_problems
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
    """Parse one file. Raises ReadError, also where the file says another publication date
    than the folder in which it lies."""
    table, notes = read_table(content, dataset, limits)
    if "published_on" in table.columns:
        _check_publication(table, published_on)
    judged = mark_problems(table, dataset, vocabulary)
    text = pl.col("month").str.strip_chars().str.slice(0, 7) + "-01"
    month_start = pl.when(pl.col("problem").is_null()).then(text).alias("month_start")
    return ParsedRelease(judged.with_columns(month_start), notes)


def _check_publication(table: pl.DataFrame, published_on: PublicationDate) -> None:
    other = table.filter(pl.col("published_on").str.strip_chars() != str(published_on))
    if not other.is_empty():
        raise ReadError(
            "name_keeps_its_promise",
            f"line {other['row_number'][0]}: column 'published_on': found "
            f"{other['published_on'][0]!r}, expected {str(published_on)!r} as its folder says",
        )
