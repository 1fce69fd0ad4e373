"""Starts the code server and keeps it running.

What belongs here: its command, and its life below the UI. It imports nothing of Dagster, so that
the code server imports its libraries while the process that starts it does.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import yaml

from orchestration.settings import PROJECT

LOCATION = "orchestration.definitions"  # the module, and the name under which Dagster knows it
RESTART_SECONDS = 5.0  # between a code server that has ended by itself and the next one
STOP_SECONDS = 30.0


def code_server_command(socket: Path, *, tied: bool = False) -> list[str]:
    """The command of a code server that listens at a socket. tied: it ends when its standard input
    does."""
    return [
        *(sys.executable, "-m", "orchestration.automation.code_process"),
        *(["--tied"] if tied else []),
        *("--log-level", "warning", "--location-name", LOCATION),
        *("--module-name", LOCATION, "--working-directory", str(PROJECT)),
        *("--socket", str(socket)),
    ]


def workspace_of(socket: Path) -> str:
    """The text of a workspace file that names the code server at a socket."""
    server = {"socket": str(socket), "location_name": LOCATION}
    return yaml.dump({"load_from": [{"grpc_server": server}]})


@contextlib.contextmanager
def running_code_server() -> Iterator[Path]:
    """Start a code server at once, and again whenever it ends. At the end it is asked to end, as it
    is when this process is killed; a run that is going on may outlive the wait for that. Yields the
    socket at which it is going to listen."""
    os.environ["DAGSTER_IS_DEV_CLI"] = "1"  # errors in the code location are logged once
    stopping = threading.Event()
    with tempfile.TemporaryDirectory(prefix="borderledger-") as folder:  # its owner's only
        socket = Path(folder, "code.sock")
        keeper = threading.Thread(target=_keep_running, args=(_start(socket), socket, stopping))
        keeper.start()
        try:
            yield socket
        finally:
            stopping.set()
            keeper.join()


def _start(socket: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603
        code_server_command(socket, tied=True),
        cwd=PROJECT,
        stdin=subprocess.PIPE,  # nothing is written; it ends when this process does, even if killed
    )


def _keep_running(
    process: "subprocess.Popen[bytes]", socket: Path, stopping: threading.Event
) -> None:
    """Start the code server again until it is to stop; then close its standard input, and wait."""
    while not stopping.wait(RESTART_SECONDS):
        if process.poll() is not None:
            process = _start(socket)
    assert process.stdin is not None
    process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
