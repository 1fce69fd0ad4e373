"""The jobs, the schedule, and how runs are executed."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from orchestration.assets.archive import archive_assets
from orchestration.assets.archive_checks import archive_checks
from orchestration.assets.sources import source_assets
from orchestration.assets.working_build import BUILD
from orchestration.automation.console import console
from orchestration.automation.home import home_lock
from orchestration.gates.process import GreatExpectationsProcess
from orchestration.gates.resource import GREAT_EXPECTATIONS, great_expectations
from orchestration.intake.outcome import IntakeOutcome
from orchestration.settings import Settings

NIGHTLY, REBUILD = "nightly", "rebuild"
INCOMING = ("sources", "archive")  # the groups of what comes before a build
# else a run of the UI writes Dagster's own lines
READABLE: dict[str, Any] = {"loggers": {"console": {}}}
FETCH: dict[str, Any] = {"ops": {"sources": {"config": {"landing": [], "offline": False}}}}


def fetching(settings: Settings, fetched: Sequence[IntakeOutcome] | None = None) -> dg.Definitions:
    """The job that fetches releases, with its schedule, which is on from the start, and all that
    it needs. It needs no table: on most nights nothing is new, and to define the tables takes
    seconds. Every run executes in one process, because its steps share the lock on the home; that
    includes whatever else is materialized from the UI.

    fetched: what the command that runs the job has fetched.
    """
    checks = archive_checks(settings)
    nightly = dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.groups("sources") | dg.AssetSelection.checks(checks),
        description="Fetch releases from every source and check what came in. If that, or the "
        "code, is new, a run of the job build follows.",
        config=READABLE | FETCH,
    )
    schedule = dg.ScheduleDefinition(
        name="nightly_at_two",
        job=nightly,
        cron_schedule="0 2 * * *",
        execution_timezone="America/Los_Angeles",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every night at two o'clock in California.",
    )
    return dg.Definitions(
        assets=[source_assets(settings, fetched), *archive_assets(settings)],
        asset_checks=[checks],
        jobs=[nightly],
        schedules=[schedule],
        resources={"home": home_lock(settings)},
        executor=dg.in_process_executor,
        loggers={"console": console},
    )


def building(checking: GreatExpectationsProcess | None = None) -> dg.Definitions:
    """The job that makes and publishes every table. checking: for its first run; see
    `great_expectations`."""
    build = dg.define_asset_job(
        BUILD,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups(*INCOMING),
        description="Make every table anew from the archive, run every check, and publish.",
        config=READABLE,
    )
    return dg.Definitions(
        jobs=[build], resources={GREAT_EXPECTATIONS: great_expectations(checking)}
    )
