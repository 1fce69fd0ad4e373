"""Programs that are forked from a process which has imported what they import.

What belongs here: what a server of such programs does with its standard streams, and how a forked
process runs its program and ends. Imports nothing of the project, which a server may have at
another place than the tests.
"""

import atexit
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from io import FileIO
from typing import NoReturn

# of the command; of runs, which import them when they begin
OF_THE_COMMAND = ("orchestration.cli.commands",)
OF_RUNS = (
    "orchestration.definitions",
    "orchestration.gates.dialect",
    "great_expectations",
    "dbt.adapters.duckdb",
    "orchestration.report.pages",
)


class Requests:
    """The server's ends of its pipes: lines with requests, and the numbers that answer them. The
    standard streams themselves have nothing from now on, as programs inherit them."""

    def __init__(self) -> None:
        self.lines = FileIO(os.dup(0))
        self._answers = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1):
            os.dup2(nothing, descriptor)

    def answer(self, number: int) -> None:
        os.write(self._answers, f"{number}\n".encode())

    def close(self) -> None:
        """Close them in a forked process, which has no part in them."""
        self.lines.close()
        os.close(self._answers)


def exit_code_of(process: int) -> int:
    """Wait for a forked process. Returns its exit code, negative for the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def run_to_end(program: Callable[[], object]) -> NoReturn:
    """Run a program as the forked process that this one is, and end it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 1
    try:
        program()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End this process as Python does, but for the libraries' own threads: those that they have
    started in the server are not in this process, and ending them would abort it."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
