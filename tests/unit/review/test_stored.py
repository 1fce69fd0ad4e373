"""Results that are kept on disk: a review with them equals one without, and compares only what is
new."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.catalogue.corrections import Correction, load_corrections
from orchestration.catalogue.dataset import Dataset
from orchestration.releases.archive import Archive
from orchestration.releases.release import Decided, Decision, Release
from orchestration.review import review as reviews
from orchestration.review.corrections import CorrectionError
from orchestration.review.decisions import decide
from orchestration.review.finding import Finding
from orchestration.review.names import name_findings
from orchestration.review.review import REVIEWED, Review, review, review_share
from tests.support.cbp_files import BY_AREA
from tests.support.corrections import FILES, correction
from tests.support.reviews import FIRST, NEXT, File, archive_of, counted, moved, with_figure
from tests.support.workbooks import CITIZENSHIP, MONTHLY_TABLES, TABLES_NAME, monthly_tables

WRONG = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())
LATER = File("2025-02", counted(last="2025-01").bytes())
KEPT_FILES = [
    "results.json",
    "hashes.json",
    *(f"{name}.parquet" for name in ("moved", "envelopes", "totals", "covers")),
]
Reviewed = Callable[[], list[Release]]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive of two releases, of which the second is held."""
    return archive_of(tmp_path, FIRST, WRONG)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Reviewed:
    """Returns the releases that were reviewed since it was called last."""
    found: list[Release] = []

    def noted(release: Release, dataset: Dataset) -> Sequence[Finding]:
        found.append(release)
        return name_findings(release, dataset)

    def since() -> list[Release]:
        releases = list(found)
        found.clear()
        return releases

    monkeypatch.setattr("orchestration.review.walk.name_findings", noted)
    return since


def as_in_the_next_run(archive: Archive) -> Review:
    """The review in a process that has made none yet."""
    reviews._review_once.cache_clear()
    return review(archive)


def without_results(archive: Archive, corrections: Sequence[Correction] | None = None) -> Review:
    """The review that neither keeps results nor uses those that are kept."""
    return review(archive, corrections=load_corrections() if corrections is None else corrections)


def parts(reviewed: Review) -> tuple[object, ...]:
    frames = (reviewed.moved.to_dicts(), reviewed.envelopes.to_dicts())
    return reviewed.releases, reviewed.applied, *frames


def published(releases: Sequence[Release]) -> list[str]:
    return [str(release.published) for release in releases]


