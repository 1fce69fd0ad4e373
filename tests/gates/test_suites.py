"""The suites as they stand: each can fail, and none is skipped in silence."""

import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.gates.results import GateResult
from orchestration.gates.suites import Suite, load_suites
from orchestration.gates.validation import GateError, run_suites
from orchestration.releases.catalogue import load_catalogue
from orchestration.settings import ConfigurationError

EVERY_DATASET = set(load_catalogue())


def changed_copy(home: Path, tmp_path: Path, *statements: str) -> Path:
    """A copy of a published file after some statements; views become tables, so that they
    can be changed on their own."""
    path = tmp_path / "changed.duckdb"
    shutil.copyfile(home / "border.duckdb", path)
    with duckdb.connect(str(path)) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where not internal and schema_name = 'main'"
        ).fetchall()
        for (view,) in views:
            connection.execute(f"create table copy_of_view as from main.{view}")
            connection.execute(f"drop view main.{view}")
            connection.execute(f"alter table copy_of_view rename to {view}")
        for statement in statements:
            connection.execute(statement)
    return path


def failures(results: list[GateResult]) -> dict[str, set[str]]:
    """The critical checks that failed, by table."""
    failed: dict[str, set[str]] = {}
    for result in results:
        if result.blocks:
            failed.setdefault(result.table, set()).add(result.check)
    return failed


def suite(table: str, **expectation: object) -> Suite:
    return Suite.model_validate(
        {
            "table": table,
            "stage": "facts",
            "expectations": [{"notes": "made for a test", **expectation}],
        }
    )


def test_every_suite_refuses_an_empty_table(bundle_home: Path, tmp_path: Path) -> None:
    suites = load_suites()
    emptied = [f"delete from {suite.table}" for suite in suites]
    database = changed_copy(bundle_home, tmp_path, *emptied)
    failed = failures(run_suites(database, suites, EVERY_DATASET))
    assert sorted(failed) == sorted(suite.table for suite in suites)


def test_every_suite_refuses_nulls_in_its_key(bundle_home: Path, tmp_path: Path) -> None:
    suites = [suite for suite in load_suites() if not suite.needs_release_of]
    nulled = [f"update {suite.table} set {suite.key[0]} = null" for suite in suites]
    database = changed_copy(bundle_home, tmp_path, *nulled)
    failed = failures(run_suites(database, suites, EVERY_DATASET))
    assert {table for table, checks in failed.items() if "keys_are_not_null" in checks} == {
        suite.table for suite in suites
    }


@pytest.mark.parametrize(
    ("statement", "table", "check"),
    [
        (
            "insert into main.fct_encounters from main.fct_encounters limit 1",
            "main.fct_encounters",
            "grain_is_unique",
        ),
        (
            "update main.fct_encounters set demographic = 'Adults' where encounters = 11",
            "main.fct_encounters",
            "demographic__be_in_set",
        ),
        (
            "delete from main.fct_southwest_encounters where month = '2022-03-01'",
            "main.fct_southwest_encounters",
            "months_are_complete",
        ),
        (
            "update main.southwest_border_monthly set total = total + 1 where month = '2024-05-01'",
            "main.southwest_border_monthly",
            "components_add_up",
        ),
        (
            "update main.cut_comparison set agreement = 'unexplained' where month = '2023-05-01'",
            "main.cut_comparison",
            "cuts_agree",
        ),
        (
            "update raw.cbp_at_large_split set at_large = '1' where month = '2024-05'",
            "raw.cbp_at_large_split",
            "parts_add_up",
        ),
        (
            "update main.fct_southwest_encounters_by_release set is_current = true",
            "main.fct_southwest_encounters_by_release",
            "every_month_has_a_current_release",
        ),
        (
            "delete from raw.cbp_southwest_summary where row_number = 7",
            "raw.cbp_southwest_summary",
            "every_release_is_loaded",
        ),
    ],
)
def test_a_broken_table_is_refused_by_the_check_made_for_it(
    statement: str, table: str, check: str, bundle_home: Path, tmp_path: Path
) -> None:
    database = changed_copy(bundle_home, tmp_path, statement)
    mine = [suite for suite in load_suites() if suite.table == table]
    results = run_suites(database, mine, EVERY_DATASET)
    assert check in failures(results).get(table, set())
    failed = next(result for result in results if result.check == check)
    assert failed.examples, "a failed check shows the rows"


def test_the_published_bundle_passes_every_suite(bundle_home: Path) -> None:
    released = {
        "cbp_southwest_summary",
        "cbp_southwest_summary_by_area",
        "cbp_southwest_migration_pages",
        "cbp_at_large_split",
    }
    results = run_suites(bundle_home / "border.duckdb", load_suites(), released)
    assert failures(results) == {}
    skipped = {result.table for result in results if result.status == "not applicable"}
    assert "main.fct_encounters_by_state" in skipped
    assert "main.fct_encounters" not in skipped


def test_two_expectations_on_one_column_both_run(bundle_home: Path) -> None:
    both = Suite.model_validate(
        {
            "table": "main.fct_encounters",
            "stage": "facts",
            "expectations": [
                {
                    "type": "expect_column_values_to_be_between",
                    "name": name,
                    "kwargs": {"column": "encounters", "max_value": highest},
                    "notes": "Great Expectations would let the second replace the first.",
                }
                for name, highest in (("tight", 1), ("wide", 10**9))
            ],
        }
    )
    results = run_suites(bundle_home / "border.duckdb", [both], EVERY_DATASET)
    assert {result.check: result.status for result in results} == {
        "tight": "failed",
        "wide": "passed",
    }


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (suite("main.no_such_table", type="expect_table_row_count_to_be_between"), "no such table"),
        (
            suite(
                "main.fct_encounters",
                type="expect_column_values_to_be_unique",
                kwargs={"column": "no_such_column"},
            ),
            "no_such_column",
        ),
        (suite("main.fct_encounters", type="expect_no_such_thing"), "no_such_thing"),
    ],
)
def test_a_suite_that_cannot_be_evaluated_is_an_error_and_never_a_pass(
    broken: Suite, told: str, bundle_home: Path
) -> None:
    with pytest.raises(GateError, match=told):
        run_suites(bundle_home / "border.duckdb", [broken], EVERY_DATASET)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("table: main.x\nstage: facts\nexpectations: []\n", "at least 1 item"),
        ("table: main.x\nstage: later\nexpectations: [{type: a, notes: b}]\n", "stage"),
        (
            "table: main.x\nstage: facts\nexpectations:\n"
            "  - {type: a, notes: b}\n  - {type: a, notes: c}\n",
            "twice",
        ),
        ("table: main.y\nstage: facts\nexpectations: [{type: a, notes: b}]\n", "expected 'main.x'"),
        (
            "table: main.x\nstage: facts\nexpectations:\n"
            "  - {type: a, notes: b, kwargs: {value_set: {vocabulary: nonsense}}}\n",
            "nonsense",
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


def test_no_suite_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no suite"):
        load_suites(tmp_path)
