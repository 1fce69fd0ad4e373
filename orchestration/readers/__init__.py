"""Readers: one module a file layout, bytes in, a Polars frame of raw rows out.

`read_release` finds the reader that the catalogue names. A reader keeps every cell as
the text that was published and says of each row whether it can be typed; it refuses a
file whose columns or labels it does not know. What is done with a release (archive,
tables) is no business of a reader.
"""

import hashlib
import inspect
from types import ModuleType

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import VOCABULARY, load_vocabulary
from orchestration.readers import (
    cbp_encounters,
    cells,
    delimited,
    ice_detention_statistics,
    monthly_figures,
    ohss_key_metrics,
    ohss_monthly_tables,
    ohss_web_table,
    statements,
    unpacking,
    workbook,
    yearly_figures,
)
from orchestration.readers.cells import ParsedRelease, ReadError
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits

__all__ = ["ParsedRelease", "ReadError", "read_release", "reader_version"]

READERS: dict[str, ModuleType] = {
    "cbp_encounters": cbp_encounters,
    "ice_detention_statistics": ice_detention_statistics,
    "monthly_figures": monthly_figures,
    "ohss_key_metrics": ohss_key_metrics,
    "ohss_monthly_tables": ohss_monthly_tables,
    "ohss_web_table": ohss_web_table,
    "statements": statements,
    "yearly_figures": yearly_figures,
}


def read_release(
    content: bytes, dataset: Dataset, published_on: PublicationDate, limits: Limits
) -> ParsedRelease:
    """Parse the bytes of a release. Raises ReadError, which names the line, what was found
    and what was expected; the caller knows the file's name."""
    try:
        parsed: ParsedRelease = READERS[dataset.reader].read(
            content, dataset, load_vocabulary(), published_on, limits
        )
    except BaseException as error:
        # a panic of the parsers below, which no `except Exception` catches and nobody exports
        if type(error).__name__ != "PanicException":
            raise
        raise ReadError("format_is_known", f"found what no parser survives: {error}") from error
    return parsed


def reader_version(dataset: Dataset) -> str:
    """What the parsed rows depend on besides the bytes: the reader's code, the dataset's
    columns and the vocabulary. A release parsed by another version is parsed again."""
    digest = hashlib.sha256()
    for module in (cells, delimited, unpacking, workbook, READERS[dataset.reader]):
        digest.update(inspect.getsource(module).encode())
    digest.update(dataset.model_dump_json(exclude={"revisions"}).encode())
    digest.update(VOCABULARY.read_bytes())
    return digest.hexdigest()[:12]
