"""Publishing a build into the lake: one transaction, which becomes one snapshot.

A table whose rows the newest snapshot has already is not written again, unless a file of it is
gone or has another size: `meta.tables` has a digest of each. The tables of `meta` have none, and
are written every time; so two publications at once always touch the same tables, and DuckLake lets
one of them through, never a mixture.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

import duckdb

from orchestration.builds.build import Build
from orchestration.builds.sql import identifier, literal
from orchestration.lake.connection import LAKE, LakeError, connected
from orchestration.lake.objects import (
    Name,
    Objects,
    comment_on,
    copy_table,
    drop,
    make_macro,
    make_view,
    objects_of,
    problems_of_files,
)
from orchestration.lake.snapshots import Snapshot, committed, is_of_builds, newest, sign
from orchestration.settings import Lake

BUILD = "build"  # the name by which the build's file is attached
DIGESTS = ("meta", "tables")
ATTEMPTS = 3  # each begins with what another publisher has published meanwhile

T = TypeVar("T")


@dataclass(frozen=True)
class Publication:
    """A build in the lake.

    snapshot: the one that has it. written, kept: how many tables were written for it, and how many
        the lake had already; 0 if it was the newest snapshot before.
    """

    snapshot: Snapshot
    written: int = 0
    kept: int = 0


def publish(build: Build, lake: Lake) -> Publication:
    """Make a sealed build the newest snapshot of the lake, unless it is and is whole.

    A reader sees the snapshot before or this one, each whole. Raises LakeError, after which the
    lake has the snapshots that it had, and ConfigurationError as `connected` does.
    """
    with connected(lake, to_write=True) as connection:
        connection.execute(f"attach {literal(build.database)} as {BUILD} (read_only)")
        for _ in range(ATTEMPTS - 1):
            before = newest(connection)
            try:
                return _publish(connection, build.build_id, lake)
            except duckdb.TransactionException:
                if newest(connection) == before:  # nobody else was first: it would fail again
                    raise
        return _publish(connection, build.build_id, lake)


def _publish(connection: duckdb.DuckDBPyConnection, build_id: str, lake: Lake) -> Publication:
    """Publish in one transaction. Raises duckdb.Error and LakeError, with nothing changed."""
    with _transaction(connection):
        last = newest(connection)
        problems = problems_of_files(connection, lake.data)
        lost = {name for name, problem in problems.items() if problem is not None}
        if last.build_id == build_id and not lost:
            return Publication(last)
        wanted = objects_of(connection, BUILD)
        has_digests = bool(last.build_id) and DIGESTS not in lost
        had = objects_of(connection, LAKE, with_digests=has_digests)
        if had.tables and not is_of_builds(connection):
            raise LakeError(
                f"the lake at {lake.catalogue}: found tables of others, expected none, or those of "
                "a build; give the lake a database of its own"
            )
        written = _update(connection, had, wanted, lost)
        sign(connection, build_id)
    return Publication(committed(connection), written, len(wanted.tables) - written)


def _update(
    connection: duckdb.DuckDBPyConnection, had: Objects, wanted: Objects, lost: set[Name]
) -> int:
    """Make the lake's objects those that are wanted. Returns how many tables were written. Schemas
    of which the build has none are left alone. lost: the tables that are not whole."""
    schemas = {schema for schema, _ in wanted.tables}
    for schema in sorted(schemas):
        connection.execute(f"create schema if not exists {LAKE}.{identifier(schema)}")
    old_views, new_views = _differing(had.views, wanted.views, schemas)
    old_macros, new_macros = _differing(had.macros, wanted.macros, schemas)
    for name in old_views:
        drop(connection, "view", name)
    for name, macro in old_macros.items():
        drop(connection, "macro table" if macro.is_table else "macro", name)
    for name in had.tables.keys() - wanted.tables.keys():
        if name[0] in schemas:
            drop(connection, "table", name)
    written = 0
    for name, table in wanted.tables.items():
        before = had.tables.get(name)
        if before is None or name in lost or not before.has_rows_of(table):
            copy_table(connection, name, BUILD)
            before, written = None, written + 1
        comment_on(connection, name, table, before)
    for name, view in new_views.items():
        make_view(connection, name, view)
    for name, macro in new_macros.items():
        make_macro(connection, name, macro)
    return written


def _differing(
    had: Mapping[Name, T], wanted: Mapping[Name, T], schemas: set[str]
) -> tuple[dict[Name, T], dict[Name, T]]:
    """What there is and is not wanted so, and what is wanted and is not there so."""
    old = {name: one for name, one in had.items() if wanted.get(name) != one}
    new = {name: one for name, one in wanted.items() if had.get(name) != one}
    return {name: one for name, one in old.items() if name[0] in schemas}, new


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A transaction, which is rolled back by whatever is raised in it."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has rolled back already
            connection.rollback()
        raise
