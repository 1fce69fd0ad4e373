"""CBP's encounter files: a row is a fiscal year, a month's abbreviation and some labels.

The southwest, by-area and by-state files share this layout; the catalogue lists which
columns each one has.
"""

import polars as pl

from orchestration.readers.cells import ParsedRelease, judge_rows, standing_for
from orchestration.readers.delimited import read_table
from orchestration.releases.catalogue import Dataset
from orchestration.releases.offer import PublicationDate
from orchestration.releases.vocabulary import Vocabulary
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
    judged = judge_rows(table, dataset, vocabulary)
    return ParsedRelease(judged.with_columns(_month_start(judged, vocabulary)), notes)


def _month_start(table: pl.DataFrame, vocabulary: Vocabulary) -> pl.Expr:
    """The first day of the row's month: fiscal year N runs from October N-1 to September N."""
    numbers = {label: i + 1 for i, label in enumerate(vocabulary.labels("month_name"))}
    labels = standing_for(table["month_name"], vocabulary.spellings("month_name"))
    month = pl.col("month_name").replace_strict(
        {text: numbers[label] for text, label in labels.items()}, return_dtype=pl.Int32
    )
    fiscal_year = pl.col("fiscal_year").str.extract(r"(\d{4})").cast(pl.Int32)
    year = fiscal_year - (month >= 10).cast(pl.Int32)
    text = pl.format("{}-{}-01", year, month.cast(pl.String).str.zfill(2))
    return pl.when(pl.col("problem").is_null()).then(text).alias("month_start")
