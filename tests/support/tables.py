"""Published files with something broken in them: copies, which a test may change."""

import shutil
from pathlib import Path

import duckdb


def changed_copy(home: Path, folder: Path, *statements: str) -> Path:
    """A copy of a published file after some statements; views become tables, so that they
    can be changed on their own."""
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
