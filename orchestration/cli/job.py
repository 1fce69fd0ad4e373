"""Running the Dagster job from the command, and starting Dagster's UI.

What belongs here: running the job, and finding out why it failed.
"""

import contextlib
import os
import re
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from orchestration.automation.instance import prepare_dagster_home
from orchestration.automation.same_origin import own_origins
from orchestration.builds.build import Build, build_of_run
from orchestration.durable import WriteError, write_failure
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.gate_holds import held_in_run
from orchestration.settings import ConfigurationError, Settings

ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Run:
    """The result of a run.

    reason: why it failed; None if it succeeded.
    held: the releases that a gate held, without which the run was repeated.
    build: the build that it opened; None if it failed before that.
    """

    run_id: str
    succeeded: bool
    refused_by_gate: bool
    reason: str | None
    build: Build | None
    held: tuple[Release, ...] = ()


def run_nightly(settings: Settings, force: bool, as_of: date | None = None) -> Run:
    """Run the job `nightly` in this process, with progress on standard error; once more if a gate
    held a release. The command has fetched releases already, so the job fetches nothing from
    landing folders or sites.

    as_of: build from the releases published by that day, and publish nothing.
    """
    run = _run_once(settings, force, as_of)
    if not run.held:
        return run
    from orchestration.gates.checks import REPEATS_TAG

    repeated = _run_once(settings, force, as_of, tags={REPEATS_TAG: run.run_id})
    return replace(repeated, held=run.held)


def _run_once(
    settings: Settings, force: bool, as_of: date | None, tags: dict[str, str] | None = None
) -> Run:
    prepare_dagster_home(settings)
    import dagster as dg

    from orchestration.automation.job import NIGHTLY
    from orchestration.definitions import build_defs

    job = build_defs(replace(settings, landing=())).resolve_job_def(NIGHTLY)
    config = {
        "loggers": {"console": {}},
        "ops": {
            "archive": {"config": {"offline": True}},
            "build": {"config": {"force": force, "as_of": as_of and as_of.isoformat()}},
        },
    }
    log = settings.home / "last-run.log"
    with (
        _history_in(settings.dagster_home),
        dg.DagsterInstance.get() as instance,
        log.open("w") as file,
        contextlib.redirect_stdout(file),  # dbt's output
    ):
        result = job.execute_in_process(config, instance=instance, raise_on_error=False, tags=tags)
    failures = [event for event in result.all_events if event.is_step_failure]
    try:
        build = build_of_run(settings, result.run_id)
    except FileNotFoundError:
        build = None
    reason, is_system_failure = None, False
    if failures:
        error = failures[0].step_failure_data.error
        cause = error.cause if error and error.cause else error
        message = cause.message.strip() if cause else "unknown"
        system_failure = _killed(message) or write_failure(message, settings.home)
        is_system_failure = system_failure is not None
        reason = f"in step {failures[0].step_key}: {system_failure or message} (see {log})"
    in_gate = any((event.step_key or "").startswith("gates_after_") for event in failures)
    held = tuple(held_in_run(Archive(settings.archive), result.run_id))
    by_gate = in_gate and not is_system_failure
    return Run(result.run_id, result.success, by_gate, reason, build, held)


@contextlib.contextmanager
def _history_in(folder: Path) -> Iterator[None]:
    """Turn SQLite's errors about Dagster's history into a WriteError that names the folder."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        failure = write_failure(str(error.orig), folder)
        if failure is None:
            raise
        raise WriteError(failure) from error


def _killed(message: str) -> str | None:
    """The message about a dbt process that was killed; None if it was not."""
    if (found := re.search(r"exit code `-(\d+)`", message)) is None:
        return None
    name = signal.Signals(int(found[1])).name
    memory = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"dbt was killed by {name}{memory}; start again"


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


def start_ui(settings: Settings, listening: socket.socket) -> bool:
    """Serve Dagster's UI on a socket, and run its daemon, until Ctrl+C or SIGTERM. Returns False
    if the daemon ended by itself. Raises ConfigurationError if the proxy's origin is none."""
    origins = _origins(settings, listening)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ["BORDERLEDGER_HOME"] = str(settings.home)
    try:
        prepare_dagster_home(settings)
        from orchestration.assets.models import prepare_manifest
        from orchestration.automation.web_server import serve

        prepare_manifest()
        return serve(listening, origins)
    except KeyboardInterrupt:  # how an operator stops it
        return True


def _origins(settings: Settings, listening: socket.socket) -> list[str]:
    """The origins whose pages may use the UI."""
    try:
        return own_origins(listening.getsockname()[1], settings.ui_origin)
    except ValueError:
        raise ConfigurationError(
            f"BORDERLEDGER_UI_ORIGIN is {settings.ui_origin!r}; "
            "expected scheme and host, such as https://ledger.example.gov"
        ) from None
