"""Dagster's run history in our files: no event is lost, and the UI sees a run while it runs."""

import queue
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterEvent, DagsterEventType
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.automation import run_history
from orchestration.automation.run_history import EventLog
from tests.support.unfinished_runs import idle

SEEN_SECONDS = 10
CHECKS = ("keys_are_unique", "rows_are_enough", "values_are_listed")


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


def test_what_a_run_plans_is_as_dagster_itself_stores_it(
    opened: Callable[[], dg.DagsterInstance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = opened()
    together = _stored(instance.create_run_for_job(checked()), tmp_path)
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "0")
    one_by_one = _stored(instance.create_run_for_job(checked()), tmp_path)
    assert together == one_by_one
    assert [len(rows) for rows in together] == [1 + len(CHECKS), 1 + len(CHECKS), len(CHECKS)]


@pytest.mark.parametrize("is_planned", [True, False])
def test_what_a_run_checks_is_as_dagster_itself_stores_it(
    is_planned: bool,
    opened: Callable[[], dg.DagsterInstance],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stored() -> list[list[str]]:
        run = instance.create_run_for_job(checked() if is_planned else idle)
        for position, name in enumerate(CHECKS):
            instance.report_dagster_event(_result(name, position, run), run.run_id)
        return _stored(run, tmp_path)

    instance = opened()
    with monkeypatch.context() as ours:
        if is_planned:  # Dagster's own way is for a check that the run has not planned
            ours.setattr(EventLog, "_update_asset_check_evaluation", None)
        together = stored()
    monkeypatch.setattr(EventLog, "store_event", SqliteEventLogStorage.store_event)
    assert together == stored()
    verdicts = [verdict for row in together[2] for verdict in re.findall("SUCCEEDED|FAILED", row)]
    assert sorted(verdicts) == ["FAILED", "FAILED", "SUCCEEDED"]


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


def checked() -> dg.JobDefinition:
    """A job that makes a table and runs its checks."""

    @dg.asset(check_specs=[dg.AssetCheckSpec(name, asset="table") for name in CHECKS])
    def table() -> Iterator[object]:
        yield dg.MaterializeResult()

    job = dg.define_asset_job("checked")
    return dg.Definitions([table], jobs=[job]).resolve_job_def("checked")


def _result(check: str, position: int, run: dg.DagsterRun) -> DagsterEvent:
    """The result of a check as its step reports it: the first passed, and is about the newest row
    of its table."""
    of = AssetCheckEvaluationTargetMaterializationData(
        storage_id=7, run_id=run.run_id, timestamp=12.5
    )
    evaluation = AssetCheckEvaluation(
        asset_key=dg.AssetKey("table"),
        check_name=check,
        passed=position == 0,
        metadata={"rows": dg.MetadataValue.int(position)},
        target_materialization_data=of if position == 0 else None,
    )
    return DagsterEvent(
        DagsterEventType.ASSET_CHECK_EVALUATION.value,
        job_name=run.job_name,
        event_specific_data=evaluation,
    )


def _stored(run: dg.DagsterRun, home: Path) -> list[list[str]]:
    """What the files have of a run, without numbers and times: the events in its own file and in
    the index, and the checks, each with the event that it refers to."""
    folder = home / "dagster" / "history" / "runs"
    events = "select dagster_event_type, step_key, asset_key, partition, event from event_logs"
    checks = (
        "select c.asset_key, check_name, execution_status, evaluation_event = event, c.partition,"
        " evaluation_event_timestamp = timestamp, materialization_event_storage_id"
        " from asset_check_executions c join event_logs e on evaluation_event_storage_id = e.id"
        f" where c.run_id = '{run.run_id}'"
    )
    of_run = f" where run_id = '{run.run_id}'"
    files = {run.run_id: [events], "index": [events + of_run, checks]}
    return [
        sorted(_without_times(row, run) for row in _selected(folder / f"{name}.db", query))
        for name, queries in files.items()
        for query in queries
    ]


def _selected(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def _without_times(row: tuple[object, ...], run: dg.DagsterRun) -> str:
    return re.sub(r'("timestamp": )[0-9.]+', r"\1", repr(row)).replace(run.run_id, "run")


def _message(entry: dg.EventLogEntry) -> str | None:
    return entry.dagster_event.message if entry.dagster_event else None
