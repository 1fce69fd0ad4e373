"""What Dagster shows of a table: its columns before it is built, its content afterwards."""

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.assets.table_metadata import TableMetadata, columns_before_dbt

CLAIMS = """
create table main.claim_checks as
from (values ('a', 'supported', '1', '1'), ('b', 'contradicted', '1', null),
    ('c', 'supported', null, '2')) as t(claim_id, verdict, value_then, value_now)
"""


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("create schema staging")
    opened.execute(CLAIMS)
    opened.execute("create view staging.stg_x as select 1::bigint as i, 'a' as name")
    opened.execute("create macro main.as_of(day) as table select day")
    return opened


def rows_of(value: object) -> list[tuple[object, ...]]:
    assert isinstance(value, dg.TableMetadataValue)
    return [tuple(record.data.values()) for record in value.records]


def test_the_columns_known_before_a_build_are_those_that_the_build_has(empty_build: Path) -> None:
    with duckdb.connect(str(empty_build / "border.duckdb"), read_only=True) as connection:
        for table, columns in columns_before_dbt().items():
            found = connection.execute(f"describe {table}").fetchall()
            assert [name for name, *_ in found] == columns, table


def test_a_view_has_its_rows_and_its_columns(connection: duckdb.DuckDBPyConnection) -> None:
    metadata = TableMetadata(connection).of("staging", "stg_x")
    assert metadata["dagster/row_count"].value == 1
    schema = metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchemaMetadataValue)
    found = [(column.name, column.type) for column in schema.schema.columns]
    assert found == [("i", "bigint"), ("name", "varchar")]


def test_the_checks_of_claims_show_their_verdicts(connection: duckdb.DuckDBPyConnection) -> None:
    metadata = TableMetadata(connection).of("main", "claim_checks")
    assert rows_of(metadata["verdicts"]) == [("supported", 2), ("contradicted", 1)]
    assert rows_of(metadata["claims"]) == [
        ("a", "supported", "1", "1"),
        ("b", "contradicted", "1", "not known"),
        ("c", "supported", "not known", "2"),
    ]


def test_a_table_macro_has_no_metadata(connection: duckdb.DuckDBPyConnection) -> None:
    assert TableMetadata(connection).of("main", "as_of") == {}
