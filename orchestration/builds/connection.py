"""Connections to the file of a build.

What belongs here: how much memory DuckDB may take for it. Left alone, DuckDB takes up to four
fifths of the machine's memory, although it can do with far less: beyond a limit it writes to a
folder beside the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.builds.sql import literal
from orchestration.settings import MEBIBYTE, memory_limit

LEAST = 512 * MEBIBYTE
PER_ROW = 128  # bytes; not all that DuckDB does can be written to disk


@contextmanager
def connected(database: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the file of a build, which is made if there is none and it may be written."""
    with duckdb.connect(str(database), read_only=read_only) as connection:
        connection.execute(f"set memory_limit = {literal(_limit(connection))}")
        yield connection


def memory_limit_of(database: Path) -> str:
    """How much memory DuckDB may take for the closed file of a build, as DuckDB has it; for an
    empty one, if there is none."""
    is_there = database.exists()
    with duckdb.connect(database if is_there else ":memory:", read_only=is_there) as connection:
        return _limit(connection)


def _limit(connection: duckdb.DuckDBPyConnection) -> str:
    """What the operator has set, or else what suffices for so many raw rows."""
    if (given := memory_limit()) is not None:
        return given
    [(rows,)] = connection.execute(
        "select coalesce(sum(estimated_size), 0) from duckdb_tables() where schema_name = 'raw'"
    ).fetchall()
    return f"{max(LEAST, PER_ROW * int(rows)) // MEBIBYTE}MiB"
