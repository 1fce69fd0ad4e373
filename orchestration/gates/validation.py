"""Running suites with Great Expectations, in SQL, on a run's file.

Importing Great Expectations takes seconds; this module does it as late as it can.
"""

import json
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.builds.connection import limits_of
from orchestration.builds.gate_results import GateResult
from orchestration.gates.attribution import with_releases_at_fault
from orchestration.gates.derived import COLUMNS_HAVE_VALUES
from orchestration.gates.expectation import ROW_COUNT, UNEXPECTED_ROWS, Expectation
from orchestration.gates.kept_results import KeptResult, failing_rows, keep_results
from orchestration.gates.suites import Suite
from orchestration.quick_imports import absent, import_when_used, quick_imports

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite
    from great_expectations.datasource.fluent.interfaces import Batch

EXAMPLES = 10
MOSTLY = "mostly"  # the share of rows that an expectation is about


class GateError(Exception):
    """An expectation cannot be evaluated: an error in the suite, not in the data."""


def run_suites(
    database: Path,
    suites: Sequence[Suite],
    released: set[str],
    is_whole: bool = True,
    kept_in: Path | None = None,
) -> list[GateResult]:
    """The results of `suite_results`, all at once, with the release at fault where there is one."""
    of_suites = suite_results(database, suites, released, is_whole, kept_in)
    results = [result for of_suite in of_suites for result in of_suite]
    return with_releases_at_fault(database, suites, results)


def suite_results(
    database: Path,
    suites: Sequence[Suite],
    released: set[str],
    is_whole: bool,
    kept_in: Path | None,
) -> Iterator[list[GateResult]]:
    """Run suites on a closed DuckDB file.

    released: the datasets that have an accepted release, and as `dataset.table` the tables in
    one; a suite that needs only others does not apply. is_whole: the file holds all releases; in a
    file as of an earlier day the checks for enough rows, for columns with values and for what most
    rows have do not apply. kept_in: the folder of the build in which Great Expectations' own
    results are kept. Yields one result per expectation: first those that do not apply, then suite
    by suite. Raises GateError where an expectation cannot be evaluated.
    """
    skipped: list[GateResult] = []
    applicable = []
    for suite in suites:
        if not suite.applies(released):
            missing = " or ".join(suite.needs_release_of)
            skipped.extend(_not_applicable(suite, suite.expectations, f"no release of {missing}"))
            continue
        floors = [] if is_whole else [e for e in suite.expectations if _is_about_fullness(e)]
        skipped.extend(_not_applicable(suite, floors, "as of an earlier day"))
        rules = tuple(e for e in suite.expectations if e not in floors)
        applicable.append(suite.model_copy(update={"expectations": rules}))
    yield skipped
    own: dict[str, list[KeptResult]] = {}
    if applicable:
        with _data_source(database) as source:
            for suite in applicable:
                with _batch(source, suite) as batch:
                    yield list(_run_suite(batch, suite, own))
    if kept_in is not None:
        keep_results(kept_in, own, EXAMPLES)


def _is_about_fullness(expectation: Expectation) -> bool:
    return (
        expectation.type == ROW_COUNT
        or expectation.check_name == COLUMNS_HAVE_VALUES
        or MOSTLY in expectation.kwargs
    )


@contextmanager
def lean_import() -> Iterator[None]:
    """To import Great Expectations in, which is done late, as it takes seconds. It will not report
    its use, and will load neither scipy's statistics nor the charts of altair, for expectations
    that no suite has, nor what it and pandas have for files and databases of other kinds: half of
    the time and a third of the memory of all that they would load."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import_when_used("scipy.stats")
    import_when_used("altair")
    with absent("pyarrow", "boto3", "botocore", "psycopg2"), quick_imports():
        yield


def import_great_expectations() -> None:
    """Import Great Expectations, with our expectations and our dialect."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    with lean_import():
        from orchestration.gates import lean_expectations  # noqa: F401  registers them
        from orchestration.gates.dialect import register

    register()


@contextmanager
def _data_source(database: Path) -> Iterator[Any]:
    import_great_expectations()
    import great_expectations as gx
    import sqlalchemy

    from orchestration.gates.dialect import url_of

    url, limits = url_of(database), limits_of(database)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    # else all that it knows is written as YAML, for nobody, each time that it learns of a table
    context.variables.save = lambda: None
    # while this connection is open, DuckDB serves the many that Great Expectations opens from
    # one instance; without it most of the time goes into opening the file for each query
    with sqlalchemy.create_engine(url).connect() as connection:
        for statement in limits.statements():
            connection.exec_driver_sql(statement)
        yield context.data_sources.add_sql("build", connection_string=url)


