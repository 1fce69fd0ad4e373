"""The review: what a release is compared with, and in which order releases are reviewed."""

import itertools
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import release_id_of
from orchestration.review.comparison import compare
from orchestration.review.figures import figures_of
from orchestration.review.review import Review, review
from orchestration.settings import BUNDLED, Settings
from orchestration.sources.candidate import Candidate
from tests.support.cbp_files import (
    BY_AREA,
    BY_STATE,
    SOUTHWEST,
    made,
)
from tests.support.reviews import (
    BEFORE,
    FIRST,
    NEXT,
    File,
    archive_of,
    counted,
    hold_reason,
    moved,
    only_held,
    review_after_first,
    review_files,
    second,
    verdicts,
)

FROM_2023 = "sbo-encounters-fy23-fy25-dec.csv"


class TestWhatThereIsToCompareWith:
    """Only the months that were current before, of the same dataset."""

    @pytest.mark.parametrize("dataset", [SOUTHWEST, BY_AREA, BY_STATE])
    def test_is_nothing_for_a_first_release(self, tmp_path: Path, dataset: str) -> None:
        reviewed = review_files(tmp_path, File("2024-12", made(dataset).bytes(), dataset))
        assert verdicts(reviewed) == ["accepted"]
        assert reviewed.envelopes.is_empty()

    def test_is_nothing_for_a_release_of_one_month_without_the_one_before(
        self, tmp_path: Path
    ) -> None:
        months = [f"2024-{number:02}" for number in range(1, 5)]
        files = [File(month, counted(month, month).bytes()) for month in months]
        reviewed = review_files(tmp_path, *files)
        assert verdicts(reviewed) == ["accepted"] * 4
        again = moved(counted("2024-02", "2024-02"), 2024, "FEB", 100)
        reviewed = review_files(tmp_path, *files, File("2024-05", again.bytes()))
        assert "2024-02: found " in hold_reason(reviewed)

    def test_is_another_dataset_for_the_totals_that_both_publish(self, tmp_path: Path) -> None:
        """The cut by state of the same months has other people at the southwest border."""
        other = made(BY_STATE, first="2024-10", last="2024-11")
        reviewed = review_files(tmp_path, FIRST, File("2025-02", other.bytes(), BY_STATE))
        held = {release.dataset for release in reviewed.held()}
        assert len(held) == 1
        assert only_held(reviewed).checks == ("datasets_agree",)
        assert "2024-10, southwest encounters: found " in str(only_held(reviewed).reason)
        elsewhere = other.with_cells("land_border_region", lambda *_: "Other")
        reviewed = review_files(tmp_path / "b", FIRST, File("2025-02", elsewhere.bytes(), BY_STATE))
        assert verdicts(reviewed) == ["accepted", "accepted"]

    def test_is_never_a_refused_file(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST)
        wrong = BEFORE.with_header("component", "Agency").bytes()
        path = tmp_path / "wrong.csv"
        path.write_bytes(wrong)
        intake = Intake(Settings(tmp_path, offline=True))
        published = PublicationDate.parse("2024-12-01")
        outcome = intake.take(
            Candidate(path, SOUTHWEST, published, "wrong.csv", "by hand/wrong.csv")
        )
        assert outcome.kind == "refused"
        assert verdicts(review(archive, corrections=[])) == ["refused", "accepted"]

    def test_is_never_a_held_release(self, tmp_path: Path) -> None:
        """Otherwise the next release, which is right again, would be held too."""
        wrong = moved(NEXT, 2024, "MAR", 7)
        right = counted(last="2025-01")
        reviewed = review_files(tmp_path, FIRST, second(wrong), second(right, "2025-02"))
        assert verdicts(reviewed) == ["accepted", "held", "accepted"]
        assert reviewed.moved["release_id"].unique().to_list() == [reviewed.releases[1].release_id]
        again = review_files(
            tmp_path, FIRST, second(wrong), second(moved(right, 2024, "MAR", 7), "2025-03")
        )
        assert verdicts(again) == ["accepted", "held", "accepted", "held"]

    def test_is_for_each_month_the_newest_release_that_covers_it(self, tmp_path: Path) -> None:
        """A month that the previous release omits is compared with the release before that."""
        short = counted(first="2023-10", last="2024-12")
        long = moved(counted(last="2025-01"), 2023, "MAR", 1)
        reviewed = review_files(tmp_path, FIRST, second(short), second(long, "2025-02"))
        assert verdicts(reviewed) == ["accepted", "accepted", "held"]
        assert "2023-03, closed fiscal year" in hold_reason(reviewed)
        assert reviewed.moved["against_release_id"].to_list() == [reviewed.releases[0].release_id]

    def test_may_be_shorter_and_older(self, tmp_path: Path) -> None:
        old = counted(first="2022-10", last="2022-12")
        reviewed = review_files(tmp_path, FIRST, File("2023-01", old.bytes()))
        assert verdicts(reviewed) == ["accepted", "accepted"]

    def test_is_the_older_release_for_years_that_a_newer_one_lacks_though_its_name_has_them(
        self, tmp_path: Path
    ) -> None:
        """A test of dbt has the same of the current tables:
        newest_release_is_current_and_older_ones_keep_their_own_months."""
        shorter = File("2025-01", counted("2023-10", "2024-12").bytes(), name=FROM_2023)
        reviewed = review_files(tmp_path, FIRST, shorter)
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert "expected FY2023 from its beginning" in reviewed.releases[1].notes[0]
        other = moved(counted("2022-10", "2025-01"), 2023, "MAY", 1_000)
        reviewed = review_files(tmp_path / "b", FIRST, shorter, File("2025-02", other.bytes()))
        assert verdicts(reviewed) == ["accepted", "accepted", "held"]
        [against] = set(reviewed.moved.filter(pl.col("difference") != 0)["against_release_id"])
        assert against == reviewed.releases[0].release_id

    def test_is_only_what_was_published_by_the_day(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST, second(moved(NEXT, 2024, "MAR", 1)))
        assert verdicts(review(archive, date(2025, 1, 31), [])) == ["accepted", "held"]
        assert verdicts(review(archive, date(2025, 1, 30), [])) == ["accepted"]
        assert review(archive, date(2024, 1, 1), []).releases == ()

    def test_is_read_once_until_the_archive_changes(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST)
        assert review(archive) is review(archive)
        archive_of(tmp_path, second(moved(NEXT, 2024, "MAR", 1)))
        assert verdicts(review(archive)) == ["accepted", "held"]


