"""Loading suites: each file is complete, agrees with the published tables, and can fail."""

import re
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.catalogue.dataset import load_catalogue
from orchestration.gates.suites import Suite, load_suites
from orchestration.settings import EXPECTATIONS, PROJECT, ConfigurationError

WRITTEN_AT_SEALING = {"meta.builds", "meta.gate_results", "meta.tables", "meta.columns"}
FLOOR = "  - {type: expect_table_row_count_to_be_between, kwargs: {min_value: 1}, notes: b}\n"


def test_every_published_table_has_a_suite(any_home: Path) -> None:
    with duckdb.connect(str(any_home / "border.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
        ).fetchall()
    suites = {suite.table for suite in load_suites()}
    assert {table for (table,) in tables} - suites == WRITTEN_AT_SEALING
    assert suites <= {table for (table,) in tables}


def test_the_checks_that_ran_are_those_that_are_declared(any_home: Path) -> None:
    declared = {(s.table, e.check_name) for s in load_suites() for e in s.expectations}
    with duckdb.connect(str(any_home / "border.duckdb"), read_only=True) as connection:
        ran = connection.execute(
            'select "table", "check", count(*) from meta.gate_results group by all'
        ).fetchall()
    assert {(table, check) for table, check, _ in ran} == declared
    assert {times for *_, times in ran} == {1}


def test_a_column_that_names_a_row_has_values() -> None:
    assert not [s.table for s in load_suites() if set(s.key) & set(s.may_be_null)]


def test_every_dataset_has_a_suite_for_its_raw_table() -> None:
    datasets = [suite.dataset for suite in load_suites() if suite.dataset]
    assert sorted(datasets) == sorted(load_catalogue())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("table: main.x\nstage: later\nkey: [a]\nexpectations:\n" + FLOOR, "stage"),
        ("table: main.x\nstage: facts\nexpectations:\n" + FLOOR, "key\n  Field required"),
        ("table: main.x\nstage: facts\nkey: []\nexpectations:\n" + FLOOR, "at least 1 item"),
        ("table: main.x\nstage: facts\nkey: [a b]\nexpectations:\n" + FLOOR, "pattern"),
        ("table: main.x\nstage: facts\nkey: [a]\nexpectations: []\n", "at least 1 item"),
        ("table: main.x\nstage: facts\nkey: [a]\n", "found no critical expect_table_row_count"),
        (
            "table: main.x\nstage: facts\nkey: [a]\nexpectations:\n" + FLOOR + FLOOR,
            "['row_count_to_be_between'] twice",
        ),
        (
            "table: main.x\nstage: facts\nkey: [a]\nexpectations:\n"
            + FLOOR
            + "  - {type: a, name: grain_is_unique, notes: b}\n",
            "['grain_is_unique'] twice",
        ),
        (
            "table: main.x\nstage: facts\nkey: [a]\nmay_be_null: [a]\nexpectations:\n" + FLOOR,
            "the columns ['a'] twice",
        ),
        (
            "table: main.x\nstage: facts\nkey: [a]\nlabels: [colour]\nexpectations:\n" + FLOOR,
            "found the vocabulary 'colour'",
        ),
        ("table: main.y\nstage: facts\nkey: [a]\nexpectations:\n" + FLOOR, "table 'main.y'"),
        (
            "table: main.x\nstage: facts\nkey: [a]\nexpectations:\n" + FLOOR,
            "found table 'main.x', expected a model of the dbt project",
        ),
        (
            "table: main.x\nstage: facts\nkey: [a]\nneeds_release_of: [nobody]\nexpectations:\n"
            + FLOOR,
            "found ['nobody'], which the catalogue lacks",
        ),
    ],
)
def test_a_suite_that_is_written_wrongly_names_its_file(
    text: str, found: str, tmp_path: Path
) -> None:
    (tmp_path / "main.x.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"main\.x\.yaml") as error:
        load_suites(tmp_path)
    assert found in str(error.value)


def test_the_page_on_checks_shows_a_suite_and_what_is_derived_from_it() -> None:
    page = (PROJECT / "docs" / "checks.md").read_text(encoding="utf-8")
    shown = page.partition("```yaml\n")[2].partition("```")[0]
    written = Suite.model_validate(yaml.safe_load(shown))
    assert shown == (EXPECTATIONS / f"{written.table}.yaml").read_text(encoding="utf-8")
    assert len(written.expectations) == 4
    derived = page.partition("Four checks are written here; ")[2].partition(" are derived")[0]
    [suite] = [suite for suite in load_suites() if suite.table == written.table]
    names = [e.check_name for e in suite.expectations if e not in written.expectations]
    assert sorted(derived.split("`")[1::2]) == sorted(names)


@pytest.mark.parametrize(
    ("name", "stage", "found"),
    [
        ("raw.nope", "raw", "found table 'raw.nope', expected a dataset of the catalogue"),
        ("raw.vocabulary", "facts", "found stage 'facts', expected raw"),
        ("main.dim_area", "raw", "found stage 'raw', expected facts or marts"),
    ],
)
def test_a_suite_is_of_a_table_that_a_run_makes_in_its_stage(
    tmp_path: Path, name: str, stage: str, found: str
) -> None:
    text = f"table: {name}\nstage: {stage}\nkey: [a]\nexpectations:\n{FLOOR}"
    (tmp_path / f"{name}.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=re.escape(f"{name}.yaml: {found}")):
        load_suites(tmp_path)
