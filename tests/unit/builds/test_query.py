"""Queries on a published file that is damaged: the file is to blame, not the query."""

from pathlib import Path

import duckdb
import pytest

from orchestration.builds.publishing import PublishError
from orchestration.builds.query import QueryError, result_of

BLOCK = 262_144  # bytes that DuckDB writes with one checksum


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A file that opens, with a table of which a part has other bytes than were written."""
    path = tmp_path / "border.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table figures as select hash(range) as n from range(300_000)")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // BLOCK * BLOCK
    content[middle : middle + 64] = bytes(64)
    path.write_bytes(content)
    return path


def test_damage_that_a_query_meets_is_that_of_the_file(damaged: Path) -> None:
    with (
        pytest.raises(PublishError, match=r"border\.duckdb: found a file that cannot be read"),
        result_of(damaged, "select bit_xor(n) from figures") as result,
    ):
        list(result.rows)


def test_an_error_of_a_query_is_that_of_the_query(damaged: Path) -> None:
    with (
        pytest.raises(QueryError, match="late"),
        result_of(damaged, "select error('late')") as result,
    ):
        list(result.rows)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("IO Error: Could not write all bytes to file", QueryError),
        ("IO Error: Corrupt database file: computed checksum 1 does not match", PublishError),
    ],
)
def test_a_failure_to_write_is_no_damage(
    text: str, kind: type[Exception], damaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise duckdb.IOException(text)

    monkeypatch.setattr("orchestration.builds.query._check", fail)
    with pytest.raises(kind), result_of(damaged, "select 1"):
        pass
