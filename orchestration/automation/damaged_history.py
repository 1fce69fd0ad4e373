"""Damaged files of Dagster's history of runs.

Imports nothing of Dagster: it looks at them before the command or the UI does.
"""

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

SHARED = ("runs.db", "index.db", "schedules.db")  # besides one file for the events of each run
IN_USE_SECONDS = 0.5  # how long to wait for another process, before a file counts as in use


def set_aside_damaged(dagster_home: Path) -> None:
    """Rename each file of the history that SQLite cannot read, with a warning, so that Dagster
    makes a new one. It only holds what happened in earlier runs."""
    for path in dagster_home.rglob("*.db"):
        if path.name in SHARED and (problem := _damage(path)):
            kept = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            path.rename(kept)
            for beside in ("-wal", "-shm", "-journal"):
                path.with_name(path.name + beside).unlink(missing_ok=True)
            log.warning(
                "%s: found a damaged file (%s), set aside as %s; the history of earlier runs in it "
                "is not shown any more",
                path,
                problem,
                kept.name,
            )


def _damage(path: Path) -> str | None:
    """What SQLite says is wrong with a file; None if nothing is, or if it is in use."""
    try:
        address = path.resolve().as_uri() + "?mode=ro"
        with closing(sqlite3.connect(address, IN_USE_SECONDS, uri=True)) as connection:
            found = str(connection.execute("pragma quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else found
