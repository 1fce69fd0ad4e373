"""Why a run failed, read from its events.

What belongs here: telling a gate's refusal and a signal from every other failure, and the sentence
that is printed about it.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from dagster import DagsterEvent, DagsterEventType, DagsterInstance, DagsterRun
from dagster._core.errors import DagsterAssetCheckFailedError
from dagster._core.events import JobFailureData, RunFailureReason
from dagster._core.execution.plan.objects import ErrorSource
from dagster_shared.error import SerializableErrorInfo

from orchestration.durable import write_failure
from orchestration.gates.checks import GateRefusal
from orchestration.wording import form

GATE = "gates_after_"  # how the names of the gates' steps begin
REFUSED = DagsterAssetCheckFailedError.__name__
# its name, before a sentence of our own
OUR_ERROR = re.compile(r"^(?:orchestration\.[\w.]+|dagster\.[\w.]+\.Failure): ")

FAILED_CHECKS = re.compile(r" blocking asset checks? failed with ERROR severity:\n(.+)", re.DOTALL)

OUT_OF_MEMORY = re.compile(r".*?Out of Memory Error: .+?(?=\s+Possible solutions|$)", re.DOTALL)

# of a process that the code server has seen end
CRASH = re.compile(
    r"^Run execution process for \S+ ((?:was terminated|unexpectedly exited)[^.\n]+)"
)
TYPES = {DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE, DagsterEventType.ENGINE_EVENT}


class RunFailure(NamedTuple):
    """A failed run.

    reason: the cause as a sentence, with the step if it was in one.
    is_gate_refusal: a blocking check ran and failed. A gate that could not run is another failure.
    was_interrupted: a signal ended the run.
    """

    reason: str
    is_gate_refusal: bool = False
    was_interrupted: bool = False


def failure_of(events: Iterable[DagsterEvent], home: Path) -> RunFailure | None:
    """Why a run failed, from its events; None if it did not fail.

    home: what a failed write is reported for if the system's message names no path.
    """
    run_failed = None
    step_failed = None
    crash = None
    for event in events:
        if event.is_step_failure:
            step_failed = step_failed or event
        elif event.is_run_failure:
            run_failed = event
        elif event.is_engine_event and (found := CRASH.search(event.message or "")):
            crash = f"the run's process {found[1]}"
    if any(event is not None and _was_interrupted(event) for event in (step_failed, run_failed)):
        return RunFailure("interrupted", was_interrupted=True)
    if step_failed is not None:
        return _of_step(step_failed, home)
    if run_failed is not None:  # outside of the steps, such as a resource that they all need
        data = run_failed.event_specific_data
        error = data.error if isinstance(data, JobFailureData) else None
        return RunFailure(crash or _sentence(error, run_failed.message, home))
    return None


def failure_in(instance: DagsterInstance, run: DagsterRun) -> RunFailure:
    """Why a run of the history failed, in the words of the command: also one that was killed, or
    that failed outside of its steps."""
    events = [entry.get_dagster_event() for entry in instance.all_logs(run.run_id, of_type=TYPES)]
    failure = failure_of(events, Path(instance.root_directory).parent)
    return RunFailure("unknown") if failure is None else failure


def _was_interrupted(event: DagsterEvent) -> bool:
    if event.is_step_failure:
        failed = event.step_failure_data
        return failed.error_source is ErrorSource.INTERRUPT or _is_for_a_signal(failed.error)
    data = event.event_specific_data  # none of a run that was found dead
    return (
        isinstance(data, JobFailureData)
        and data.failure_reason is RunFailureReason.UNEXPECTED_TERMINATION
    )


def _is_for_a_signal(error: SerializableErrorInfo | None) -> bool:
    """Whether an interrupt is behind an error: DuckDB raises another one if it ends a query."""
    while error is not None:
        if error.cls_name == KeyboardInterrupt.__name__:
            return True
        error = error.cause or error.context
    return False


def _of_step(event: DagsterEvent, home: Path) -> RunFailure:
    error, step = event.step_failure_data.error, str(event.step_key)
    name = error.cls_name if error is not None else None
    is_refusal = name == GateRefusal.__name__ or (step.startswith(GATE) and name == REFUSED)
    return RunFailure(f"in step {step}: {_sentence(error, event.message, home)}", is_refusal)


def _sentence(error: SerializableErrorInfo | None, otherwise: str | None, home: Path) -> str:
    """What an error says: of the error in our code or a library's, which Dagster wraps into one of
    its own. otherwise: what Dagster says where it stored no error."""
    if error is None:
        return otherwise or "unknown"
    message = (error.cause or error).message.strip()
    if found := OUT_OF_MEMORY.match(message):  # DuckDB's advice is none that can be followed here
        message = f"{found[0]}; raise BORDERLEDGER_MEMORY, the limit, or free disk space"
    failure = _failed_checks(message) or write_failure(message, home)
    return failure or OUR_ERROR.sub("", message)


def _failed_checks(message: str) -> str | None:
    """Dagster's message about blocking checks that failed, as a phrase; None if it is another."""
    if (found := FAILED_CHECKS.search(message)) is None:
        return None
    by_table = [line.partition(": ") for line in found[1].splitlines()]
    number = sum(len(checks.split(",")) for _, _, checks in by_table)
    listed = (f"{table} ({checks.replace(',', ', ')})" for table, _, checks in by_table)
    return f"{form(number, 'critical check')} failed: {', '.join(listed)}"
