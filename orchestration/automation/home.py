"""The resource `home`, which every step of a run requires: one run at a time."""

from collections.abc import Iterator

import dagster as dg

from orchestration.builds.lock import exclusive
from orchestration.settings import Settings


def home_lock(settings: Settings) -> dg.ResourceDefinition:
    """A resource that locks the home for the length of a run, so that two runs never build at
    the same time."""

    @dg.resource(description="Allows one run at a time in this home.")
    def lock(_: dg.InitResourceContext) -> Iterator[None]:
        with exclusive(settings.home):
            yield

    return lock
