"""Dagster's history of runs: SQLite files below its home.

What belongs here: how those files are opened; their content is Dagster's. `dagster.yaml` names
`RunHistory` as Dagster's storage.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Self

from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

OPEN_FILES = 16


class EventLog(SqliteEventLogStorage):
    """Dagster's own event log, except that the most recently used files stay open. Dagster opens
    the file for every event, and SQLAlchemy then compiles every statement anew. In a run, which
    has over a thousand events, that took about a quarter of the time."""

    def __init__(self, base_dir: str) -> None:
        self._engines: dict[str, Engine] = {}
        self._tables: set[str] = set()
        super().__init__(base_dir)

    def store_event(self, event: EventLogEntry) -> None:
        super().store_event(event)
        # the UI watches this file, but while it is open SQLite writes to a file beside it
        with suppress(FileNotFoundError):  # another process has wiped the history
            os.utime(self.path_for_shard(event.run_id))

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


def _create_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _turn_off_sync)
    return engine


def _turn_off_sync(connection: Any, _: Any) -> None:
    """Do not wait for the disk. Each event is a transaction of its own, and waiting each time made
    a run a tenth longer. A power failure may destroy the history of runs, but never a release or
    a published file."""
    connection.execute("pragma synchronous = off").close()
