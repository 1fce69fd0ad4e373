"""Faults in the gates themselves: suites that would pass any table, and checks that would not
run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.builds.build import Build, open_build
from orchestration.builds.fingerprint import Fingerprint
from orchestration.builds.gate_results import GateResult
from orchestration.builds.publishing import checks_gone
from orchestration.builds.sealing import SealError, seal
from orchestration.gates.suites import Suite, load_suites
from orchestration.gates.validation import GateError, run_suites
from orchestration.settings import EXPECTATIONS, ConfigurationError, Settings
from tests.resilience.faults.fault import Fault, Observed, Sandbox
from tests.resilience.faults.tables import gate_outcome
from tests.support.builds import EVERY_PART

TABLE = "main.fct_encounters"
FLOOR = "expect_table_row_count_to_be_between"
Written = dict[str, Any]


def _written_suite(
    name: str, about: str, mentions: tuple[str, ...], change: Callable[[Written], object]
) -> Fault:
    """A fault in the YAML of a suite."""

    def inflict(sandbox: Sandbox) -> Observed:
        written = yaml.safe_load((EXPECTATIONS / f"{TABLE}.yaml").read_text(encoding="utf-8"))
        change(written)
        (sandbox.folder / f"{TABLE}.yaml").write_text(yaml.safe_dump(written))
        try:
            load_suites(sandbox.folder)
        except ConfigurationError as error:
            return Observed("suite refused", (str(error).partition(":")[0],), str(error))
        return Observed("missed", (), "")

    return Fault(name, about, "suite refused", f"{TABLE}.yaml", mentions, inflict)


def _running_suite(
    name: str, about: str, mentions: tuple[str, ...], rule: Written, table: str = TABLE
) -> Fault:
    """A fault that shows only when the suite runs: an error, never a pass."""

    def inflict(sandbox: Sandbox) -> Observed:
        rules = [{"notes": "made for a test", **rule}]
        suite = _suite_of(table, rules)
        database = sandbox.homes("bundle") / "border.duckdb"
        try:
            return gate_outcome(run_suites(database, [suite], EVERY_PART))
        except GateError as error:
            return Observed("suite refused", (str(error).partition(":")[0],), str(error))

    return Fault(name, about, "suite refused", table, mentions, inflict)


def _suite_of(table: str, rules: list[Written]) -> Suite:
    """A suite with these rules alone, without the derived ones."""
    return Suite.model_validate(
        {"table": table, "stage": "facts", "key": ["release_id"], "expectations": rules}
    )


def _without(check: str) -> Callable[[Written], object]:
    def change(suite: Written) -> None:
        kept = [e for e in suite["expectations"] if check not in (e["type"], e.get("name"))]
        assert len(kept) < len(suite["expectations"])
        suite["expectations"] = kept

    return change


def _with_severity(check: str, severity: str) -> Callable[[Written], object]:
    def change(suite: Written) -> None:
        [rule] = [e for e in suite["expectations"] if check in (e["type"], e.get("name"))]
        rule["severity"] = severity

    return change


def _written_twice(check: str, severity: str) -> Callable[[Written], object]:
    def change(suite: Written) -> None:
        rule = {"type": "expect_column_values_to_be_unique", "name": check, "notes": "By hand."}
        suite["expectations"].append({**rule, "severity": severity, "kwargs": {"column": "month"}})

    return change


def _disabled(suite: Written) -> None:
    suite["expectations"][0]["enabled"] = False


def _without_bound(suite: Written) -> None:
    [rule] = [e for e in suite["expectations"] if e["type"] == FLOOR]
    rule["kwargs"] = {"max_value": 10**9}


def _emptied(suite: Written) -> None:
    suite["expectations"] = []


def _sealed(
    name: str, about: str, mentions: tuple[str, ...], change: Callable[[Build], list[GateResult]]
) -> Fault:
    """A fault that sealing must notice: every declared check ran, every table has a check."""

    def inflict(sandbox: Sandbox) -> Observed:
        build = open_build(sandbox.settings.builds, "run", Fingerprint("a", "b", "c"))
        with duckdb.connect(str(build.database)) as connection:
            connection.execute("create schema meta; create table main.t as select 1 as i")
        build.add_gate_results(change(build))
        try:
            seal(build, 1, [("main.t", "keys_are_not_null"), ("main.t", "grain_is_unique")])
        except SealError as error:
            message = str(error)
            return Observed("run failed" if not build.is_sealed else "missed", ("seal",), message)
        return Observed("missed", (), "")

    return Fault(name, about, "run failed", "seal", mentions, inflict)


def _result(check: str, **changes: object) -> GateResult:
    plain = {
        "stage": "facts",
        "table": "main.t",
        "check": check,
        "expectation": "unexpected_rows_expectation",
        "severity": "critical",
        "status": "passed",
        "notes": "made for a test",
    }
    return GateResult.model_validate(plain | changes)


PASSED = [_result("keys_are_not_null"), _result("grain_is_unique")]


def _with_bare_table(build: Build) -> list[GateResult]:
    with duckdb.connect(str(build.database)) as connection:
        connection.execute("create table main.bare as select 1 as i")
    return PASSED


def _no_suite_at_all(sandbox: Sandbox) -> Observed:
    try:
        load_suites(sandbox.folder)
    except ConfigurationError as error:
        return Observed("suite refused", ("expectations",), str(error))
    return Observed("missed", (), "")


def _two_on_one_column(sandbox: Sandbox) -> Observed:
    """Great Expectations lets the second of two rules on a column replace the first."""
    rules = [
        {
            "type": "expect_column_values_to_be_between",
            "name": name,
            "kwargs": {"column": "encounters", "max_value": highest},
            "notes": f"at most {highest}",
        }
        for name, highest in (("tight", 1), ("wide", 10**9))
    ]
    suite = _suite_of(TABLE, rules)
    database = sandbox.homes("bundle") / "border.duckdb"
    return gate_outcome(run_suites(database, [suite], EVERY_PART))


def _file_of_another_table(sandbox: Sandbox) -> Observed:
    text = (EXPECTATIONS / f"{TABLE}.yaml").read_text(encoding="utf-8")
    path = Path(sandbox.folder / "main.dim_month.yaml")
    path.write_text(text)
    try:
        load_suites(sandbox.folder)
    except ConfigurationError as error:
        return Observed("suite refused", (path.name,), str(error))
    return Observed("missed", (), "")


def _check_removed(sandbox: Sandbox) -> Observed:
    """A check was removed from its suite and is no longer declared: the run reports it."""
    settings = Settings(sandbox.homes("bundle"), offline=True)
    declared = [(s.table, e.check_name) for s in load_suites() for e in s.expectations]
    assert checks_gone(declared, settings) == []
    gone = checks_gone([one for one in declared if one[1] != "cuts_agree"], settings)
    return Observed("warning" if gone else "missed", ("checks_gone",), "; ".join(gone))


GATES = (
    Fault(
        "check removed",
        "A check was removed from its suite.",
        "warning",
        "checks_gone",
        ("main.cut_comparison: cuts_agree",),
        _check_removed,
    ),
    _written_suite("empty suite", "A suite without a rule.", ("at least 1 item",), _emptied),
    Fault(
        "no suite at all",
        "The folder of suites is empty.",
        "suite refused",
        "expectations",
        ("found no suite",),
        _no_suite_at_all,
    ),
    _written_suite(
        "suite that passes on an empty table",
        "Its minimum row count was removed.",
        (f"no critical {FLOOR}", "min_value"),
        _without(FLOOR),
    ),
    _written_suite(
        "row count without a minimum",
        "The row count has an upper bound only.",
        (f"no critical {FLOOR}", "min_value"),
        _without_bound,
    ),
    _written_suite(
        "suite without a key",
        "Its key was removed: nothing would define a row.",
        ("key", "Field required"),
        lambda suite: suite.pop("key"),
    ),
    _written_suite(
        "suite with an empty key",
        "Its key has no column: any row could be duplicated.",
        ("key", "at least 1 item"),
        lambda suite: suite.update(key=[]),
    ),
    _written_suite(
        "warning that should be critical",
        "Its minimum row count only warns.",
        (f"no critical {FLOOR}", "min_value"),
        _with_severity(FLOOR, "warning"),
    ),
    _written_suite(
        "derived check that only warns",
        "A check that is derived was written by hand, as a warning.",
        ("grain_is_unique", "twice"),
        _written_twice("grain_is_unique", "warning"),
    ),
    _written_suite(
        "column both required and optional",
        "A column is listed as filled in every row and as one that may be empty.",
        ("release_id", "twice"),
        lambda suite: suite["may_be_null"].append("release_id"),
    ),
    _written_suite(
        "unknown severity",
        "A rule with the severity fatal.",
        ("severity", "'critical' or 'warning'"),
        _with_severity(FLOOR, "fatal"),
    ),
    _written_suite(
        "check disabled",
        "A rule is switched off by a field that does not exist.",
        ("enabled", "not permitted"),
        _disabled,
    ),
    _written_suite(
        "labels of an unknown vocabulary",
        "A rule names a dimension that does not exist.",
        ("no_such_dimension",),
        lambda suite: suite["expectations"][-1].update(
            kwargs={"column": "component", "value_set": {"vocabulary": "no_such_dimension"}}
        ),
    ),
    Fault(
        "suite under another table's name",
        "A file whose suite names another table.",
        "suite refused",
        "main.dim_month.yaml",
        (f"found table {TABLE!r}",),
        _file_of_another_table,
    ),
    _running_suite(
        "suite of a table that does not exist",
        "A table was renamed, its suite was not.",
        ("no such table",),
        {"type": FLOOR, "kwargs": {"min_value": 1}},
        table="main.no_such_table",
    ),
    _running_suite(
        "suite of a column that does not exist",
        "A column was renamed, its rule was not.",
        ("no_such_column",),
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "no_such_column"}},
    ),
    _running_suite(
        "expectation that does not exist",
        "A name that Great Expectations does not know.",
        ("no_such_thing",),
        {"type": "expect_no_such_thing"},
    ),
    _running_suite(
        "expectation unsupported on DuckDB",
        "A rule with a regular expression, which Great Expectations cannot run on DuckDB.",
        ("regex",),
        {
            "type": "expect_column_values_to_match_regex",
            "kwargs": {"column": "release_id", "regex": "^never$"},
        },
    ),
    _running_suite(
        "rule in broken SQL",
        "A rule's query has a typo.",
        ("syntax error",),
        {
            "type": "unexpected_rows_expectation",
            "name": "broken",
            "kwargs": {"unexpected_rows_query": "selekt * from {batch}"},
        },
    ),
    Fault(
        "two rules on one column",
        "The second would replace the first, which fails.",
        "gate failed",
        f"{TABLE}: tight",
        ("at most 1",),
        _two_on_one_column,
    ),
    _sealed(
        "check that did not run",
        "The run left out a check.",
        ("1 declared checks that did not run", "grain_is_unique"),
        lambda _: PASSED[:1],
    ),
    _sealed(
        "gates that did not run",
        "No check ran at all.",
        ("2 declared checks that did not run",),
        lambda _: [],
    ),
    _sealed(
        "failed check that did not stop the run",
        "A critical check failed, and the run continued.",
        ("failed critical checks", "grain_is_unique"),
        lambda _: [PASSED[0], _result("grain_is_unique", status="failed")],
    ),
    _sealed(
        "table without a suite",
        "A model was added, its suite was not.",
        ("without a suite", "main.bare"),
        _with_bare_table,
    ),
)
