"""The jobs, the schedule, and how runs are executed."""

from typing import Any

import dagster as dg

from orchestration.assets.working_build import BUILD
from orchestration.automation.console import console

NIGHTLY = "nightly"
INCOMING = ("sources", "archive")  # the groups of what comes before a build
# else a run of the UI writes Dagster's own lines
READABLE: dict[str, Any] = {"loggers": {"console": {}}}
FETCH: dict[str, Any] = {"ops": {"sources": {"config": {"landing": [], "offline": False}}}}


def jobs(archive_checks: dg.AssetChecksDefinition) -> dg.Definitions:
    """The job that fetches releases, with its schedule, which is on from the start, and the job
    that makes and publishes every table. Every run executes in one process, because its steps
    share the lock on the home; that includes whatever else is materialized from the UI.

    archive_checks: the checks that follow on fetching.
    """
    nightly = dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.groups("sources") | dg.AssetSelection.checks(archive_checks),
        description="Fetch releases from every source and check what came in. If that, or the "
        "code, is new, a run of the job build follows.",
        config=READABLE | FETCH,
    )
    build = dg.define_asset_job(
        BUILD,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups(*INCOMING),
        description="Make every table anew from the archive, run every check, and publish.",
        config=READABLE,
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
        jobs=[nightly, build],
        schedules=[schedule],
        executor=dg.in_process_executor,
        loggers={"console": console},
    )
