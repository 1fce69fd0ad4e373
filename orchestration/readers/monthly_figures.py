"""Figures bundled with the project: a row has a month written as a date, and some labels."""

import polars as pl

from orchestration.printable import quoted
from orchestration.readers.cells import mark_problems
from orchestration.readers.delimited import read_table
from orchestration.readers.reader import ParsedRelease, ReadContext, ReadError
from orchestration.releases.publication import PublicationDate


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one file. Raises ReadError, also where a row names another publication date than
    the file's folder."""
    table, notes = read_table(content, context.dataset, context.limits)
    if "published_on" in table.columns:
        _check_publication(table, context.published_on)
    rows = mark_problems(table, context.dataset, context.vocabulary)
    first_day = pl.col("month").str.strip_chars().str.slice(0, 7) + "-01"
    month_start = pl.when(pl.col("problem").is_null()).then(first_day).alias("month_start")
    return ParsedRelease(rows.with_columns(month_start), notes)


def _check_publication(table: pl.DataFrame, published_on: PublicationDate) -> None:
    other = table.filter(pl.col("published_on").str.strip_chars() != str(published_on))
    if not other.is_empty():
        raise ReadError(
            "name_keeps_its_promise",
            f"line {other['row_number'][0]}: column 'published_on': found "
            f"{quoted(other['published_on'][0])}, expected {quoted(str(published_on))} as its "
            "folder says",
        )