class TestReleasesOfOneDay:
    """The one that covers later months is newer; among files of one name, the repost."""

    def test_are_ordered_by_the_months_that_they_cover(self, tmp_path: Path) -> None:
        longer = moved(NEXT, 2024, "MAR", 1)
        again = File("2024-12", BEFORE.bytes(), name="sbo-encounters-fy23-fy25-nov_5.csv")
        for name, files in {
            "a": [again, second(longer, "2024-12")],
            "b": [second(longer, "2024-12"), again],
        }.items():
            reviewed = review_files(tmp_path / name, *files)
            assert [r.last_month for r in reviewed.releases] == [
                date(2024, 11, 1),
                date(2024, 12, 1),
            ]
            assert verdicts(reviewed) == ["accepted", "held"]

    def test_are_ordered_by_their_repost_number(self, tmp_path: Path) -> None:
        changed = moved(BEFORE, 2024, "MAR", 1)
        files = [
            File("2024-12", changed.bytes(), name="sbo-encounters-fy23-fy25-nov_0.csv"),
            File("2024-12", BEFORE.bytes(), name="sbo-encounters-fy23-fy25-nov.csv"),
            File("2024-12", BEFORE.bytes("\n"), name="sbo-encounters-fy23-fy25-nov_10.csv"),
        ]
        expected = [("accepted", -1), ("held", 0), ("accepted", 10)]
        for i, order in enumerate(itertools.permutations(files)):
            reviewed = review_files(tmp_path / str(i), *order)
            assert [(r.verdict, r.repost) for r in reviewed.releases] == expected

    def test_are_otherwise_ordered_by_the_time_of_their_intake(self, tmp_path: Path) -> None:
        """A file that replaced another behind its URL is compared with the one it replaced."""
        files = [
            File("2024-12", BEFORE.bytes()),
            File("2024-12", moved(BEFORE, 2024, "MAR", 1).bytes()),
        ]
        for name, order in {"a": files, "b": files[::-1]}.items():
            reviewed = review_files(tmp_path / name, *order)
            last = release_id_of(order[1].content)[0]
            assert [release.release_id for release in reviewed.held()] == [last]


