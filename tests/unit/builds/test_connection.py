"""The memory that DuckDB may take for a build."""

from pathlib import Path

import duckdb
import pytest

from orchestration.builds.connection import connected

TWO_MILLION_TEXTS = "select md5(range::varchar) as text from range(2_000_000)"


def test_what_does_not_fit_into_memory_goes_to_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sorted, the texts take 100 MB."""
    monkeypatch.setenv("BORDERLEDGER_MEMORY", "40MB")
    with connected(tmp_path / "border.duckdb") as connection:
        connection.execute(f"create table sorted as {TWO_MILLION_TEXTS} order by text")
        [(rows, first)] = connection.execute("select count(*), min(text) from sorted").fetchall()
    assert rows == 2_000_000
    assert first.startswith("00000")
    assert [path.name for path in tmp_path.iterdir()] == ["border.duckdb"]


def test_what_cannot_go_to_disk_is_refused_beyond_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERLEDGER_MEMORY", "40MB")
    with (
        connected(tmp_path / "border.duckdb") as connection,
        pytest.raises(duckdb.OutOfMemoryException),
    ):
        connection.execute(f"select list(text) from ({TWO_MILLION_TEXTS})").fetchall()
