"""`python at.py MOMENT PROGRAM ...`: run a program of this project as if it were that moment (ISO
8601). PROGRAM is a module such as `orchestration.cli`, or the path of a script.

What belongs here: the clock of a process. The code of the project reads the time from `datetime`
and `time.time`, Dagster's from its module for it; both get a clock that is ahead or behind by a
constant, and goes on. Publishers are asked without pauses, as they are local servers. Imports
nothing of the project, which is the copy on PYTHONPATH.
"""

import runpy
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

PROJECT, DAGSTERS_CLOCK, PUBLISHERS = (
    "orchestration.",
    "dagster._time",
    "orchestration.sources.host",
)


class _AnyDatetime(type):
    """Lets a plain datetime count as one of the class that replaces it in a module."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


def _moved(by: timedelta) -> type:
    """`datetime` with a clock that is ahead by this much."""

    class Moved(datetime, metaclass=_AnyDatetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + by

    return Moved


class _Clock(MetaPathFinder):
    """Gives the clock to each module that asks for the time, as it is imported."""

    def __init__(self, by: timedelta) -> None:
        self._datetime = _moved(by)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(PROJECT) and name != DAGSTERS_CLOCK:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)  # its models are made of the plain class
            if getattr(module, "datetime", None) is datetime:
                module.datetime = self._datetime  # type: ignore[attr-defined]
            if name == PUBLISHERS:
                module.PAUSE_SECONDS = 0.0  # type: ignore[attr-defined]

        spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec


def main(moment: str, program: str, *arguments: str) -> None:
    by = datetime.fromisoformat(moment) - datetime.now(UTC)
    real = time.time
    time.time = lambda: real() + by.total_seconds()
    sys.meta_path.insert(0, _Clock(by))
    sys.argv = [program, *arguments]
    if program.endswith(".py"):
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
