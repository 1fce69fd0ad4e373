"""Old runs in Dagster's history: which ones may go, and deleting them with all that they left.

What belongs here: Dagster's runs, whichever database holds them. How old is too old is decided
in `retention`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import dagster as dg
from dagster import AssetRecordsFilter, DagsterEventType
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.event_log import SqlEventLogStorage, SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from sqlalchemy import Select, delete, func, select

BATCH = 500  # SQLite's limit on the values of one statement is higher


@dataclass(frozen=True)
class OldRun:
    """A run that may be deleted.

    job: None if only its events are left, as when a deletion was killed.
    size_bytes: of its files; its rows in a shared database do not count.
    """

    run_id: str
    job: str | None
    size_bytes: int


def old_runs(instance: dg.DagsterInstance, before: datetime) -> list[OldRun]:
    """The runs that ended before this time, oldest first, except those whose results are shown as
    the latest of an asset, a partition or a check: without them the UI would forget what is
    published."""
    records = instance.get_run_records(
        dg.RunsFilter(statuses=list(FINISHED_STATUSES), updated_before=before), ascending=True
    )
    kept = _shown_as_latest(instance)
    old = [
        OldRun(run.run_id, run.job_name, _size(instance, run.run_id))
        for run in (record.dagster_run for record in records)
        if run.run_id not in kept
    ]
    orphans = [
        OldRun(run_id, None, _size(instance, run_id))
        for run_id in _without_a_record(instance, before)
        if run_id not in kept
    ]
    return old + orphans


def delete_runs(instance: dg.DagsterInstance, run_ids: Sequence[str]) -> None:
    """Delete runs with their events, their results of checks and what their steps printed."""
    for run_id in run_ids:
        # first what only the run's record leads to
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.delete_run(run_id)
        for path in _event_files(instance, run_id):
            path.unlink(missing_ok=True)
    storage = instance.event_log_storage
    if isinstance(storage, SqlEventLogStorage):
        checks = AssetCheckExecutionsTable
        for start in range(0, len(run_ids), BATCH):
            batch = run_ids[start : start + BATCH]
            with storage.index_connection() as connection:
                connection.execute(delete(checks).where(checks.c.run_id.in_(batch)))


def _shown_as_latest(instance: dg.DagsterInstance) -> set[str]:
    """The runs whose results Dagster shows as the latest ones."""
    storage = instance.event_log_storage
    kept: set[str | None] = {None}
    for record in instance.get_asset_records():
        entry = record.asset_entry
        kept |= {entry.last_run_id, entry.last_planned_materialization_run_id}
        for event in (entry.last_materialization, entry.last_observation):
            kept.add(event.run_id if event else None)
        latest = storage.get_latest_storage_id_by_partition(
            entry.asset_key, DagsterEventType.ASSET_MATERIALIZATION
        )
        kept |= set(_runs_that_materialized(instance, entry.asset_key, list(latest.values())))
    if isinstance(storage, SqlEventLogStorage):
        with storage.index_connection() as connection:
            kept.update(str(row.run_id) for row in connection.execute(_runs_of_latest_checks()))
    return {run_id for run_id in kept if run_id}


def _runs_that_materialized(
    instance: dg.DagsterInstance, key: dg.AssetKey, storage_ids: list[int]
) -> Iterator[str]:
    for start in range(0, len(storage_ids), BATCH):
        batch = storage_ids[start : start + BATCH]
        found = instance.fetch_materializations(
            AssetRecordsFilter(key, storage_ids=batch), limit=len(batch)
        )
        yield from (record.run_id for record in found.records)


def _runs_of_latest_checks() -> Select[tuple[str]]:
    """The query for the runs that have the latest result of a check, planned or evaluated."""
    table = AssetCheckExecutionsTable
    what = (table.c.asset_key, table.c.check_name, table.c.partition)
    evaluated = table.c.evaluation_event_storage_id.is_not(None)
    latest = select(func.max(table.c.id)).group_by(*what)
    latest_evaluated = latest.where(evaluated)
    return select(table.c.run_id).where(table.c.id.in_(latest) | table.c.id.in_(latest_evaluated))


def _without_a_record(instance: dg.DagsterInstance, before: datetime) -> list[str]:
    """The runs of which only the file of their events is left, and which was written before."""
    storage = instance.event_log_storage
    if not isinstance(storage, SqliteEventLogStorage):
        return []
    # the events of no run are in a file without a name
    found = sorted(run_id for run_id in storage.get_all_run_ids() if run_id.strip("."))
    return [
        run_id
        for run_id in found
        if not instance.has_run(run_id)
        and all(
            path.stat().st_mtime < before.timestamp() for path in _event_files(instance, run_id)
        )
    ]


def _event_files(instance: dg.DagsterInstance, run_id: str) -> list[Path]:
    """The files of a run's events, if each run has files of its own."""
    storage = instance.event_log_storage
    if not isinstance(storage, SqliteEventLogStorage):
        return []
    shard = Path(storage.path_for_shard(run_id))
    files = (shard.with_name(shard.name + end) for end in ("", "-wal", "-shm", "-journal"))
    return [path for path in files if path.exists()]


def _size(instance: dg.DagsterInstance, run_id: str) -> int:
    folder = Path(instance.storage_directory()) / run_id
    printed = [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in (*_event_files(instance, run_id), *printed))
