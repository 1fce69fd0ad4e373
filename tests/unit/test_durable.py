"""Removing a folder in which a process that is about to end still writes, or a link to one."""

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


def test_removes_a_folder_in_which_files_are_deleted_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "build"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}").touch()
    unlink = os.unlink

    def delete_first(name: str, **options: int) -> None:
        unlink(name, **options)
        if len(os.listdir(folder)) == 2:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)

    monkeypatch.setattr(durable, "ENDING_SECONDS", 0)
    monkeypatch.setattr(os, "unlink", delete_first)
    durable.remove_folder(folder)
    assert not folder.exists()
    durable.remove_folder(folder)  # as when two processes remove it


@pytest.mark.parametrize("leads_to", ["elsewhere", "nowhere"])
def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path: Path, leads_to: str) -> None:
    kept = tmp_path / "elsewhere" / "file"
    kept.parent.mkdir()
    kept.touch()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / leads_to)
    durable.remove_folder(link)
    assert not link.is_symlink()
    assert kept.exists()