class TestTheNextRun:
    """Compares a release again only if something that its result depends on has changed."""

    def test_compares_nothing_if_nothing_is_new(self, archive: Archive, compared: Reviewed) -> None:
        first = as_in_the_next_run(archive)
        assert len(first.moved) > 0
        assert published(compared()) == ["2024-12", "2025-01"]
        assert parts(as_in_the_next_run(archive)) == parts(first)
        assert compared() == []

    def test_compares_only_the_new_release(
        self, archive: Archive, tmp_path: Path, compared: Reviewed
    ) -> None:
        as_in_the_next_run(archive)
        compared()
        archive_of(tmp_path, LATER)
        reviewed = as_in_the_next_run(archive)
        assert published(compared()) == ["2025-02"]
        assert parts(reviewed) == parts(without_results(archive))

    def test_compares_the_later_ones_once_a_held_release_counts(
        self, archive: Archive, tmp_path: Path, compared: Reviewed
    ) -> None:
        archive_of(tmp_path, LATER)
        [held] = as_in_the_next_run(archive).held()
        compared()
        decide(archive, held.release_id, "accepted", "a test", "Ada")
        compared()
        reviewed = as_in_the_next_run(archive)
        assert published(compared()) == ["2025-01", "2025-02"]
        assert published(reviewed.held()) == ["2025-02"]  # it undoes what was accepted

    def test_compares_no_other_once_a_held_release_is_refused(
        self, archive: Archive, tmp_path: Path, compared: Reviewed
    ) -> None:
        archive_of(tmp_path, LATER)
        [held] = as_in_the_next_run(archive).held()
        decide(archive, held.release_id, "refused", "a test", "Ada")
        compared()
        assert as_in_the_next_run(archive).held() == []
        assert compared() == []

    def test_uses_the_results_as_of_a_day_too(self, archive: Archive, compared: Reviewed) -> None:
        newest = as_in_the_next_run(archive).releases[-1]
        compared()
        assert len(review(archive, newest.published_on).releases) == 2
        assert compared() == []

    def test_leaves_out_the_held_tables_of_an_earlier_release(
        self, tmp_path: Path, compared: Reviewed
    ) -> None:
        """Of the first workbook only one table is held: row 17 of it does not add up."""
        wrong = monthly_tables().changed(CITIZENSHIP, lambda sheet: with_figure(sheet, "E17", 16))
        for published_on, workbook in (("2024-06", wrong), ("2024-07", monthly_tables())):
            file = File(published_on, workbook.bytes(), MONTHLY_TABLES, TABLES_NAME)
            archive = archive_of(tmp_path, file)
            compared()
            reviewed = as_in_the_next_run(archive)
            assert published(compared()) == [published_on]
            assert parts(reviewed) == parts(without_results(archive))
        assert reviewed.releases[0].held_tables == ("removals_by_citizenship",)

    def test_with_other_code_compares_all(
        self, archive: Archive, compared: Reviewed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        as_in_the_next_run(archive)
        compared()
        monkeypatch.setattr("orchestration.review.stored.code_digest", lambda: "of another version")
        as_in_the_next_run(archive)
        assert published(compared()) == ["2024-12", "2025-01"]


@pytest.mark.parametrize(
    ("damaged", "content"), [*((name, b"[]") for name in KEPT_FILES), ("hashes.json", None)]
)
def test_damaged_results_are_made_again(
    archive: Archive, tmp_path: Path, damaged: str, content: bytes | None
) -> None:
    as_in_the_next_run(archive)
    [kept] = archive.root.with_name(REVIEWED).iterdir()
    if content is None:
        (kept / damaged).unlink()
    else:
        (kept / damaged).write_bytes(content)
    assert parts(as_in_the_next_run(archive)) == parts(without_results(archive))
    archive_of(tmp_path, LATER)
    assert parts(as_in_the_next_run(archive)) == parts(without_results(archive))


def test_a_changed_verdict_on_disk_is_not_believed(archive: Archive) -> None:
    as_in_the_next_run(archive)
    [kept] = archive.root.with_name(REVIEWED).iterdir()
    text = (kept / "results.json").read_text()
    assert '"verdict": "held"' in text
    (kept / "results.json").write_text(text.replace('"verdict": "held"', '"verdict": "accepted"'))
    assert len(as_in_the_next_run(archive).held()) == 1


def test_a_folder_that_cannot_be_written_costs_no_review(archive: Archive) -> None:
    folder = archive.root.with_name(REVIEWED)
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file in the folder's place")
    assert len(as_in_the_next_run(archive).held()) == 1


def test_old_reviews_are_removed(archive: Archive) -> None:
    [held] = as_in_the_next_run(archive).held()
    for reason in "abcde":
        decide(archive, held.release_id, "refused", reason, "Ada")
        as_in_the_next_run(archive)
    assert len(list(archive.root.with_name(REVIEWED).iterdir())) == 3


def test_what_shares_have_reviewed_is_not_reviewed_again(
    tmp_path: Path, compared: Reviewed
) -> None:
    archive = archive_of(tmp_path, FIRST, File("2025-01-20", NEXT.bytes()), LATER)
    assert [review_share(archive, number, 2) for number in (1, 2)] == [2, 1]
    assert published(compared()) == ["2024-12", "2025-02", "2025-01-20"]
    assert parts(as_in_the_next_run(archive)) == parts_without(archive, compared)
    assert compared() == []
    [kept] = archive.root.with_name(REVIEWED).iterdir()
    assert (kept / "results.json").exists(), "of all releases: the shares are gone"
    assert review_share(archive, 1, 2) == 2
    assert list(archive.root.with_name(REVIEWED).iterdir()) == [kept], "nothing new to keep"


def test_what_comes_after_a_release_of_another_share_that_is_held_is_reviewed_again(
    tmp_path: Path, compared: Reviewed
) -> None:
    archive = archive_of(tmp_path, FIRST, WRONG, LATER)
    for number in (1, 2):
        review_share(archive, number, 2)
    assert len(compared()) == 3
    reviewed = as_in_the_next_run(archive)
    assert published(compared()) == ["2025-02"]
    assert published(reviewed.held()) == ["2025-01"]
    assert parts(reviewed) == parts(without_results(archive))


def parts_without(archive: Archive, compared: Reviewed) -> tuple[object, ...]:
    """The parts of a review that uses nothing, which does not count as one."""
    assert compared() == []
    found = parts(without_results(archive))
    compared()
    return found


@cache
def pool(folder: Path) -> tuple[Path, ...]:
    """The archived releases from which the histories below are made: two datasets that publish the
    same totals, releases that move figures, and one that a correction puts right."""
    by_area = counted(dataset=BY_AREA).with_cells("land_border_region", lambda *_: "Other")
    files = (
        FIRST,
        WRONG,
        LATER,
        FILES[1],
        File("2024-12-20", by_area.bytes(), BY_AREA),
        File("2025-01-20", counted(last="2024-12", dataset=BY_AREA).bytes(), BY_AREA),
    )
    archive = archive_of(folder, *files)
    return tuple(archive.folder_of(release) for release in archive.releases())


@dataclass
class History:
    """An archive to which things happen, and the corrections of the day."""

    pool: tuple[Path, ...]
    archive: Archive
    corrections: list[Correction] = field(default_factory=list)

    def take_or_remove(self, number: int) -> None:
        folder = self.pool[number]
        target = self.archive.root / folder.parent.name / folder.name
        if target.exists():
            shutil.rmtree(target)
        else:
            shutil.copytree(folder, target)

    def decide(self, number: int, verdict: Decided) -> None:
        """Decide on a release, if it is there."""
        decision = Decision(verdict=verdict, reason="a test", by="Ada", on=datetime.now(UTC))
        for release in self.archive.releases():
            if release.folder_name == self.pool[number].name:
                self.archive.decide(release, decision)

    def correct(self) -> None:
        self.corrections = [] if self.corrections else [correction()]


NUMBERS = st.integers(0, 5)
EVENTS = st.one_of(
    st.tuples(st.just("take_or_remove"), NUMBERS),
    st.tuples(
        st.just("decide"),
        NUMBERS,
        st.sampled_from(("accepted", "refused", "withdrawn", "reinstated")),
    ),
    st.tuples(st.just("correct")),
)


@pytest.mark.long
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(order=st.permutations(range(6)), events=st.lists(EVENTS, min_size=3, max_size=4))
def test_a_review_with_kept_results_equals_one_without(
    tmp_path_factory: pytest.TempPathFactory,
    order: list[int],
    events: list[tuple[object, ...]],
) -> None:
    """Whatever the order of intake, and whatever is removed, decided or corrected in between,
    when half of the releases were reviewed ahead."""
    home = tmp_path_factory.mktemp("history")
    history = History(pool(tmp_path_factory.getbasetemp() / "pool"), Archive(home / "archive"))
    taken = [("take_or_remove", number) for number in order[:4]]
    with pytest.MonkeyPatch.context() as patch:
        for module in ("review", "stored"):
            patch.setattr(
                f"orchestration.review.{module}.load_corrections", lambda: history.corrections
            )
        for name, *arguments in (*taken[:2], *events[:2], *taken[2:], *events[2:]):
            getattr(history, str(name))(*arguments)
            with suppress(CorrectionError):
                review_share(history.archive, 1, 2)
            assert outcome_of(lambda: as_in_the_next_run(history.archive)) == outcome_of(
                lambda: without_results(history.archive, history.corrections)
            )


def outcome_of(make: Callable[[], Review]) -> tuple[object, ...]:
    """The parts of a review, or why there is none."""
    try:
        return parts(make())
    except CorrectionError as error:
        return (str(error),)
