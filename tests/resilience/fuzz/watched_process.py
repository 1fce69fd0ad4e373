"""A process that handles one file after the other, and is watched while it does.

What belongs here: the bounds on time and memory, and how the handling of a file ended, also
where it killed the process or never returned. What the process does with a file is a function
that the caller passes; this module does not import it, so that a process with a small function
starts quickly.
"""

import contextlib
import faulthandler
import multiprocessing
import os
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Literal

MEBIBYTE = 1 << 20
STARTING_SECONDS = 120.0
POLLS_PER_SECOND = 20
LOG_TAIL = 6_000  # characters kept of a lost process's output

Outcome = Literal["read", "refused", "error", "crash", "hang", "memory"]
SOUND: tuple[Outcome, ...] = ("read", "refused")


@dataclass(frozen=True)
class Input:
    """A file as in a landing folder. name: how to make it again."""

    name: str
    dataset: str
    file_name: str
    published: str
    content: bytes


@dataclass(frozen=True)
class Answer:
    """How one file ended. `error` is an exception that is not a refusal, `crash` the end of the
    process. peak: the highest resident memory in bytes, including the libraries'."""

    outcome: Outcome
    detail: str = ""
    seconds: float = 0.0
    peak: int = 0


@dataclass(frozen=True)
class Bounds:
    """What one file may cost."""

    seconds: float = 10.0
    memory: int = 2048 * MEBIBYTE


Handler = Callable[[Input], Outcome]


class Watch:
    """Passes files to a process of its own, and starts a new one for each that is lost. handler:
    a function at the top of a module, because the process imports it by name."""

    def __init__(self, handler: Handler, bounds: Bounds | None = None) -> None:
        self._handler = handler
        self._bounds = bounds or Bounds()
        self._process: BaseProcess | None = None
        self._log = Path(tempfile.mkstemp(prefix="fuzz-", suffix=".log")[1])

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        self._log.unlink(missing_ok=True)

    def ask(self, given: Input) -> Answer:
        """How the process handled one file. Exceeding the bounds ends the process."""
        process = self._process or self._start()
        began = time.monotonic()
        try:
            self._pipe.send(given)
            while not self._pipe.poll(1 / POLLS_PER_SECOND):
                seconds, resident = time.monotonic() - began, _memory(process.pid, "VmRSS")
                if resident > self._bounds.memory:
                    return self._lost("memory", seconds, resident)
                if seconds > self._bounds.seconds:
                    return self._lost("hang", seconds, resident)
            answer: Answer = self._pipe.recv()
        except (EOFError, ConnectionError):
            return self._lost("crash", time.monotonic() - began, 0)
        if answer.peak > self._bounds.memory:
            return self._lost("memory", answer.seconds, answer.peak)
        return answer

    def _start(self) -> BaseProcess:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(
            target=_work, args=(other, self._handler, self._bounds.memory, self._log), daemon=True
        )
        self._process.start()
        other.close()
        if not self._pipe.poll(STARTING_SECONDS):
            raise TimeoutError(f"the process did not start within {STARTING_SECONDS} s")
        self._pipe.recv()
        return self._process

    def _lost(self, outcome: Outcome, seconds: float, peak: int) -> Answer:
        """End the process; one that hangs first writes where it is."""
        assert self._process is not None
        if outcome == "hang" and self._process.pid:
            os.kill(self._process.pid, signal.SIGABRT)
            self._process.join(2)
        process = self._process
        self._end()
        output = self._log.read_text(errors="replace")[-LOG_TAIL:].strip()
        return Answer(outcome, f"ended by {process.exitcode}; {output}", seconds, peak)

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None


def _work(pipe: Connection, handler: Handler, memory: int, log_path: Path) -> None:
    """Handle the files that come through the pipe, until it is closed."""
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(log, stream)
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = _memory(os.getpid(), "VmSize") + 3 * memory  # polling alone is too slow
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    pipe.send("ready")
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            pipe.send(_answer(handler, pipe.recv()))


def _answer(handler: Handler, given: Input) -> Answer:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    began = time.monotonic()
    outcome: Outcome
    try:
        outcome, detail = handler(given), ""
    except KeyboardInterrupt:
        raise
    except BaseException:  # a Rust panic is not an Exception
        outcome, detail = "error", traceback.format_exc()[-LOG_TAIL:]
    return Answer(outcome, detail, time.monotonic() - began, _memory(os.getpid(), "VmHWM"))


def _memory(process: int | None, name: str) -> int:
    """A size from a process's status in bytes; 0 once the process has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0
