"""Dagster's history of runs: SQLite files below its home.

What belongs here: how those files are opened; their content is Dagster's. `dagster.yaml` names
`RunHistory` as Dagster's storage.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import Any, Self

from dagster import DagsterEventType, EventLogEntry
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationPlanned,
)
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, bindparam, create_engine, event

OPEN_FILES = 16

# compiled once, for which they are executed with the values as parameters
WRITTEN = SqlEventLogStorageTable.insert()
EVALUATED = AssetCheckExecutionsTable.update().where(
    AssetCheckExecutionsTable.c.asset_key == bindparam("of_asset"),
    AssetCheckExecutionsTable.c.check_name == bindparam("of_check"),
    AssetCheckExecutionsTable.c.run_id == bindparam("of_run"),
    AssetCheckExecutionsTable.c.partition.is_(None),
)


class EventLog(SqliteEventLogStorage):
    """Dagster's own event log, except that the most recently used files stay open. Dagster opens
    the file for every event, and SQLAlchemy then compiles every statement anew. In a run, which
    has over a thousand events, that took about a quarter of the time."""

    def __init__(self, base_dir: str) -> None:
        self._engines: dict[str, Engine] = {}
        self._tables: set[str] = set()
        super().__init__(base_dir)

    def store_event(self, event: EventLogEntry) -> None:
        if _evaluates_a_check(event):
            self._store_evaluation(event)
        else:
            super().store_event(event)
        self._show(event.run_id)

    def _store_evaluation(self, event: EventLogEntry) -> None:
        """What Dagster writes of the result of a check, except that the event becomes JSON once and
        not twice."""
        evaluation, row = _evaluation(event), self._event_to_row(event)
        status = AssetCheckExecutionRecordStatus
        of = evaluation.target_materialization_data
        with self.run_connection(event.run_id) as file:
            file.execute(WRITTEN, row)
        with self.index_connection() as index:
            number = index.execute(WRITTEN, row).lastrowid
            result = {
                "of_asset": evaluation.asset_key.to_string(),
                "of_check": evaluation.check_name,
                "of_run": event.run_id,
                "execution_status": (
                    status.SUCCEEDED if evaluation.passed else status.FAILED
                ).value,
                "evaluation_event": row["event"],
                "evaluation_event_timestamp": row["timestamp"],
                "evaluation_event_storage_id": number,
                "materialization_event_storage_id": of.storage_id if of else None,
            }
            was_planned = index.execute(EVALUATED, result).rowcount > 0
        if not was_planned:
            self._update_asset_check_evaluation(event, number)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store what a run plans, which Dagster hands over at once. Its checks, over a thousand,
        are written together: one by one they took two seconds of each run."""
        together = [one for one in events if _plans_a_check(one)]
        for alone in (one for one in events if not _plans_a_check(one)):
            self.store_event(alone)
        for run_id, of_run in groupby(together, key=lambda one: one.run_id):
            self._store_planned_checks(run_id, list(of_run))

    def _store_planned_checks(self, run_id: str, events: Sequence[EventLogEntry]) -> None:
        """What `store_event` writes of each: into the run's file, into the index, and as a check
        that has no result yet."""
        rows = [self._event_to_row(one) for one in events]
        numbered = WRITTEN.returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True)
        with self.index_connection() as index:
            ids: Sequence[int] = index.execute(numbered, rows).scalars().all()
            checks = [
                {
                    "asset_key": planned.asset_key.to_string(),
                    "check_name": planned.check_name,
                    "run_id": run_id,
                    "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
                    "evaluation_event": row["event"],
                    "evaluation_event_timestamp": row["timestamp"],
                    "evaluation_event_storage_id": number,
                }
                for planned, row, number in zip(map(_planned, events), rows, ids, strict=True)
            ]
            index.execute(AssetCheckExecutionsTable.insert(), checks)
        with self.run_connection(run_id) as file:
            file.execute(WRITTEN, rows)
        self._show(run_id)

    def _show(self, run_id: str) -> None:
        """The UI watches this file, but while it is open SQLite writes to a file beside it."""
        with suppress(FileNotFoundError):  # another process has wiped the history
            os.utime(self.path_for_shard(run_id))

    def has_table(self, table_name: str) -> bool:
        """Dagster asks this for every event of a check; a table that is there stays there."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def wipe(self) -> None:
        self._close()
        self._tables.clear()
        super().wipe()

    def dispose(self) -> None:
        super().dispose()
        self._close()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine_of(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine_of(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None) or _create_engine(self.conn_string_for_shard(shard))
        self._engines[shard] = engine
        if len(self._engines) > OPEN_FILES:
            self._engines.pop(next(iter(self._engines))).dispose()
        return engine

    def _close(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


class RunHistory(DagsterSqliteStorage):
    """Dagster's own storage in files, with our event log."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = EventLog(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        return cls.from_local(inst_data=inst_data, **config_value)


def _planned(event: EventLogEntry) -> AssetCheckEvaluationPlanned:
    planned = event.get_dagster_event().event_specific_data
    assert isinstance(planned, AssetCheckEvaluationPlanned)
    return planned


def _evaluation(event: EventLogEntry) -> AssetCheckEvaluation:
    evaluation = event.get_dagster_event().event_specific_data
    assert isinstance(evaluation, AssetCheckEvaluation)
    return evaluation


def _evaluates_a_check(event: EventLogEntry) -> bool:
    """Whether an event is the result of a check that a run ran on an asset without partitions."""
    kind = DagsterEventType.ASSET_CHECK_EVALUATION
    return (
        event.dagster_event_type == kind
        and bool(event.run_id)
        and _evaluation(event).partition is None
    )


def _plans_a_check(event: EventLogEntry) -> bool:
    """Whether an event plans a check of an asset without partitions."""
    kind = DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
    return event.dagster_event_type == kind and _planned(event).partitions_subset is None


def _create_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _turn_off_sync)
    return engine


def _turn_off_sync(connection: Any, _: Any) -> None:
    """Do not wait for the disk. Each event is a transaction of its own, and waiting each time made
    a run a tenth longer. A power failure may destroy the history of runs, but never a release or
    a published file."""
    connection.execute("pragma synchronous = off").close()
