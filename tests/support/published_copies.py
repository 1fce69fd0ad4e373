"""Copies of a published file with something changed in them, and what a killed session leaves."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb


def changed_copy(home: Path, folder: Path, *statements: str) -> Path:
    """A copy of a published file after these SQL statements. Its views become tables, so that
    each can be changed on its own."""
    path = folder / "changed.duckdb"
    shutil.copyfile(home / "border.duckdb", path)
    with duckdb.connect(str(path)) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where not internal and schema_name = 'main'"
        ).fetchall()
        for (view,) in views:
            connection.execute(f"create table copy_of_view as from main.{view}")
            connection.execute(f"drop view main.{view}")
            connection.execute(f"alter table copy_of_view rename to {view}")
        for statement in statements:
            connection.execute(statement)
    return path


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
