"""Dagster's history of runs: SQLite files below its home.

What belongs here: how those files are written. What they hold is Dagster's business.
"""

import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


def write_without_waiting() -> None:
    """Let SQLite write Dagster's history without waiting for the disk: a run has some
    thousand events, each a transaction of its own; waiting made a run a tenth longer.
    A power failure may cost the history of runs, never a release or a published file."""
    if not event.contains(Engine, "connect", _do_not_wait):
        event.listen(Engine, "connect", _do_not_wait)


def _do_not_wait(connection: Any, _: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off").close()
