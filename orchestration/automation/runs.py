"""Running jobs in this process, as the command does.

The runs are recorded in Dagster's history as runs of the jobs that its UI shows, on their pages
and in its timeline, and can be continued from there.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from sqlalchemy.exc import DBAPIError

from orchestration.assets.published import published_event
from orchestration.assets.working_build import BUILD
from orchestration.automation.alerts.announce import announce
from orchestration.automation.alerts.situation import failed_runs_in
from orchestration.automation.code_service import LOCATION
from orchestration.automation.dead_runs import fail_dead_runs
from orchestration.automation.job import FETCH, NIGHTLY, READABLE, REBUILD
from orchestration.automation.run_failures import failure_of
from orchestration.automation.sensors import BY_COMMAND, last_nightly
from orchestration.builds.build import Build, builds_of_run
from orchestration.durable import WriteError, write_failure
from orchestration.gates.checks import REPEATS_TAG
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.gate_holds import held_in_run
from orchestration.settings import ConfigurationError, Settings

log = logging.getLogger(__name__)

REPOSITORY = "__repository__"


@dataclass(frozen=True)
class Run:
    """The result of a run.

    reason: why it failed; None if it succeeded.
    held: the releases that a gate held, without which the run was repeated.
    build: the build that it opened; None if it failed before that.
    """

    run_id: str
    succeeded: bool
    refused_by_gate: bool
    reason: str | None
    build: Build | None
    held: tuple[Release, ...] = ()


class Runs:
    """Runs the jobs of one code location.

    job_named: defines a job, which takes seconds, when it is to run.
    """

    def __init__(
        self,
        settings: Settings,
        job_named: Callable[[str], dg.JobDefinition],
        instance: dg.DagsterInstance,
    ) -> None:
        self._settings = settings
        self._job_named = job_named
        self._instance = instance
        self._log = settings.home / "last-run.log"

    def nightly(self) -> Run:
        """Record what has been fetched, and run the checks on it."""
        return self._run(NIGHTLY, FETCH)

    def build(self) -> Run:
        """Build and publish; once more, without it, if a gate held a release."""
        run = self._run(BUILD, {})
        if not run.held:
            return run
        repeated = self._run(BUILD, {}, first=run.run_id, tags={REPEATS_TAG: run.run_id})
        return replace(repeated, held=run.held)

    def rebuild(self, as_of: date) -> Run:
        """Build from the releases published by a day, and publish nothing."""
        return self._run(
            REBUILD, {"ops": {"rebuild_as_of": {"config": {"as_of": as_of.isoformat()}}}}
        )

    def report_published(self, build: Build) -> None:
        """Show that a build is published without a run, as when an earlier one is again."""
        self._instance.report_runless_asset_event(published_event(build.record, self._settings))

    def announce(self) -> None:
        """Send a message about each thing that is wrong now and was not announced."""
        instance = self._instance
        looked_at = last_nightly(instance)
        announce(self._settings, lambda: failed_runs_in(instance), looked_at, ended_early=())

    def _run(
        self,
        name: str,
        config: Mapping[str, Any],
        first: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a job. first: the run that this one repeats."""
        job = self._job_named(name)
        location = RegisteredCodeLocationOrigin(LOCATION)
        run = self._instance.create_run_for_job(
            job,
            run_config=READABLE | dict(config),
            tags={**job.tags, **(tags or {}), BY_COMMAND: "1"},
            root_run_id=first,
            parent_run_id=first,
            remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, REPOSITORY), name),
        )
        with (
            self._log.open("w", encoding="utf-8", errors="backslashreplace") as file,
            contextlib.redirect_stdout(file),  # what libraries print
        ):
            result = execute_run(InMemoryJob(job), run, self._instance)
        return self._result(result, first or run.run_id)

    def _result(self, result: dg.JobExecutionResult, first: str) -> Run:
        settings = self._settings
        failure = failure_of(result.all_events, settings.home)
        if failure is not None and failure.was_interrupted:
            raise KeyboardInterrupt
        reason = failure.reason if failure else None
        by_gate = failure is not None and failure.is_gate_refusal
        opened = builds_of_run(first, settings.builds, settings.rebuilds)
        held = tuple(held_in_run(Archive(settings.archive), result.run_id))
        build = opened[-1] if opened else None
        return Run(result.run_id, result.success, by_gate, reason, build, held)


@contextlib.contextmanager
def open_runs(settings: Settings, job_named: Callable[[str], dg.JobDefinition]) -> Iterator[Runs]:
    """Open Dagster's history, mark the runs in it that have died, and yield what runs these jobs.
    Raises WriteError if the history cannot be written."""
    with history_in(settings.dagster_home), dg.DagsterInstance.get() as instance:
        for sentence in fail_dead_runs(instance):
            log.warning("An earlier run is over: %s", sentence)
        yield Runs(settings, job_named, instance)


@contextlib.contextmanager
def history_in(folder: Path) -> Iterator[None]:
    """Turn SQLite's errors about Dagster's history into a WriteError that names the folder, and
    settings that Dagster cannot use into a ConfigurationError that names their file."""
    try:
        yield
    except dg.DagsterInvalidConfigError as error:
        found = "; ".join(" ".join(one.message.split()) for one in error.errors)
        raise ConfigurationError(f"{folder / 'dagster.yaml'}: {found}") from error
    except DBAPIError as error:
        failure = write_failure(str(error.orig), folder)
        if failure is None:
            raise
        raise WriteError(failure) from error
