"""A process that judges one file after another, and is watched while it does.

What belongs here: the bounds on time and memory, and telling how a judgement ended, also one
that took the process with it or never ended. What a judgement is belongs to `judging`; this
module imports nothing of it, so that a process with another judge starts at once.
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
LOOKS_A_SECOND = 20
TOLD = 6_000  # characters of what a lost process had said

Outcome = Literal["read", "refused", "error", "crash", "hang", "memory"]
SOUND: tuple[Outcome, ...] = ("read", "refused")


@dataclass(frozen=True)
class Input:
    """A file as it would lie in a landing folder. name: how it can be made again."""

    name: str
    dataset: str
    file_name: str
    published: str
    content: bytes


@dataclass(frozen=True)
class Answer:
    """How a reviewed ended. `error` is an exception that is no refusal, `crash` the end of
    the process. peak: resident memory in bytes at its highest, the libraries' own included."""

    outcome: Outcome
    detail: str = ""
    seconds: float = 0.0
    peak: int = 0


@dataclass(frozen=True)
class Bounds:
    """What one file may cost."""

    seconds: float = 10.0
    memory: int = 2048 * MEBIBYTE


Judge = Callable[[Input], Outcome]


class Watch:
    """Asks a process of its own for judgements; a new one follows each that is lost. judge: a
    function of a module, as the process imports it by its name."""

    def __init__(self, judge: Judge, bounds: Bounds | None = None) -> None:
        self._judge = judge
        self._bounds = bounds or Bounds()
        self._process: BaseProcess | None = None
        self._said = Path(tempfile.mkstemp(prefix="fuzz-", suffix=".log")[1])

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        self._said.unlink(missing_ok=True)

    def ask(self, given: Input) -> Answer:
        """The reviewed on one file. What goes beyond the bounds ends the process."""
        process = self._process or self._start()
        began = time.monotonic()
        try:
            self._pipe.send(given)
            while not self._pipe.poll(1 / LOOKS_A_SECOND):
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
            target=_work, args=(other, self._judge, self._bounds.memory, self._said), daemon=True
        )
        self._process.start()
        other.close()
        if not self._pipe.poll(STARTING_SECONDS):
            raise TimeoutError(f"the process did not start within {STARTING_SECONDS} s")
        self._pipe.recv()
        return self._process

    def _lost(self, outcome: Outcome, seconds: float, peak: int) -> Answer:
        """End the process; of one that hangs, ask first where it is."""
        assert self._process is not None
        if outcome == "hang" and self._process.pid:
            os.kill(self._process.pid, signal.SIGABRT)
            self._process.join(2)
        process = self._process
        self._end()
        said = self._said.read_text(errors="replace")[-TOLD:].strip()
        return Answer(outcome, f"ended by {process.exitcode}; {said}", seconds, peak)

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None


def _work(pipe: Connection, judge: Judge, memory: int, said: Path) -> None:
    """Judge what comes through the pipe, until it is closed."""
    log = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(log, stream)
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = _memory(os.getpid(), "VmSize") + 3 * memory  # looks a second are few
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    pipe.send("ready")
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            pipe.send(_answer(judge, pipe.recv()))


def _answer(judge: Judge, given: Input) -> Answer:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    began = time.monotonic()
    outcome: Outcome
    try:
        outcome, detail = judge(given), ""
    except KeyboardInterrupt:
        raise
    except BaseException:  # a panic of Rust is no Exception
        outcome, detail = "error", traceback.format_exc()[-TOLD:]
    return Answer(outcome, detail, time.monotonic() - began, _memory(os.getpid(), "VmHWM"))


def _memory(process: int | None, name: str) -> int:
    """A line of a process's status, in bytes; 0 once it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0
