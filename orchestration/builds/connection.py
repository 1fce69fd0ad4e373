"""Connections to the file of a build that is being made.

What belongs here: how much memory DuckDB may take for it. Left alone, DuckDB takes up to four
fifths of the machine's memory, and so what a night takes grows with the archive. Beyond the limit
it writes to a folder beside the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.builds.sql import literal
from orchestration.settings import memory_limit


@contextmanager
def connected(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that writes the file of a build, which is made if there is none."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(limiting_memory())
        yield connection


def limiting_memory() -> str:
    """The statement that keeps DuckDB within the limit, for as long as a file is open."""
    return f"set memory_limit = {literal(memory_limit())}"
