"""Writing one table as CSV and Parquet.

What belongs here: how a value is written. A CSV file has no types: `schema` says how each column
of it is read back.
"""

from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import duckdb

from orchestration.builds.sql import identifier, literal
from orchestration.durable import sha256_of
from orchestration.exports.tables import SCHEMA, Table

FOLDER = "data"
NESTED = ("[", "STRUCT", "MAP")  # in the names of types that CSV has as JSON
FLOATING = ("DOUBLE", "FLOAT")
NULL_WORD = "NULL"  # for NULL in a text column that has empty texts as well, and not this word


@dataclass(frozen=True)
class File:
    """A file of an export.

    path: in the export's folder. sha256, size_bytes: of its content.
    """

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class TableFiles:
    """A table's files. missing: by column, the text that is NULL in the CSV file where it is not
    the empty one; None for a column in which nothing is NULL and an empty text is one."""

    table: Table
    rows: int
    csv: File
    parquet: File
    missing: dict[str, str | None]


def write_files(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> TableFiles:
    """Write `data/<table>.csv` and `data/<table>.parquet` into a folder, in the order of the
    table's key. Raises duckdb.Error."""
    name = f"{SCHEMA}.{identifier(table.name)}"
    order = ", ".join(map(identifier, table.key)) or "all"
    csv, parquet = (folder / FOLDER / f"{table.name}.{kind}" for kind in ("csv", "parquet"))
    connection.execute(
        f"copy (from {name} order by {order}) to {literal(parquet)}"
        " (format parquet, compression zstd)"
    )
    rows, missing = _missing(connection, table, name)
    shown = ", ".join(
        f"{_as_text(column.name, column.type, missing)} as {identifier(column.name)}"
        for column in table.columns
    )
    ordered = f"select * from {name} order by {order}"
    connection.execute(
        f"copy (select {shown} from ({ordered})) to {literal(csv)} (format csv, header)"
    )
    return TableFiles(table, rows, _file(csv, folder), _file(parquet, folder), missing)


def is_nested(kind: str) -> bool:
    """Whether a type of DuckDB has parts, so that CSV has its values as JSON."""
    return any(mark in kind for mark in NESTED)


def _as_text(name: str, kind: str, missing: dict[str, str | None]) -> str:
    """The SQL expression of a column as CSV has it."""
    column = identifier(name)
    if is_nested(kind):
        return f"to_json({column})"
    if kind in FLOATING:  # as the Table Schema standard spells what is no number
        return (
            f"case when isnan({column}) then 'NaN' when isinf({column})"
            f" then if({column} > 0, 'INF', '-INF') else {column}::varchar end"
        )
    if word := missing.get(name):
        return f"coalesce({column}, {literal(word)})"
    return column


def _missing(
    connection: duckdb.DuckDBPyConnection, table: Table, name: str
) -> tuple[int, dict[str, str | None]]:
    """The number of rows, and how NULL is written in the text columns that have empty texts, which
    CSV could not tell apart."""
    texts = [column.name for column in table.columns if column.type == "VARCHAR"]
    counts = "".join(
        f", count(*) filter ({identifier(text)} = ''), count(*) filter ({identifier(text)} is null)"
        for text in texts
    )
    [(rows, *found)] = connection.execute(f"select count(*){counts} from {name}").fetchall()
    missing = {
        text: _word_of_none(connection, text, name) if nulls else None
        for text, empty, nulls in zip(texts, found[::2], found[1::2], strict=True)
        if empty
    }
    return rows, missing


def _word_of_none(connection: duckdb.DuckDBPyConnection, text: str, name: str) -> str:
    """A word that no cell of a column has, for NULL in its CSV file."""
    words = chain([NULL_WORD], (f"{NULL_WORD}_{number}" for number in count(2)))
    return next(word for word in words if not _has(connection, text, name, word))


def _has(connection: duckdb.DuckDBPyConnection, text: str, name: str, word: str) -> bool:
    query = f"from {name} where {identifier(text)} = {literal(word)} limit 1"
    return bool(connection.execute(query).fetchall())


def _file(path: Path, folder: Path) -> File:
    return File(path.relative_to(folder).as_posix(), sha256_of(path), path.stat().st_size)
