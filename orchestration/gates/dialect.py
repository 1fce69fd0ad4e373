"""A DuckDB dialect for SQLAlchemy that Great Expectations can read results from.

Great Expectations closes its connection before it reads a result, which duckdb-sqlalchemy
reads lazily (`IndexError: list index out of range`). This dialect fetches a result as soon
as the statement has run, and keeps no connection open, so that the file is not left locked.
"""

from typing import Any

from duckdb_sqlalchemy import Dialect, DuckDBExecutionContext
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.pool import NullPool, Pool

URL = "duckdb:///{path}?access_mode=read_only"


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

    @classmethod
    def get_pool_class(cls, _url: Any) -> type[Pool]:
        return NullPool


def register() -> None:
    """Make `duckdb://` URLs use this dialect in this process. The name must stay `duckdb`, the
    only one that Great Expectations knows for DuckDB."""
    registry.register("duckdb", __name__, BufferedDuckDB.__name__)
