"""What Dagster shows about a table once it is built: row count, columns, newest months.

What belongs here: reading a build's tables for Dagster's metadata. Nothing is written.
"""

from typing import Any

import dagster as dg
import duckdb

from orchestration.builds.sql import identifier, literal

FIGURES = ("encounters", "between_ports", "at_ports", "total")
MONTHS_SHOWN = 12
WIDEST_BAR = 12

Metadata = dict[str, dg.MetadataValue]


def table_metadata(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> Metadata:
    """Row count and columns with their comments; for tables of main with figures by month, also
    the newest months. Empty for a table macro."""
    columns = connection.execute(
        "select column_name, lower(data_type), comment from duckdb_columns()"
        f" where schema_name = {literal(schema)} and table_name = {literal(name)}"
        " order by column_index"
    ).fetchall()
    if not columns:
        return {}
    table = f"{identifier(schema)}.{identifier(name)}"
    [(rows,)] = connection.execute(f"select count(*) from {table}").fetchall()
    described = [dg.TableColumn(column, kind, comment) for column, kind, comment in columns]
    metadata: Metadata = {
        "dagster/row_count": dg.MetadataValue.int(rows),
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(described)),
    }
    names = [column for column, *_ in columns]
    figures = [figure for figure in FIGURES if figure in names]
    if schema == "main" and "month" in names and figures:
        current = "where is_current" if "is_current" in names else ""
        newest = _newest_months(connection, table, figures, current)
        metadata["newest months"] = dg.MetadataValue.md(newest)
    return metadata


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
