"""The dictionary: nothing without a description, nothing that does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.dictionary.subjects import OF_MAIN
from orchestration.dictionary.tables import Table, describe
from orchestration.dictionary.traps import BY_COLUMN
from orchestration.settings import PROJECT

ANALYST = PROJECT / "docs" / "analyst.md"


@pytest.fixture
def tables(any_home: Path) -> tuple[Table, ...]:
    with duckdb.connect(str(any_home / "border.duckdb"), read_only=True) as connection:
        return describe(connection)


@pytest.fixture
def small() -> Iterator[duckdb.DuckDBPyConnection]:
    """A file with one table, one dataset and one failed check."""
    with duckdb.connect() as made:
        made.execute("create schema meta; create schema raw")
        made.execute(
            "create table main.fct_x as select * from (values ('b', 2), ('a', 7), ('a', 5))"
            " as t(who, people)"
        )
        made.execute("comment on table main.fct_x is 'One row per person.'")
        made.execute(
            "create table meta.columns as select * from (values"
            " ('main', 'fct_x', 'who', 1, 'VARCHAR', 'Who.', null, 1, 'dim_who', 'who'),"
            " ('main', 'fct_x', 'people', 2, 'INTEGER', 'People.', 'people', null, null, null)) as"
            " t(schema_name, table_name, column_name, position, data_type, description, unit,"
            " key_position, references_table, references_column)"
        )
        made.execute(
            "create table meta.tables as select 'main' as schema_name, 'fct_x' as table_name,"
            " 3 as rows, ['d', 'gone'] as datasets"
        )
        made.execute(
            "create table meta.releases as select * from (values"
            " ('d', 'D', 'P', 'https://p.example', 'free', 'accepted'),"
            " ('d', 'D', 'P', 'https://p.example', 'free', 'refused'))"
            " as t(dataset, dataset_title, publisher, landing_page, licence, verdict)"
        )
        made.execute(
            "create table meta.gate_results as select 'main.fct_x' as \"table\", 'c' as \"check\","
            " 'warning' as severity, 'failed' as status, 'why' as notes, 3 as unexpected_count"
        )
        yield made


def test_an_entry_has_what_the_file_says_of_the_table(small: duckdb.DuckDBPyConnection) -> None:
    [table] = [table for table in describe(small) if table.schema == "main"]
    assert (table.rows, table.kind, table.description) == (3, "table", "One row per person.")
    who, people = table.columns
    assert (who.examples, who.references) == (("a", "b"), ("dim_who", "who"))
    assert (people.examples, people.unit, people.key_position) == (("2", "7"), "people", None)
    assert table.key == ("who",)
    assert [(dataset.title, dataset.releases) for dataset in table.datasets] == [
        ("D", 1),
        ("gone", 0),
    ]
    assert [(check.name, check.status, check.unexpected) for check in table.checks] == [
        ("c", "failed", 3)
    ]


def test_a_file_of_before_has_no_dictionary(small: duckdb.DuckDBPyConnection) -> None:
    small.execute("drop table meta.columns")
    assert describe(small) == ()


def test_everything_in_the_file_is_described(tables: tuple[Table, ...]) -> None:
    undescribed = [table.full_name for table in tables if not table.description]
    undescribed += [
        f"{table.full_name}.{column.name}"
        for table in tables
        for column in table.columns
        if not column.description
    ]
    assert undescribed == []
    assert [table.full_name for table in tables if not table.columns] == []
    assert [table.full_name for table in tables if not table.key] == []


def test_what_is_described_exists(tables: tuple[Table, ...]) -> None:
    names = {table.name.removesuffix("_by_release") for table in tables if table.schema == "main"}
    listed = [name for of_subject in OF_MAIN.values() for name in of_subject]
    assert sorted(listed) == sorted(names)
    columns = {column.name for table in tables for column in table.columns}
    assert set(BY_COLUMN) <= columns
    by_name = {table.name: table for table in tables if table.schema == "main"}
    for table in tables:
        for column in table.columns:
            if column.references:
                to_table, to_column = column.references
                assert to_column in by_name[to_table].key


def test_every_table_of_figures_has_its_sources_and_checks(tables: tuple[Table, ...]) -> None:
    assert [t.full_name for t in tables if t.schema == "main" and not t.checks] == []
    assert [t.full_name for t in tables if t.schema == "main" and not t.datasets] == []


def test_subjects_are_those_of_the_analysts_page() -> None:
    text = ANALYST.read_text(encoding="utf-8")
    parts = re.split(r"^#{2,3} (.*)$", text, flags=re.MULTILINE)
    written = dict(zip(parts[1::2], parts[2::2], strict=True))
    for subject, names in OF_MAIN.items():
        named = {
            name.removesuffix("_by_release")
            for line in written[subject].splitlines()
            if line.startswith("| `")
            for name in re.findall(r"`(\w+)`", line.split("|")[1])
        }
        assert named == set(names), subject
