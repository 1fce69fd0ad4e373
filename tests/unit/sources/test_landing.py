"""Landing folders: every file is offered with its date, or named with the reason why not."""

import os
from datetime import date
from pathlib import Path

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.publication import PublicationDate
from orchestration.settings import BUNDLED
from orchestration.sources.candidate import Candidate
from orchestration.sources.landing import Skipped, candidates
from tests.support.cbp_files import BY_STATE, SOUTHWEST


def lay(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"anything")


def offered(folder: Path) -> list[str]:
    """The sources of what a folder candidates, which must not hold anything misplaced."""
    found = list(candidates(folder, load_catalogue()))
    assert not [thing for thing in found if isinstance(thing, Skipped)]
    return [thing.source for thing in found if isinstance(thing, Candidate)]


def misplaced(folder: Path) -> dict[str, str]:
    """What a folder holds in the wrong place, with the reasons; nothing else is in it."""
    found = list(candidates(folder, load_catalogue()))
    assert not [thing for thing in found if isinstance(thing, Candidate)]
    return {
        thing.path.relative_to(folder).as_posix(): thing.reason
        for thing in found
        if isinstance(thing, Skipped)
    }


@pytest.mark.parametrize(
    ("text", "on", "earliest", "precision"),
    [
        ("2023-11-14", date(2023, 11, 14), date(2023, 11, 14), "day"),
        ("2023-11", date(2023, 11, 30), date(2023, 11, 1), "month"),
        ("2024-02", date(2024, 2, 29), date(2024, 2, 1), "month"),
        ("2024-12", date(2024, 12, 31), date(2024, 12, 1), "month"),
    ],
)
def test_a_publication_date_counts_from_its_last_day(
    text: str, on: date, earliest: date, precision: str
) -> None:
    published = PublicationDate.parse(text)
    assert (published.on, published.earliest, published.precision) == (on, earliest, precision)
    assert str(published) == text


UNDATED = [
    "",
    "2024",
    "2024-13",
    "2024-00",
    "2024-1",
    "2024-02-30",
    "0000-01",
    "2024-12-31T00",
    "2024_12",
    "20241231",
    "december",
    "2024-12 (2)",
    "٢٠٢٤-12",
]


@pytest.mark.parametrize("text", UNDATED, ids=ascii)
def test_what_is_no_date_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="expected YYYY-MM-DD or YYYY-MM") as refused:
        PublicationDate.parse(text)
    assert str(refused.value) == f"found the date {text!r}, expected YYYY-MM-DD or YYYY-MM"


def test_files_are_offered_oldest_publication_first(tmp_path: Path) -> None:
    lay(
        tmp_path,
        f"{SOUTHWEST}/2024-12/sbo-encounters-fy22-fy25-nov.csv",
        f"{SOUTHWEST}/2023-11/b.csv",
        f"{SOUTHWEST}/2023-11-14/c.csv",
        f"{SOUTHWEST}/2023-11/a.csv",
        f"{BY_STATE}/2025-01/d.csv",
    )
    assert offered(tmp_path) == [
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


def test_hidden_files_and_a_readme_are_nobodys_release(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "README.md",
        ".gitkeep",
        f"{SOUTHWEST}/2024-12/.part",
        f"{SOUTHWEST}/2024-12/a.csv",
    )
    assert offered(tmp_path) == [f"{SOUTHWEST}/2024-12/a.csv"]


def test_an_unknown_dataset_is_named_with_the_known_ones(tmp_path: Path) -> None:
    lay(tmp_path, "cbp_northern_encounters/2024-12/a.csv")
    reason = misplaced(tmp_path)["cbp_northern_encounters"]
    assert reason.startswith("found 'cbp_northern_encounters', expected a dataset's name: ")
    assert all(name in reason for name in load_catalogue())


@pytest.mark.parametrize("name", ["2024-13", "december", "2024-02-30"])
def test_a_folder_without_a_date_is_named(tmp_path: Path, name: str) -> None:
    lay(tmp_path, f"{SOUTHWEST}/{name}/a.csv")
    assert misplaced(tmp_path) == {
        f"{SOUTHWEST}/{name}": f"found the date {name!r}, expected YYYY-MM-DD or YYYY-MM"
    }


def test_a_file_outside_a_dated_folder_is_named(tmp_path: Path) -> None:
    lay(tmp_path, f"{SOUTHWEST}/a.csv", f"{BY_STATE}/2024-12")
    (tmp_path / "cbp_southwest_summary").write_bytes(b"a file")
    assert misplaced(tmp_path) == {
        f"{SOUTHWEST}/a.csv": "found the date 'a.csv', expected YYYY-MM-DD or YYYY-MM",
        f"{BY_STATE}/2024-12": "found a file or a link, expected a folder named by date",
        "cbp_southwest_summary": "found a file or a link, expected a dataset's folder",
    }


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside, landing = tmp_path / "outside", tmp_path / "landing"
    lay(outside, "dated/a.csv")
    (landing / SOUTHWEST / "2024-12").mkdir(parents=True)
    (landing / SOUTHWEST / "2024-12" / "a.csv").symlink_to(outside / "dated" / "a.csv")
    (landing / SOUTHWEST / "2024-12" / "gone.csv").symlink_to(outside / "nothing.csv")
    (landing / SOUTHWEST / "2024-11").symlink_to(outside / "dated")
    (landing / BY_STATE).symlink_to(outside)
    assert misplaced(landing) == {
        f"{SOUTHWEST}/2024-12/a.csv": "found a link or a folder, expected a regular file",
        f"{SOUTHWEST}/2024-12/gone.csv": "found a link or a folder, expected a regular file",
        f"{SOUTHWEST}/2024-11": "found a file or a link, expected a folder named by date",
        BY_STATE: "found a file or a link, expected a dataset's folder",
    }


def test_a_folder_or_pipe_where_a_file_belongs_is_named(tmp_path: Path) -> None:
    lay(tmp_path, f"{SOUTHWEST}/2024-12/a.csv/inside.csv")
    os.mkfifo(tmp_path / SOUTHWEST / "2024-12" / "pipe.csv")
    reason = "found a link or a folder, expected a regular file"
    assert misplaced(tmp_path) == {
        f"{SOUTHWEST}/2024-12/a.csv": reason,
        f"{SOUTHWEST}/2024-12/pipe.csv": reason,
    }


def test_a_name_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    folder = tmp_path / SOUTHWEST / "2024-12"
    folder.mkdir(parents=True)
    try:
        (folder / os.fsdecode(b"a\xff.csv")).write_bytes(b"anything")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert list(misplaced(tmp_path).values()) == [r"found the name 'a\udcff.csv', expected UTF-8"]


def test_a_landing_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert misplaced(tmp_path / "nowhere") == {
        ".": "found no such folder, expected a landing folder"
    }


def test_the_bundle_is_a_landing_folder_with_nothing_misplaced() -> None:
    sources = offered(BUNDLED)
    assert "cbp_southwest_summary/2024-12/cbp_southwest_monthly_published_2024-12.csv" in sources
    assert len(sources) == len(list(BUNDLED.glob("*/*/*.csv")))


def test_a_name_with_control_characters_is_named(tmp_path: Path) -> None:
    lay(tmp_path, f"{SOUTHWEST}/2024-12/a\nb.csv")
    [reason] = misplaced(tmp_path).values()
    assert reason == r"found the name 'a\nb.csv', expected one without control characters"
