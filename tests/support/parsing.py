"""Reading a file in the tests of the readers: from bytes, published late enough."""

from pathlib import Path

import polars as pl
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.readers import ParsedRelease, ReadError, read_release
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits
from tests.support.cbp_files import SOUTHWEST, Made

PUBLISHED = "2024-12"


def read(
    content: bytes,
    dataset: str = SOUTHWEST,
    published: str = PUBLISHED,
    limits: Limits | None = None,
) -> ParsedRelease:
    catalogued = load_catalogue()[dataset]
    return read_release(content, catalogued, PublicationDate.parse(published), limits or Limits())


def read_real_release(real_releases: Path, dataset: str, published: str) -> ParsedRelease:
    """The only file in a landing folder of real releases."""
    [path] = (real_releases / dataset / published).iterdir()
    return read(path.read_bytes(), dataset, published)


def refusal(
    content: bytes,
    dataset: str = SOUTHWEST,
    published: str = PUBLISHED,
    limits: Limits | None = None,
) -> str:
    """The reason why a reader refuses these bytes. Fails if it reads them."""
    with pytest.raises(ReadError) as refused:
        read(content, dataset, published, limits)
    return str(refused.value)


def assert_reads_as(parsed: ParsedRelease, expected: Made) -> None:
    """The rows have the expected texts, column by column, and each can be typed."""
    for name in expected.columns:
        assert parsed.rows[name].to_list() == expected.column(name), name
    assert parsed.rows["problem"].null_count() == len(expected.rows) == len(parsed.rows)


def without_columns(parsed: ParsedRelease, *columns: str) -> pl.DataFrame:
    """The rows without these columns, as far as the reader has them."""
    return parsed.rows.drop(columns, strict=False)


def as_csv(*rows: list[str], line_end: str = "\r\n") -> bytes:
    """Lines of cells; a cell with a comma is quoted."""
    quoted = ([f'"{cell}"' if "," in cell else cell for cell in row] for row in rows)
    return "".join(",".join(row) + line_end for row in quoted).encode()
