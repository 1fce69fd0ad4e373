"""Runs that Dagster's history shows as active although nothing executes them any more.

What belongs here: which runs those are, and marking them failed. A killed process cannot say that
its run is over, and one that seems to go on keeps every later run in the queue. Dagster's daemon
asks about each active run every few seconds, by way of `run_launcher`; the command asks when it
starts, as it may be all that runs on a machine.
"""

import time

import dagster as dg
from dagster import DagsterRunStatus, RunRecord, RunsFilter

from orchestration.automation.code_server import code_server_answers
from orchestration.automation.run_process import RunProcess

ACTIVE = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
GRACE_SECONDS = 60.0  # a run has recorded its process long before
START_AGAIN = "The published file is whole; start the run again."


def fail_dead_runs(instance: dg.DagsterInstance, *, nothing_launches: bool = False) -> list[str]:
    """Mark every dead run failed, or canceled if it was being canceled. Returns one sentence for
    each.

    nothing_launches: no daemon is about to start a run, so that a run which is starting without a
    code server is dead at once.
    """
    sentences = []
    for record in instance.get_run_records(RunsFilter(statuses=ACTIVE)):
        run = record.dagster_run
        starting = run.status is DagsterRunStatus.STARTING
        grace = 0.0 if nothing_launches and starting else GRACE_SECONDS
        reason = why_dead(record, grace)
        if reason is not None and end_run(instance, run, reason):
            sentences.append(f"run {run.run_id} of {run.job_name}: {reason}")
    return sentences


def why_dead(record: RunRecord, grace_seconds: float = GRACE_SECONDS) -> str | None:
    """Why nothing executes this active run any more, as a sentence; None as long as something may.

    grace_seconds: how long a run may go without a process or a code server after its last change.
    """
    run = record.dagster_run
    process = RunProcess.of(run)
    if process is not None:
        if not process.has_ended():
            return None
        return (
            f"The run's process ({process.pid} on {process.host}) ended before the run did: it was "
            f"killed, or the machine stopped. {START_AGAIN}"
        )
    age = time.time() - record.update_timestamp.timestamp()
    if age < grace_seconds or code_server_answers(run.tags):
        return None
    return f"No process executes the run, and its code server is gone. {START_AGAIN}"


def end_run(instance: dg.DagsterInstance, run: dg.DagsterRun, reason: str) -> bool:
    """Mark a dead run failed, or canceled if it was being canceled. Returns False if its status
    has changed in the meantime: then it is not dead, or somebody else has marked it."""
    now = instance.get_run_by_id(run.run_id)
    if now is None or now.status is not run.status:
        return False
    if run.status is DagsterRunStatus.CANCELING:
        instance.report_run_canceled(run, reason)
    else:
        instance.report_run_failed(run, reason)
    return True
