"""The resource `great_expectations`, which the steps that run or show checks require."""

from collections.abc import Iterator

import dagster as dg

from orchestration.gates.process import GreatExpectationsProcess

GREAT_EXPECTATIONS = "great_expectations"


@dg.resource(
    required_resource_keys={"home"},  # which may have to be waited for
    description="The process in which Great Expectations works.",
)
def great_expectations(_context: dg.InitResourceContext) -> Iterator[GreatExpectationsProcess]:
    """The process, for the length of a run."""
    process = GreatExpectationsProcess()
    try:
        yield process
    finally:
        process.end()
