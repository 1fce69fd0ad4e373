"""Landing folders: every file is a candidate with its date, or is skipped with a reason."""

import os
import time
from datetime import date
from pathlib import Path

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.publication import PublicationDate
from orchestration.settings import BUNDLED
from orchestration.sources.candidate import Candidate
from orchestration.sources.landing import Skipped, candidates, settled_files
from tests.support.cbp_files import BY_STATE, SOUTHWEST


def lay(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"anything")


def sources_in(folder: Path) -> list[str]:
    """Return the sources of the candidates in a folder, where nothing may be skipped."""
    found = list(candidates(folder, load_catalogue()))
    assert not [thing for thing in found if isinstance(thing, Skipped)]
    return [thing.source for thing in found if isinstance(thing, Candidate)]


def skipped_in(folder: Path) -> dict[str, str]:
    """Return the reason for each path that is skipped; the folder may hold no candidate."""
    found = list(candidates(folder, load_catalogue()))
    assert not [thing for thing in found if isinstance(thing, Candidate)]
    return {
        thing.path.relative_to(folder).as_posix(): thing.reason
        for thing in found
        if isinstance(thing, Skipped)
    }


def test_candidates_come_oldest_publication_first(tmp_path: Path) -> None:
    lay(
        tmp_path,
        f"{SOUTHWEST}/2024-12/sbo-encounters-fy22-fy25-nov.csv",
        f"{SOUTHWEST}/2023-11/b.csv",
        f"{SOUTHWEST}/2023-11-14/c.csv",
        f"{SOUTHWEST}/2023-11/a.csv",
        f"{BY_STATE}/2025-01/d.csv",
    )
    assert sources_in(tmp_path) == [
        f"{BY_STATE}/2025-01/d.csv",
        f"{SOUTHWEST}/2023-11-14/c.csv",
        f"{SOUTHWEST}/2023-11/a.csv",
        f"{SOUTHWEST}/2023-11/b.csv",
        f"{SOUTHWEST}/2024-12/sbo-encounters-fy22-fy25-nov.csv",
    ]
    last = list(candidates(tmp_path, load_catalogue()))[-1]
    assert isinstance(last, Candidate)
    assert last.dataset == SOUTHWEST
    assert last.file_name == "sbo-encounters-fy22-fy25-nov.csv"
    assert last.published_on == PublicationDate(date(2024, 12, 31), "month")
    assert last.path.read_bytes() == b"anything"


def test_hidden_files_and_a_readme_are_ignored(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "README.md",
        ".gitkeep",
        f"{SOUTHWEST}/2024-12/.part",
        f"{SOUTHWEST}/2024-12/a.csv",
    )
    assert sources_in(tmp_path) == [f"{SOUTHWEST}/2024-12/a.csv"]


def test_an_unknown_dataset_is_named_with_the_known_ones(tmp_path: Path) -> None:
    lay(tmp_path, "cbp_northern_encounters/2024-12/a.csv")
    reason = skipped_in(tmp_path)["cbp_northern_encounters"]
    assert reason.startswith("found 'cbp_northern_encounters', expected a dataset's name: ")
    assert all(name in reason for name in load_catalogue())


@pytest.mark.parametrize("name", ["2024-13", "december", "2024-02-30"])
def test_a_folder_that_is_not_named_by_date_is_skipped(tmp_path: Path, name: str) -> None:
    lay(tmp_path, f"{SOUTHWEST}/{name}/a.csv")
    assert skipped_in(tmp_path) == {
        f"{SOUTHWEST}/{name}": f"found the date {name!r}, expected YYYY-MM-DD or YYYY-MM"
    }


def test_a_file_outside_a_dated_folder_is_skipped(tmp_path: Path) -> None:
    lay(tmp_path, f"{SOUTHWEST}/a.csv", f"{BY_STATE}/2024-12")
    (tmp_path / "cbp_southwest_summary").write_bytes(b"a file")
    assert skipped_in(tmp_path) == {
        f"{SOUTHWEST}/a.csv": "found the date 'a.csv', expected YYYY-MM-DD or YYYY-MM",
        f"{BY_STATE}/2024-12": "found a file or a link, expected a folder named by date",
        "cbp_southwest_summary": "found a file or a link, expected a dataset's folder",
    }


