"""The suites as they stand: each can fail, and none is skipped in silence."""

from pathlib import Path

import duckdb
import pytest

from orchestration.builds.gate_results import GateResult
from orchestration.catalogue.dataset import load_catalogue
from orchestration.gates.suites import COLUMNS_HAVE_VALUES, ROW_COUNT, Suite, load_suites
from orchestration.gates.validation import run_suites
from orchestration.settings import ConfigurationError
from tests.support.tables import changed_copy

EVERY_DATASET = set(load_catalogue())
WRITTEN_AT_SEALING = {"meta.builds", "meta.gate_results", "meta.tables"}


def failures(results: list[GateResult]) -> dict[str, set[str]]:
    """The critical checks that failed, by table."""
    failed: dict[str, set[str]] = {}
    for result in results:
        if result.blocks:
            failed.setdefault(result.table, set()).add(result.check)
    return failed


def with_rules(suite: Suite, *names: str) -> Suite:
    """A suite with some of its rules; what these refuse, the whole suite refuses."""
    rules = tuple(e for e in suite.expectations if {e.type, e.check_name} & set(names))
    return suite.model_copy(update={"expectations": rules})


def test_every_suite_refuses_an_empty_table(bundle_home: Path, tmp_path: Path) -> None:
    suites = [with_rules(suite, ROW_COUNT) for suite in load_suites() if not suite.may_be_empty]
    emptied = [f"delete from {suite.table}" for suite in suites]
    database = changed_copy(bundle_home, tmp_path, *emptied)
    failed = failures(run_suites(database, suites, EVERY_DATASET))
    assert sorted(failed) == sorted(suite.table for suite in suites)


def test_every_suite_refuses_a_table_of_nulls_column_by_column(
    bundle_home: Path, tmp_path: Path
) -> None:
    """Of a table with one row of nulls every column is told, but for those that may be null."""
    suites = [with_rules(s, "keys_are_not_null", COLUMNS_HAVE_VALUES) for s in load_suites()]
    nulled = [
        f"delete from {suite.table}; insert into {suite.table} default values" for suite in suites
    ]
    database = changed_copy(bundle_home, tmp_path, *nulled)
    results = run_suites(database, suites, EVERY_DATASET)
    failed = failures(results)
    assert sorted(failed) == sorted(suite.table for suite in suites)
    assert all("keys_are_not_null" in checks for checks in failed.values())
    told = {r.table: r.unexpected_count for r in results if r.check == COLUMNS_HAVE_VALUES}
    with duckdb.connect(str(database), read_only=True) as connection:
        for suite in suites:
            columns = {row[0] for row in connection.execute(f"describe {suite.table}").fetchall()}
            assert set(suite.may_be_null) < columns, suite.table
            assert told[suite.table] == len(columns) - len(suite.may_be_null), suite.table


def test_a_column_that_names_a_row_has_values(bundle_home: Path) -> None:
    assert not [s.table for s in load_suites() if set(s.key) & set(s.may_be_null)]


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


def test_the_published_bundle_passes_every_suite(bundle_home: Path) -> None:
    released = {name for name, dataset in load_catalogue().items() if dataset.bundled}
    results = run_suites(bundle_home / "border.duckdb", load_suites(), released)
    assert failures(results) == {}
    skipped = {result.table for result in results if result.status == "not applicable"}
    assert "main.fct_encounters_by_state" in skipped
    assert "main.fct_deportations_by_citizenship" in skipped
    assert "main.fct_encounters" not in skipped


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("table: main.x\nstage: later\nexpectations: [{type: a, notes: b}]\n", "stage"),
        (
            "table: main.x\nstage: facts\nexpectations:\n"
            "  - {type: a, notes: b}\n  - {type: a, notes: c}\n",
            "twice",
        ),
    ],
)
def test_a_suite_that_is_written_wrongly_names_its_file(
    text: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "main.x.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"main\.x\.yaml") as error:
        load_suites(tmp_path)
    assert told in str(error.value)
