"""dbt, run in this process on a build's file.

What belongs here: how dbt is called and interrupted, where its output goes, and that it lets go of
the file. Which models a step makes is in `models`.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.assets.dbt_project import TARGET, DbtError, prepare_manifest, project_digest
from orchestration.builds.build import Build
from orchestration.builds.connection import limits_of
from orchestration.quick_imports import quick_imports
from orchestration.settings import DBT_PROJECT

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

OUTPUT = "output.log"
MADE = ("success", "pass")
CANCEL_SECONDS = 0.5


@dataclass(frozen=True)
class MadeNode:
    """A model or seed that dbt has made. unique_id: dbt's. seconds: of wall time."""

    unique_id: str
    seconds: float


def make_models(build: Build, select: str) -> list[MadeNode]:
    """Make the models and seeds that dbt's `--select` chooses in a build's file, without unit
    tests. dbt's output is appended to `dbt/output.log` in the build's folder. Raises DbtError,
    which names that log, if a model cannot be made."""
    folder = build.folder / "dbt"
    folder.mkdir(exist_ok=True)
    with (folder / OUTPUT).open("a") as output, contextlib.redirect_stdout(output):
        manifest = parsed_project()
        of_profile = _of_profile(build)
        os.environ.update(of_profile)
        arguments = ["--select", *select.split(), "--exclude-resource-type", "unit_test"]
        try:
            result = _invoke("build", arguments, folder, manifest)
        finally:
            for name in of_profile:
                del os.environ[name]
            _close_file()
    if problem := _problem(result):
        raise DbtError(f"dbt failed; its output is in {folder / OUTPUT}: {problem}")
    return [
        MadeNode(one.node.unique_id, one.execution_time)
        for one in result.result.results
        if one.status in MADE and one.node.resource_type in ("model", "seed")
    ]


def _of_profile(build: Build) -> dict[str, str]:
    """The variables that dbt's profile reads."""
    limits = limits_of(build.database)
    return {
        "BORDERLEDGER_BUILD": str(build.database),
        "BORDERLEDGER_BUILD_MEMORY": limits.memory,
        "BORDERLEDGER_BUILD_THREADS": str(limits.threads),
    }


def parsed_project() -> "Manifest":
    """The parsed project, which dbt reads from what it has stored when it was prepared: once per
    process, unless the project's files change. Raises DbtError if it cannot be parsed."""
    return _parsed(project_digest(DBT_PROJECT))


@lru_cache(maxsize=1)
def _parsed(digest: str) -> "Manifest":
    prepare_manifest()
    result = _invoke("parse", [], DBT_PROJECT / TARGET)
    if problem := _problem(result):
        raise DbtError(f"dbt cannot parse {DBT_PROJECT}: {problem}")
    manifest: Manifest = result.result
    return manifest


def _invoke(
    command: str, arguments: Sequence[str], target: Path, manifest: "Manifest | None" = None
) -> Any:
    """Call dbt. Raises what has interrupted it."""
    with quick_imports():
        from dbt.cli.main import dbtRunner

    folders = ("--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT)
    written = ("--target-path", target, "--log-path", target, "--no-write-json")
    call = [command, *map(str, (*folders, *written)), *arguments]
    with _interrupts_that_dbt_knows():
        result = dbtRunner(manifest).invoke(call)
    if isinstance(result.exception, BaseException) and not isinstance(result.exception, Exception):
        raise result.exception  # an interrupt, which dbt's runner keeps for itself
    return result


@contextlib.contextmanager
def _interrupts_that_dbt_knows() -> Iterator[None]:
    """While this lasts, a signal that ends the run raises KeyboardInterrupt, on which dbt cancels
    the query that its thread works on. Dagster raises an exception that dbt does not know. dbt
    cancels once, which a query that is about to begin does not notice, and then waits for its end;
    so queries are cancelled until dbt has ended."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals never reach another thread
        return
    interrupted, ended = threading.Event(), threading.Event()
    canceller = threading.Thread(target=_keep_cancelling, args=(interrupted, ended), daemon=True)
    canceller.start()

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()
        signal.default_int_handler(number, frame)

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        ended.set()
        interrupted.set()
        canceller.join()
        for number, handler in before.items():
            signal.signal(number, handler)


def _keep_cancelling(interrupted: threading.Event, ended: threading.Event) -> None:
    """Once dbt is interrupted, cancel its queries over and over until it has ended."""
    interrupted.wait()
    while not ended.wait(CANCEL_SECONDS):
        _cancel_queries()


def _cancel_queries() -> None:
    from dbt.adapters.contracts.connection import ConnectionState
    from dbt.adapters.factory import FACTORY

    for adapter in FACTORY.adapters.values():
        for connection in list(adapter.connections.thread_connections.values()):
            if connection.state == ConnectionState.OPEN:
                with contextlib.suppress(duckdb.Error):  # it has just been closed
                    adapter.connections.cancel(connection)


def _close_file() -> None:
    """Close the build's file, which dbt's adapter keeps open for its next command."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _problem(result: Any) -> str | None:
    """Why a command of dbt failed; None if it succeeded."""
    if result.success:
        return None
    if result.exception is not None:
        return str(result.exception)
    failed = [one for one in result.result.results if one.status not in (*MADE, "skipped")]
    return "; ".join(f"{one.node.name}: {' '.join(str(one.message).split())}" for one in failed)
