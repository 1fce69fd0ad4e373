"""`python at.py`: a server of programs of this project, each run as if it were another moment.

A request is a line of JSON: `moment` (ISO 8601), `program`, a module such as `orchestration.cli` or
the path of a script, `arguments`, `log`, the file for what it prints, and `bytes`, the largest file
that it may write, or null. Answers the number of its process, and once that is over its exit code.

What belongs here: the clock of a process. The code of the project reads the time from `datetime`
and `time.time`, Dagster's from its module for it; both get a clock that is ahead or behind by a
constant, and goes on. Publishers are asked without pauses, as they are local servers. Each program
has a process and a session of its own; what it imports has been imported once for all of them, as
that takes longer than a quiet night. The project is the copy that comes first on PYTHONPATH.
"""

import json
import os
import resource
import runpy
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.append(str(Path(__file__).parents[3]))  # after the copy, in which the tests are not
from tests.support.forked_programs import (
    OF_RUNS,
    OF_THE_COMMAND,
    Requests,
    exit_code_of,
    run_to_end,
)

PROJECT, DAGSTERS_CLOCK, PUBLISHERS = (
    "orchestration.",
    "dagster._time",
    "orchestration.sources.host",
)
ahead = timedelta()  # of the clock of this process


class _AnyDatetime(type):
    """Lets a plain datetime count as one of the class that replaces it in a module."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class _Moved(datetime, metaclass=_AnyDatetime):
    """`datetime` with that clock."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + ahead


class _Clock(MetaPathFinder):
    """Gives the clock to each module that asks for the time, as it is imported."""

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
                module.datetime = _Moved  # type: ignore[attr-defined]
            if name == PUBLISHERS:
                module.PAUSE_SECONDS = 0.0  # type: ignore[attr-defined]

        spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec


def main() -> None:
    """Answer requests until there are no more."""
    real = time.time
    time.time = lambda: real() + ahead.total_seconds()
    sys.meta_path.insert(0, _Clock())
    requests = Requests()
    for name in (*OF_THE_COMMAND, *OF_RUNS):
        import_module(name)
    import_module("orchestration.assets.dbt_command").parsed_project()
    for line in requests.lines:
        request = json.loads(line)
        child = os.fork()
        if not child:
            requests.close()
            run_to_end(partial(_program, request))
        requests.answer(child)
        requests.answer(exit_code_of(child))


def _program(request: dict[str, Any]) -> None:
    """Run a program in the process that this one is from now on."""
    global ahead
    os.setsid()
    file = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor in (1, 2):
        os.dup2(file, descriptor)
    if request["bytes"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["bytes"], request["bytes"]))
    ahead = datetime.fromisoformat(request["moment"]) - datetime.now(UTC)
    program = request["program"]
    sys.argv = [program, *request["arguments"]]
    if program.endswith(".py"):
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
