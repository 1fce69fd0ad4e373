"""Connections to the file of a build.

What belongs here: how much memory DuckDB may take for it, and how many threads. Left alone, DuckDB
takes up to four fifths of the machine's memory, although it can do with far less: beyond a limit it
writes to a folder beside the file. And it takes a thread for each core, of which each needs memory
that cannot be written: with 64, 512 MB were too little for ten times the agencies' rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.builds.sql import literal
from orchestration.settings import MEBIBYTE, memory_limit

# not all that DuckDB does can be written to disk. With two threads the agencies' rows, and ten
# times as many, are built within 160 MiB and not within 128, with eight within 320; a hundred times
# with two threads within 1,024 and not within 768. A build takes no longer than with twice as much,
# and its process a third less. OHSS's workbooks, whose rows are compared as text, need the most: 24
# of them 160 MiB with two threads, and 400 with eight.
LEAST = 176 * MEBIBYTE
PER_ROW = 80  # bytes
PER_THREAD = 40 * MEBIBYTE
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
    threads = min(int(cores), MOST_THREADS)
    return Limits(_memory_limit(connection, threads), threads)


def _memory_limit(connection: duckdb.DuckDBPyConnection, threads: int) -> str:
    """What the operator has set, or else what suffices for so many raw rows and threads."""
    if (given := memory_limit()) is not None:
        return given
    [(rows,)] = connection.execute(
        "select coalesce(sum(estimated_size), 0) from duckdb_tables() where schema_name = 'raw'"
    ).fetchall()
    needed = max(LEAST, PER_ROW * int(rows)) + PER_THREAD * threads
    return f"{needed // MEBIBYTE}MiB"
