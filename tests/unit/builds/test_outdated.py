"""Why a build is not the one that a run would make now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.builds.build import Build
from orchestration.builds.fingerprint import Fingerprint
from orchestration.builds.outdated import why_outdated
from orchestration.builds.publishing import publish, roll_back
from orchestration.intake.intake import new_record
from orchestration.releases.archive import Archive
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import Decision, Release
from orchestration.settings import Settings
from orchestration.sources.candidate import Candidate
from tests.support.builds import sealed_build

LATER = datetime.now(UTC) + timedelta(hours=1)
EARLIER = LATER - timedelta(days=1)


def release(name: str, archived: datetime) -> Release:
    candidate = Candidate(
        dataset="cbp_southwest_encounters",
        file_name=name,
        source=name,
        published_on=PublicationDate.parse("2024-12"),
        path=Path(name),
    )
    return new_record(candidate, name.encode(), "reader", "1", archived)


@pytest.fixture
def archive(settings: Settings) -> Archive:
    """An archive with a release that is older than the build."""
    archive = Archive(settings.archive)
    archive.store(release("first.csv", EARLIER), b"first.csv", None)
    return archive


def current(archive: Archive) -> Fingerprint:
    return Fingerprint(archive.digest(), "code", "libraries", "claims")


@pytest.fixture
def published(settings: Settings, archive: Archive) -> Build:
    build = sealed_build(settings, "run-1---", made_of=current(archive))
    publish(build, settings)
    return build


def test_a_build_of_the_same_is_not_outdated(
    published: Build, archive: Archive, settings: Settings
) -> None:
    assert why_outdated(published, current(archive), settings) == []


def test_a_published_file_without_its_build_is_outdated(
    published: Build, archive: Archive, settings: Settings
) -> None:
    expected = ["the published file is of no build that is kept"]
    assert why_outdated(None, current(archive), settings) == expected


def test_what_came_to_the_archive_is_counted(
    published: Build, archive: Archive, settings: Settings
) -> None:
    for name in ("second.csv", "third.csv"):
        archive.store(release(name, LATER), name.encode(), None)
    assert why_outdated(published, current(archive), settings) == ["2 releases archived since"]
    decision = Decision(verdict="withdrawn", reason="wrong", by="Ada", on=LATER)
    archive.decide(release("first.csv", EARLIER), decision)
    assert why_outdated(published, current(archive), settings) == [
        "2 releases archived since",
        "1 release decided on since",
    ]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("archive", "the archive has changed since"),
        ("claims", "the files of claims have changed since"),
        ("code", "code or catalogue has changed since"),
        ("libraries", "versions of libraries have changed since"),
    ],
)
def test_each_part_that_has_changed_is_named(
    part: str, said: str, published: Build, archive: Archive, settings: Settings
) -> None:
    now = replace(current(archive), **{part: "other"})
    assert why_outdated(published, now, settings) == [said]


def test_a_build_that_is_published_again_was_rolled_back_to(
    published: Build, archive: Archive, settings: Settings
) -> None:
    now = replace(current(archive), code="new code")
    later = sealed_build(settings, "run-2---", made_of=now)
    publish(later, settings)
    roll_back(published.build_id, settings)
    assert why_outdated(published, now, settings) == [
        f"rolled back from {later.build_id}",
        "code or catalogue has changed since",
    ]


def test_inputs_that_cannot_be_read_are_named(
    published: Build, archive: Archive, settings: Settings
) -> None:
    (published.folder / "made-of.json").unlink()
    [said] = why_outdated(published, current(archive), settings)
    assert said.endswith("made-of.json: found no file, expected the inputs of a build")
