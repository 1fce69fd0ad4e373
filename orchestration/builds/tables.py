"""Writing Polars frames as tables of a build, with the comments that a table carries.

What belongs here: how a table is written. Which tables there are is decided in `raw_tables`
and `build`.
"""

from pathlib import Path

import duckdb
import polars as pl

from orchestration.builds.comments import TableComments
from orchestration.builds.sql import file_literal, identifier, literal


def write_table(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    table: str,
    rows: pl.DataFrame,
    comments: TableComments,
) -> None:
    """Write a frame as the table `schema.name`, with the commented columns in their order.

    folder: takes the Parquet file through which the rows pass.
    """
    path = folder / f"{table}.parquet"
    rows.select(*comments.columns).write_parquet(path)
    connection.execute(
        f"create or replace table {table} as from read_parquet({file_literal(path)})"
    )
    path.unlink()
    comment_on(connection, table, comments)


def comment_on(connection: duckdb.DuckDBPyConnection, table: str, comments: TableComments) -> None:
    """Put the comments on a table and its columns. The connection has no transaction."""
    connection.begin()  # else each comment is written to disk by itself
    connection.execute(f"comment on table {table} is {literal(comments.table)}")
    for column, comment in comments.columns.items():
        target = f"{table}.{identifier(column)}"
        connection.execute(f"comment on column {target} is {literal(comment)}")
    connection.commit()
