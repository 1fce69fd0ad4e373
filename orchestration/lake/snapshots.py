"""The snapshots of a lake: which build each of them is.

A snapshot of ours has the build's id as its message. Others, such as the empty one with which a
lake begins or what maintenance leaves, are no build's."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from orchestration.builds.sql import literal
from orchestration.lake.connection import LAKE, connected
from orchestration.settings import Lake

AUTHOR = "borderledger"


@dataclass(frozen=True)
class Snapshot:
    """A build in the lake.

    number: DuckLake's, by which a reader asks for it. published_at: when it was committed.
    """

    number: int
    build_id: str
    published_at: datetime


def snapshots(lake: Lake) -> list[Snapshot]:
    """Every build that can be read in a lake, oldest first. Raises as `connected` does."""
    with connected(lake, to_write=False) as connection:
        return [snapshot for snapshot in _snapshots(connection) if snapshot.build_id]


def newest(connection: duckdb.DuckDBPyConnection) -> Snapshot:
    """The last snapshot, whose build is empty if it is no build's. Raises duckdb.Error."""
    return _snapshots(connection)[-1]


def is_of_builds(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a build was ever published into the lake. Raises duckdb.Error."""
    return any(snapshot.build_id for snapshot in _snapshots(connection))


def committed(connection: duckdb.DuckDBPyConnection) -> Snapshot:
    """The snapshot that this connection has committed last. Raises duckdb.Error."""
    [(number,)] = connection.execute(f"from {LAKE}.last_committed_snapshot()").fetchall()
    return next(found for found in _snapshots(connection) if found.number == number)


def sign(connection: duckdb.DuckDBPyConnection, build_id: str) -> None:
    """Name the build that the open transaction publishes. Raises duckdb.Error."""
    message = f"{literal(AUTHOR)}, {literal(build_id)}"
    connection.execute(f"call {LAKE}.set_commit_message({message})").fetchall()


def _snapshots(connection: duckdb.DuckDBPyConnection) -> list[Snapshot]:
    rows = connection.execute(
        f"select snapshot_id, if(author = {literal(AUTHOR)}, commit_message, ''),"
        " strftime(snapshot_time at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
        f" from {LAKE}.snapshots() order by snapshot_id"
    ).fetchall()
    return [Snapshot(number, build or "", datetime.fromisoformat(at)) for number, build, at in rows]
