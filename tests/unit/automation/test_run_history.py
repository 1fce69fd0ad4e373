"""Dagster's run history in our files: no event is lost, and the UI sees a run while it runs."""

import queue
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.automation import run_history
from orchestration.automation.run_history import EventLog
from tests.support.unfinished_runs import idle

SEEN_SECONDS = 10


def test_the_event_log_is_ours(opened: Callable[[], dg.DagsterInstance]) -> None:
    assert isinstance(opened().event_log_storage, EventLog)


def test_a_watcher_sees_at_once_what_a_run_writes(
    opened: Callable[[], dg.DagsterInstance],
) -> None:
    ui, run_worker = opened(), opened()
    run = run_worker.create_run_for_job(idle)
    seen: queue.Queue[str | None] = queue.Queue()
    ui.watch_event_logs(run.run_id, None, lambda entry, _: seen.put(_message(entry)))
    for number in range(5):
        run_worker.report_engine_event(f"event {number}", run)
        while seen.get(timeout=SEEN_SECONDS) != f"event {number}":
            continue


def test_dagsters_own_event_log_reads_everything_that_was_written(
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
        messages = [_message(entry) for entry in plain.get_logs_for_run(run.run_id)]
        assert messages.count(f"of {run.run_id}") == 2
    assert not list(tmp_path.rglob("*.db-wal"))


def test_a_wiped_history_can_be_written_again(
    opened: Callable[[], dg.DagsterInstance],
) -> None:
    instance = opened()
    run = instance.create_run_for_job(idle)
    instance.report_engine_event("before", run)
    instance.event_log_storage.wipe()
    instance.report_engine_event("after", run)
    messages = [_message(entry) for entry in opened().all_logs(run.run_id)]
    assert messages == ["after"]


def _message(entry: dg.EventLogEntry) -> str | None:
    return entry.dagster_event.message if entry.dagster_event else None
