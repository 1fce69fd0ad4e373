"""Readers: one module per file layout, bytes in, a Polars frame of raw rows out.

`read_release` calls the reader that the catalogue names. A reader keeps each cell that it reads as
the published text and marks each row that cannot be typed; it refuses a file whose columns
or labels it does not know. Storing a release and building tables from it happen elsewhere.
"""

import hashlib
import inspect
from pathlib import Path

from orchestration.catalogue import vocabulary
from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import VOCABULARY, load_vocabulary
from orchestration.readers import (
    cbp_custody_pages,
    cbp_encounters,
    cells,
    delimited,
    detention_axes,
    detention_sheet,
    ice_detention_statistics,
    monthly_figures,
    ohss_key_metrics,
    ohss_monthly_tables,
    ohss_web_table,
    reader,
    statements,
    unpacking,
    workbook,
    written_days,
    yearly_figures,
)
from orchestration.readers.reader import ParsedRelease, ReadContext, Reader, ReadError
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits

__all__ = ["READERS", "ParsedRelease", "ReadError", "read_release", "reader_version"]

READERS: dict[str, Reader] = {
    "cbp_custody_pages": cbp_custody_pages,
    "cbp_encounters": cbp_encounters,
    "ice_detention_statistics": ice_detention_statistics,
    "monthly_figures": monthly_figures,
    "ohss_key_metrics": ohss_key_metrics,
    "ohss_monthly_tables": ohss_monthly_tables,
    "ohss_web_table": ohss_web_table,
    "statements": statements,
    "yearly_figures": yearly_figures,
}
# what of the catalogue no reader looks at
NOT_READ = {
    *("revisions", "new_months", "sums", "shared_totals", "overdue_days"),
    *("url_patterns", "page_column", "reads"),
}
SHARED_MODULES = (
    *(cells, delimited, detention_axes, detention_sheet),
    *(reader, unpacking, vocabulary, workbook, written_days),
)


def read_release(
    content: bytes, dataset: Dataset, published_on: PublicationDate, limits: Limits
) -> ParsedRelease:
    """Parse the bytes of a release. Raises ReadError, which names the line, what was found
    and what was expected; the caller knows the file's name."""
    context = ReadContext(dataset, load_vocabulary(), published_on, limits)
    try:
        return READERS[dataset.reader].read(content, context)
    except BaseException as error:
        # a panic in a parser written in Rust: not an Exception, and no package exports its class
        if type(error).__name__ != "PanicException":
            raise
        raise ReadError("format_is_known", f"found bytes that crash the parser: {error}") from error


def reader_version(dataset: Dataset) -> str:
    """A digest of what the parsed rows depend on besides the bytes: the code of the reader and
    of the modules that readers share, the dataset's columns and the vocabulary. A release that
    was parsed by another version is parsed again."""
    digest = hashlib.sha256()
    for module in SHARED_MODULES:
        digest.update(inspect.getsource(module).encode())
    digest.update(Path(inspect.getfile(READERS[dataset.reader].read)).read_bytes())
    digest.update(dataset.model_dump_json(exclude=NOT_READ).encode())
    digest.update(VOCABULARY.read_bytes())
    return digest.hexdigest()[:12]
