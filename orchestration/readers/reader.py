"""What every reader takes and returns.

What belongs here: the contract between the readers and their callers. How a file is laid
out belongs to each reader.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import Vocabulary
from orchestration.releases.checks import Refusal
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits


class ReadError(Refusal):
    """A file that cannot be read as what it claims to be."""


@dataclass(frozen=True)
class ReadContext:
    """What a reader knows about a file besides its bytes.

    published_on: as the file's folder says.
    """

    dataset: Dataset
    vocabulary: Vocabulary
    published_on: PublicationDate
    limits: Limits


@dataclass(frozen=True)
class ParsedRelease:
    """The rows of a release.

    rows: `row_number` (the line or row in the file, from 1), every column of the catalogue
        as published text, `month_start` (first day of the row's month as text,
        `YYYY-MM-DD`; null for a row that does not belong to a single month) and `problem`
        (why the row cannot be typed; null if it can).
    notes: lines that are not part of a table, as published.
    span: first and last month with figures, for a layout whose rows have no months.
    """

    rows: pl.DataFrame
    notes: tuple[str, ...]
    span: tuple[date, date] | None = None

    @property
    def typed(self) -> pl.DataFrame:
        return self.rows.filter(pl.col("problem").is_null())


class Reader(Protocol):
    """A module that reads one file layout."""

    def read(self, content: bytes, context: ReadContext) -> ParsedRelease:
        """Parse the bytes of one file. Raises ReadError, which names the place in the file,
        what was found and what was expected."""
        ...
