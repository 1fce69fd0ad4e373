"""A DuckDB dialect for SQLAlchemy that Great Expectations can read results from.

Great Expectations closes its connection before it reads a result, which duckdb-sqlalchemy
reads lazily (`IndexError: list index out of range`). This dialect fetches a result as soon
as the statement has run, and keeps no connection open, so that the file is not left locked.
"""

from pathlib import Path
from typing import Any

from duckdb_sqlalchemy import Dialect, DuckDBExecutionContext
from sqlalchemy import URL, Connection
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedPrimaryKeyConstraint
from sqlalchemy.pool import NullPool, Pool

from orchestration.builds.sql import identifier


class BufferedExecutionContext(DuckDBExecutionContext):
    def post_exec(self) -> None:
        super().post_exec()
        if self.cursor.description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, initial_buffer=self.cursor.fetchall()
            )


class BufferedDuckDB(Dialect):
    execution_ctx_cls = BufferedExecutionContext
    supports_statement_cache = False

    def get_pk_constraint(self, *_: Any, **__: Any) -> ReflectedPrimaryKeyConstraint:
        """None: no table of a build has one, as the suites check the keys. Great Expectations asks
        for it with each table's columns, and DuckDB's catalog takes its time to answer."""
        return {"name": None, "constrained_columns": []}

    def get_columns(
        self, connection: Connection, table_name: str, schema: str | None = None, **_: Any
    ) -> list[ReflectedColumn]:
        """A table's columns. DuckDB's catalog binds every view of the file to list those of one."""
        table = f"{identifier(schema or 'main')}.{identifier(table_name)}"
        described: list[Any] = list(connection.exec_driver_sql(f"describe {table}"))
        return [
            {
                "name": name,
                "type": self._reflect_duckdb_data_type(kind, None, {}, f"column {name!r}"),
                "nullable": nullable == "YES",
                "default": default,
            }
            for name, kind, nullable, _key, default, _extra in described
        ]

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: a suite reads a file that nobody writes, so that its queries agree without a
        transaction each, which took as long as a small query."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing, as there is no transaction."""

    @classmethod
    def get_pool_class(cls, _url: Any) -> type[Pool]:
        return NullPool


def url_of(path: Path) -> str:
    """The URL by which a file is opened for reading, whatever characters its path has."""
    url = URL.create("duckdb", database=str(path), query={"access_mode": "read_only"})
    return url.render_as_string()


def register() -> None:
    """Make `duckdb://` URLs use this dialect in this process. The name must stay `duckdb`, the
    only one that Great Expectations knows for DuckDB."""
    registry.register("duckdb", __name__, BufferedDuckDB.__name__)