def test_only_complete_files_are_settled(tmp_path: Path) -> None:
    now = time.time()
    ages = {"old.csv": 60, "young.csv": 0, "future.csv": -(10**6), "old.part": 60, ".hidden": 60}
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    for name, age in ages.items():
        (folder / name).touch()
        os.utime(folder / name, (now - age, now - age))
    (folder / "link.csv").symlink_to(folder / "old.csv")
    os.mkfifo(folder / "pipe.csv")
    settled = {Path(path).name for path, _, _ in settled_files(tmp_path, 30)}
    assert settled == {"old.csv", "future.csv"}


def test_a_file_that_goes_or_may_not_be_seen_is_not_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").touch()

    def refuse(_: Path) -> os.stat_result:
        raise PermissionError

    monkeypatch.setattr(Path, "lstat", refuse)
    assert list(settled_files(tmp_path, 0)) == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside, landing = tmp_path / "outside", tmp_path / "landing"
    lay(outside, "dated/a.csv")
    (landing / SOUTHWEST / "2024-12").mkdir(parents=True)
    (landing / SOUTHWEST / "2024-12" / "a.csv").symlink_to(outside / "dated" / "a.csv")
    (landing / SOUTHWEST / "2024-12" / "gone.csv").symlink_to(outside / "nothing.csv")
    (landing / SOUTHWEST / "2024-11").symlink_to(outside / "dated")
    (landing / BY_STATE).symlink_to(outside)
    assert skipped_in(landing) == {
        f"{SOUTHWEST}/2024-12/a.csv": "found a link or a folder, expected a regular file",
        f"{SOUTHWEST}/2024-12/gone.csv": "found a link or a folder, expected a regular file",
        f"{SOUTHWEST}/2024-11": "found a file or a link, expected a folder named by date",
        BY_STATE: "found a file or a link, expected a dataset's folder",
    }


def test_a_folder_or_a_pipe_in_place_of_a_file_is_skipped(tmp_path: Path) -> None:
    lay(tmp_path, f"{SOUTHWEST}/2024-12/a.csv/inside.csv")
    os.mkfifo(tmp_path / SOUTHWEST / "2024-12" / "pipe.csv")
    reason = "found a link or a folder, expected a regular file"
    assert skipped_in(tmp_path) == {
        f"{SOUTHWEST}/2024-12/a.csv": reason,
        f"{SOUTHWEST}/2024-12/pipe.csv": reason,
    }


def test_a_name_that_is_not_utf8_is_skipped(tmp_path: Path) -> None:
    folder = tmp_path / SOUTHWEST / "2024-12"
    folder.mkdir(parents=True)
    try:
        (folder / os.fsdecode(b"a\xff.csv")).write_bytes(b"anything")
    except OSError:
        pytest.skip("this file system does not allow such a name")
    assert list(skipped_in(tmp_path).values()) == [r"found the name 'a\udcff.csv', expected UTF-8"]


def test_a_missing_landing_folder_is_named(tmp_path: Path) -> None:
    assert skipped_in(tmp_path / "nowhere") == {
        ".": "found no such folder, expected a landing folder"
    }


def test_nothing_in_the_bundle_is_skipped() -> None:
    sources = sources_in(BUNDLED)
    assert "cbp_southwest_summary/2024-12/cbp_southwest_monthly_published_2024-12.csv" in sources
    assert len(sources) == len(list(BUNDLED.glob("*/*/*.csv")))


def test_a_name_with_control_characters_is_skipped(tmp_path: Path) -> None:
    lay(tmp_path, f"{SOUTHWEST}/2024-12/a\nb.csv")
    [reason] = skipped_in(tmp_path).values()
    assert reason == r"found the name 'a\nb.csv', expected one without control characters"
