"""Figures of fiscal years bundled with the project: a row a year, and how far it goes."""

from datetime import date

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import Vocabulary
from orchestration.readers.cells import ParsedRelease, mark_problems, refuse_days_after
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
    """Parse one file, in which each figure says when it was published. Raises ReadError for
    one that was published after the date of its folder."""
    table, notes = read_table(content, dataset, limits)
    rows = mark_problems(table, dataset, vocabulary).with_columns(
        pl.lit(None, pl.String).alias("month_start")
    )
    typed = rows.filter(pl.col("problem").is_null())
    refuse_days_after(typed, ["published_on"], published_on)
    years = typed["fiscal_year"].str.extract(r"([0-9]{4})").cast(pl.Int32).to_list()
    span = (date(min(years) - 1, 10, 1), date(max(years) - 1, 10, 1)) if years else None
    return ParsedRelease(rows, notes, span)
