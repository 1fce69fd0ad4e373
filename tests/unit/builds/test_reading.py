"""Reading the published file: one that is damaged, or of something else, is an error in words."""

import os
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.builds.publishing import PublishError
from orchestration.builds.reading import opened, read_claims
from orchestration.settings import ConfigurationError


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A file without claims."""
    path = tmp_path / "border.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table t as from range(10000)")
    return path


def test_nothing_published_is_for_the_user_to_change(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"border\.duckdb: found no published file; run"):
        read_claims(tmp_path / "border.duckdb")


def test_a_file_without_claims_is_of_an_earlier_version(published: Path) -> None:
    with pytest.raises(PublishError, match=r"border\.duckdb: found a file of an earlier version"):
        read_claims(published)


@pytest.mark.parametrize("size", [1, 5000])
def test_a_damaged_file_is_named_in_one_line(size: int, published: Path) -> None:
    os.truncate(published, size)
    with pytest.raises(PublishError, match=r"^.*border\.duckdb: found a file that can[^\n]*$"):
        read_claims(published)


def test_a_variable_is_never_taken_for_a_table(published: Path) -> None:
    gone = pl.DataFrame({"measure": ["people"]})
    with pytest.raises(PublishError, match="of an earlier version"), opened(published, "t") as file:
        file.execute("from gone")
    assert gone.height == 1
