"""Running the Dagster job from the command, and starting its UI.

What belongs here: Dagster's home, progress on the terminal, and what became of a run.
"""

import contextlib
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from orchestration.builds.build import Build, build_of_run
from orchestration.durable import WriteError, write_failure
from orchestration.settings import PROJECT, Settings

INSTANCE = PROJECT / "orchestration" / "dagster.yaml"


@dataclass(frozen=True)
class Run:
    """What became of a run: the build that it opened (if it came so far), and why it failed."""

    succeeded: bool
    refused_by_gate: bool
    reason: str | None
    build: Build | None


def run_nightly(settings: Settings, force: bool, as_of: date | None = None) -> Run:
    """Run the job `nightly` in this process, with progress on standard error. The releases
    have been looked for already, so nothing but the archive is looked at again. as_of: build
    from the releases published by that day, and publish nothing."""
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
        contextlib.redirect_stdout(file),  # what dbt prints
    ):
        result = job.execute_in_process(config, instance=instance, raise_on_error=False)
    failures = [event for event in result.all_events if event.is_step_failure]
    try:
        build = build_of_run(settings, result.run_id)
    except FileNotFoundError:
        build = None
    reason, hindered = None, False
    if failures:
        error = failures[0].step_failure_data.error
        cause = error.cause if error and error.cause else error
        message = cause.message.strip() if cause else "unknown"
        told = _killed(message) or write_failure(message, settings.home)
        hindered = told is not None  # no gate has refused anything then
        reason = f"in step {failures[0].step_key}: {told or message} (see {log})"
    gated = any((event.step_key or "").startswith("gates_after_") for event in failures)
    return Run(result.success, gated and not hindered, reason, build)


@contextlib.contextmanager
def _history_in(folder: Path) -> Iterator[None]:
    """Dagster's history is kept by SQLite, whose errors do not say where."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        told = write_failure(str(error.orig), folder)
        if told is None:
            raise
        raise WriteError(told) from error


def _killed(message: str) -> str | None:
    """What to say of a dbt process that did not end by itself."""
    if (found := re.search(r"exit code `-(\d+)`", message)) is None:
        return None
    name = signal.Signals(int(found[1])).name
    memory = ", as the system does where memory runs out" if name == "SIGKILL" else ""
    return f"dbt was killed by {name}{memory}; start again"


def start_ui(settings: Settings, port: int) -> None:
    """Replace this process by Dagster's web server and daemon, on loopback only."""
    prepare_dagster_home(settings)
    from orchestration.assets.models import prepare_manifest

    prepare_manifest()
    os.environ["BORDERLEDGER_HOME"] = str(settings.home)
    dagster = str(Path(sys.executable).with_name("dagster"))
    arguments = ["dev", "-h", "127.0.0.1", "-p", str(port), "-m", "orchestration.definitions"]
    os.execv(dagster, [dagster, *arguments])  # noqa: S606


def prepare_dagster_home(settings: Settings) -> None:
    """Make Dagster's home with our instance settings, and point this process to it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(INSTANCE, settings.dagster_home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["DO_NOT_TRACK"] = "1"
