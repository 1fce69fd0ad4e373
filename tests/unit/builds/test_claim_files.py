"""Reading the operator's files of claims: whatever is there, a run goes on, and at once."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.builds.build import MadeOf, open_build
from orchestration.builds.claim_files import ClaimFile, claim_files, digest_of
from orchestration.builds.fingerprint import Fingerprint, fingerprint
from orchestration.builds.publishing import latest_like, publish, roll_back
from orchestration.releases.archive import Archive
from orchestration.settings import Limits, Settings
from tests.support.builds import sealed_build

FILE = "mine.csv"


def read(path: Path, most: int = 100) -> ClaimFile:
    [file] = claim_files(Settings(path.parent, claims=(path,), limits=Limits(claims_bytes=most)))
    return file


def test_a_file_is_its_name_and_its_text(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("\ufeffclaim_id\r\na\r\n", newline="")
    assert read(tmp_path / FILE) == ClaimFile(name=FILE, text="claim_id\r\na\r\n")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: None, "found no such file, expected"),
        (
            lambda path: path.mkdir(),
            "cannot be read (it is a folder, a pipe or a device), expected",
        ),
        (os.mkfifo, "cannot be read (it is a folder, a pipe or a device), expected"),
        (lambda path: path.symlink_to("/dev/zero"), "cannot be read (it is a folder, a pipe or a"),
        (lambda path: path.symlink_to(path), "cannot be read (Too many levels of symbolic links)"),
        (lambda path: path.write_bytes(b"ab\xff"), "found no UTF-8 (byte 3), expected a CSV file"),
        (lambda path: path.write_bytes(b"a" * 101), "found a larger file, expected 100 bytes at"),
    ],
    ids=["absent", "folder", "pipe", "device", "loop", "no UTF-8", "too large"],
)
def test_what_cannot_be_read_says_why_without_its_folder(
    make: Callable[[Path], object], problem: str, tmp_path: Path
) -> None:
    make(tmp_path / FILE)
    file = read(tmp_path / FILE)
    assert (file.name, file.text) == (FILE, "")
    assert problem in file.problem
    assert str(tmp_path) not in file.problem


def test_a_name_that_is_no_utf8_or_too_long_is_a_name_all_the_same(tmp_path: Path) -> None:
    assert read(tmp_path / "\udcff.csv").name == "\\xff.csv"
    assert "File name too long" in read(tmp_path / ("a" * 300)).problem
    assert read(Path("/")).name == "/"


def test_the_digest_is_of_names_and_contents_in_their_order_and_not_of_folders(
    tmp_path: Path,
) -> None:
    digests = set()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / FILE).write_text("a")
        digests.add(digest_of([read(tmp_path / folder / FILE)]))
    assert len(digests) == 1
    a, b = ClaimFile(name="a.csv", text="x"), ClaimFile(name="b.csv", text="y")
    gone = ClaimFile(name="a.csv", problem="found no such file")
    variants = [[a], [b], [a, b], [b, a], [gone], [a.model_copy(update={"text": "z"})]]
    assert len({digest_of(files) for files in variants}) == len(variants)


def test_a_fingerprint_without_claims_is_as_before_there_were_any(settings: Settings) -> None:
    archive = Archive(settings.archive)
    assert Fingerprint("archive", "code", "libraries").digest == "fc5a2fa9e0ca0341"
    file = ClaimFile(name=FILE, text="claim_id\n")
    assert fingerprint(archive, [file]).digest != fingerprint(archive, []).digest
    older = '{"fingerprint": {"archive": "a", "code": "b", "libraries": "c"}}'
    assert MadeOf.model_validate_json(older) == MadeOf(fingerprint=Fingerprint("a", "b", "c"))


def test_a_build_keeps_the_files_as_they_were_when_it_was_opened(settings: Settings) -> None:
    files = (ClaimFile(name=FILE, text="claim_id\n\0é"), ClaimFile(name="b", problem="gone"))
    build = open_build(settings.builds, "run-one-", Fingerprint("a", "b", "c"), claims=files)
    assert build.claims == files


def test_claims_that_are_again_what_they_were_are_built_again(settings: Settings) -> None:
    """A file that was absent for a night is back: readers see that night's build."""
    first, second = (
        sealed_build(settings, run, made_of=Fingerprint("a", "b", "c", claims))
        for run, claims in (("run-one-", "with"), ("run-two-", "without"))
    )
    publish(first, settings)
    publish(second, settings)
    assert latest_like(first.record.fingerprint, settings) is None
    roll_back(first.build_id, settings)
    assert latest_like(second.record.fingerprint, settings) == second
    assert latest_like(first.record.fingerprint, settings) == first
