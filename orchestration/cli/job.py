"""Running Dagster's jobs from the command, and starting Dagster's UI.

Dagster is imported late: most commands do without it.
"""

import os
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, NoReturn

from orchestration.automation.instance import prepare_dagster_home
from orchestration.automation.last_run import forget_early_end, remember_early_end
from orchestration.automation.same_origin import own_origins
from orchestration.cli.interruption import insisting, is_for_a_signal
from orchestration.intake.outcome import IntakeOutcome
from orchestration.quick_imports import quick_imports
from orchestration.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from dagster import JobDefinition

    from orchestration.automation.runs import Runs
    from orchestration.gates.process import GreatExpectationsProcess

ADDRESS = "127.0.0.1"


@contextmanager
def dagster_runs(
    settings: Settings,
    fetched: Sequence[IntakeOutcome] = (),
    checking: "GreatExpectationsProcess | None" = None,
) -> Iterator["Runs"]:
    """Prepare Dagster's home, and yield what runs its jobs in this process.

    fetched: the outcomes of the command's own fetch, which the job nightly then records.
    checking: for the first run of the job build; see `great_expectations`.
    """
    prepare_dagster_home(settings)
    with quick_imports():
        from orchestration.automation.job import NIGHTLY, fetching
        from orchestration.automation.runs import open_runs

    @cache
    def job_named(name: str) -> "JobDefinition":
        if name == NIGHTLY:
            return fetching(settings, fetched).resolve_job_def(name)
        with quick_imports():
            from orchestration.definitions import build_defs
        return build_defs(settings, checking).resolve_job_def(name)

    with insisting(), open_runs(settings, job_named) as runs:
        yield runs


@contextmanager
def announced(settings: Settings) -> Iterator[None]:
    """Announce an error that ends the command outside of a run, such as a full disk before the
    first one, and remember it for `status`: no history has it. It is raised again."""
    try:
        yield
    except Exception as error:
        if not is_for_a_signal(error):
            remember_early_end(settings.home, error)
            # without channels, whoever reads the command's output is all that there is
            if settings.alerts:
                from orchestration.automation.alerts.announce import announce

                announce(settings, ended_early=(str(error) or type(error).__name__,))
        raise
    forget_early_end(settings.home)


def listen(port: int) -> socket.socket:
    """A socket that listens on the loopback address only. Raises ConfigurationError if it cannot,
    as when another program has the port."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
    try:
        listening.bind((ADDRESS, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot listen on {ADDRESS}, port {port}: {error.strerror}; "
            "choose a free one with --port"
        ) from error
    return listening


def start_ui(
    settings: Settings,
    listening: socket.socket,
    *,
    only_web: bool = False,
    read_only: bool = False,
) -> bool:
    """Serve Dagster's UI on a socket, and run its daemon, until Ctrl+C or SIGTERM. Returns False
    if the daemon ended by itself. Raises ConfigurationError if the proxy's origin is none.

    only_web: without the daemon and the code server. read_only: refuse to launch runs.
    """
    origins = _origins(settings, listening)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ["BORDERLEDGER_HOME"] = str(settings.home)
    try:
        prepare_dagster_home(settings)
        if only_web:
            from orchestration.automation.services import serve_web

            serve_web(settings, listening, origins, read_only=read_only)
            return True
        from orchestration.automation.code_service import running_code_server

        with running_code_server() as code_server:  # it starts while Dagster is imported here
            with quick_imports():
                from orchestration.automation.web_server import serve

            return serve(listening, origins, code_server, read_only=read_only)
    except KeyboardInterrupt:  # how an operator stops it
        return True


def become_service(settings: Settings, name: str) -> NoReturn:
    """Become Dagster's `daemon`, or the `code` server, in this process."""
    os.environ["BORDERLEDGER_HOME"] = str(settings.home)
    prepare_dagster_home(settings)
    from orchestration.automation.services import run_code_server, run_daemon

    if name == "daemon":
        run_daemon(settings)
    run_code_server(settings)


def _origins(settings: Settings, listening: socket.socket) -> list[str]:
    """The origins whose pages may use the UI."""
    try:
        return own_origins(listening.getsockname()[1], settings.ui_origin)
    except ValueError:
        raise ConfigurationError(
            f"BORDERLEDGER_UI_ORIGIN is {settings.ui_origin!r}; "
            "expected scheme and host, such as https://ledger.example.gov"
        ) from None
