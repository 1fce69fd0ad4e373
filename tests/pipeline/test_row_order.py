"""The rows of the analysts' stored tables are in the order of their keys."""

from pathlib import Path

import duckdb

from orchestration.builds.sql import identifier
from orchestration.gates.suites import load_suites


def out_of_order(connection: duckdb.DuckDBPyConnection, table: str, key: tuple[str, ...]) -> int:
    """How many rows of a table come before the row that is stored ahead of them."""
    columns = ", ".join(map(identifier, key))
    [(rows,)] = connection.execute(
        "select count(*) filter (is_before) from ("
        f"select row({columns}) < lag(row({columns})) over (order by rowid) as is_before"
        f" from {table})"
    ).fetchall()
    return int(rows)


def test_rows_are_stored_in_the_order_of_their_keys(any_home: Path) -> None:
    keys = {suite.table: suite.key for suite in load_suites()}
    with duckdb.connect(str(any_home / "border.duckdb"), read_only=True) as connection:
        stored = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main' and not internal"
        ).fetchall()
        rows = {
            name: out_of_order(connection, f"main.{name}", keys[f"main.{name}"])
            for (name,) in stored
        }
    assert rows
    assert {name: count for name, count in rows.items() if count} == {}


def test_a_row_out_of_order_is_found() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select * from (values (1, 2), (3, 1), (2, 9)) as t")
        connection.execute("alter table t rename col0 to i; alter table t rename col1 to j")
        assert out_of_order(connection, "t", ("i", "j")) == 1
        assert out_of_order(connection, "t", ("j",)) == 1
