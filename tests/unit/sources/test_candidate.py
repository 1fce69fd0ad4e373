"""Opening a candidate's file: nothing outside its landing folder, whatever happens to the folder
between looking through it and opening."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.publication import PublicationDate
from orchestration.sources.candidate import Candidate
from orchestration.sources.landing import candidates
from tests.support.cbp_files import SOUTHWEST

SWAP = """
import os, sys
folder, aside, secret = sys.argv[1:]
print("swapping", flush=True)
while True:
    try:
        os.rename(folder, aside)
        os.symlink(secret, folder)
        os.unlink(folder)
        os.rename(aside, folder)
    except FileNotFoundError:
        break
"""


@pytest.fixture
def found(tmp_path: Path) -> Candidate:
    """A candidate in a landing folder, beside which there is a folder with a secret."""
    path = tmp_path / "landing" / SOUTHWEST / "2024-12" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text("sound")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.csv").write_text("secret")
    [candidate] = candidates(tmp_path / "landing", load_catalogue())
    assert isinstance(candidate, Candidate)
    return candidate


def test_a_file_is_opened_as_it_was_found(found: Candidate) -> None:
    with found.open() as file:
        assert file.read() == b"sound"


@pytest.mark.parametrize("depth", [0, 1, 2], ids=["file", "date", "dataset"])
def test_a_link_in_place_of_the_file_or_a_folder_is_not_followed(
    tmp_path: Path, found: Candidate, depth: int
) -> None:
    replaced = [found.path, *found.path.parents][depth]
    target = tmp_path / "secret" / "a.csv" if depth == 0 else tmp_path / "secret"
    if depth == 2:
        (tmp_path / "secret" / "2024-12").mkdir()
        shutil.copy(tmp_path / "secret" / "a.csv", tmp_path / "secret" / "2024-12")
    replaced.rename(tmp_path / "aside")
    replaced.symlink_to(target)
    assert found.path.read_text() == "secret"  # what a path leads to
    with pytest.raises(OSError, match=r"symbolic links|Not a directory"):
        found.open()


def test_a_pipe_in_place_of_the_file_is_not_waited_for(found: Candidate) -> None:
    found.path.unlink()
    os.mkfifo(found.path)
    with pytest.raises(OSError, match="a device, a folder or a pipe"):
        found.open()


@pytest.mark.parametrize("below", [True, False])
def test_a_pipe_added_by_hand_is_not_waited_for_either(tmp_path: Path, below: bool) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    by_hand = Candidate(
        tmp_path / "pipe.csv",
        SOUTHWEST,
        PublicationDate.parse("2024-12"),
        "pipe.csv",
        "by hand",
        tmp_path if below else None,
    )
    with pytest.raises(OSError, match="a device, a folder or a pipe"):
        by_hand.open()


def test_a_file_added_by_hand_may_be_anywhere(tmp_path: Path, found: Candidate) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(found.path)
    by_hand = Candidate(link, SOUTHWEST, PublicationDate.parse("2024-12"), "a.csv", "by hand")
    with by_hand.open() as file:
        assert file.read() == b"sound"


def test_a_process_that_keeps_swapping_the_folder_never_wins(
    tmp_path: Path, found: Candidate
) -> None:
    folder = found.path.parent
    arguments = [str(folder), str(tmp_path / "aside"), str(tmp_path / "secret")]
    process = subprocess.Popen(
        [sys.executable, "-c", SWAP, *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        outcomes = Counter[bytes]()
        while min(outcomes[b"sound"], outcomes[b""]) < 100:  # as long as the scheduler needs
            try:
                with found.open() as file:
                    outcomes[file.read()] += 1
            except OSError:
                outcomes[b""] += 1
    finally:
        process.kill()
        process.wait()
    assert outcomes.keys() == {b"sound", b""}
