"""The resource `great_expectations`, which the steps that run or show checks require."""

from collections.abc import Iterator

import dagster as dg

from orchestration.gates.process import GreatExpectationsProcess

GREAT_EXPECTATIONS = "great_expectations"


def great_expectations(started: GreatExpectationsProcess | None = None) -> dg.ResourceDefinition:
    """The process in which Great Expectations works, for the length of a run.

    started: a process for the first run, which whoever starts that run has started before, so
        that both import their libraries at once.
    """
    waiting = [] if started is None else [started]

    @dg.resource(
        required_resource_keys={"home"},  # which may have to be waited for
        description="The process in which Great Expectations works.",
    )
    def process_of_run(_context: dg.InitResourceContext) -> Iterator[GreatExpectationsProcess]:
        process = waiting.pop() if waiting else GreatExpectationsProcess()
        try:
            yield process
        finally:
            process.end()

    return process_of_run
