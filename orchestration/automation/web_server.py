"""Dagster's web server behind our check, and its daemon, beside a code server that is starting.

What belongs here: starting the two, and stopping them together. With the code server they are what
`dagster dev` starts; that has no place for a check of its web server's requests.
"""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from socket import socket

import dagster as dg
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._utils.log import configure_loggers
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.version import __version__

from orchestration.automation.code_server import is_ready
from orchestration.automation.code_service import workspace_of
from orchestration.automation.same_origin import App, SameOrigin
from orchestration.settings import PROJECT

POLL_MILLISECONDS = 2000  # how often a page asks for news
GRACE_SECONDS = 2  # for requests that are being answered
STOP_SECONDS = 30  # the daemon waits as long for its own threads
POLL_SECONDS = 0.05


def serve(
    listening: socket, origins: Iterable[str], code_server: Path, *, read_only: bool = False
) -> bool:
    """Serve the UI on this socket to pages of these origins, with the daemon that runs the
    schedule, until a signal stops them. Needs DAGSTER_HOME. Returns False if the daemon ended by
    itself; the UI, without a schedule, then stops as well.

    code_server: the socket of one that is starting; the workspace file is written beside it.
    read_only: refuse to launch runs, and to change schedules and sensors.
    """
    configure_loggers(log_level="INFO")
    workspace = code_server.with_name("workspace.yaml")
    workspace.write_text(workspace_of(code_server), encoding="utf-8")
    target = WorkspaceFileTarget([str(workspace)])
    with dg.DagsterInstance.get() as instance:
        _wait_for(code_server, instance.code_server_process_startup_timeout)
        with (
            WorkspaceProcessContext(
                instance, target, version=__version__, read_only=read_only
            ) as context,
            _daemon(workspace) as daemon,  # last: nobody who opens the UI waits for it
        ):
            app = create_app_from_workspace_process_context(context, "", POLL_MILLISECONDS)
            server = guarded(app, origins)
            ended = threading.Event()
            threading.Thread(target=_stop_after, args=(daemon, server, ended), daemon=True).start()
            server.run(sockets=[listening])
            return not ended.is_set()


def guarded(app: App, origins: Iterable[str]) -> uvicorn.Server:
    """A server for an application that answers only requests from these origins."""
    return uvicorn.Server(
        uvicorn.Config(
            SameOrigin(app, origins),
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def _wait_for(code_server: Path, seconds: float) -> None:
    """Wait until the code server answers. After so many seconds the UI does without it, and shows
    it as soon as it is there."""
    until = time.monotonic() + seconds
    while not is_ready(code_server) and time.monotonic() < until:
        time.sleep(POLL_SECONDS)


@contextlib.contextmanager
def _daemon(workspace: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the daemon. At the end it is stopped, and killed if that fails or on a second signal."""
    arguments = ["run", "--log-level", "warning", "--workspace", str(workspace)]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", "-m", "orchestration.automation.daemon", *arguments],
        cwd=PROJECT,
        stdin=subprocess.PIPE,  # nothing is written; it ends when this process does, even if killed
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()


def _stop_after(
    daemon: "subprocess.Popen[bytes]", server: uvicorn.Server, ended: threading.Event
) -> None:
    """Stop the server when the daemon has ended, and set `ended` if nobody had stopped them."""
    daemon.wait()
    if not server.should_exit:
        ended.set()
    server.should_exit = True
