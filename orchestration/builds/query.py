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
from duckdb.sqltypes import DuckDBPyType

from orchestration.builds.reading import opened
from orchestration.builds.sql import identifier

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
DAMAGE = (duckdb.InternalException, duckdb.FatalException)
UNREADABLE = ("Corrupt", "checksum", "Could not read")  # in an IOException of damage
NESTED = ("list", "array", "struct", "map", "union")
OF_TIME = ("interval", "date", "time")  # with which the names of such types begin


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
        for statement in statements[:-1]:
            connection.execute(statement)
        result = connection.sql(statements[-1])
        kinds = [str(kind) for kind in result.types]
        rows = result.project(_shown(result.columns, result.types))
    except (duckdb.Error, UnicodeError) as error:
        raise _query_error(error) from error
    return Result(
        columns=tuple(result.columns),
        numeric=tuple(map(_is_number, kinds)),
        rows=_rows(rows),
    )


def _query_error(error: Exception) -> Exception:
    """An error of a query as such, unless the published file is to blame."""
    is_damage = isinstance(error, DAMAGE) or (
        isinstance(error, duckdb.IOException) and any(word in str(error) for word in UNREADABLE)
    )
    return error if is_damage else QueryError(str(error))


def _shown(names: Sequence[str], kinds: Sequence[DuckDBPyType]) -> str:
    """The columns of a result as they are handed over, in SQL: times and intervals as text, as
    DuckDB has them, because Python has no month, no end of time and no nanoseconds."""
    shown = []
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True), 1):
        cast = f"::{_as_shown(kind)}" if _is_of_time(kind) else ""
        shown.append(f"#{place}{cast} as {identifier(name)}")
    return ", ".join(shown)


def _is_of_time(kind: DuckDBPyType) -> bool:
    """Whether a type is one of times, or has parts that are."""
    return kind.id.startswith(OF_TIME) or any(map(_is_of_time, _parts(kind).values()))


def _as_shown(kind: DuckDBPyType) -> str:
    """A type in SQL, with text in the place of times."""
    if not _is_of_time(kind):
        return str(kind)
    parts = {name: _as_shown(part) for name, part in _parts(kind).items()}
    if kind.id in ("list", "array"):  # whose names end with [] and [n]
        return f"{parts['child']}[{str(kind).rpartition('[')[2]}"
    if kind.id == "map":
        return f"map({parts['key']}, {parts['value']})"
    if kind.id == "struct" and "" not in parts:
        fields = (f"{identifier(name)} {part}" for name, part in parts.items())
        return f"struct({', '.join(fields)})"
    return "varchar"


def _parts(kind: DuckDBPyType) -> dict[str, DuckDBPyType]:
    """The types of which another one is made, by name; those of a ROW have none."""
    if kind.id not in NESTED:
        return {}
    return {name: part for name, part in kind.children if isinstance(part, DuckDBPyType)}


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


def _rows(result: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
    """The rows of a result. Errors may only come now, such as of a division."""
    while True:
        try:
            rows = result.fetchmany(ROWS_AT_ONCE)
        except (duckdb.Error, UnicodeError) as error:
            raise _query_error(error) from error
        if not rows:
            return
        yield from rows


def _is_number(kind: str) -> bool:
    return kind.endswith(NUMBERS) or (kind.startswith("DECIMAL") and not kind.endswith("]"))
