"""`meta.columns`: each column of the file with its meaning, unit, key and references.

What belongs here: finding them in the file while it is sealed. A reference is stated only where
every value of the column is found in the dimension, so it is a fact about this file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb
import polars as pl

from orchestration.builds.comments import KEYS_AT_SEALING
from orchestration.builds.sql import identifier, literal
from orchestration.catalogue.units import load_units

SCHEMAS = ("main", "meta", "raw")
DIMENSIONS = {  # by column, the dimension of which it is the key
    "month": "dim_month",
    "release_id": "dim_release",
    "area_of_responsibility": "dim_area",
    "citizenship": "dim_citizenship",
    "demographic": "dim_demographic",
}
RELEASE = "release_id"  # also at the end of a name, as in earlier_release_id
COLUMN_TYPES = {
    "schema_name": pl.String(),
    "table_name": pl.String(),
    "column_name": pl.String(),
    "position": pl.Int64(),
    "data_type": pl.String(),
    "description": pl.String(),
    "unit": pl.String(),
    "key_position": pl.Int64(),
    "references_table": pl.String(),
    "references_column": pl.String(),
}


@dataclass(frozen=True)
class AboutTables:
    """What is known of the tables outside the file, by table (schema.name).

    keys: the columns that identify a row. datasets: those from which its figures are.
    """

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    datasets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def described_columns(
    connection: duckdb.DuckDBPyConnection, keys: Mapping[str, tuple[str, ...]]
) -> pl.DataFrame:
    """One row for each column of each table and view, in order. keys: by table (schema.name)."""
    found = connection.execute(
        "select schema_name, table_name, column_name, column_index, data_type, comment"
        " from duckdb_columns() where not internal and database_name = current_database()"
        f" and schema_name in ({', '.join(map(literal, SCHEMAS))})"
        " order by schema_name, table_name, column_index"
    ).fetchall()
    by_table = dict(keys) | KEYS_AT_SEALING
    units = load_units()
    referring = _references(connection, found)
    rows = []
    for schema, table, column, position, data_type, comment in found:
        name = f"{schema}.{table}"
        key = by_table.get(name, ())
        refers_to = referring.get((schema, table, column), (None, None))
        unit = None if data_type == "VARCHAR" else units.of(name, column)
        key_position = key.index(column) + 1 if column in key else None
        described = (position, data_type, comment, unit, key_position)
        rows.append((schema, table, column, *described, *refers_to))
    return pl.DataFrame(rows, schema=COLUMN_TYPES, orient="row")


def _references(
    connection: duckdb.DuckDBPyConnection, columns: list[tuple[str, ...]]
) -> dict[tuple[str, str, str], tuple[str, str]]:
    """By schema, table and column, the table of main and the column in which each of its values
    is found. A column without a value refers to nothing, and so do the cells of raw."""
    tables = {table for schema, table, *_ in columns if schema == "main"}
    wanted: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, _, data_type, _ in columns:
        to_column = RELEASE if column.endswith(f"_{RELEASE}") else column
        dimension = DIMENSIONS.get(to_column)
        same_type = data_type == ("DATE" if to_column == "month" else "VARCHAR")
        if schema != "raw" and dimension in tables and same_type and table != dimension:
            wanted.setdefault((schema, table), {})[column] = to_column
    listed = {
        column: _values(connection, "main", dimension, [column])[0]
        for column, dimension in DIMENSIONS.items()
        if dimension in tables
    }
    found = {}
    for (schema, table), to_columns in wanted.items():
        values_of = _values(connection, schema, table, to_columns)
        for (column, to_column), values in zip(to_columns.items(), values_of, strict=True):
            if values and values <= listed[to_column]:
                found[schema, table, column] = DIMENSIONS[to_column], to_column
    return found


def _values(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, columns: Iterable[str]
) -> list[set[object]]:
    """The values of each of a table's columns, without NULL."""
    lists = ", ".join(f"list(distinct {identifier(column)})" for column in columns)
    [row] = connection.execute(
        f"select {lists} from {identifier(schema)}.{identifier(table)}"
    ).fetchall()
    return [set(values or ()) - {None} for values in row]
