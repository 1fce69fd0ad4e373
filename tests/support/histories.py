"""Empty histories of Dagster, made once: each takes Dagster half a second."""

import shutil
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg

from orchestration.automation.instance import prepare_dagster_home
from orchestration.settings import Settings


def prepare_with_history(settings: Settings) -> None:
    """Prepare Dagster's home as a command does, with a history that has no run yet."""
    shutil.copytree(Path(_made().name, "dagster"), settings.dagster_home)
    prepare_dagster_home(settings)


@cache
def _made() -> "TemporaryDirectory[str]":
    """A home with an empty history, until this process ends."""
    folder = TemporaryDirectory(prefix="history-")
    prepare_dagster_home(Settings(Path(folder.name)))
    dg.DagsterInstance.get().dispose()
    for file in Path(folder.name).rglob("*.db"):
        with closing(sqlite3.connect(file)) as connection:  # which puts its log into the file
            connection.execute("pragma wal_checkpoint(truncate)")
    return folder
