"""Running suites on published files: each suite can fail, and none is skipped silently."""

from pathlib import Path

import duckdb
import pytest
import sqlalchemy
from sqlalchemy import event

from orchestration.builds.gate_results import GateResult
from orchestration.catalogue.dataset import load_catalogue
from orchestration.gates.derived import COLUMNS_HAVE_VALUES
from orchestration.gates.expectation import ROW_COUNT, UNEXPECTED_ROWS, Expectation
from orchestration.gates.suites import Suite, load_suites
from orchestration.gates.validation import run_suites
from tests.support.builds import EVERY_PART
from tests.support.published_copies import changed_copy


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
    failed = failures(run_suites(database, suites, EVERY_PART))
    assert sorted(failed) == sorted(suite.table for suite in suites)


@pytest.mark.long
def test_every_suite_refuses_a_table_of_nulls_column_by_column(
    bundle_home: Path, tmp_path: Path
) -> None:
    """In a table with one row of nulls every column is reported, except those that may be
    null."""
    suites = [with_rules(s, "keys_are_not_null", COLUMNS_HAVE_VALUES) for s in load_suites()]
    nulled = [
        f"delete from {suite.table}; insert into {suite.table} default values" for suite in suites
    ]
    database = changed_copy(bundle_home, tmp_path, *nulled)
    results = run_suites(database, suites, EVERY_PART)
    failed = failures(results)
    assert sorted(failed) == sorted(suite.table for suite in suites)
    assert all("keys_are_not_null" in checks for checks in failed.values())
    empty = {r.table: r.unexpected_count for r in results if r.check == COLUMNS_HAVE_VALUES}
    with duckdb.connect(str(database), read_only=True) as connection:
        for suite in suites:
            columns = {row[0] for row in connection.execute(f"describe {suite.table}").fetchall()}
            assert set(suite.may_be_null) < columns, suite.table
            assert empty[suite.table] == len(columns) - len(suite.may_be_null), suite.table


def test_the_published_bundle_passes_every_suite(bundle_home: Path) -> None:
    released = {name for name, dataset in load_catalogue().items() if dataset.bundled}
    results = run_suites(bundle_home / "border.duckdb", load_suites(), released)
    assert failures(results) == {}
    skipped = {result.table for result in results if result.status == "not applicable"}
    assert "main.fct_encounters_by_state" in skipped
    assert "main.fct_deportations_by_citizenship" in skipped
    assert "main.fct_custody_outcomes" not in skipped
    assert "main.fct_encounters" not in skipped


def test_the_query_of_a_check_runs_once_unless_there_are_rows_to_show(tmp_path: Path) -> None:
    database = tmp_path / "border.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table main.numbers as select unnest([1, 2, 3]) as number")
    finds_none, finds_two = (
        f"select number from {{batch}} where number > {least}" for least in (3, 1)
    )
    suite = Suite(
        table="main.numbers",
        stage="facts",
        key=("number",),
        expectations=tuple(
            Expectation(
                type=UNEXPECTED_ROWS,
                name=name,
                kwargs={"unexpected_rows_query": query},
                notes="A test.",
            )
            for name, query in (("finds_none", finds_none), ("finds_two", finds_two))
        ),
    )
    ran: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        ran.append(statement)

    event.listen(sqlalchemy.Engine, "before_cursor_execute", note)
    try:
        results = run_suites(database, [suite], EVERY_PART)
    finally:
        event.remove(sqlalchemy.Engine, "before_cursor_execute", note)
    found = {result.check: (result.status, result.unexpected_count) for result in results}
    assert found == {"finds_none": ("passed", 0), "finds_two": ("failed", 2)}
    [examples] = [result.examples for result in results if result.examples]
    assert examples == '[{"number": 2}, {"number": 3}]'
    assert sum("number > 3" in statement for statement in ran) == 1
    assert sum("number > 1" in statement for statement in ran) == 3, "counted, and shown once"


def test_what_most_rows_have_is_not_asked_of_a_file_as_of_an_earlier_day(tmp_path: Path) -> None:
    """The release that has the rest came later: only a file of all releases must have it."""
    database = tmp_path / "border.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table main.numbers as from (values (1, 5), (2, null)) as t(n, m)"
        )
    not_null = "expect_column_values_to_not_be_null"
    suite = Suite(
        table="main.numbers",
        stage="marts",
        key=("n",),
        expectations=(
            Expectation(type=not_null, kwargs={"column": "m", "mostly": 0.9}, notes="Most have."),
            Expectation(type=not_null, kwargs={"column": "n"}, notes="All have."),
            Expectation(type=ROW_COUNT, kwargs={"min_value": 9}, notes="Many."),
        ),
    )

    def statuses(*, is_whole: bool) -> dict[str, str]:
        results = run_suites(database, [suite], EVERY_PART, is_whole=is_whole)
        return {result.check: result.status for result in results}

    whole = {"m__not_be_null": "failed", "n__not_be_null": "passed"}
    assert statuses(is_whole=True) == whole | {"row_count_to_be_between": "failed"}
    earlier = dict.fromkeys(("m__not_be_null", "row_count_to_be_between"), "not applicable")
    assert statuses(is_whole=False) == earlier | {"n__not_be_null": "passed"}
