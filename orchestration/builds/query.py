"""Running an analyst's query on the published file.

What belongs here: what a query may do, and its result row by row. It reads the published file and
nothing else; how a result looks is decided by the command.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.builds.reading import opened

ROWS_AT_ONCE = 2_000
NUMBERS = ("INT", "INTEGER", "DOUBLE", "FLOAT")  # with which the names of DuckDB's types end
# what damage of the file raises, and no query
DAMAGE = (duckdb.IOException, duckdb.InternalException, duckdb.FatalException)


class QueryError(Exception):
    """A query that cannot be run, in DuckDB's words, which may be several lines."""


@dataclass(frozen=True)
class Result:
    """What a query returns. columns: their names, of which two may be the same. numeric: whether
    each has numbers. rows: read once, while the file is open. Raises QueryError."""

    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def result_of(published: Path, query: str) -> Iterator[Result]:
    """Run one or several statements on the published file and hand over the result of the last one.

    The session can neither change the file nor read or write another one. Raises QueryError, and
    otherwise as `builds.reading.opened` does.
    """
    with opened(published, "tables") as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield _run(connection, query)


def _run(connection: duckdb.DuckDBPyConnection, query: str) -> Result:
    try:
        statements = connection.extract_statements(query)
        if not statements:
            raise QueryError("found no statement, expected a query")
        for statement in statements:
            connection.execute(statement)
    except DAMAGE:
        raise
    except (duckdb.Error, UnicodeError) as error:
        raise QueryError(str(error)) from error
    described = connection.description or []
    return Result(
        columns=tuple(str(column[0]) for column in described),
        numeric=tuple(_is_number(str(column[1])) for column in described),
        rows=_rows(connection),
    )


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """The rows of the last statement. Errors may only come now, such as of a division."""
    while True:
        try:
            rows = connection.fetchmany(ROWS_AT_ONCE)
        except DAMAGE:
            raise
        except duckdb.Error as error:
            raise QueryError(str(error)) from error
        if not rows:
            return
        yield from rows


def _is_number(kind: str) -> bool:
    return kind.endswith(NUMBERS) or (kind.startswith("DECIMAL") and not kind.endswith("]"))
