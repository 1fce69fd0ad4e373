"""Runs in Dagster's history that something left unfinished."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, DagsterRunStatus

from orchestration.automation.run_process import RunProcess


@dg.op
def nothing() -> None:
    """A step, so that a run can be planned."""


@dg.job
def idle() -> None:
    nothing()


def unfinished(
    instance: dg.DagsterInstance, status: DagsterRunStatus, process: int | None = None
) -> dg.DagsterRun:
    """A run with a status, recorded as executed by a process unless that is None."""
    run = instance.create_run_for_job(idle)
    if process is not None:
        instance.add_run_tags(run.run_id, RunProcess.at(process, run.run_id).tags())
    event = {
        DagsterRunStatus.STARTING: DagsterEventType.RUN_STARTING,
        DagsterRunStatus.STARTED: DagsterEventType.RUN_START,
        DagsterRunStatus.CANCELING: DagsterEventType.RUN_CANCELING,
    }.get(status)
    if event is not None:
        instance.report_dagster_event(DagsterEvent(event.value, run.job_name), run.run_id)
    return found(instance, run)


def found(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    """The run as the history has it now."""
    now = instance.get_run_by_id(run.run_id)
    assert now is not None
    return now


def last_message(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    """The message of the last of Dagster's events of a run."""
    events = [entry.dagster_event for entry in instance.all_logs(run.run_id)]
    return next((event.message for event in reversed(events) if event is not None), None)


@contextmanager
def sleeping() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that does nothing until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()
