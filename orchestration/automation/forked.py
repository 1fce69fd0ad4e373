"""Processes that are forked from one that has imported the libraries.

What belongs here: forking them, with Python's own `forkserver`, and what is known of them once that
one is gone. What they do is in `code_process`.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any

from orchestration.automation.run_process import RunProcess

PRELOADED = ["orchestration.automation.preload"]
POLL_SECONDS = 0.05


class ForkedProcess(ForkServerProcess):
    """A process that is forked.

    Its exit code comes from the process that it was forked from. If that one is killed, Python
    takes this one for ended too; so the system is asked as well.
    """

    def start(self) -> None:
        super().start()
        self._started = RunProcess.at(self.pid or 0, "")

    def is_alive(self) -> bool:
        return super().is_alive() or not self._started.has_ended()


class ForkedContext(ForkServerContext):
    """What `multiprocessing.get_context` returns, for processes that are forked."""

    Process = ForkedProcess


class ForkedServer:
    """A process that serves the code location, with what Dagster uses of `subprocess.Popen`."""

    def __init__(self, serve: Callable[..., None], *arguments: Any) -> None:
        """serve: what the process does, with these arguments."""
        self._process = FORKED.Process(target=serve, args=arguments)
        self._process.start()
        self.pid = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """The exit code; None as long as the process is there."""
        return None if self._process.is_alive() else self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float = float("inf")) -> int:
        """Wait for the end, and return the exit code. Raises TimeoutExpired."""
        until = time.monotonic() + timeout
        while (code := self.returncode) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("dagster api grpc", timeout)
            time.sleep(POLL_SECONDS)
        return code

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self._process.is_alive():
            os.kill(self.pid, number)


def share_the_forkserver() -> None:
    """Let the process that was forked for this one be forked for its runs too, as long as it is
    there. Python's own documentation says so, but Python 3.11 starts another one."""
    mine: Any = forkserver._forkserver
    parent, start_another = os.getppid(), mine.ensure_running

    def ensure_running() -> None:
        if os.getppid() == parent:
            resource_tracker.ensure_running()
        else:
            start_another()

    mine.ensure_running = ensure_running


FORKED = ForkedContext()
forkserver.set_forkserver_preload(PRELOADED)
