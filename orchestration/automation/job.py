"""When things run: the nightly job, its schedule, and the rule of one run at a time."""

import logging
import sys
from collections.abc import Iterator

import dagster as dg

from orchestration.builds.lock import exclusive
from orchestration.settings import Settings

NIGHTLY = "nightly"


def nightly() -> dg.Definitions:
    """The job that looks for releases, builds, gates and publishes, all of it in one
    process; and its schedule, every night at two, on from the start. Whatever else is
    materialized from the UI runs in one process too: its steps share the home's lock."""
    job = dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        description="Look for releases, build, gate and publish. With nothing new it stops early.",
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
        loggers={"console": progress},
    )


def home_lock(settings: Settings) -> dg.ResourceDefinition:
    """Holds the home for the length of a run, so that two runs never build at once."""

    @dg.resource(description="One run at a time in this home.")
    def lock(_: dg.InitResourceContext) -> Iterator[None]:
        with exclusive(settings.home):
            yield

    return lock


@dg.logger({}, description="One line for what a step says, none for what Dagster does.")
def progress(_: dg.InitLoggerContext) -> logging.Logger:
    """The console of a run: time, step and message, on standard error. Dagster's own events
    are in its UI."""
    logger = logging.Logger("borderledger", level=logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(lambda record: _meta(record, "dagster_event") is None)
    # of a step that a gate has stopped: the gate has said why, with the rows
    handler.addFilter(lambda record: not _said(record).startswith("Dependencies for step "))
    handler.setFormatter(_ProgressFormatter())
    logger.addHandler(handler)
    return logger


class _ProgressFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        step = _meta(record, "step_key") or "run"
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        return f"{self.formatTime(record, '%H:%M:%S')}  {step:<18} {level}{_said(record)}"


def _said(record: logging.LogRecord) -> str:
    return str(_meta(record, "orig_message") or record.getMessage())


def _meta(record: logging.LogRecord, name: str) -> object:
    meta = getattr(record, "dagster_meta", {})
    return meta.get(name) if isinstance(meta, dict) else getattr(meta, name, None)
