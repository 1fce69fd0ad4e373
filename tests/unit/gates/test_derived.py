"""Derived checks: each suite has those that its key, lists and table ask for, and each finds
the rows in error."""

from pathlib import Path

import duckdb
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.gates.derived import (
    columns_have_values,
    every_release_is_loaded,
    grain_is_unique,
    keys_are_not_null,
    labels_are_listed,
    releases_are_accepted,
)
from orchestration.gates.expectation import ROW_COUNT, Expectation
from orchestration.gates.suites import Suite, load_suites
from orchestration.gates.validation import run_suites
from orchestration.settings import PROJECT

RAW = "raw.cbp_southwest_encounters"
FLOOR = Expectation(type=ROW_COUNT, kwargs={"min_value": 30}, notes="The bundle has more.")


def suite_of(table: str, *expectations: Expectation) -> Suite:
    written = {"table": table, "stage": "raw", "key": ["release_id", "row_number"]}
    return Suite.model_validate(written | ({"expectations": expectations} if expectations else {}))


def critical(suite: Suite) -> dict[str, Expectation]:
    return {e.check_name: e for e in suite.expectations if e.severity == "critical"}


def test_every_suite_checks_its_grain_its_keys_and_its_columns() -> None:
    for suite in load_suites():
        checks = critical(suite)
        assert checks["grain_is_unique"] == grain_is_unique(suite.key)
        assert checks["keys_are_not_null"] == keys_are_not_null((*suite.key, *suite.not_null))
        assert checks["columns_have_values"] == columns_have_values(suite.may_be_null)


def test_every_raw_table_of_a_dataset_checks_that_its_releases_are_loaded() -> None:
    loaded = {s.table: critical(s).get("every_release_is_loaded") for s in load_suites()}
    assert {table: check for table, check in loaded.items() if check} == {
        f"raw.{dataset}": every_release_is_loaded(dataset) for dataset in load_catalogue()
    }


def test_only_a_suite_that_asks_for_it_checks_that_its_releases_are_accepted() -> None:
    checked = {s.table for s in load_suites() if "releases_are_accepted" in critical(s)}
    assert checked == {s.table for s in load_suites() if s.from_accepted_releases}
    assert len(checked) == 57


def test_a_raw_table_has_a_floor_of_one_row_unless_it_has_its_own() -> None:
    [derived] = [e for e in suite_of(RAW).with_derived_checks().expectations if e.is_floor]
    assert derived.kwargs == {"min_value": 1}
    [own] = [e for e in suite_of(RAW, FLOOR).with_derived_checks().expectations if e.is_floor]
    assert own == FLOOR


def test_a_raw_table_of_no_dataset_has_neither() -> None:
    names = critical(suite_of("raw.vocabulary").with_derived_checks())
    assert set(names) == {"grain_is_unique", "keys_are_not_null", "columns_have_values"}


def test_a_grain_of_one_column_and_of_several() -> None:
    one, several = grain_is_unique(["a"]), grain_is_unique(["a", "b"])
    assert (one.type, one.kwargs) == ("expect_column_values_to_be_unique", {"column": "a"})
    assert several.type == "expect_compound_columns_to_be_unique"
    assert several.kwargs == {"column_list": ["a", "b"]}
    assert one.check_name == several.check_name == "grain_is_unique"


def test_labels_are_those_of_the_dimension_or_not_broken_down() -> None:
    check = labels_are_listed("component")
    assert check.check_name == "component__be_in_set"
    assert check.resolved_kwargs()["value_set"] == [
        "U.S. Border Patrol",
        "Office of Field Operations",
        "Not broken down",
    ]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with three releases, of which one is refused, and a table with a fault for each
    derived check."""
    database = tmp_path_factory.mktemp("derived") / "faulty.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema meta")
        connection.execute(
            "create table meta.releases as from (values "
            "('whole', 'd', 'accepted', 2), ('short', 'd', 'accepted', 2), "
            "('refused', 'd', 'refused', 0), ('other', 'e', 'accepted', 9)"
            ") as r (release_id, dataset, verdict, rows)"
        )
        connection.execute(
            "create table main.t as from (values "
            "('whole', 1, 'Office of Field Operations', null), ('whole', 2, 'OFO', null), "
            "('short', 1, 'Not broken down', null), ('short', 1, null, 'not a number'), "
            "('refused', 1, 'Not broken down', null)"
            ") as t (release_id, row_number, component, problem)"
        )
        connection.execute("alter table main.t add column empty varchar")
    return database


@pytest.mark.parametrize(
    ("check", "count", "named"),
    [
        (grain_is_unique(["release_id", "row_number"]), 2, '"short"'),
        (grain_is_unique(["release_id"]), 4, '"whole"'),
        (keys_are_not_null(["release_id", "component"]), 1, '"component": null'),
        (labels_are_listed("component"), 1, "OFO"),
        (releases_are_accepted(), 1, '"refused"'),
        (every_release_is_loaded("d"), 1, '"loaded": 1'),
        (columns_have_values(["problem"]), 1, '"empty"'),
        (columns_have_values(["problem", "empty"]), 0, None),
        (keys_are_not_null(["release_id", "row_number"]), 0, None),
    ],
    ids=lambda value: value.check_name if isinstance(value, Expectation) else "",
)
def test_a_derived_check_finds_the_rows_in_error(
    check: Expectation, count: int, named: str | None, faulty: Path
) -> None:
    [result] = run_suites(faulty, [suite_of("main.t", check)], {"d"})
    assert (result.status, result.unexpected_count) == ("failed" if count else "passed", count)
    assert named is None or named in str(result.examples)


def test_the_page_on_checks_lists_every_derived_check() -> None:
    page = (PROJECT / "docs" / "checks.md").read_text(encoding="utf-8")
    table = page.partition("| derived check |")[2].partition("\n\n")[0]
    suite = {
        "table": RAW,
        "stage": "raw",
        "key": ["release_id"],
        "labels": ["component"],
        "from_accepted_releases": True,
    }
    derived = {
        check.replace("component", "<column>")
        for check in critical(Suite.model_validate(suite).with_derived_checks())
    }
    assert {line.split("`")[1] for line in table.splitlines()[2:]} == derived
