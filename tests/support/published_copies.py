"""Copies of a published file with something changed in them, and what a killed session leaves."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb


def changed_copy(home: Path, folder: Path, *statements: str) -> Path:
    """A copy of a published file after these SQL statements. Its views become tables, so that
    each can be changed on its own."""
    path, published = folder / "changed.duckdb", home / "border.duckdb"
    shutil.copyfile(_with_tables_for_views(published, published.stat().st_mtime_ns), path)
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


@cache
def _with_tables_for_views(published: Path, _changed_at: int) -> Path:
    """A copy of a file in which its views are tables, made once for all that is changed in it."""
    folder = Path(_copies().name)
    copy = folder / f"{len(list(folder.iterdir()))}.duckdb"
    shutil.copyfile(published, copy)
    with duckdb.connect(str(copy)) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where not internal and schema_name = 'main'"
        ).fetchall()
        for (view,) in views:
            connection.execute(f"create table copy_of_view as from main.{view}")
            connection.execute(f"drop view main.{view}")
            connection.execute(f"alter table copy_of_view rename to {view}")
    return copy


@cache
def _copies() -> "TemporaryDirectory[str]":
    """Where these copies are, until the process ends."""
    return TemporaryDirectory(prefix="published-copies-")


def kill_a_writing_session(database: Path, statement: str) -> None:
    """Leave the write-ahead log of a session that ran a statement on a published file and was
    killed before it could write it into the file."""
    script = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]); "
        "connection.execute('pragma disable_checkpoint_on_shutdown'); "
        "connection.execute(sys.argv[2]); os._exit(9)"
    )
    database.chmod(0o644)  # as root, for whom the mode does not matter
    subprocess.run([sys.executable, "-c", script, str(database), statement], check=False)
    database.chmod(0o444)
    assert database.with_name(f"{database.name}.wal").exists()
