"""The nightly job, its schedule, and how runs are executed."""

import dagster as dg

from orchestration.automation.console import console

NIGHTLY = "nightly"


def nightly() -> dg.Definitions:
    """The job that fetches releases, builds, gates and publishes, and its schedule, which is on
    from the start. Every run executes in one process, because its steps share the lock on the
    home; that includes whatever else is materialized from the UI."""
    job = dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        description="Fetch releases, build, gate and publish. If nothing is new it stops early.",
    )
    schedule = dg.ScheduleDefinition(
        name="nightly_at_two",
        job=job,
        cron_schedule="0 2 * * *",
        execution_timezone="America/Los_Angeles",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every night at two o'clock in California.",
    )
    return dg.Definitions(
        jobs=[job],
        schedules=[schedule],
        executor=dg.in_process_executor,
        loggers={"console": console},
    )
