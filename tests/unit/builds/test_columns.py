"""meta.columns: every column with its unit, key and references, as they are in the file."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.columns import described_columns
from orchestration.catalogue.units import load_units
from orchestration.gates.suites import load_suites

NUMBERS = "'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'DOUBLE', 'FLOAT'"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A file with a dimension of months and a fact table of two of them."""
    with duckdb.connect() as made:
        made.execute("create schema meta; create schema raw")
        made.execute("create table main.dim_month as select date '2024-01-01' as month")
        made.execute("insert into main.dim_month values ('2024-02-01')")
        made.execute(
            "create table main.fct as select month, 5::bigint as encounters, 'a' as citizenship"
            " from main.dim_month"
        )
        yield made


def references(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    columns = ("table_name", "column_name", "references_table", "references_column")
    rows = described_columns(connection, {}).select(columns).rows()
    return [row for row in rows if row[2]]


def test_a_column_refers_to_its_dimension(connection: duckdb.DuckDBPyConnection) -> None:
    assert references(connection) == [("fct", "month", "dim_month", "month")]


@pytest.mark.parametrize(
    "change",
    ["insert into main.fct values ('1999-01-01', 1, 'b')", "delete from main.fct"],
    ids=["a value is missing from the dimension", "there is no value"],
)
def test_a_reference_that_does_not_hold_is_not_stated(
    change: str, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(change)
    assert references(connection) == []


def test_a_column_has_its_place_in_the_key_and_its_unit(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    described = described_columns(connection, {"main.fct": ("citizenship", "month")})
    rows = described.select("table_name", "column_name", "position", "key_position", "unit").rows()
    assert [row[1:] for row in rows if row[0] == "fct"] == [
        ("month", 1, 2, None),
        ("encounters", 2, None, "encounters"),
        ("citizenship", 3, 1, None),
    ]


def test_every_number_that_is_published_has_a_unit(any_home: Path) -> None:
    with duckdb.connect(str(any_home / "border.duckdb"), read_only=True) as connection:
        missing = connection.execute(
            "select table_name, column_name from meta.columns"
            f" where schema_name = 'main' and data_type in ({NUMBERS}) and unit is null"
        ).fetchall()
    assert missing == []


def test_a_unit_is_of_a_column_that_is_published(any_home: Path) -> None:
    with duckdb.connect(str(any_home / "border.duckdb"), read_only=True) as connection:
        columns = set(
            connection.execute(
                "select schema_name || '.' || table_name, column_name from meta.columns"
            ).fetchall()
        )
    units = load_units()
    only = {(table, column) for table, columns in units.only.items() for column in columns}
    assert only - columns == set()
    assert units.names() - {column for _, column in columns} == set()


def test_the_file_has_every_column_and_the_key_of_every_table(any_home: Path) -> None:
    with duckdb.connect(str(any_home / "border.duckdb"), read_only=True) as connection:
        described = connection.execute(
            "select schema_name, table_name, column_name, data_type, description from meta.columns"
            " order by all"
        ).fetchall()
        found = connection.execute(
            "select schema_name, table_name, column_name, data_type, comment from duckdb_columns()"
            " where not internal order by all"
        ).fetchall()
        keys = connection.execute(
            "select schema_name || '.' || table_name, list(column_name order by key_position)"
            " from meta.columns where key_position is not null group by all"
        ).fetchall()
    assert described == found
    stated = {table: tuple(columns) for table, columns in keys}
    assert {s.table: s.key for s in load_suites()}.items() <= stated.items()
    assert set(stated) == {f"{schema}.{table}" for schema, table, *_ in found}


def test_the_file_says_from_which_datasets_a_table_is(any_home: Path) -> None:
    with duckdb.connect(str(any_home / "border.duckdb"), read_only=True) as connection:
        datasets = dict(
            connection.execute(
                "select schema_name || '.' || table_name, datasets from meta.tables"
            ).fetchall()
        )
    assert datasets["raw.vocabulary"] == []
    assert datasets["main.fct_street_releases"] == [
        "local_statements",
        "san_diego_street_releases",
    ]
    assert datasets["main.claim_checks"] == datasets["main.measures"] != []
    assert [table for table, names in datasets.items() if not names] == ["raw.vocabulary"]
