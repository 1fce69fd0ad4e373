"""A damaged file of Dagster's history is set aside, and the night goes on."""

import logging
import sqlite3
from pathlib import Path

import pytest

from orchestration.automation.damaged_history import set_aside_damaged


def database(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("create table t as select 1 as n")
    connection.close()
    return path


@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db"])
@pytest.mark.parametrize("damage", [b"", b"not a database at all, but text\n" * 100])
def test_a_file_that_sqlite_cannot_read_is_set_aside(
    tmp_path: Path, name: str, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = database(tmp_path / name)
    content = path.read_bytes()
    path.write_bytes(damage or content[:100] + b"\xff" * (len(content) - 100))
    with caplog.at_level(logging.WARNING):
        set_aside_damaged(tmp_path)
    assert not path.exists()
    [kept] = path.parent.glob(f"{path.name}.damaged-*")
    assert f"{path}: found a damaged file" in caplog.text
    assert kept.name in caplog.text


def test_a_whole_file_and_one_that_is_in_use_stay(tmp_path: Path) -> None:
    whole, used = database(tmp_path / "runs.db"), database(tmp_path / "schedules.db")
    writer = sqlite3.connect(used)
    writer.execute("begin exclusive")
    set_aside_damaged(tmp_path)
    writer.close()
    assert whole.exists()
    assert used.exists()
    set_aside_damaged(tmp_path / "not-there-yet")
