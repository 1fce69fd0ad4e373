"""CBP's encounter files: a row is a fiscal year, a month's abbreviation and some labels.

The southwest, by-area and by-state files share this layout; the catalogue lists which
columns each one has.
"""

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.readers.cells import ParsedRelease, first_of_fiscal_month, mark_problems
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
    """Parse one file. Raises ReadError."""
    table, notes = read_table(content, dataset, limits)
    judged = mark_problems(table, dataset, vocabulary)
    return ParsedRelease(judged.with_columns(_month_start(judged, vocabulary)), notes)


def _month_start(table: pl.DataFrame, vocabulary: Vocabulary) -> pl.Expr:
    """The first day of the row's month: fiscal year N runs from October N-1 to September N."""
    numbers = vocabulary.month_numbers()
    month = pl.col("month_name").replace_strict(
        {text: numbers[fold(text)] for text in table["month_name"].unique()}, return_dtype=pl.Int32
    )
    text = first_of_fiscal_month(pl.col("fiscal_year"), month)
    return pl.when(pl.col("problem").is_null()).then(text).alias("month_start")
