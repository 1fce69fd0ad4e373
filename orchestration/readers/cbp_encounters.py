"""CBP's encounter files: a row has a fiscal year, a month's abbreviation and some labels.

The southwest, by-area and by-state files share this layout; the catalogue lists which
columns each one has.
"""

import polars as pl

from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.readers.cells import first_of_fiscal_month, mark_problems
from orchestration.readers.delimited import read_table
from orchestration.readers.reader import ParsedRelease, ReadContext


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one file. Raises ReadError."""
    table, notes = read_table(content, context.dataset, context.limits)
    rows = mark_problems(table, context.dataset, context.vocabulary)
    return ParsedRelease(rows.with_columns(_month_start(rows, context.vocabulary)), notes)


def _month_start(rows: pl.DataFrame, vocabulary: Vocabulary) -> pl.Expr:
    """The first day of the row's month: fiscal year N runs from October N-1 to September N."""
    numbers = vocabulary.month_numbers()
    month = pl.col("month_name").replace_strict(
        {text: numbers[fold(text)] for text in rows["month_name"].unique()}, return_dtype=pl.Int32
    )
    first_day = first_of_fiscal_month(pl.col("fiscal_year"), month)
    return pl.when(pl.col("problem").is_null()).then(first_day).alias("month_start")
