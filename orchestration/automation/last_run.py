"""The last run of the jobs that lead to a published file, as `status` shows it.

What belongs here: finding it in Dagster's history, without changing that, and remembering why the
command nightly ended outside of its runs, which no history has:

    <home>/ended-early.json    when and why; deleted once the command ends otherwise
"""

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.automation.instance import prepare_dagster_home
from orchestration.durable import WriteError, replace
from orchestration.quick_imports import quick_imports
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance, RunRecord

log = logging.getLogger(__name__)

JOBS = ("nightly", "build")
ENDED_EARLY = "ended-early.json"
Outcome = Literal["succeeded", "failed", "canceled", "running"]


@dataclass(frozen=True)
class LastRun:
    """A run. at: when it ended, or began if it is still running. reason: why it failed, with the
    step if it was in one; None otherwise."""

    job: str
    outcome: Outcome
    at: datetime
    reason: str | None = None

    def describe(self) -> str:
        since = "since" if self.outcome == "running" else "on"
        described = f"{self.job} {self.outcome} {since} {self.at:%Y-%m-%d, %H:%M} UTC"
        return f"{described}: {self.reason}" if self.reason else described


class EarlyEnd(BaseModel):
    """When and why the command nightly ended outside of its runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime
    reason: str


def last_run_of(settings: Settings) -> LastRun | None:
    """The last run of a home; None if there was none. Without a history that can be read it is the
    command that ended outside of its runs, with a warning."""
    found = [*_ended_early(settings.home), *_of_history(settings)]
    return max(found, key=lambda run: run.at, default=None)


def early_end_of(settings: Settings) -> tuple[str, ...]:
    """Why the command nightly ended outside of its runs; empty if it did not, or if a run of the
    jobs has come after it."""
    early = list(_ended_early(settings.home))
    last = last_run_of(settings) if early else None
    return tuple(run.reason for run in early if run == last and run.reason)


def remember_early_end(home: Path, error: Exception) -> None:
    """Store why the command nightly ends, in a home that exists. A disk that refuses is for the
    error that is being reported to name."""
    if home.is_dir():
        end = EarlyEnd(at=datetime.now(UTC), reason=str(error) or type(error).__name__)
        with suppress(WriteError):
            replace(home / ENDED_EARLY, lambda path: path.write_text(end.model_dump_json()))


def forget_early_end(home: Path) -> None:
    """Delete what is stored, since the command has ended otherwise."""
    (home / ENDED_EARLY).unlink(missing_ok=True)


def _ended_early(home: Path) -> Iterator[LastRun]:
    with suppress(OSError, ValidationError):
        end = EarlyEnd.model_validate_json((home / ENDED_EARLY).read_bytes())
        yield LastRun("nightly", "failed", end.at, end.reason)


def _of_history(settings: Settings) -> Iterator[LastRun]:
    """The last run of each job in Dagster's history."""
    if not settings.dagster_home.is_dir():
        return
    try:
        prepare_dagster_home(settings)
        with quick_imports():
            import dagster as dg

        with dg.DagsterInstance.get() as instance:
            for job in JOBS:
                for record in instance.get_run_records(dg.RunsFilter(job_name=job), limit=1):
                    yield _last_run(instance, record)
    except Exception as error:  # of any storage, which the operator chooses
        log.warning("the last run is not known: %s: %s", type(error).__name__, error)


def _last_run(instance: "DagsterInstance", record: "RunRecord") -> LastRun:
    from dagster import DagsterRunStatus

    from orchestration.automation.dead_runs import why_dead
    from orchestration.automation.run_failures import failure_in

    run = record.dagster_run
    began = record.start_time or record.create_timestamp.timestamp()
    at = datetime.fromtimestamp(record.end_time or began, UTC)
    if run.status is DagsterRunStatus.SUCCESS:
        return LastRun(run.job_name, "succeeded", at)
    if run.status is DagsterRunStatus.CANCELED:
        return LastRun(run.job_name, "canceled", at)
    if run.status is DagsterRunStatus.FAILURE:
        return LastRun(run.job_name, "failed", at, failure_in(instance, run).reason)
    if (reason := why_dead(record)) is not None:
        return LastRun(run.job_name, "failed", at, reason)
    return LastRun(run.job_name, "running", at)
