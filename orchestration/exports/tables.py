"""What the published file says of its tables: their columns, units, keys and references."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import groupby

import duckdb

from orchestration.settings import ConfigurationError

SCHEMA = "main"
NAMED = 5  # of the tables to choose from


@dataclass(frozen=True)
class Column:
    """A column of a table.

    type: DuckDB's.
    unit: of its figures; empty if it has none.
    key_position: its place in the table's key, from 1; 0 if it is not part of the key.
    references: the table and column in which each of its values is; None if it refers to none.
    """

    name: str
    type: str
    description: str
    unit: str = ""
    key_position: int = 0
    references: tuple[str, str] | None = None


@dataclass(frozen=True)
class Table:
    """A table or view of schema main."""

    name: str
    description: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row, in the key's order; none if the file does not say."""
        inside = [column for column in self.columns if column.key_position]
        inside.sort(key=lambda column: column.key_position)
        return tuple(column.name for column in inside)


@dataclass(frozen=True)
class Source:
    """A dataset of which releases are in the file."""

    publisher: str
    title: str
    page: str
    licence: str


@dataclass(frozen=True)
class About:
    """The build that a published file is of, and the datasets in it."""

    build_id: str
    built_at: datetime
    sources: tuple[Source, ...]


def read_tables(connection: duckdb.DuckDBPyConnection) -> tuple[Table, ...]:
    """Every table and view of schema main, by name. Raises duckdb.Error for a file that is not a
    published one."""
    described = dict(
        connection.execute(
            "select table_name, coalesce(comment, '') from duckdb_tables()"
            f" where schema_name = '{SCHEMA}' and not internal union all"
            " select view_name, coalesce(comment, '') from duckdb_views()"
            f" where schema_name = '{SCHEMA}' and not internal"
        ).fetchall()
    )
    details, undescribed = _details(connection), ("", 0, None)
    rows = connection.execute(
        "select table_name, column_name, data_type, coalesce(comment, '') from duckdb_columns()"
        f" where schema_name = '{SCHEMA}' and not internal order by table_name, column_index"
    ).fetchall()
    return tuple(
        Table(
            name,
            described[name],
            tuple(
                Column(column, kind, text, *details.get((name, column), undescribed))
                for _, column, kind, text in columns
            ),
        )
        for name, columns in groupby(rows, key=lambda row: str(row[0]))
    )


def _details(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str], tuple[str, int, tuple[str, str] | None]]:
    """Unit, place in the key and reference, by table and column; none for a build from before they
    were in the file."""
    known = connection.execute(
        "select 1 from information_schema.tables where table_schema || '.' || table_name"
        " = 'meta.columns'"
    ).fetchall()
    if not known:
        return {}
    rows = connection.execute(
        "select table_name, column_name, coalesce(unit, ''), coalesce(key_position, 0),"
        f" references_table, references_column from meta.columns where schema_name = '{SCHEMA}'"
    ).fetchall()
    return {
        (table, column): (unit, position, (other, others) if other else None)
        for table, column, unit, position, other, others in rows
    }


def read_about(connection: duckdb.DuckDBPyConnection) -> About:
    """The build of a published file. Raises duckdb.Error."""
    [(build_id, built_at)] = connection.execute(
        "select build_id, strftime(built_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
        " from meta.builds"
    ).fetchall()
    sources = connection.execute(
        "select distinct publisher, dataset_title, landing_page, licence from meta.releases"
        " where verdict = 'accepted' order by all"
    ).fetchall()
    return About(build_id, datetime.fromisoformat(built_at), tuple(Source(*row) for row in sources))


def chosen(tables: Sequence[Table], names: Sequence[str]) -> tuple[Table, ...]:
    """The tables of these names, all of them without any. Raises ConfigurationError for a name that
    no table has, with those that are like it."""
    by_name = {table.name: table for table in tables}
    wanted = [name.removeprefix(f"{SCHEMA}.") for name in names]
    for name in wanted:
        if name not in by_name:
            near = get_close_matches(name, by_name, cutoff=0.4) or list(by_name)[:NAMED]
            raise ConfigurationError(
                f"found table {name!r}, expected one of schema {SCHEMA}, such as {', '.join(near)}"
            )
    return tuple(table for table in tables if not wanted or table.name in wanted)
