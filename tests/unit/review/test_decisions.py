"""Decisions: what a person decides on a held release is stored in the archive."""

from pathlib import Path

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake import intake
from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.decisions import decide
from orchestration.review.review import Review, review
from orchestration.settings import ConfigurationError, Settings
from tests.support.reviews import FIRST, NEXT, File, archive_of, counted, moved, verdicts

WRONG = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())
SAME = File("2025-02", moved(counted(last="2025-01"), 2024, "MAR", 7).bytes())
RIGHT = File("2025-02", counted(last="2025-01").bytes())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive of two releases, of which the second is held."""
    return archive_of(tmp_path, FIRST, WRONG)


def now(archive: Archive) -> Review:
    return review(archive, corrections=[])


@pytest.fixture
def held(archive: Archive) -> Release:
    [release] = now(archive).held()
    return release


class TestAnAcceptedRelease:
    """A person has accepted it."""

    def test_has_the_reason_the_name_and_the_day(self, archive: Archive, held: Release) -> None:
        decide(archive, held.release_id, "accepted", " CBP explained it ", "Ada ")
        reviewed = now(archive)
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert reviewed.moved.is_empty()
        [stored] = [r for r in archive.releases() if r.decisions]
        [decision] = stored.decisions
        assert (decision.verdict, decision.reason, decision.by) == (
            "accepted",
            "CBP explained it",
            "Ada",
        )
        assert decision.on.tzinfo is not None
        assert reviewed.releases[1].reason == (
            f"accepted by Ada on {decision.on:%Y-%m-%d}: CBP explained it"
        )

    def test_is_what_the_next_one_is_compared_with(
        self, tmp_path: Path, archive: Archive, held: Release
    ) -> None:
        archive_of(tmp_path, SAME)
        assert verdicts(now(archive)) == ["accepted", "held", "held"]
        decide(archive, held.release_id, "accepted", "CBP explained it", "Ada")
        assert verdicts(now(archive)) == ["accepted"] * 3
        archive_of(tmp_path, File("2025-03", counted(last="2025-02").bytes()))
        assert verdicts(now(archive)) == ["accepted", "accepted", "accepted", "held"]

    def test_is_accepted_as_of_any_day_since_its_publication(
        self, archive: Archive, held: Release
    ) -> None:
        decide(archive, held.release_id, "accepted", "CBP explained it", "Ada")
        assert verdicts(review(archive, held.published_on, [])) == ["accepted", "accepted"]


class TestARefusedRelease:
    """A person has refused it for good."""

    def test_stays_refused_whatever_is_published_later(
        self, tmp_path: Path, archive: Archive, held: Release
    ) -> None:
        decide(archive, held.release_id, "refused", "not CBP's file", "Ada")
        reviewed = now(archive)
        assert verdicts(reviewed) == ["accepted", "refused"]
        assert reviewed.moved.is_empty()
        assert str(reviewed.releases[1].reason).startswith("refused by Ada on ")
        archive_of(tmp_path, SAME)
        assert verdicts(now(archive)) == ["accepted", "refused", "held"]

    def test_is_not_what_later_releases_are_compared_with(
        self, tmp_path: Path, archive: Archive, held: Release
    ) -> None:
        decide(archive, held.release_id, "refused", "not CBP's file", "Ada")
        archive_of(tmp_path, RIGHT)
        assert verdicts(now(archive)) == ["accepted", "refused", "accepted"]

    def test_stays_refused_when_it_is_found_again(
        self, tmp_path: Path, archive: Archive, held: Release
    ) -> None:
        decide(archive, held.release_id, "refused", "not CBP's file", "Ada")
        digest = archive.digest()
        archive_of(tmp_path, WRONG)
        assert archive.digest() == digest

    def test_can_be_accepted_after_all(self, archive: Archive, held: Release) -> None:
        decide(archive, held.release_id, "refused", "not CBP's file", "Ada")
        decide(archive, held.release_id, "accepted", "it is", "Grace")
        assert verdicts(now(archive)) == ["accepted", "accepted"]
        [stored] = [r for r in archive.releases() if r.decisions]
        assert [d.verdict for d in stored.decisions] == ["refused", "accepted"]
        decide(archive, held.release_id, "refused", "it is not", "Ada")
        assert verdicts(now(archive)) == ["accepted", "refused"]


class TestADecision:
    """It is part of the archive."""

    def test_changes_the_digest_and_nothing_else(self, archive: Archive, held: Release) -> None:
        before, rows = archive.digest(), archive.rows_path(held).read_bytes()
        decide(archive, held.release_id, "accepted", "CBP explained it", "Ada")
        assert archive.digest() != before
        assert archive.rows_path(held).read_bytes() == rows
        assert archive.bytes_of(held) == WRONG.content

    @pytest.mark.parametrize("verdict", ["accepted", "refused"])
    def test_survives_another_reader(
        self,
        tmp_path: Path,
        archive: Archive,
        held: Release,
        monkeypatch: pytest.MonkeyPatch,
        verdict: str,
    ) -> None:
        decided = decide(
            archive,
            held.release_id,
            "accepted" if verdict == "accepted" else "refused",
            "seen",
            "Ada",
        )
        monkeypatch.setattr(intake, "reader_version", lambda _: "another")
        Intake(Settings(tmp_path, offline=True)).refresh(load_catalogue().values())
        [stored] = [r for r in archive.releases() if r.release_id == held.release_id]
        assert stored.reader_version != decided.reader_version
        assert stored.decisions == decided.decisions
        assert verdicts(now(archive)) == ["accepted", verdict]

    @pytest.mark.parametrize(("reason", "by"), [("", "Ada"), ("  ", "Ada"), ("why", " ")])
    def test_has_a_reason_and_a_name(
        self, archive: Archive, held: Release, reason: str, by: str
    ) -> None:
        with pytest.raises(ConfigurationError, match="no reason or no name"):
            decide(archive, held.release_id, "accepted", reason, by)
        assert now(archive).held() == [held]

    def test_may_name_the_beginning_of_a_release(self, archive: Archive, held: Release) -> None:
        assert decide(archive, held.release_id[:6], "accepted", "why", "Ada").decision is not None

    def test_is_for_exactly_one_held_release(
        self, tmp_path: Path, archive: Archive, held: Release
    ) -> None:
        [first] = now(archive).accepted()
        listed = f"expected one of those that are held or have a decision: {held.describe()}$"
        for name in ("", "zz", first.release_id):
            with pytest.raises(ConfigurationError, match=rf"held releases '{name}', .*") as error:
                decide(archive, name, "accepted", "why", "Ada")
            assert str(error.value).endswith(listed.removesuffix("$"))
        assert all(release.decision is None for release in archive.releases())
