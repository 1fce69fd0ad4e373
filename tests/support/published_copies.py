"""Copies of a published file, with something changed in them."""

import shutil
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
