"""An archive that has lost releases of the published file, as where its folder is not mounted."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.claim_files import claim_files
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.lost_releases import (
    what_is_lost,
    why_incomplete,
    why_not_fetched,
)
from orchestration.builds.outdated import why_outdated
from orchestration.builds.publishing import publish, published_build, roll_back
from orchestration.builds.sealing import seal
from orchestration.builds.verification import verify
from orchestration.releases.archive import Archive
from orchestration.releases.release import Decided, Decision, Redating, Release
from orchestration.settings import Settings
from tests.support.builds import DECLARED, filled_build, gate_result


@pytest.fixture
def settings(own_home: Path) -> Settings:
    return Settings(own_home)


@pytest.fixture
def archive(settings: Settings) -> Archive:
    return Archive(settings.archive)


def lose(archive: Archive, count: int) -> list[Release]:
    """Delete the folders of the first releases, as somebody's `rm` would."""
    lost = archive.releases()[:count]
    for release in lost:
        shutil.rmtree(archive.folder_of(release))
    return lost


def test_a_whole_archive_has_lost_nothing(settings: Settings) -> None:
    assert what_is_lost(settings).releases == []
    assert why_incomplete(settings) is None


def test_the_lost_are_described_as_the_archive_did(settings: Settings, archive: Archive) -> None:
    expected = {release.release_id: release.file_name for release in lose(archive, 2)}
    found = what_is_lost(settings).releases
    assert len(found) == 2
    for description, (release_id, file_name) in zip(
        sorted(found), sorted(expected.items()), strict=True
    ):
        assert description.startswith(f"{release_id} (")
        assert file_name in description


def test_the_reason_names_the_folder_the_first_and_what_to_do(
    settings: Settings, archive: Archive
) -> None:
    first, *_ = lose(archive, 5)
    reason = str(why_incomplete(settings))
    assert reason.startswith(f"{settings.archive}: found 5 releases missing")
    assert first.file_name in reason
    assert ", and 2 others. Mount the archive" in reason


def test_an_archive_that_is_not_mounted_has_lost_all(settings: Settings, archive: Archive) -> None:
    count = len(archive.releases())
    shutil.rmtree(archive.root)
    assert len(what_is_lost(settings).releases) == count


def test_verification_names_each(settings: Settings, archive: Archive) -> None:
    [lost] = lose(archive, 1)
    [problem] = [found for found in verify(settings) if found.problem]
    assert (problem.kind, lost.release_id in problem.name) == ("release", True)
    assert f"found no release {lost.release_id} (" in str(problem.problem)


def test_the_build_is_outdated_for_them(settings: Settings, archive: Archive) -> None:
    lose(archive, 2)
    now = fingerprint(archive, claim_files(settings))
    assert why_outdated(published_build(settings), now, settings) == ["2 releases lost since"]


def test_nothing_is_lost_where_nothing_is_published(settings: Settings, archive: Archive) -> None:
    lose(archive, 1)
    settings.published.unlink()
    assert what_is_lost(settings).releases == []


