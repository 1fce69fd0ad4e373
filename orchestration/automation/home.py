"""The resource `home`, which every step of a run requires: one run at a time."""

from collections.abc import Iterator

import dagster as dg

from orchestration.automation.run_process import record_process
from orchestration.builds.lock import exclusive
from orchestration.settings import Settings


def home_lock(settings: Settings) -> dg.ResourceDefinition:
    """A resource that locks the home for the length of a run, so that two runs never build at
    the same time. It waits for another run, such as one of the command, and says so in the run's
    log. First of all it records which process executes the run: only thus does anyone else see
    that the run is over once that process has been killed."""

    @dg.resource(description="Allows one run at a time in this home.")
    def lock(context: dg.InitResourceContext) -> Iterator[None]:
        if context.instance is not None and context.run_id is not None:
            record_process(context.instance, context.run_id)
        log = context.log.warning if context.log is not None else None
        with exclusive(settings.home, settings.limits.wait_seconds, log):
            yield

    return lock
