"""Decisions: what a person decides on a held release is stored in the archive."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake import intake
from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.release import Decision, Release
from orchestration.review.decisions import decide, redate_release
from orchestration.review.review import Review, review
from orchestration.settings import ConfigurationError, Settings
from tests.support.cbp_files import SOUTHWEST, candidate, published_name
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

    def test_keeps_what_it_was_held_for(self, archive: Archive, held: Release) -> None:
        decide(archive, held.release_id, "accepted", "CBP explained it", "Ada")
        accepted = now(archive).releases[1]
        assert accepted.held_for == held.held_for
        assert accepted.held_for, "or there was nothing to keep"
        assert accepted.findings == (accepted.reason,), "why it counts, which is the decision"

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


class TestAFileWithoutRows:
    """It was refused when it came in."""

    @pytest.fixture
    def page(self, tmp_path: Path) -> Release:
        """A web page in the place of a release."""
        content = b"<html>Not found</html>"
        found = candidate(tmp_path / "landing", content, "2025-01", "page.csv", SOUTHWEST)
        assert Intake(Settings(tmp_path, offline=True)).take(found).kind == "refused"
        [page] = now(Archive(tmp_path / "archive")).releases
        return page

    def test_cannot_be_accepted_though_it_has_a_decision(
        self, tmp_path: Path, page: Release
    ) -> None:
        archive = Archive(tmp_path / "archive")
        decide(archive, page.release_id, "refused", "seen", "Ada")
        with pytest.raises(ConfigurationError) as error:
            decide(archive, page.release_id, "accepted", "after all", "Ada")
        assert "which is refused, expected one that is held, or with a decision and rows" in str(
            error.value
        )
        assert verdicts(now(archive)) == ["refused"]

    def test_stays_refused_where_an_older_version_let_it_in(
        self, tmp_path: Path, page: Release
    ) -> None:
        archive = Archive(tmp_path / "archive")
        accepted = Decision(verdict="accepted", reason="?", by="Ada", on=datetime.now(UTC))
        archive.decide(page, accepted)
        [release] = now(archive).releases
        assert (release.verdict, release.reason) == ("refused", page.reason)


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
        for name, count in (("", 1), ("zz", 0)):
            with pytest.raises(ConfigurationError) as error:
                decide(archive, name, "accepted", "why", "Ada")
            assert str(error.value) == (
                f"found {count} releases {name!r} that are held, or with a decision and "
                f"rows, expected one of: {held.describe()}"
            )
        with pytest.raises(ConfigurationError) as error:
            decide(archive, first.release_id, "accepted", "why", "Ada")
        assert str(error.value) == (
            f"found {first.describe()}, which is accepted, expected one that is held, or with a "
            "decision and rows"
        )
        assert all(release.decision is None for release in archive.releases())


class TestAWithdrawnRelease:
    """A person has taken it out of the next builds."""

    def test_is_out_until_it_is_reinstated(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST, RIGHT)
        second = now(archive).releases[1].release_id
        withdrawn = decide(archive, second, "withdrawn", "CBP has taken it down", "Ada")
        reviewed = now(archive)
        assert verdicts(reviewed) == ["accepted", "withdrawn"]
        assert reviewed.accepted() == [reviewed.releases[0]]
        assert "withdrawn by Ada" in str(reviewed.releases[1].reason)
        assert archive.bytes_of(withdrawn) == RIGHT.content
        decide(archive, second, "reinstated", "it is back", "Ada")
        reinstated = now(archive).releases[1]
        assert (reinstated.verdict, reinstated.reason) == ("accepted", None)
        assert [d.verdict for d in reinstated.decisions] == ["withdrawn", "reinstated"]

    def test_is_not_what_the_next_one_is_compared_with(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST, WRONG, RIGHT)
        wrong, right = now(archive).releases[1:]
        decide(archive, wrong.release_id, "accepted", "by mistake", "Ada")
        assert verdicts(now(archive)) == ["accepted", "accepted", "held"]
        decide(archive, wrong.release_id, "withdrawn", "it was a mistake", "Ada")
        assert verdicts(now(archive)) == ["accepted", "withdrawn", "accepted"]
        assert now(archive).releases[2].release_id == right.release_id

    def test_may_have_been_accepted_by_a_person_but_not_refused(
        self, archive: Archive, held: Release
    ) -> None:
        with pytest.raises(ConfigurationError, match="which is held, expected one that is with"):
            decide(archive, held.release_id, "reinstated", "why", "Ada")
        decide(archive, held.release_id, "refused", "an error", "Ada")
        with pytest.raises(ConfigurationError, match="which is refused, expected one that is acc"):
            decide(archive, held.release_id, "withdrawn", "why", "Ada")


class TestARedatedRelease:
    """A person has corrected its publication date."""

    def test_counts_from_its_right_date_on_and_is_found_under_the_old_one(
        self, tmp_path: Path
    ) -> None:
        late = File("2025-03", FIRST.content)
        archive = archive_of(tmp_path, late)
        [release] = archive.releases()
        redated = redate(tmp_path, release.release_id, "2024-12-19")
        assert str(redated.published) == "2024-12-19"
        assert archive.folder_of(redated) == archive.folder_of(release)
        assert archive.bytes_of(redated) == FIRST.content
        [stored] = review(archive, redated.published_on, []).releases
        assert stored == redated
        [redating] = stored.redatings
        assert (str(redating.was), redating.reason, redating.by) == ("2025-03", "a slip", "Ada")
        # the file still lies in the folder of the old date, and is the same release
        intake = Intake(Settings(tmp_path, offline=True))
        name = published_name(late.content, SOUTHWEST)
        outcome = intake.take(candidate(tmp_path / "l", late.content, "2025-03", name))
        assert (outcome.kind, outcome.is_worth_reporting) == ("duplicate", False)

    def test_may_be_redated_again(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST)
        [release] = archive.releases()
        redate(tmp_path, release.release_id, "2025-02")
        redated = redate(tmp_path, release.release_id, "2024-12-19")
        assert [str(r.was) for r in redated.redatings] == ["2024-12", "2025-02"]
        assert archive.bytes_of(redated) == FIRST.content

    def test_must_have_figures_for_times_before_it_only(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST)
        before = archive.releases()
        with pytest.raises(ConfigurationError, match="found figures for 2024-11, expected none"):
            redate(tmp_path, before[0].release_id, "2024-10")
        with pytest.raises(ConfigurationError, match="publication date: "):
            redate(tmp_path, before[0].release_id, "yesterday")
        assert archive.releases() == before

    def test_may_have_been_refused_for_its_date(self, tmp_path: Path) -> None:
        intake = Intake(Settings(tmp_path, offline=True))
        name = published_name(FIRST.content, SOUTHWEST)
        outcome = intake.take(candidate(tmp_path / "l", FIRST.content, "2024-10", name))
        assert outcome.kind == "refused"
        [release] = intake.archive.releases()
        assert redate(tmp_path, release.release_id, "2024-12").verdict == "accepted"
        assert verdicts(now(intake.archive)) == ["accepted"]


def redate(home: Path, release: str, published_on: str) -> Release:
    settings = Settings(home, offline=True)
    return redate_release(settings, release, published_on, "a slip", "Ada")


class TestADecisionMadeDuringARun:
    """The run has read the archive before, and writes the record afterwards."""

    def test_is_not_overwritten_when_the_release_is_read_again(
        self, tmp_path: Path, archive: Archive, held: Release, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Intake, "_version", lambda *_: "another")
        running = Intake(Settings(tmp_path, offline=True))
        decide(archive, held.release_id, "accepted", "CBP explained it", "Ada")
        running.refresh(load_catalogue().values())
        stored = archive.releases()[1]
        assert stored.reader_version == "another"
        assert [d.reason for d in stored.decisions] == ["CBP explained it"]
        assert verdicts(now(archive)) == ["accepted", "accepted"]