@contextmanager
def _batch(source: Any, suite: Suite) -> Iterator["Batch"]:
    """A suite's table as Great Expectations sees it, which forgets it afterwards."""
    from great_expectations.datasource.fluent.interfaces import TestConnectionError

    schema, name = suite.schema_and_name
    try:
        asset = source.add_table_asset(suite.table, table_name=name, schema_name=schema)
    except TestConnectionError as error:
        raise GateError(f"{suite.table}: found no such table: {error}") from error
    yield asset.add_batch_definition_whole_table("whole table").get_batch()
    source.delete_asset(suite.table)


def _run_suite(
    batch: "Batch", suite: Suite, own: dict[str, list[KeptResult]]
) -> Iterable[GateResult]:
    summary = batch.validate(
        _gx_suite(suite, suite.expectations),
        result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
    )
    found = {_check_of(result): result for result in summary.results}
    if silent := [e.check_name for e in suite.expectations if e.check_name not in found]:
        raise GateError(f"{suite.table}: the checks {silent} did not run")
    failed = [e for e in suite.expectations if not found[e.check_name].success]
    rows: dict[str, Any] = {}
    if failed:
        complete = batch.validate(
            _gx_suite(suite, failed),
            result_format={
                "result_format": "COMPLETE",
                "partial_unexpected_count": EXAMPLES,
                "unexpected_index_column_names": list(suite.key),
            },
        )
        rows = {_check_of(result): result for result in complete.results}
    own[suite.table] = [result.to_json_dict() for result in (found | rows).values()]
    for expectation in suite.expectations:
        name = expectation.check_name
        yield _result(suite, expectation, found[name], rows.get(name))


def _gx_suite(suite: Suite, expectations: Iterable[Expectation]) -> "ExpectationSuite":
    from great_expectations.core import ExpectationSuite
    from great_expectations.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    made = []
    for expectation in expectations:
        configuration = ExpectationConfiguration(
            type=expectation.type,
            kwargs=expectation.resolved_kwargs(),
            severity=FailureSeverity(expectation.severity),
            notes=expectation.notes,
            meta={"check": expectation.check_name},
        )
        try:
            made.append(configuration.to_domain_obj())
        except (GreatExpectationsError, ValueError) as error:
            raise GateError(f"{suite.table}: {expectation.check_name}: {error}") from error
    # passed as a list: when added one by one, a second expectation of the same type on the
    # same column silently replaces the first
    return ExpectationSuite(name=suite.table, expectations=made)


def _check_of(result: Any) -> str:
    return str(result.expectation_config.meta["check"])


def _result(suite: Suite, expectation: Expectation, found: Any, complete: Any) -> GateResult:
    if error := _exception(found):
        raise GateError(f"{suite.table}: {expectation.check_name}: {error}")
    content = found.result
    observed = content.get("observed_value")
    count = content.get("unexpected_count")
    if expectation.type == UNEXPECTED_ROWS:
        count = observed
    examples = failing_rows(complete)[:EXAMPLES] if complete is not None else []
    return GateResult(
        stage=suite.stage,
        table=suite.table,
        check=expectation.check_name,
        expectation=expectation.type,
        severity=expectation.severity,
        status="passed" if found.success else "failed",
        observed=None if observed is None else _text(observed),
        unexpected_count=None if count is None else int(count),
        examples=_text(examples) if examples else None,
        notes=expectation.notes,
    )


def _exception(found: Any) -> str | None:
    """The message of an exception that Great Expectations caught, however it is nested."""
    info = found.exception_info or {}
    for entry in [info] if "raised_exception" in info else info.values():
        if entry.get("raised_exception"):
            return str(entry.get("exception_message")).strip()
    return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _not_applicable(
    suite: Suite, expectations: Iterable[Expectation], reason: str
) -> Iterable[GateResult]:
    for expectation in expectations:
        yield GateResult(
            stage=suite.stage,
            table=suite.table,
            check=expectation.check_name,
            expectation=expectation.type,
            severity=expectation.severity,
            status="not applicable",
            observed=reason,
            notes=expectation.notes,
        )
