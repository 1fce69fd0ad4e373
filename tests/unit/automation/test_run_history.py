"""Dagster's history in our files: nothing is lost, and the UI sees a run while it runs."""

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.automation import run_history
from orchestration.automation.run_history import EventLog
from orchestration.cli.job import prepare_dagster_home
from orchestration.settings import Settings

SEEN_SECONDS = 10


@dg.op
def nothing() -> None:
    """A step that a run can plan."""


@dg.job
def idle() -> None:
    nothing()


@pytest.fixture
def opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], dg.DagsterInstance]]:
    """Opens the history of one home, as each of Dagster's processes does for itself."""
    monkeypatch.setenv("DAGSTER_HOME", "")  # put back at the end
    prepare_dagster_home(Settings(tmp_path))
    instances: list[dg.DagsterInstance] = []

    def open_one() -> dg.DagsterInstance:
        instances.append(dg.DagsterInstance.get())
        return instances[-1]

    yield open_one
    for instance in instances:
        instance.dispose()


def test_the_log_is_ours(opened: Callable[[], dg.DagsterInstance]) -> None:
    assert isinstance(opened().event_log_storage, EventLog)


def test_what_a_run_writes_is_seen_at_once_by_who_watches(
    opened: Callable[[], dg.DagsterInstance],
) -> None:
    ui, run_worker = opened(), opened()
    run = run_worker.create_run_for_job(idle)
    seen: queue.Queue[str | None] = queue.Queue()
    ui.watch_event_logs(run.run_id, None, lambda entry, _: seen.put(_said(entry)))
    for number in range(5):
        run_worker.report_engine_event(f"event {number}", run)
        while seen.get(timeout=SEEN_SECONDS) != f"event {number}":
            continue


def test_dagster_without_us_reads_all_that_was_written(
    opened: Callable[[], dg.DagsterInstance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_history, "OPEN_FILES", 2)
    instance = opened()
    runs = [instance.create_run_for_job(idle) for _ in range(4)]
    for run in (*runs, *runs):
        instance.report_engine_event(f"of {run.run_id}", run)
    instance.dispose()
    plain = SqliteEventLogStorage(str(tmp_path / "dagster" / "history" / "runs"))
    for run in runs:
        told = [_said(entry) for entry in plain.get_logs_for_run(run.run_id)]
        assert told.count(f"of {run.run_id}") == 2
    assert not list(tmp_path.rglob("*.db-wal"))


def test_a_history_that_was_wiped_is_written_anew(
    opened: Callable[[], dg.DagsterInstance],
) -> None:
    instance = opened()
    run = instance.create_run_for_job(idle)
    instance.report_engine_event("before", run)
    instance.event_log_storage.wipe()
    instance.report_engine_event("after", run)
    told = [_said(entry) for entry in opened().all_logs(run.run_id)]
    assert told == ["after"]


def _said(entry: dg.EventLogEntry) -> str | None:
    return entry.dagster_event.message if entry.dagster_event else None
