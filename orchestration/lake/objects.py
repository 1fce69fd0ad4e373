"""What a database has: tables, views and macros, with their comments; and how they are made in the
lake as they are in a build.

What belongs here: one object at a time. In which order, and within which transaction, is decided by
`publication`.
"""

from dataclasses import dataclass, field

import duckdb

from orchestration.builds.sql import identifier, literal
from orchestration.lake.connection import LAKE

Name = tuple[str, str]  # schema and name


@dataclass(frozen=True)
class Table:
    """A table. columns: names and types, in their order. digest: of its rows, in any order; None
    for one of which no digest is kept. comments: by column, the table's own by the empty name."""

    columns: tuple[tuple[str, str], ...]
    digest: str | None
    comments: dict[str, str]

    def has_rows_of(self, other: "Table | None") -> bool:
        """Whether the rows and columns of another one are known to be the same."""
        return (
            other is not None
            and self.digest is not None
            and (self.columns, self.digest) == (other.columns, other.digest)
        )


@dataclass(frozen=True)
class View:
    """A view: its statement, and its comment. unquoted: the statement as it is compared, because
    DuckLake quotes names of types that DuckDB does not."""

    statement: str = field(compare=False)
    unquoted: str
    comment: str


@dataclass(frozen=True)
class Macro:
    """A macro. is_table: whether it returns rows. unquoted: as of a view."""

    is_table: bool
    parameters: tuple[str, ...]
    definition: str = field(compare=False)
    unquoted: str


@dataclass(frozen=True)
class Objects:
    """What a database has."""

    tables: dict[Name, Table] = field(default_factory=dict)
    views: dict[Name, View] = field(default_factory=dict)
    macros: dict[Name, Macro] = field(default_factory=dict)


def objects_of(
    connection: duckdb.DuckDBPyConnection, database: str, *, with_digests: bool = True
) -> Objects:
    """What an attached database has, each kind in the order in which it was made. with_digests:
    unless it may have been changed since its `meta.tables` was written. Raises duckdb.Error."""

    def rows(query: str) -> list[tuple[str, ...]]:
        return connection.execute(query.format(f"database_name = {literal(database)}")).fetchall()

    digests = _digests(connection, database) if with_digests else {}
    columns: dict[Name, list[tuple[str, str]]] = {}
    comments: dict[Name, dict[str, str]] = {}
    for schema, table, column, kind, comment in rows(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns()"
        " where {} and not internal order by table_oid, column_index"
    ):
        columns.setdefault((schema, table), []).append((column, kind))
        comments.setdefault((schema, table), {}).update({column: comment} if comment else {})
    tables = {}
    for schema, name, comment in rows(
        "select schema_name, table_name, comment from duckdb_tables() where {} order by table_oid"
    ):
        key = (schema, name)
        about = comments[key] | ({"": comment} if comment else {})
        tables[key] = Table(tuple(columns[key]), digests.get(key), about)
    views = {
        (schema, name): View(statement, _unquoted(statement), comment or "")
        for schema, name, statement, comment in rows(
            "select schema_name, view_name, sql, comment from duckdb_views()"
            " where {} and not internal order by view_oid"
        )
    }
    macros = {
        (schema, name): Macro(
            kind == "table_macro", tuple(parameters), definition, _unquoted(definition)
        )
        for schema, name, kind, parameters, definition in rows(
            "select schema_name, function_name, function_type, parameters, macro_definition"
            " from duckdb_functions() where {} and not internal order by function_oid"
        )
    }
    return Objects(tables, views, macros)


def drop(connection: duckdb.DuckDBPyConnection, kind: str, name: Name) -> None:
    """Drop an object of the lake. Raises duckdb.Error."""
    connection.execute(f"drop {kind} {_in(LAKE, name)}")