def test_a_damaged_published_file_stops_no_run(
    settings: Settings, archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    """The run replaces it."""
    lose(archive, 1)
    settings.published.unlink()
    settings.published.write_bytes(b"no database")
    assert why_incomplete(settings) is None
    assert "cannot tell whether the archive has lost releases" in caplog.text


def test_nothing_is_fetched_into_the_place_of_an_archive(
    settings: Settings, archive: Archive
) -> None:
    """One that is not mounted: what is at its place is empty."""
    assert why_not_fetched(settings) is None
    shutil.rmtree(archive.root)
    reason = str(why_not_fetched(settings))
    assert reason.startswith(f"{settings.archive}: found no release, expected those that")
    assert f"delete {settings.published}" in reason
    settings.published.unlink()
    assert why_not_fetched(settings) is None


def test_after_a_rollback_the_releases_of_newer_builds_are_expected(settings: Settings) -> None:
    before, later = published_build(settings), filled_build(settings, "run-2---")
    assert before is not None
    with duckdb.connect(str(later.database)) as connection:
        connection.execute(f"attach '{before.database}' as before (read_only)")
        connection.execute("create table meta.releases as from before.meta.releases limit 2")
        connection.execute("update meta.releases set release_id = 'new' where rowid = 0")
    later.add_gate_results([gate_result(table="meta.releases")])
    seal(later, 1, [*DECLARED, ("meta.releases", "grain_is_unique")])
    publish(later, settings)
    assert [lost[:4] for lost in what_is_lost(settings).releases] == ["new "]
    roll_back(before.build_id, settings)
    assert [lost[:4] for lost in what_is_lost(settings).releases] == ["new "]


def publish_changed(settings: Settings, release: Release, changes: str) -> None:
    """Make the published file say something else about a release."""
    changed = settings.published.with_name("changed.duckdb")
    shutil.copyfile(settings.published, changed)
    with duckdb.connect(str(changed)) as connection:
        connection.execute(
            f"update meta.releases set {changes} where release_id = ?", [release.release_id]
        )
    changed.replace(settings.published)


def publish_with_a_decision(settings: Settings, release: Release) -> None:
    """Make the published file say that somebody has withdrawn a release."""
    publish_changed(
        settings,
        release,
        "verdict = 'withdrawn', decided_by = 'the desk', decision_reason = 'counted twice',"
        " decided_on = '2026-02-01 12:00:00+00'",
    )


def decision(verdict: Decided, on: datetime) -> Decision:
    return Decision(verdict=verdict, reason="is right", by="me", on=on)


def test_a_release_that_came_in_again_without_its_decision_stops_the_build(
    settings: Settings, archive: Archive
) -> None:
    """As where the archive is not mounted, and all its files are in landing folders."""
    release = archive.releases()[0]
    publish_with_a_decision(settings, release)
    [lost] = what_is_lost(settings).decisions
    assert lost.startswith(f"{release.release_id} (")
    assert lost.endswith("withdrawn by the desk: counted twice")
    reason = str(why_incomplete(settings))
    assert reason.startswith(f"{settings.archive}: found 1 decision missing")
    assert "or decide again" in reason
    assert any(found.kind == "decision" and found.problem for found in verify(settings))


def test_a_later_decision_takes_the_place_of_the_lost_one(
    settings: Settings, archive: Archive
) -> None:
    release = archive.releases()[0]
    publish_with_a_decision(settings, release)
    archive.decide(release, decision("reinstated", datetime.now(UTC)))
    assert what_is_lost(settings).decisions == []
    assert why_incomplete(settings) is None


def test_a_decision_on_a_lost_release_is_not_named_as_well(
    settings: Settings, archive: Archive
) -> None:
    [release] = lose(archive, 1)
    publish_with_a_decision(settings, release)
    assert what_is_lost(settings).decisions == []
    assert len(what_is_lost(settings).releases) == 1


def test_an_earlier_decision_does_not(settings: Settings, archive: Archive) -> None:
    """As where a copy of the archive was put back that is older than the published file."""
    release = archive.releases()[0]
    publish_with_a_decision(settings, release)
    archive.decide(release, decision("accepted", datetime(2026, 1, 31, tzinfo=UTC)))
    [lost] = what_is_lost(settings).decisions
    assert lost.endswith("withdrawn by the desk: counted twice")
    archive.decide(release, decision("withdrawn", datetime(2026, 2, 1, 12, tzinfo=UTC)))
    assert what_is_lost(settings).decisions == []


def redating(release: Release, reason: str) -> Redating:
    """A correction of a release's date."""
    return Redating(
        was_on=release.published_on,
        was_precision=release.published_precision,
        reason=reason,
        by="the desk",
        on=datetime.now(UTC),
    )


def test_a_corrected_date_that_was_lost_stops_the_build(
    settings: Settings, archive: Archive
) -> None:
    release = archive.releases()[0]
    made = redating(release, "see the page")
    notes = json.dumps([*release.notes, made.describe()]).replace("'", "''")
    publish_changed(settings, release, f"published_on = '2026-01-02', notes = '{notes}'")
    [lost] = what_is_lost(settings).decisions
    assert lost.startswith(f"{release.release_id} (")
    assert lost.endswith(f", was {release.published}: see the page")
    assert "found 1 decision missing" in str(why_incomplete(settings))
    other = release.model_copy(update={"published_on": date(2026, 1, 3)})
    archive.redate(other, redating(release, "or that of the file"), None)
    assert what_is_lost(settings).decisions == [], "it was corrected again"


def test_a_date_that_is_corrected_after_the_build_is_not_lost(
    settings: Settings, archive: Archive
) -> None:
    release = archive.releases()[0]
    other = release.model_copy(update={"published_on": date(2026, 1, 3)})
    archive.redate(other, redating(release, "see the page"), None)
    assert why_incomplete(settings) is None


def test_a_file_that_was_only_refused_is_reported_and_stops_nothing(
    settings: Settings, archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    """It is in no table, and is refused again where it comes in again."""
    [release] = lose(archive, 1)
    publish_changed(settings, release, "verdict = 'refused'")
    assert why_incomplete(settings) is None
    assert f"{settings.archive}: found 1 refused file missing" in caplog.text
    assert release.file_name in caplog.text
    [problem] = [
        found.problem for found in verify(settings) if found.kind == "release" and found.problem
    ]
    assert f"found no release {release.release_id} (" in problem
    publish_changed(settings, release, "verdict = 'refused', decided_by = 'the desk'")
    assert "found 1 release missing" in str(why_incomplete(settings)), "that is a decision"
