"""Connections to the file of a build.

What belongs here: how much memory DuckDB may take for it, and how many threads. Left alone, DuckDB
takes up to four fifths of the machine's memory, although it can do with far less: beyond a limit it
writes to a folder beside the file. And it takes a thread for each core, of which each needs memory
that cannot be written: with 64, the least limit was too little for ten times the agencies' rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.builds.sql import literal
from orchestration.settings import MEBIBYTE, memory_limit

LEAST = 512 * MEBIBYTE
PER_ROW = 128  # bytes; not all that DuckDB does can be written to disk
MOST_THREADS = 8


@dataclass(frozen=True)
class Limits:
    """What DuckDB may take for a build. memory: as DuckDB has it, such as 512MiB."""

    memory: str
    threads: int

    def statements(self) -> tuple[str, str]:
        """The SQL that sets them, for the whole instance that a connection is of."""
        return f"set memory_limit = {literal(self.memory)}", f"set threads = {self.threads}"


@contextmanager
def connected(database: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the file of a build, which is made if there is none and it may be written."""
    with duckdb.connect(str(database), read_only=read_only) as connection:
        for statement in _limits(connection).statements():
            connection.execute(statement)
        yield connection


def limits_of(database: Path) -> Limits:
    """What DuckDB may take for the closed file of a build; for an empty one, if there is none."""
    is_there = database.exists()
    with duckdb.connect(database if is_there else ":memory:", read_only=is_there) as connection:
        return _limits(connection)


def _limits(connection: duckdb.DuckDBPyConnection) -> Limits:
    [(cores,)] = connection.execute("select current_setting('threads')").fetchall()
    return Limits(_memory_limit(connection), min(int(cores), MOST_THREADS))


def _memory_limit(connection: duckdb.DuckDBPyConnection) -> str:
    """What the operator has set, or else what suffices for so many raw rows."""
    if (given := memory_limit()) is not None:
        return given
    [(rows,)] = connection.execute(
        "select coalesce(sum(estimated_size), 0) from duckdb_tables() where schema_name = 'raw'"
    ).fetchall()
    return f"{max(LEAST, PER_ROW * int(rows)) // MEBIBYTE}MiB"
