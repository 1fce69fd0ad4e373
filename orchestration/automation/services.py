"""Dagster's web server, daemon and code server as three services, each started, stopped and
restarted by itself, for a service manager such as systemd.

What belongs here: starting one of them. They meet at a socket in Dagster's home, which nobody but
the home's user may connect to. A run is executed by the code server; the others may restart
meanwhile. `web_server` starts all three together.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from socket import socket
from typing import NoReturn

import dagster as dg
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._utils.log import configure_loggers
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.version import __version__

from orchestration.automation.code_service import code_server_command, workspace_of
from orchestration.automation.web_server import POLL_MILLISECONDS, guarded
from orchestration.durable import replace
from orchestration.settings import ConfigurationError, Settings

SOCKET, WORKSPACE = "code.sock", "services.yaml"  # in Dagster's home
LONGEST_SOCKET = 107  # bytes, a limit of the system


def serve_web(
    settings: Settings, listening: socket, origins: Iterable[str], *, read_only: bool
) -> None:
    """Serve the UI on this socket to pages of these origins, until a signal stops it. Shows the
    code location as soon as the code server answers. Needs DAGSTER_HOME.

    read_only: refuse to launch runs, and to change schedules and sensors.
    """
    configure_loggers(log_level="INFO")
    target = WorkspaceFileTarget([str(_write_workspace(settings))])
    with (
        dg.DagsterInstance.get() as instance,
        WorkspaceProcessContext(
            instance, target, version=__version__, read_only=read_only
        ) as context,
    ):
        app = create_app_from_workspace_process_context(context, "", POLL_MILLISECONDS)
        guarded(app, origins).run(sockets=[listening])


def run_daemon(settings: Settings) -> NoReturn:
    """Become Dagster's daemon, which runs the schedules. Needs DAGSTER_HOME."""
    workspace = str(_write_workspace(settings))
    arguments = ["run", "--log-level", "warning", "--workspace", workspace]
    _become([sys.executable, "-m", "dagster._daemon", *arguments])


def run_code_server(settings: Settings) -> NoReturn:
    """Become the code server, which executes runs. Needs DAGSTER_HOME."""
    _become(code_server_command(_socket(settings)))


def _write_workspace(settings: Settings) -> Path:
    """Write the workspace file that names the code server."""
    text = workspace_of(_socket(settings))
    workspace = settings.dagster_home / WORKSPACE
    if not workspace.exists() or workspace.read_text() != text:
        replace(workspace, lambda path: path.write_text(text))
    return workspace


def _socket(settings: Settings) -> Path:
    """Where the code server listens. Raises ConfigurationError if the path is too long."""
    path = settings.dagster_home / SOCKET
    if (length := len(os.fsencode(path))) > LONGEST_SOCKET:
        raise ConfigurationError(
            f"{path}: found a path of {length} bytes, expected at most {LONGEST_SOCKET} for a "
            "socket; set BORDERLEDGER_HOME to a shorter path"
        )
    return path


def _become(command: list[str]) -> NoReturn:
    """Replace this process by a command, which then gets the service manager's signals. Only its
    owner may connect to a socket that it makes."""
    os.umask(os.umask(0o027) | 0o027)
    os.execv(command[0], command)  # noqa: S606
