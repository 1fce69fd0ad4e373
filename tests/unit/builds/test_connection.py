"""The memory and the threads that DuckDB may take for a build."""

from functools import partial
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.connection import connected, limits_of

TEXTS = "select md5(range::varchar) as text from range(2_000_000)"


def test_what_does_not_fit_into_memory_goes_to_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sorted, the texts take 100 MB."""
    monkeypatch.setenv("BORDERLEDGER_MEMORY", "60MB")
    with connected(tmp_path / "border.duckdb") as connection:
        connection.execute(f"create table sorted as {TEXTS} order by text")
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
        connection.execute(f"select list(text) from ({TEXTS})").fetchall()


@pytest.mark.parametrize(
    ("rows", "cores", "given", "limit", "shown"),
    [
        (1_000, 2, None, "256MiB", "256.0 MiB"),
        (1_000, 64, None, "496MiB", "496.0 MiB"),
        (8_388_608, 2, None, "720MiB", "720.0 MiB"),
        (8_388_608, 8, None, "960MiB", "960.0 MiB"),
        (8_388_608, 2, "2GB", "2GB", "1.8 GiB"),
    ],
    ids=["few rows", "many cores", "many rows", "many of both", "set by the operator"],
)
def test_the_limit_grows_with_the_raw_rows_and_the_threads(
    rows: int,
    cores: int,
    given: str | None,
    limit: str,
    shown: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_cores = partial(duckdb.connect, config={"threads": cores})
    monkeypatch.setattr("orchestration.builds.connection.duckdb.connect", with_cores)
    monkeypatch.delenv("BORDERLEDGER_MEMORY", raising=False)
    if given is not None:
        monkeypatch.setenv("BORDERLEDGER_MEMORY", given)
    database = tmp_path / "border.duckdb"
    with connected(database) as connection:
        connection.execute("create schema raw")
        connection.execute(f"create table raw.figures as select 1 as figure from range({rows})")
    assert limits_of(database).memory == limit
    with connected(database) as connection:
        [(set_to,)] = connection.execute("select current_setting('memory_limit')").fetchall()
    assert set_to == shown


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (8, 8), (64, 8)])
def test_a_machine_with_many_cores_gives_no_more_threads_than_the_memory_is_for(
    cores: int, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cores = partial(duckdb.connect, config={"threads": cores})
    monkeypatch.setattr("orchestration.builds.connection.duckdb.connect", with_cores)
    database = tmp_path / "border.duckdb"
    with connected(database) as connection:
        [(shown,)] = connection.execute("select current_setting('threads')").fetchall()
    assert shown == threads == limits_of(database).threads
