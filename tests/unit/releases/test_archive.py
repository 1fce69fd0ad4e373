"""The archive: a release appears whole or not at all, keeps its bytes, and is found again."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.intake.intake import new_record
from orchestration.releases.archive import (
    FILE_MODE,
    FOLDER_MODE,
    LEFTOVER_SECONDS,
    LOCK,
    RECORD,
    STAGING,
    Archive,
    ArchiveError,
)
from orchestration.releases.release import Decision, Release, release_id_of
from tests.support.cbp_files import BY_STATE, SOUTHWEST, candidate

ROWS = pl.DataFrame({"release_id": ["x"], "encounters": ["60,781"]})
Disk = Callable[[], AbstractContextManager[None]]
NOON = datetime(2024, 12, 20, 12, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Return a context in which the disk is full: writing rows fails."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    @contextmanager
    def full() -> Iterator[None]:
        with monkeypatch.context() as patched:
            patched.setattr(pl.DataFrame, "write_parquet", fail)
            yield

    return full


def accepted(
    landing: Path,
    content: bytes,
    published: str = "2024-12",
    dataset: str = SOUTHWEST,
    name: str = "file.csv",
    at: datetime = NOON,
) -> Release:
    record = new_record(
        candidate(landing, content, published, name, dataset), content, "r", "v1", at
    )
    return record.model_copy(update={"verdict": "accepted", "reason": None, "rows": 1})


def files_in(root: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder, by path, except for the lock."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != LOCK
    }


def test_an_archive_that_does_not_exist_yet_is_empty(archive: Archive) -> None:
    assert archive.releases() == []
    archive.clear_leftovers()
    assert archive.digest() == Archive(archive.root.parent / "other").digest()


def test_a_stored_release_is_found_with_its_bytes_record_and_rows(
    archive: Archive, landing: Path
) -> None:
    content = b"a,b\r\n1,\xc3\xa9\r\n"
    release = accepted(landing, content, "2023-11-14", name="Été (1).csv")
    release = archive.store(release, content, ROWS)
    assert archive.releases() == [release]
    assert archive.bytes_of(release) == content
    assert pl.read_parquet(archive.rows_path(release)).equals(ROWS)
    assert release.published_on == date(2023, 11, 14)
    assert release.source == f"{SOUTHWEST}/2023-11-14/Été (1).csv"
    assert release.size_bytes == len(content)
    folder = f"{SOUTHWEST}/2023-11-14_{release.release_id}"
    assert list(files_in(archive.root)) == [
        f"{folder}/{RECORD}",
        f"{folder}/release.csv",
        f"{folder}/rows-v1.parquet",
    ]


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("a.csv", "release.csv"),
        ("A.XLSX", "release.xlsx"),
        ("a.exe", "release.bin"),
        ("a", "release.bin"),
    ],
)
def test_the_publishers_file_name_is_kept_in_the_record_only(
    archive: Archive, landing: Path, name: str, kept_as: str
) -> None:
    release = accepted(landing, b"x", name=name)
    archive.store(release, b"x", None)
    assert (archive.folder_of(release) / kept_as).read_bytes() == b"x"
    assert archive.releases()[0].file_name == name


def test_releases_are_listed_by_dataset_and_publication(archive: Archive, landing: Path) -> None:
    for published, dataset in [
        ("2024-12", SOUTHWEST),
        ("2022-10", SOUTHWEST),
        ("2023-11", BY_STATE),
    ]:
        content = f"{published}{dataset}".encode()
        archive.store(accepted(landing, content, published, dataset), content, ROWS)
    assert [(r.dataset, str(r.published)) for r in archive.releases()] == [
        (BY_STATE, "2023-11"),
        (SOUTHWEST, "2022-10"),
        (SOUTHWEST, "2024-12"),
    ]


def test_the_digest_depends_on_neither_the_order_nor_the_time_of_intake(
    archive: Archive, landing: Path, tmp_path: Path
) -> None:
    published = {b"one": "2024-10", b"two": "2024-12", b"three": "2024-10"}
    for content, on in published.items():
        archive.store(accepted(landing, content, on), content, ROWS)
    other = Archive(tmp_path / "other")
    for content, on in reversed(published.items()):
        later = accepted(landing, content, on, at=NOON + timedelta(days=9))
        other.store(later, content, ROWS)
    assert other.digest() == archive.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "refused", "reason": "found nonsense"},
        {"published_on": date(2024, 12, 30)},
        {"reader_version": "v2"},
        {"rows": 2},
        {"untyped_rows": 1},
    ],
)
def test_the_digest_changes_with_what_a_build_would_read(
    archive: Archive, landing: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    release = accepted(landing, b"x")
    release = archive.store(release, b"x", ROWS)
    other = Archive(tmp_path / "other")
    other.store(release.model_copy(update=change), b"x", ROWS)
    assert other.digest() != archive.digest()


@pytest.mark.parametrize("tampered", [b"", b"X", b"xx"])
def test_tampered_bytes_are_an_error(archive: Archive, landing: Path, tampered: bytes) -> None:
    release = accepted(landing, b"x")
    release = archive.store(release, b"x", ROWS)
    path = archive.folder_of(release) / "release.csv"
    path.write_bytes(tampered)
    with pytest.raises(ArchiveError) as error:
        archive.bytes_of(release)
    assert str(error.value) == (
        f"{path}: found sha256 {release_id_of(tampered)[1]}, expected {release.sha256}"
    )


def test_missing_bytes_are_an_error(archive: Archive, landing: Path) -> None:
    release = accepted(landing, b"x")
    release = archive.store(release, b"x", ROWS)
    path = archive.folder_of(release) / "release.csv"
    path.unlink()
    with pytest.raises(ArchiveError) as error:
        archive.bytes_of(release)
    assert str(error.value).startswith(f"{path}: found no readable file")


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"release_id": "x"}', b"\xff", None])
def test_an_unreadable_record_is_named_by_its_path(
    archive: Archive, landing: Path, record: bytes | None
) -> None:
    release = accepted(landing, b"x")
    release = archive.store(release, b"x", ROWS)
    path = archive.folder_of(release) / RECORD
    path.unlink()
    if record is not None:
        path.write_bytes(record)
    with pytest.raises(ArchiveError) as error:
        archive.releases()
    assert str(error.value).startswith(f"{path}: found no readable record: ")


def test_an_interrupted_store_leaves_nothing_and_can_be_repeated(
    archive: Archive, landing: Path, full_disk: Disk
) -> None:
    release = accepted(landing, b"x")

    with full_disk(), pytest.raises(OSError, match="No space left"):
        archive.store(release, b"x", ROWS)
    assert files_in(archive.root) == {}
    assert archive.releases() == []
    assert not list(archive.root.glob(f"{STAGING}*"))
    release = archive.store(release, b"x", ROWS)
    assert archive.releases() == [release]


def test_what_a_killed_run_left_is_not_a_release_and_is_removed_when_old(
    archive: Archive, landing: Path
) -> None:
    release = accepted(landing, b"x")
    release = archive.store(release, b"x", ROWS)
    old, young = (archive.root / f"{STAGING}{age}" for age in ("old", "young"))
    for folder in (old, young):
        folder.mkdir()
        (folder / "release.csv").write_bytes(b"half")
    long_ago = time.time() - LEFTOVER_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    assert archive.releases() == [release]
    archive.clear_leftovers()
    assert not old.exists()
    assert young.exists(), "another run may be writing it"
    assert archive.releases() == [release]


def test_what_another_process_is_writing_is_not_looked_into(archive: Archive) -> None:
    (archive.root / f"{STAGING}other" / "anything").mkdir(parents=True)
    assert archive.foreign_folders() == []
    assert archive.releases() == []


def test_a_release_that_two_processes_store_at_once_is_the_one_that_came_first(
    archive: Archive, landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"a\n"
    first, second = (accepted(landing, content, at=NOON + timedelta(days=n)) for n in (0, 1))
    write, other = pl.DataFrame.write_parquet, Archive(archive.root)

    def write_after_the_other(frame: pl.DataFrame, path: Path) -> None:
        monkeypatch.setattr(pl.DataFrame, "write_parquet", write)
        other.store(first, content, ROWS)
        write(frame, path)

    monkeypatch.setattr(pl.DataFrame, "write_parquet", write_after_the_other)
    archive.store(second, content, ROWS)
    [stored] = archive.releases()
    assert stored.retrieved_at == NOON
    assert archive.rows_are_whole(stored)
    assert not list(archive.root.glob(f"{STAGING}*"))


def test_storing_a_release_again_changes_nothing(archive: Archive, landing: Path) -> None:
    release = accepted(landing, b"x")
    release = archive.store(release, b"x", ROWS)
    before = files_in(archive.root)
    release = archive.store(release, b"x", ROWS)
    assert files_in(archive.root) == before


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_it_holds_is_readable_by_the_operators_group_at_most(
    archive: Archive, landing: Path, umask: int
) -> None:
    """Also what is written again: bytes, rows and record."""
    before = os.umask(umask)
    try:
        refused = archive.store(
            accepted(landing, b"x").refused("labels_are_known", "found nonsense"), b"x", None
        )
        archive.store(accepted(landing, b"y"), b"y", ROWS)
        archive.store(accepted(landing, b"x"), b"x", ROWS)
        archive.decide(refused, Decision(verdict="refused", reason="r", by="b", on=NOON))
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in (archive.root, *archive.root.rglob("*"))}
    assert len(modes) == 2 + 2 * 4 + 1, "the root, its lock, a dataset, two releases"
    assert all(mode == FILE_MODE for path, mode in modes.items() if path.is_file())
    folders = {path: mode for path, mode in modes.items() if path.is_dir()}
    assert all(mode & ~FOLDER_MODE == 0 for mode in folders.values())
    assert folders[archive.folder_of(refused)] == FOLDER_MODE


def test_restating_adds_rows_and_keeps_the_bytes(archive: Archive, landing: Path) -> None:
    release = accepted(landing, b"x").refused("labels_are_known", "found nonsense")
    archive.store(release, b"x", None)
    restated = release.model_copy(
        update={"verdict": "accepted", "reason": None, "reader_version": "v2", "rows": 1}
    )
    restated = archive.restate(restated, ROWS)
    assert archive.releases() == [restated]
    assert archive.bytes_of(restated) == b"x"
    assert pl.read_parquet(archive.rows_path(restated)).equals(ROWS)


def test_an_interrupted_restatement_leaves_the_record_as_it_was(
    archive: Archive, landing: Path, full_disk: Disk
) -> None:
    release = accepted(landing, b"x")
    release = archive.store(release, b"x", ROWS)

    with full_disk(), pytest.raises(OSError, match="No space left"):
        archive.restate(release.model_copy(update={"reader_version": "v2"}), ROWS)
    assert archive.releases() == [release]
    assert archive.rows_path(release).exists()


@pytest.mark.parametrize("refused_at", [NOON - timedelta(days=1), NOON + timedelta(days=1)])
def test_bytes_refused_under_one_date_and_accepted_under_another_are_one_release(
    archive: Archive, landing: Path, refused_at: datetime
) -> None:
    wrong = accepted(landing, b"x", "2020-01", at=refused_at).refused(
        "figures_precede_publication", "found later months"
    )
    right = accepted(landing, b"x", "2024-12")
    archive.store(wrong, b"x", None)
    right = archive.store(right, b"x", ROWS)
    assert archive.releases() == [right]
    assert archive.bytes_of(right) == archive.bytes_of(wrong) == b"x"


def test_bytes_refused_under_one_name_and_accepted_under_another_are_one_release(
    archive: Archive, landing: Path
) -> None:
    archive.store(
        accepted(landing, b"x", name="file.txt").refused("labels_are_known", "found nonsense"),
        b"x",
        None,
    )
    right = accepted(landing, b"x", name="file.csv")
    right = archive.store(right, b"x", ROWS)
    assert archive.releases() == [right]
    assert archive.bytes_of(right) == b"x"
    assert archive.rows_path(right).exists()


@pytest.mark.parametrize("damage", [b"", b"half", None])
def test_missing_or_changed_rows_are_detected(
    archive: Archive, landing: Path, damage: bytes | None
) -> None:
    release = archive.store(accepted(landing, b"x"), b"x", ROWS)
    assert archive.rows_are_whole(release)
    path = archive.rows_path(release)
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    assert not archive.rows_are_whole(release)
