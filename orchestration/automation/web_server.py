"""Dagster's web server behind our check, its daemon and its code server.

What belongs here: starting the three, and stopping them together. They are what `dagster dev`
starts; that has no place for a check of its web server's requests.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from socket import socket

import dagster as dg
import uvicorn
import yaml
from dagster._cli.proxy_server_manager import ProxyServerManager
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget, WorkspaceFileTarget
from dagster._utils.log import configure_loggers
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.version import __version__

from orchestration.automation.same_origin import App, SameOrigin
from orchestration.settings import PROJECT

POLL_MILLISECONDS = 2000  # how often a page asks for news
GRACE_SECONDS = 2  # for requests that are being answered
STOP_SECONDS = 30  # the daemon waits as long for its own threads


def serve(listening: socket, origins: Iterable[str], *, read_only: bool = False) -> bool:
    """Serve the UI on this socket to pages of these origins, with the daemon that runs the
    schedule, until a signal stops them. Needs DAGSTER_HOME. Returns False if the daemon ended by
    itself; the UI, without a schedule, then stops as well.

    read_only: refuse to launch runs, and to change schedules and sensors.
    """
    os.environ["DAGSTER_IS_DEV_CLI"] = "1"  # errors in the code location are logged once
    configure_loggers(log_level="INFO")
    with (
        dg.DagsterInstance.get() as instance,
        _code_server(instance) as workspace,
        _daemon(workspace) as daemon,
        WorkspaceProcessContext(
            instance,
            WorkspaceFileTarget([str(workspace)]),
            version=__version__,
            read_only=read_only,
        ) as context,
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


@contextlib.contextmanager
def _code_server(instance: dg.DagsterInstance) -> Iterator[Path]:
    """Run the code server, started again if it fails. Yields the workspace file that names it."""
    target = ModuleTarget(
        "orchestration.definitions",
        attribute=None,
        working_directory=str(PROJECT),
        location_name=None,
    )
    with (
        ProxyServerManager(instance, target, code_server_log_level="warning") as servers,
        tempfile.TemporaryDirectory(prefix="borderledger-") as folder,
    ):
        workspace = Path(folder, "workspace.yaml")
        specs = yaml.dump({"load_from": servers.get_code_server_specs()})
        workspace.write_text(specs, encoding="utf-8")
        yield workspace


@contextlib.contextmanager
def _daemon(workspace: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the daemon. At the end it is stopped, and killed if that fails or on a second signal."""
    arguments = ["run", "--log-level", "info", "--workspace", str(workspace)]
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
