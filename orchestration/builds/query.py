"""Running an analyst's query on the published file.

What belongs here: what a query may do, and its result row by row. It reads the published file and
nothing else; how a result looks is decided by the command.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.builds.reading import opened

ROWS_AT_ONCE = 2_000
NUMBERS = ("INT", "INTEGER", "DOUBLE", "FLOAT")  # with which the names of DuckDB's types end
ALLOWED = (
    "expected queries only: SELECT, FROM, WITH, VALUES, PIVOT, DESCRIBE, SHOW, SUMMARIZE, or"
    " EXPLAIN without options"
)
# Line comments only: DuckDB nests block comments, which a pattern cannot follow.
EXPLAIN = re.compile(r"(?:\s|--[^\r\n]*[\r\n])*explain\s+", re.IGNORECASE)
# Table functions that a SELECT can call and that change the session: a log that cannot be written
# ends the process, and one that can be goes to standard output.
SWITCHES = re.compile(r"\b(?:enable|disable)_(?:logging|profiling)\b", re.IGNORECASE)

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

    The session can neither change the file nor read or write another one: DuckDB refuses other
    files, and only queries are run, because it would let a COPY overwrite the file that is open.
    Raises QueryError, and otherwise as `builds.reading.opened` does.
    """
    with opened(published, "tables") as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield _run(connection, query)


def _run(connection: duckdb.DuckDBPyConnection, query: str) -> Result:
    try:
        statements = connection.extract_statements(query)
        _check(connection, query, statements)
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


def _check(
    connection: duckdb.DuckDBPyConnection, query: str, statements: Sequence[duckdb.Statement]
) -> None:
    """Raises QueryError unless all statements are queries."""
    if not statements:
        raise QueryError("found no statement, expected a query")
    if switch := SWITCHES.search(query):
        raise QueryError(f"found {switch[0]}; {ALLOWED}")
    for statement in statements:
        if not _is_query(connection, statement):
            raise QueryError(f"found a statement of type {statement.type.name}; {ALLOWED}")


def _is_query(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> bool:
    kind = statement.type
    if kind == duckdb.StatementType.EXPLAIN:
        return _explains_queries(connection, statement.query)
    # A PIVOT comes with a statement of DuckDB's own, which has no text: it creates the type of the
    # new columns' names. Whatever else a CREATE may be, it changes no file in this session.
    is_of_pivot = kind == duckdb.StatementType.CREATE and not statement.query
    return kind == duckdb.StatementType.SELECT or is_of_pivot


def _explains_queries(connection: duckdb.DuckDBPyConnection, text: str) -> bool:
    """Whether what an EXPLAIN is about is a query. EXPLAIN ANALYZE, which runs its statement, is
    none: what follows the first word is no statement there."""
    found = EXPLAIN.match(text)
    if not found:
        return False
    try:
        inner = connection.extract_statements(text[found.end() :])
    except duckdb.Error:
        return False
    return all(one.type == duckdb.StatementType.SELECT for one in inner)


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
