"""Replicas of releases: other releases with the same figures, of which none is held."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.replicas import next_day, replicas
from orchestration.intake.fetch import fetch
from orchestration.releases.archive import Archive
from orchestration.review.review import review
from orchestration.settings import Settings
from tests.support.cbp_files import BY_STATE, SOUTHWEST, candidate, made, published_name
from tests.support.reviews import BEFORE, counted


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """A landing folder of two datasets, one of them with two releases."""
    folder = tmp_path / "releases"
    elsewhere = made(BY_STATE).with_cells("land_border_region", lambda *_: "Other")
    for dataset, published, content in (
        (SOUTHWEST, "2024-11", counted(last="2024-10").bytes()),
        (SOUTHWEST, "2024-12", BEFORE.bytes()),
        (BY_STATE, "2024-12-20", elsewhere.bytes(last_end=False)),
    ):
        candidate(folder, content, published, published_name(content, dataset), dataset)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def rows(folder: Path) -> int:
    return sum(len(content.splitlines()) - 1 for content in files(folder).values())


def test_the_rows_are_at_least_so_many_times_as_many(releases: Path, tmp_path: Path) -> None:
    made_rows = replicas(releases, tmp_path / "many", 4)
    assert made_rows == rows(tmp_path / "many")
    assert made_rows >= 4 * rows(releases)
    assert replicas(releases, tmp_path / "once", 1) == rows(releases)


def test_they_are_the_same_each_time(releases: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        replicas(releases, tmp_path / name, 3)
    assert files(tmp_path / "one") == files(tmp_path / "other")


def test_the_next_day_comes_after_every_release(releases: Path, tmp_path: Path) -> None:
    replicas(releases, tmp_path / "many", 3)
    before = files(tmp_path / "many")
    next_day(tmp_path / "many")
    added = {Path(name) for name in files(tmp_path / "many").keys() - before.keys()}
    assert {path.parts[0] for path in added} == {SOUTHWEST, BY_STATE}
    (day,) = {path.parts[1] for path in added}
    assert day > max(Path(name).parts[1] for name in before)


def test_each_is_taken_in_as_a_release_and_none_is_held(releases: Path, tmp_path: Path) -> None:
    replicas(releases, tmp_path / "many", 3)
    assert next_day(tmp_path / "many") > 0
    settings = Settings(tmp_path / "home", landing=(tmp_path / "many",), offline=True)
    made_files = len(files(tmp_path / "many"))
    outcomes = fetch(settings, [SOUTHWEST, BY_STATE])
    assert Counter(outcome.kind for outcome in outcomes) == {"archived": made_files}
    reviewed = review(Archive(settings.archive), corrections=())
    assert {release.verdict for release in reviewed.releases} == {"accepted"}