def problems_of_files(connection: duckdb.DuckDBPyConnection, data: str) -> dict[Name, str | None]:
    """What is wrong with the files of each table of the newest snapshot, which should be in the
    lake's storage as long as they were written; None where nothing is. data: its address. Every
    name of a file is used once. Raises duckdb.Error."""
    of_catalogue = f"__ducklake_metadata_{LAKE}"
    rows: list[tuple[str, str, str | None, int]] = connection.execute(
        f"""
        select schema_name, table_name, parse_filename(file.path), file.file_size_bytes
        from {of_catalogue}.ducklake_table as lake_table
        join {of_catalogue}.ducklake_schema as lake_schema
          on lake_schema.schema_id = lake_table.schema_id and lake_schema.end_snapshot is null
        left join {of_catalogue}.ducklake_data_file as file
          on file.table_id = lake_table.table_id and file.end_snapshot is null
        where lake_table.end_snapshot is null
        order by all
        """
    ).fetchall()
    sizes = _sizes(connection, data, {file for *_, file, _ in rows if file is not None})
    problems: dict[Name, str | None] = {}
    for schema, table, file, size in rows:
        problem = None if file is None else _problem_of(file, sizes.get(file), size)
        problems[schema, table] = problems.get((schema, table)) or problem
    return problems


def copy_table(connection: duckdb.DuckDBPyConnection, name: Name, source: str) -> None:
    """Make a table with the rows that it has in another database. Raises duckdb.Error."""
    connection.execute(f"create or replace table {_in(LAKE, name)} as from {_in(source, name)}")


def comment_on(
    connection: duckdb.DuckDBPyConnection, name: Name, table: Table, before: Table | None
) -> None:
    """Put the comments on a table that differ from those that it had. Raises duckdb.Error."""
    had = before.comments if before else {}
    for column in table.comments.keys() | had.keys():
        comment = table.comments.get(column)
        if comment == had.get(column):
            continue
        table_name = _in(LAKE, name)
        target = f"column {table_name}.{identifier(column)}" if column else f"table {table_name}"
        text = literal(comment) if comment else "null"
        connection.execute(f"comment on {target} is {text}")


def make_view(connection: duckdb.DuckDBPyConnection, name: Name, view: View) -> None:
    """Make a view with its comment; DuckLake has none on a view's columns. Raises duckdb.Error."""
    connection.execute(f"use {LAKE}.{identifier(name[0])}")  # in which the statement makes it
    connection.execute(view.statement)
    if view.comment:
        connection.execute(f"comment on view {_in(LAKE, name)} is {literal(view.comment)}")


def make_macro(connection: duckdb.DuckDBPyConnection, name: Name, macro: Macro) -> None:
    """Make a macro; DuckLake has no comments on macros. Raises duckdb.Error."""
    connection.execute(f"use {LAKE}.{identifier(name[0])}")  # in which it looks up its tables
    parameters = ", ".join(map(identifier, macro.parameters))
    kind = "table " if macro.is_table else ""
    connection.execute(f"create macro {_in(LAKE, name)}({parameters}) as {kind}{macro.definition}")


def _sizes(connection: duckdb.DuckDBPyConnection, data: str, names: set[str]) -> dict[str, int]:
    """The sizes of the files of these names in the lake's storage, of those that are there."""
    paths = [
        path
        for path, name in connection.execute(
            f"select file, parse_filename(file) from glob({literal(data.rstrip('/') + '/**')})"
        ).fetchall()
        if name in names
    ]
    if not paths:  # of none, `read_blob` is an error
        return {}
    found = connection.execute(
        f"select parse_filename(filename), size from read_blob([{', '.join(map(literal, paths))}])"
    ).fetchall()
    return dict(found)


def _problem_of(file: str, found: int | None, expected: int) -> str | None:
    """What is wrong with a file of so many bytes."""
    if found is None:
        return f"found no file {file}"
    return None if found == expected else f"found {found:,} bytes in {file}, expected {expected:,}"


def _digests(connection: duckdb.DuckDBPyConnection, database: str) -> dict[Name, str]:
    """The digests of the tables whose digests the build keeps."""
    rows = connection.execute(
        f"select schema_name, table_name, digest from {identifier(database)}.meta.tables"
    ).fetchall()
    return {(schema, name): digest for schema, name, digest in rows}


def _unquoted(statement: str) -> str:
    return statement.replace('"', "")


def _in(database: str, name: Name) -> str:
    return ".".join(map(identifier, (database, *name)))
