"""Lakes for tests: databases of a private PostgreSQL, small builds to publish into them, and
readers.

What belongs here: what surrounds a publication. The lake itself is made by the code that is tested.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Connection, NullPool, create_engine, text

from orchestration.builds.build import Build
from orchestration.builds.fingerprint import Fingerprint
from orchestration.builds.sealing import seal
from orchestration.lake.connection import LAKE, attach
from orchestration.settings import Lake, Settings
from tests.support.builds import filled_build, gate_result
from tests.support.postgres import programs

NEEDED = ("duckdb_extension_ducklake", "duckdb_extension_postgres_scanner")
AUTOCOMMIT = "AUTOCOMMIT"
POLL_SECONDS, PATIENCE_SECONDS = 0.02, 60.0

# beside main.t, whose rows the test chooses
CONTENTS = """
comment on table main.t is 'Numbers, from 0.';
comment on column main.t.i is 'A number, as ''t'' has it.';
create table main.kinds as from (values
  (date '2024-01-01', ['a', null], '{"a": 1}'::json, 'nan'::double, true, 1::bigint, 'it''s'),
  (null, [], null, 'inf'::double, null, null, '')
) as kinds("month", ids, notes, share, is_partial, people, "a ""name"" here");
create table main.nothing (i integer);
create table raw.cells as select 'text' as cell;
create view main.doubled as select i, 2 * i::double as twice from main.t;
comment on view main.doubled is 'Numbers and their doubles.';
create macro main.half(n) as n / 2;
create macro main.above(n) as table select half(i) as halved from t where i > n::double;
"""
TABLES = ("main.t", "main.kinds", "main.nothing", "raw.cells", "main.doubled")


def what_is_missing() -> str:
    """Why lakes cannot be tested here; empty if they can."""
    if programs() is None:
        return "needs PostgreSQL's initdb, found none"
    missing = [name for name in NEEDED if find_spec(name) is None]
    return f"needs the extra lake, found no {missing[0]}" if missing else ""


def lake_build(
    settings: Settings, run: str, rows: int, *statements: str, made_of: Fingerprint | None = None
) -> Build:
    """A sealed build of some small tables, views and macros. rows: how many `main.t` has.
    statements: change it before it is sealed. made_of: default: made up."""
    build = filled_build(settings, run, rows, made_of)
    with duckdb.connect(str(build.database)) as connection:
        for statement in (CONTENTS, *statements):
            connection.execute(statement)
        found = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
        ).fetchall()
    tables = [table for (table,) in found if not table.startswith("staging.")]
    build.add_gate_results([gate_result(table=table) for table in tables])
    seal(build, 1, [(table, "grain_is_unique") for table in tables])
    return build


def lose(lake: Lake, table: str) -> Path:
    """Delete the file of a table in a lake of one build. Returns its path."""
    file = _file_of(lake, table)
    file.unlink()
    return file


def cut_short(lake: Lake, table: str) -> Path:
    """Take the last byte of the file of a table in a lake of one build. Returns its path."""
    file = _file_of(lake, table)
    file.write_bytes(file.read_bytes()[:-1])
    return file


def _file_of(lake: Lake, table: str) -> Path:
    [file] = Path(lake.data, *table.split(".")).glob("*.parquet")
    return file


class Server:
    """A private PostgreSQL, as `tests.support.postgres` starts it. url: its address."""

    def __init__(self, url: str) -> None:
        [self.host] = re.findall(r"host=(\S+)$", url)
        self._databases = 0

    def catalogue(self) -> str:
        """The address of a new database, as a lake's catalogue."""
        return f"postgres:dbname={self._new_database('lake')} host={self.host} user=dagster"

    def history(self) -> str:
        """The address of a new database, as that of Dagster's history."""
        name = self._new_database("history")
        return f"postgresql+psycopg2://dagster@/{name}?host={self.host}"

    def _new_database(self, kind: str) -> str:
        self._databases += 1
        name = f"{kind}_{self._databases}"
        self.execute("postgres", f"create database {name}")
        return name

    def execute(self, database: str, *statements: str) -> None:
        """Run statements, each in a transaction of its own."""
        with self._connected(database, AUTOCOMMIT) as connection:
            for statement in statements:
                connection.execute(text(statement))

    def require_password(self, user: str) -> None:
        """Ask a user for the password from now on; others connect without one."""
        rules = Path(self.host, "data", "pg_hba.conf")
        rules.write_text(f"local all {user} scram-sha-256\n{rules.read_text()}")
        self.execute("postgres", "select pg_reload_conf()")

    @contextmanager
    def commits_held(self, lake: Lake) -> Iterator[Callable[[int], None]]:
        """Let no snapshot be committed meanwhile. Yields what waits until so many wait for it."""
        database = name_of(lake)
        with self._connected(database) as held, self._connected(database, AUTOCOMMIT) as watching:
            held.execute(text("lock table ducklake_snapshot in exclusive mode"))  # but not to read

            def wait_for(number: int) -> None:
                waited = 0.0
                while _waiting(watching) < number:
                    assert waited < PATIENCE_SECONDS, "nobody waits to commit"
                    time.sleep(POLL_SECONDS)
                    waited += POLL_SECONDS

            try:
                yield wait_for
            finally:
                held.rollback()

    @contextmanager
    def _connected(self, database: str, isolation: str | None = None) -> Iterator[Connection]:
        address = f"postgresql+psycopg2://dagster@/{database}?host={self.host}"
        options = {"isolation_level": isolation} if isolation else {}
        with create_engine(address, poolclass=NullPool, **options).connect() as connection:
            yield connection


def _waiting(connection: Connection) -> int:
    """How many wait for a lock."""
    query = text("select count(*) from pg_locks where not granted")
    return int(connection.execute(query).scalar_one())


def name_of(lake: Lake) -> str:
    """The database of a lake's catalogue."""
    [name] = re.findall(r"dbname=(\w+)", lake.catalogue)
    return str(name)


class Reader:
    """Sessions that read lakes, of one DuckDB, since to load the extensions takes longer than the
    rest. connection: has them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @contextmanager
    def of(self, lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
        """A session to which the names of a lake are known without `lake.`."""
        attach(self._connection, lake, to_write=False)
        self._connection.execute(f"use {LAKE}")
        try:
            yield self._connection
        finally:
            self._connection.execute(f"use memory; detach {LAKE}")

    def ask(self, lake: Lake, query: str) -> list[tuple[Any, ...]]:
        """The rows that a query returns."""
        with self.of(lake) as connection:
            return connection.execute(query).fetchall()

    def builds(self, lake: Lake) -> list[str]:
        """The builds that a lake has, as its snapshots' messages name them, oldest first."""
        query = (
            f"select commit_message from {LAKE}.snapshots() where commit_message <> ''"
            " order by snapshot_id"
        )
        return [build for (build,) in self.ask(lake, query)]
