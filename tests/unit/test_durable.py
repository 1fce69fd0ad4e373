"""Removing a folder in which a process that is about to end still writes."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from orchestration import durable


def _write_while_removing(path: Path, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file appear, so many times, once the folder has been emptied."""
    left, remove = [*range(times)], os.rmdir

    def write_then_remove(name: object, **options: object) -> None:
        if left:
            (path / f"{left.pop()}").touch()
        remove(name, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(durable, "ENDING_SECONDS", 0)
    monkeypatch.setattr(os, "rmdir", write_then_remove)


def test_removes_a_folder_that_is_written_for_a_moment_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "build"
    folder.mkdir()
    _write_while_removing(folder, 3, monkeypatch)
    durable.remove_folder(folder)
    assert not folder.exists()


def test_gives_up_on_a_folder_that_is_written_on_and_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "build"
    folder.mkdir()
    with monkeypatch.context() as patched:
        _write_while_removing(folder, 1000, patched)
        with pytest.raises(OSError, match="not empty") as refused:
            durable.remove_folder(folder)
    assert refused.value.errno == errno.ENOTEMPTY
    shutil.rmtree(folder)
