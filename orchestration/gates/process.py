"""A process of its own for Great Expectations.

What belongs here: how the process is started, called and ended. Great Expectations takes seconds to
import, which it does while a run loads its tables; and it runs the checks of one table while the
run records those of another. What it is called for is in `validation` and `check_docs`.
"""

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.pool import ExceptionWithTraceback  # type: ignore[attr-defined]
from typing import Any, TypeVar

from orchestration.gates.validation import GateError, import_great_expectations
from orchestration.settings import PROJECT

T = TypeVar("T")
# not with `-m`, under which both sides would not mean the same by an answer
PROGRAM = f"from {__name__} import serve; serve()"


class Answer(Enum):
    """What the process sends for a call: any number of parts, and then one of the others."""

    PART = auto()
    END = auto()
    ERROR = auto()


class GreatExpectationsProcess:
    """The process, from outside. It ends with this object's process, however that one ends."""

    def __init__(self) -> None:
        self._connection, its = Pipe()
        with its:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", "-c", PROGRAM, str(its.fileno())],
                cwd=PROJECT,
                pass_fds=[its.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C reaches only this process, which ends that one
            )

    def each(self, function: Callable[..., Iterable[T]], *arguments: Any) -> Iterator[T]:
        """Call a function of a module in the process, and yield what it yields, meanwhile. Raises
        what it raises, and GateError if the process has ended. A call that is not read to its end
        ends the process."""
        kind = Answer.PART
        try:
            self._connection.send((function, arguments))
            while True:
                kind, content = self._connection.recv()
                if kind is not Answer.PART:
                    break
                yield content
        except (EOFError, OSError) as error:
            raise GateError(self._ending()) from error
        finally:
            if kind is Answer.PART:
                self.end()
        if kind is Answer.ERROR:
            raise content

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._connection.close()

    def _ending(self) -> str:
        code = self._process.wait()
        how = f"was killed by {_signal(-code)}" if code < 0 else f"ended with exit code {code}"
        return f"Great Expectations' process {how}; expected it to run until the end of the run"


def serve() -> None:
    """Answer the calls that come in by the descriptor in the first argument of this process, until
    whoever makes them is gone."""
    connection: Connection = Connection(int(sys.argv[1]))
    calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, calls), daemon=True).start()
    import_great_expectations()
    while True:
        function, arguments = calls.get()
        try:
            for part in function(*arguments):
                connection.send((Answer.PART, part))
        except Exception as error:
            connection.send((Answer.ERROR, _portable(error)))
        else:
            connection.send((Answer.END, None))


def _receive(connection: Connection, calls: "queue.SimpleQueue[Any]") -> None:
    """Receive calls in a thread of its own, which ends the process at once, even in a query."""
    while True:
        try:
            calls.put(connection.recv())
        except (EOFError, OSError):
            os._exit(0)


def _signal(number: int) -> str:
    """A signal's name, with what sends the one that a process cannot answer."""
    name = signal.Signals(number).name
    return f"{name}, as the system does where memory runs out" if name == "SIGKILL" else name


def _portable(error: Exception) -> Any:
    """What is received as the error, caused by one that has its traceback."""
    try:
        sent = ExceptionWithTraceback(error, error.__traceback__)
        pickle.loads(pickle.dumps(sent))  # noqa: S301
    except Exception:  # some are made of what cannot be sent, or from more than they keep
        return GateError("".join(traceback.format_exception(error)))
    return sent
