"""Dagster's history of runs: SQLite files below its home.

What belongs here: how those files are opened. What they hold is Dagster's business.
`dagster.yaml` names `History` as Dagster's storage.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, NullPool, create_engine, event

OPEN_FILES = 16
BUSY_SECONDS = 30


class EventLog(SqliteEventLogStorage):
    """Dagster's own, but that an engine is kept for each file. Dagster makes one for each
    event, and with it SQLAlchemy compiles each statement anew; a run has some thousand events,
    and that took a quarter of its time."""

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection


class History(DagsterSqliteStorage):
    """Dagster's own storage in files, with our log of events."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = EventLog(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        return cls.from_local(inst_data=inst_data, **config_value)


@lru_cache(maxsize=OPEN_FILES)
def _engine(url: str) -> Engine:
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _do_not_wait)
    return engine


def _do_not_wait(connection: Any, _: Any) -> None:
    """Each event is a transaction of its own; to wait for the disk each time made a run a tenth
    longer. A power failure may cost the history of runs, never a release or a published file."""
    connection.execute("pragma synchronous = off").close()