def content(reviewed: Review) -> tuple[list[dict[str, Any]], list[Any], list[Any]]:
    """All that a review holds, except when the releases were retrieved."""
    releases = [r.model_dump(exclude={"retrieved_at"}) for r in reviewed.releases]
    return releases, reviewed.moved.rows(), reviewed.envelopes.rows()


class TestTheOrderOfIntake:
    """It does not change the review."""

    def test_of_releases_in_a_chain(self, tmp_path: Path) -> None:
        files = [
            File("2024-11", counted(last="2024-10").bytes()),
            FIRST,
            second(moved(NEXT, 2024, "MAR", 3)),
        ]
        reviews = [
            content(review_files(tmp_path / str(i), *order))
            for i, order in enumerate(itertools.permutations(files))
        ]
        assert all(reviewed == reviews[0] for reviewed in reviews)
        assert [release["verdict"] for release in reviews[0][0]] == [
            *("accepted", "accepted", "held")
        ]

    def test_of_equal_changes(self, tmp_path: Path) -> None:
        """Cells that moved by the same number are in the same order in every archive."""
        changed = NEXT.with_cells("encounters", lambda _, text: str(int(text) + 1))
        first = content(review_after_first(tmp_path / "0", changed))
        for i in range(1, 4):
            assert content(review_after_first(tmp_path / str(i), changed)) == first


class TestTheRealReleases:
    """The agencies' own files, where they are available, with the bundled ones."""

    @pytest.fixture(scope="class")
    def reviewed(self, real_archive: Archive) -> Review:
        return review(real_archive)

    def test_are_all_accepted(self, reviewed: Review, real_releases: Path) -> None:
        files = [*BUNDLED.glob("*/*/*.*"), *real_releases.glob("*/*/*.*")]
        assert [
            (r.describe(), r.reason) for r in reviewed.releases if r.verdict != "accepted"
        ] == []
        assert len(reviewed.releases) == len(files)
        assert reviewed.moved.is_empty()

    def test_have_row_counts_within_their_envelopes(self, reviewed: Review) -> None:
        within = pl.col("rows").is_between("at_least", "at_most")
        assert reviewed.envelopes.filter(~within).is_empty()
        exact = reviewed.envelopes.filter("is_exact")["dataset"].unique().to_list()
        assert {BY_AREA, BY_STATE} <= set(exact)

    @pytest.mark.long
    def test_by_state_may_be_taken_in_in_any_order(
        self, real_archive: Archive, tmp_path: Path
    ) -> None:
        """Only the records say when a release was retrieved, so no file has to be read again."""
        known = [
            (r, real_archive.bytes_of(r), real_archive.rows_path(r))
            for r in real_archive.releases()
            if r.dataset == BY_STATE and r.verdict == "accepted"
        ]
        reviews = []
        for i, order in enumerate(itertools.permutations(known)):
            archive = Archive(tmp_path / str(i))
            for minute, (release, file, rows) in enumerate(order):
                at = {"retrieved_at": datetime(2026, 11, 1, 0, minute, tzinfo=UTC)}
                archive.store(release.model_copy(update=at), file, None)
                archive.rows_path(release).symlink_to(rows)
            reviews.append(content(review(archive, corrections=[])))
        assert len(reviews) == 6
        assert all(reviewed == reviews[0] for reviewed in reviews)

    def test_pass_the_comparison_unchanged_and_fail_it_with_changed_figures(
        self, real_archive: Archive, reviewed: Review
    ) -> None:
        """For every dataset that is compared: equal figures pass, a third of each does not."""
        for release in {r.dataset: r for r in reviewed.releases}.values():
            dataset = load_catalogue()[release.dataset]
            limits = dataset.revisions
            if limits is None:
                continue
            rows = pl.read_parquet(real_archive.rows_path(release))
            figures = figures_of(rows, release, dataset, limits)
            same = compare(figures, figures.reverse(), dataset, limits)
            assert (same.findings, len(same.moved)) == ((), 0), dataset.name
            third = figures.with_columns(pl.col("figure") // 3)
            other = compare(figures, third, dataset, limits)
            assert other.findings, dataset.name
            assert not other.moved.is_empty()


class TestRowsThatOlderCodeRead:
    def test_stop_the_review_with_what_to_do(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST)
        [release] = archive.releases()
        path = archive.rows_path(release)
        pl.read_parquet(path).drop("demographic").write_parquet(path)
        with pytest.raises(ArchiveError, match="found no column demographic, as an older version"):
            review(archive, corrections=[])
