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
    suites = [suite for suite in load_suites() if not suite.may_be_empty]
    emptied = [f"delete from {suite.table}" for suite in suites]
    database = changed_copy(bundle_home, tmp_path, *emptied)
    failed = failures(run_suites(database, suites, EVERY_DATASET))
    assert sorted(failed) == sorted(suite.table for suite in suites)


def test_every_suite_refuses_nulls_in_its_key(bundle_home: Path, tmp_path: Path) -> None:
    suites = [suite for suite in load_suites() if not suite.needs_release_of]
    nulled = [f"update {suite.table} set {suite.key[0]} = null" for suite in suites]
    nulled += [  # which has no row to take the key from
        f"insert into {suite.table} ({suite.key[0]}) values (null)"
        for suite in suites
        if suite.may_be_empty
    ]
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
        (
            "update raw.ohss_repatriations_summary set repatriations = '1'"
            " where month = '2024-07-01' and repatriation_type = 'Removals'",
            "raw.ohss_repatriations_summary",
            "acts_add_up",
        ),
        (
            "update main.fct_deportations set period_end = period_end + interval 1 day"
            " where action = 'removal' and period_start = '2024-05-01'",
            "main.fct_deportations",
            "periods_do_not_overlap",
        ),
        (
            "update main.fct_deportations set is_partial = false where fiscal_year = 2026",
            "main.fct_deportations",
            "a_year_to_date_is_marked",
        ),
        (
            "insert into meta.releases select * replace ('other' as release_id) from meta.releases"
            " where dataset = 'ohss_repatriations_summary';"
            " insert into main.fct_deportations_by_release"
            " select * replace (people + 10 as people, 'other' as release_id, false as is_current)"
            " from main.fct_deportations_by_release where period_start = '2024-07-01'",
            "main.fct_deportations_by_release",
            "releases_of_one_month_agree",
        ),
        (
            "update main.border_patrol_comparison set agreement = 'declared, and no longer there'"
            " where month = '2020-07-01'",
            "main.border_patrol_comparison",
            "series_agree",
        ),
        (
            "delete from main.fct_border_patrol_by_sector where month = '2001-02-01'",
            "main.fct_border_patrol_by_sector",
            "months_are_complete",
        ),
        (
            "update main.deportations_by_fiscal_year set people = people + 10"
            " where fiscal_year = 2023 and measure = 'removals and enforcement returns'",
            "main.deportations_by_fiscal_year",
            "is_the_sum_of_its_acts",
        ),
        (
            "update main.fct_street_releases set people = 450000 where people = 136000",
            "main.san_diego_local_impact",
            "no_statement_exceeds_the_encounters",
        ),
        (
            "update main.fct_encounters_by_release set current_until = '2024-01-01'"
            " where current_until is not null",
            "main.fct_encounters_by_release",
            "one_release_on_any_day",
        ),
        (
            "update main.revision_summary set cells_changed = 1, net_change = 1"
            " where cut = 'area' and month = '2023-05-01'",
            "main.revision_summary",
            "every_change_is_listed",
        ),
        (
            "update main.revision_summary set net_change = 0"
            " where cut = 'southwest' and month = '2018-06-01'",
            "main.revision_summary",
            "revisions_lead_from_one_release_to_the_other",
        ),
        (
            "update main.fct_encounter_revisions set kind = 'added' where month = '2018-06-01'",
            "main.fct_encounter_revisions",
            "before_and_after_tell_the_kind",
        ),
        (
            "update main.fct_encounter_revisions set kind = 'relabelled'"
            " where month = '2018-06-01'",
            "main.fct_encounter_revisions",
            "a_relabelling_leaves_the_total",
        ),
        (
            "insert into main.revision_summary select * replace ('deportations, ICE' as cut,"
            " 1 as cells_changed) from main.revision_summary limit 1",
            "main.fct_deportation_revisions",
            "every_change_is_listed",
        ),
        (
            "update main.fct_at_large_by_release set at_entry = 1 where month = '2024-05-01'",
            "main.fct_at_large_by_release",
            "parts_add_up",
        ),
        (
            "update meta.row_envelopes set rows = 0 where month = '2023-05-01'",
            "meta.row_envelopes",
            "rows_are_as_many_as_they_may_be",
        ),
        (
            "insert into meta.held_cells select release_id, release_id, dataset, 'FY2024', 'c',"
            " 1, 2, 1 from meta.releases limit 1",
            "meta.held_cells",
            "their_release_is_held",
        ),
        (
            "insert into meta.corrections (name, leave_out, rows) values ('c', true, 0)",
            "meta.corrections",
            "every_correction_is_applied",
        ),
        (
            "update main.claim_checks set verdict = null, note = 'Unknown test equal.'"
            " where claim_id = '2019-aug-encounters'",
            "main.claim_checks",
            "metric_and_test_are_known",
        ),
        (
            "update main.claim_checks set evidence_then = evidence"
            " where claim_id = '2019-aug-encounters'",
            "main.claim_checks",
            "nothing_published_later_counts",
        ),
        (
            "update main.claim_checks set evidence = [] where claim_id = '2019-aug-encounters'",
            "main.claim_checks",
            "every_verdict_has_evidence",
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


@pytest.mark.parametrize(
    ("statement", "table", "check"),
    [
        (
            "update raw.ohss_monthly_tables set figure = '1' where series = 'removal'"
            " and month_start = '2024-07-01' and table_name = 'repatriations_by_type'",
            "raw.ohss_monthly_tables",
            "acts_add_up",
        ),
        (
            "delete from raw.ohss_monthly_tables where month_start = '2023-03-01'"
            " and table_name = 'removals_by_citizenship'",
            "raw.ohss_monthly_tables",
            "months_add_up",
        ),
        (
            "delete from raw.ohss_monthly_web_table where month_start = '2023-03-01'",
            "raw.ohss_monthly_web_table",
            "months_add_up",
        ),
        (
            "delete from raw.ohss_key_metrics_usbp where sector = 'Tucson, AZ'",
            "raw.ohss_key_metrics_usbp",
            "sectors_add_up",
        ),
        (
            "delete from raw.ice_detention_statistics where row_label = 'Total'"
            " and table_name = 'removals' and fiscal_year = '2024'",
            "raw.ice_detention_statistics",
            "one_total_a_release",
        ),
        (
            "update main.fct_deportations_by_citizenship set people = people + 500"
            " where citizenship = 'MEXICO' and period_start = '2024-07-01'",
            "main.fct_deportations_by_citizenship",
            "parts_add_up",
        ),
    ],
)
def test_a_broken_table_of_the_real_releases_is_refused(
    statement: str, table: str, check: str, real_home: Path, tmp_path: Path
) -> None:
    database = changed_copy(real_home, tmp_path, statement)
    mine = [suite for suite in load_suites() if suite.table == table]
    assert check in failures(run_suites(database, mine, EVERY_DATASET)).get(table, set())


def test_the_published_bundle_passes_every_suite(bundle_home: Path) -> None:
    released = {name for name, dataset in load_catalogue().items() if dataset.bundled}
    results = run_suites(bundle_home / "border.duckdb", load_suites(), released)
    assert failures(results) == {}
    skipped = {result.table for result in results if result.status == "not applicable"}
    assert "main.fct_encounters_by_state" in skipped
    assert "main.fct_deportations_by_citizenship" in skipped
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
