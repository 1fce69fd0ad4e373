"""The job that builds as of a day, into a file of its own.

It makes the same tables by the same steps as the job `build`, but reports nothing about any asset:
what Dagster shows of an asset is what readers of the published file see.
"""

from datetime import date

import dagster as dg
from pydantic import Field

from orchestration.assets.models import SELECTIONS, run_dbt
from orchestration.assets.published import sealed
from orchestration.automation.job import REBUILD
from orchestration.builds.build import Build, open_build
from orchestration.builds.claim_files import claim_files
from orchestration.builds.connection import connected
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.gate_results import Stage
from orchestration.builds.lost_releases import why_incomplete
from orchestration.builds.raw_tables import (
    accepted_parts,
    create_schemas,
    load_provenance,
    load_raw_dataset,
)
from orchestration.catalogue.dataset import load_catalogue
from orchestration.claims.tables import write_claims
from orchestration.gates.checks import GateRefusal
from orchestration.gates.suites import STAGES, load_suites
from orchestration.gates.validation import run_suites
from orchestration.releases.archive import Archive
from orchestration.review.review import review
from orchestration.settings import Settings

TODAY = "today"  # the form's default: the day of the run, not that on which the form was made


class RebuildConfig(dg.Config):
    """The form of a build as of a day."""

    as_of: str = Field(
        description="A day, YYYY-MM-DD, or today: build from the releases published by then, into "
        "a separate file below rebuilds/, and publish nothing."
    )


def rebuild_job(settings: Settings) -> dg.Definitions:
    """The job `rebuild`, of one step."""

    @dg.op(
        description="Build from the releases published by a day.", required_resource_keys={"home"}
    )
    def rebuild_as_of(context: dg.OpExecutionContext, config: RebuildConfig) -> None:
        try:
            as_of = date.today() if config.as_of == TODAY else date.fromisoformat(config.as_of)
        except ValueError:
            raise dg.Failure(
                f"as_of: found {config.as_of!r}, expected today, or a day such as 2024-12-20",
                allow_retries=False,
            ) from None
        if (reason := why_incomplete(settings)) is not None:
            raise dg.Failure(reason, allow_retries=False)
        claims = claim_files(settings)
        inputs = fingerprint(Archive(settings.archive), claims, as_of)
        build = open_build(settings.rebuilds, context.run.run_id, inputs, as_of, claims)
        context.log.info(f"building {build.build_id} as of {as_of}")
        _load(build, settings)
        for stage in STAGES:
            if stage in SELECTIONS:
                run_dbt(build, SELECTIONS[stage])
            elif stage == "claims":
                with connected(build.database) as connection:
                    write_claims(connection, build.folder, build.claims)
            _check(context, build, stage)
        sealed(build)
        context.log.info(f"built as of {as_of}: {build.database}")

    @dg.job(
        name=REBUILD,
        description="Build as of a day, into a separate file; nothing is published.",
        executor_def=dg.in_process_executor,
        config={"ops": {"rebuild_as_of": {"config": {"as_of": TODAY}}}},
    )
    def job() -> None:
        rebuild_as_of()

    return dg.Definitions(jobs=[job])


def _load(build: Build, settings: Settings) -> None:
    archive, catalogue = Archive(settings.archive), load_catalogue()
    reviewed = review(archive, build.as_of)
    with connected(build.database) as connection:
        create_schemas(connection)
        for dataset in catalogue.values():
            load_raw_dataset(connection, archive, dataset, reviewed)
        load_provenance(connection, reviewed, catalogue, build.folder)


def _check(context: dg.OpExecutionContext, build: Build, stage: Stage) -> None:
    """Run the checks of a stage. Raises GateRefusal if a critical one fails."""
    of_stage = [suite for suite in load_suites() if suite.stage == stage]
    released = accepted_parts(build.database, load_catalogue())
    results = run_suites(build.database, of_stage, released, is_whole=False)
    build.add_gate_results(results)
    if failed := [result for result in results if result.blocks]:
        names = ", ".join(f"{result.table}: {result.check}" for result in failed)
        raise GateRefusal(f"found failed critical checks, expected none: {names}")
    context.log.info(f"{len(results)} checks after {stage}: none failed that stops a build")
