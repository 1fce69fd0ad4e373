"""Expectations as Dagster asset checks, one check per expectation.

A stage's suites run together in one step; a failed critical check stops what is
downstream of its table, a failed warning does not.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import dagster as dg

from orchestration.builds.build import Build
from orchestration.builds.gate_results import GateResult, Stage, counts_of, release_at_fault
from orchestration.builds.raw_tables import accepted_parts
from orchestration.builds.trial import trial_of
from orchestration.catalogue.dataset import load_catalogue
from orchestration.gates.attribution import with_releases_at_fault
from orchestration.gates.check_results import (
    as_check_result,
    asset_key_of,
    check_description,
    check_metadata,
)
from orchestration.gates.resource import GREAT_EXPECTATIONS
from orchestration.gates.suites import Suite
from orchestration.gates.validation import suite_results
from orchestration.releases.archive import Archive
from orchestration.review.gate_holds import hold_release
from orchestration.settings import Settings
from orchestration.wording import counted

if TYPE_CHECKING:
    from orchestration.gates.process import GreatExpectationsProcess

REPEATS_TAG = "borderledger/repeats"  # of a run that the command repeats
RETRY_TAG = "dagster/retry_number"  # of a run that Dagster repeats
REPEAT_ONCE = {"dagster/max_retries": "1", "dagster/retry_strategy": "ALL_STEPS"}


class GateRefusal(dg.Failure):
    """Critical checks have failed in a step that makes tables as well."""

    def __init__(self, message: str) -> None:
        super().__init__(message, allow_retries=False)


class BuildOfChecks(Protocol):
    """Says on which build a run's checks are to run."""

    def of_checks(self, context: Any) -> Build: ...


def stage_checks(
    stage: Stage, suites: Sequence[Suite], working: BuildOfChecks, settings: Settings
) -> dg.AssetChecksDefinition:
    """The checks of one stage. If all rows that fail name one release, that release is held, and
    the run is tagged to be repeated once, without it."""
    of_stage = [suite for suite in suites if suite.stage == stage]
    specs = [
        dg.AssetCheckSpec(
            name=expectation.check_name,
            asset=asset_key_of(suite.table),
            description=check_description(suite, expectation),
            blocking=expectation.severity == "critical",
            metadata=check_metadata(suite, expectation),
        )
        for suite in of_stage
        for expectation in suite.expectations
    ]

    @dg.multi_asset_check(
        name=f"gates_after_{stage}",
        specs=specs,
        can_subset=True,
        description=f"The checks on the tables of stage {stage}.",
        required_resource_keys={"home", GREAT_EXPECTATIONS},
    )
    def gates(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        """Run the suites of this stage on the build's file, and record the results of each while
        Great Expectations works on the next."""
        build = working.of_checks(context)
        selected = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
        chosen = [part for suite in of_stage if (part := _part(suite, selected)) is not None]
        released = accepted_parts(build.database, load_catalogue())
        kept_in = None if build.is_sealed else build.folder
        process: GreatExpectationsProcess = context.resources.great_expectations
        about = (build.database, chosen, released, build.as_of is None, kept_in)
        by_table = {suite.table: suite for suite in of_stage}
        results = []
        for found in process.each(suite_results, *about):
            of_suite = with_releases_at_fault(build.database, of_stage, found)
            results.extend(of_suite)
            yield from (as_check_result(by_table[result.table], result) for result in of_suite)
        _log(context, results)
        if not build.is_sealed:
            build.add_gate_results(results)
            if trial_of(build) is None and not {REPEATS_TAG, RETRY_TAG} & set(context.run.tags):
                _hold_release_at_fault(context, Archive(settings.archive), results)

    return gates


def _part(suite: Suite, selected: set[tuple[dg.AssetKey, str]]) -> Suite | None:
    """The suite with those of its checks that are selected; None if none is."""
    key = asset_key_of(suite.table)
    chosen = tuple(e for e in suite.expectations if (key, e.check_name) in selected)
    return suite.model_copy(update={"expectations": chosen}) if chosen else None


def _hold_release_at_fault(
    context: dg.AssetCheckExecutionContext, archive: Archive, results: list[GateResult]
) -> None:
    release_id = release_at_fault(results)
    if release_id is None:
        return
    first = next(result for result in results if result.blocks)
    rows = first.unexpected_count or 0
    held = hold_release(
        archive, release_id, context.run.run_id, first.table, first.check, rows, first.examples
    )
    if held is not None:
        context.log.warning(
            f"held by a gate: {held.describe()}: {first.table}: {first.check}; the run is repeated "
            "without it"
        )
        context.instance.add_run_tags(context.run.run_id, REPEAT_ONCE)


def _log(context: dg.AssetCheckExecutionContext, results: list[GateResult]) -> None:
    for result in results:
        if result.status == "failed":
            log = context.log.error if result.blocks else context.log.warning
            rows = f"; rows: {result.examples}" if result.examples else ""
            value = result.observed_besides_count
            observed = f", observed {value}" if value else ""
            count = (
                f", {counted(result.unexpected_count, 'row')}" if result.unexpected_count else ""
            )
            log(f"{result.table}: {result.check} failed{observed}{count}: {result.notes}{rows}")
    context.log.info(counts_of(results))
