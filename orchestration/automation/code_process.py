"""The code server as processes: Dagster's proxy, which loads the code location, again whenever it
is asked to, and below it what serves the location and executes runs.

What belongs here: how those processes come about. To import the libraries takes longer than all the
rest. So one process imports them, does nothing else, and is then forked for each load of the code
location and for each run: these read our own code from the disk, as it is at that moment. The
libraries are as they were when the code server started.

    python -m orchestration.automation.code_process [--tied] ARGUMENTS

ARGUMENTS: those of `dagster code-server start`. --tied: end when standard input does, which happens
when the process that started this one ends, however it does.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver, get_context, resource_tracker
from pathlib import Path
from typing import Any

# Each starts no thread when it is imported, which a fork would lose: Polars and DuckDB do.
LIBRARIES = (
    "dagster._cli.api",
    "dagster._grpc.server",
    "dagster_dbt",
    "dbt.graph",
    "requests",
    "rich.console",
    "sqlalchemy",
)
TIED = "--tied"
POLL_SECONDS = 0.05


class ForkedServer:
    """A process that serves the code location, with what Dagster uses of `subprocess.Popen`.

    Its exit code comes from the process that it was forked from. If that one is killed, Python
    takes this one for ended too; so whether it has ended is asked of the system as well.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """command: as Dagster would start it, `PYTHON -m dagster api grpc …`."""
        from orchestration.automation.run_process import RunProcess

        arguments = list(command)[list(command).index("grpc") + 1 :]
        self._process = get_context("forkserver").Process(
            target=_serve_location, args=(arguments, dict(environment))
        )
        self._process.start()
        self.pid = self._process.pid or 0
        self._identity = RunProcess.at(self.pid, "")

    @property
    def returncode(self) -> int | None:
        """The exit code; None as long as the process is there."""
        return self._process.exitcode if self._identity.has_ended() else None

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
        if not self._identity.has_ended():
            os.kill(self.pid, number)


def main(arguments: list[str]) -> None:
    """Run the code server until it is asked to end."""
    forkserver.set_forkserver_preload(list(LIBRARIES))
    forkserver.ensure_running()  # it imports while this process does
    from dagster._cli.code_server import start_command
    from dagster._grpc import server

    inside: Any = server
    inside.open_ipc_subprocess = _fork
    if TIED in arguments:
        arguments = [argument for argument in arguments if argument != TIED]
        socket = Path(arguments[arguments.index("--socket") + 1])
        threading.Thread(target=_end_with_starter, args=(socket,), daemon=True).start()
    start_command.main(arguments, prog_name="code_process")


def _fork(command: Sequence[str], env: Mapping[str, str], **_: Any) -> ForkedServer:
    """What Dagster's proxy calls to start a process."""
    return ForkedServer(command, env)


def _serve_location(arguments: list[str], environment: dict[str, str]) -> None:
    """Be `dagster api grpc` with these arguments."""
    from dagster._cli.api import grpc_command
    from dagster._grpc import server

    os.environ.clear()
    os.environ.update(environment)
    share_the_forkserver()

    class Server(server.DagsterApiServer):
        """Dagster's, except that it forks each run, where Dagster starts Python anew."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._mp_ctx: Any = get_context("forkserver")

    inside: Any = server
    inside.DagsterApiServer = Server
    grpc_command.main(arguments, prog_name="dagster api grpc")


def share_the_forkserver() -> None:
    """Let the process that was forked for this one be forked for its runs too, as long as it is
    there. Python's own documentation says so, but Python 3.11 starts another one."""
    forkserver.set_forkserver_preload(list(LIBRARIES))
    mine: Any = forkserver._forkserver
    parent, start_another = os.getppid(), mine.ensure_running

    def ensure_running() -> None:
        if os.getppid() == parent:
            resource_tracker.ensure_running()
        else:
            start_another()

    mine.ensure_running = ensure_running


def _end_with_starter(socket: Path) -> None:
    """Wait for the end of standard input; then end this process as soon as its runs have ended."""
    while os.read(sys.stdin.fileno(), 1):
        continue
    from orchestration.automation.code_server import shut_down_code_server

    if not shut_down_code_server(socket):  # it does not serve yet
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
