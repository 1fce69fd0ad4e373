"""Why a run failed in none of its steps, such as because another run has the home.

What belongs here: finding the reason in Dagster's events. That of a failed step is in the step's.
"""

from collections.abc import Iterable

from dagster import DagsterEvent, DagsterEventType

from orchestration.builds.lock import Busy

BUSY = f"{Busy.__module__}.{Busy.__qualname__}: "  # Busy says it all by itself


def failure_outside_steps(events: Iterable[DagsterEvent]) -> str:
    """The reason that the event of a run's failure gives, down to its first cause."""
    for event in events:
        if event.event_type is DagsterEventType.RUN_FAILURE:
            error = event.job_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            message = error.message if error is not None else event.message
            return (message or "").strip().removeprefix(BUSY)
    return "the run did not say why"
