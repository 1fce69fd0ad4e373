"""What a build needs and takes seconds to import, begun while the command still reads releases.

What belongs here: when that is begun, and how it is handed over. To read and compare releases is
mostly work of libraries that leave Python to others meanwhile.
"""

import contextlib
import threading
from collections.abc import Iterator

from orchestration.gates.process import GreatExpectationsProcess


class Ahead:
    """The libraries of a build. Nothing is imported unless it is begun: on most nights nothing is
    new, and no build follows."""

    def __init__(self) -> None:
        self._checking: GreatExpectationsProcess | None = None
        self._importing: threading.Thread | None = None

    def begin(self) -> None:
        """Begin, unless it has begun: Great Expectations in its process, all others in a thread of
        this one."""
        if self._importing is None:
            self._checking = GreatExpectationsProcess()
            self._importing = threading.Thread(target=_import, daemon=True)
            self._importing.start()

    def checking(self) -> GreatExpectationsProcess | None:
        """Great Expectations' process, once the other libraries are there; None if it has not
        begun."""
        if self._importing is not None:
            self._importing.join()
        return self._checking

    def end(self) -> None:
        """End what a run has not ended."""
        if self._checking is not None:
            self._checking.end()


@contextlib.contextmanager
def ahead() -> Iterator[Ahead]:
    """Nothing yet, and nothing any more when this is left."""
    begun = Ahead()
    try:
        yield begun
    finally:
        begun.end()


def _import() -> None:
    """Import the jobs and all that they need. What cannot be imported is an error where it is
    used."""
    with contextlib.suppress(Exception):
        import orchestration.automation.runs
        import orchestration.definitions  # noqa: F401
