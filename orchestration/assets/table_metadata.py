"""What Dagster shows about a table: its columns, before it is built as well; once it is built, row
count, newest months, verdicts on claims.

What belongs here: describing tables for Dagster's metadata. Nothing is written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
import duckdb

from orchestration.builds.comments import (
    ADDED_TO_RAW,
    CORRECTIONS,
    HELD_CELLS,
    REJECTED_ROWS,
    RELEASES,
    ROW_ENVELOPES,
    VOCABULARY,
    TableComments,
)
from orchestration.builds.sql import identifier
from orchestration.catalogue.dataset import Dataset, load_catalogue

FIGURES = ("encounters", "between_ports", "at_ports", "total")
CLAIMS = "claim_checks"
FIRST_IN_RAW = ("release_id", "row_number")
PROVENANCE_TABLES = {
    "raw.vocabulary": VOCABULARY,
    "meta.releases": RELEASES,
    "meta.rejected_rows": REJECTED_ROWS,
    "meta.held_cells": HELD_CELLS,
    "meta.row_envelopes": ROW_ENVELOPES,
    "meta.corrections": CORRECTIONS,
}
MONTHS_SHOWN = 12
WIDEST_BAR = 12

Metadata = dict[str, dg.MetadataValue]


def raw_schema(dataset: Dataset) -> dg.TableSchema:
    """The columns of a dataset's raw table, in its order."""
    comments = {name: column.description for name, column in dataset.columns.items()} | ADDED_TO_RAW
    names = (*FIRST_IN_RAW, *dataset.columns, *(n for n in ADDED_TO_RAW if n not in FIRST_IN_RAW))
    return dg.TableSchema(
        [
            dg.TableColumn(
                name, "integer" if name == "row_number" else "varchar", comments[name] or None
            )
            for name in names
        ]
    )


def commented_schema(comments: TableComments) -> dg.TableSchema:
    """The columns of a provenance table. Their types are known once it is built."""
    return dg.TableSchema(
        [dg.TableColumn(name, "?", comment) for name, comment in comments.columns.items()]
    )


def named_schema(columns: Iterable[str]) -> dg.TableSchema:
    """Columns of which only the names are known, as of a view before it is built."""
    return dg.TableSchema([dg.TableColumn(name, "?") for name in columns])


def columns_before_dbt() -> dict[str, list[str]]:
    """By table, the columns of what is in a build before dbt runs."""
    raw = {
        f"raw.{name}": [column.name for column in raw_schema(dataset).columns]
        for name, dataset in load_catalogue().items()
    }
    return raw | {table: list(comments.columns) for table, comments in PROVENANCE_TABLES.items()}


class TableMetadata:
    """Describes the tables that a build has now. connection: open on its file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._columns = _columns_by_table(connection)

    def of(self, schema: str, name: str) -> Metadata:
        """Row count and columns with their comments; for tables of main with figures by month, also
        the newest months, and for the checks of claims their verdicts. Empty for a table macro."""
        columns = self._columns.get((schema, name))
        return {} if columns is None else _described(self._connection, schema, name, columns)


def _columns_by_table(
    connection: duckdb.DuckDBPyConnection,
) -> Mapping[tuple[str, str], list[dg.TableColumn]]:
    """The columns of all tables and views at once: DuckDB binds every view to list those of one."""
    rows = connection.execute(
        "select schema_name, table_name, column_name, lower(data_type), comment"
        " from duckdb_columns() where not internal order by column_index"
    ).fetchall()
    columns = defaultdict(list)
    for schema, name, *column in rows:
        columns[schema, name].append(dg.TableColumn(*column))
    return columns


def _described(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, columns: list[dg.TableColumn]
) -> Metadata:
    table = f"{identifier(schema)}.{identifier(name)}"
    [(rows,)] = connection.execute(f"select count(*) from {table}").fetchall()
    metadata: Metadata = {
        "dagster/row_count": dg.MetadataValue.int(rows),
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns)),
    }
    names = [column.name for column in columns]
    figures = [figure for figure in FIGURES if figure in names]
    if schema == "main" and "month" in names and figures:
        current = "where is_current" if "is_current" in names else ""
        newest = _newest_months(connection, table, figures, current)
        metadata["newest months"] = dg.MetadataValue.md(newest)
    if (schema, name) == ("main", CLAIMS):
        metadata |= _verdicts(connection, table)
    return metadata


def _verdicts(connection: duckdb.DuckDBPyConnection, table: str) -> Metadata:
    """How many claims have each verdict, and each claim with its verdict and its value according
    to what had been published by its day, and now."""
    counts = connection.execute(
        f"select verdict, count(*) from {table} group by verdict order by count(*) desc, verdict"
    ).fetchall()
    claims = connection.execute(
        "select claim_id, verdict, coalesce(value_then, 'not known'),"
        f" coalesce(value_now, 'not known') from {table} order by claim_id"
    ).fetchall()
    return {
        "verdicts": _table_of(("verdict", "claims"), counts),
        "claims": _table_of(("claim", "verdict", "then", "now"), claims),
    }


def _table_of(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> dg.MetadataValue:
    return dg.MetadataValue.table(
        records=[dg.TableRecord(dict(zip(names, row, strict=True))) for row in rows],
        schema=dg.TableSchema([dg.TableColumn(name) for name in names]),
    )


def _newest_months(
    connection: duckdb.DuckDBPyConnection, table: str, figures: list[str], condition: str
) -> str:
    """The monthly sums of the figures as a Markdown table, with a bar for the first figure."""
    sums = ", ".join(f"sum({figure})::bigint as {figure}" for figure in figures)
    rows: list[tuple[Any, ...]] = connection.execute(
        f"select strftime(month, '%Y-%m'), {sums} from {table} {condition}"
        f" group by month order by month desc limit {MONTHS_SHOWN}"
    ).fetchall()
    largest = max((row[1] or 0 for row in rows), default=0) or 1
    lines = [f"| month | {' | '.join(figures)} | |", "| --- " * (len(figures) + 2) + "|"]
    for month, *sums_of_month in rows:
        cells = ["" if cell is None else f"{cell:,}" for cell in sums_of_month]
        bar = "█" * round(WIDEST_BAR * (sums_of_month[0] or 0) / largest)
        lines.append(f"| {month} | {' | '.join(cells)} | {bar} |")
    return "\n".join(lines)
