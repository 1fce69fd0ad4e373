"""Reviews that are kept on disk: equal to a new review, and made anew when anything differs."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from orchestration.releases.archive import Archive
from orchestration.review import review as reviews
from orchestration.review.decisions import decide
from orchestration.review.review import REVIEWED, Review, review
from tests.support.reviews import FIRST, NEXT, File, archive_of, moved

WRONG = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive of two releases, of which the second is held."""
    return archive_of(tmp_path, FIRST, WRONG)


def as_in_the_next_run(archive: Archive) -> Review:
    """The review in a process that has made none yet."""
    reviews._review_once.cache_clear()
    return review(archive)


def parts(reviewed: Review) -> tuple[object, ...]:
    frames = (reviewed.moved.to_dicts(), reviewed.envelopes.to_dicts())
    return reviewed.releases, reviewed.applied, *frames


def test_the_next_run_compares_nothing_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = as_in_the_next_run(archive)
    assert len(first.moved) > 0
    monkeypatch.setattr(reviews, "_review", lambda *_: pytest.fail("reviewed again"))
    assert parts(as_in_the_next_run(archive)) == parts(first)


def test_a_decision_is_reviewed_anew(archive: Archive) -> None:
    [held] = as_in_the_next_run(archive).held()
    decide(archive, held.release_id, "accepted", "a test", "Ada")
    assert as_in_the_next_run(archive).held() == []


def test_other_code_reviews_anew(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    as_in_the_next_run(archive)
    monkeypatch.setattr("orchestration.review.stored.code_digest", lambda: "of another version")
    nothing = Review((), pl.DataFrame(), pl.DataFrame(), ())
    monkeypatch.setattr(reviews, "_review", lambda *_: nothing)
    assert as_in_the_next_run(archive).releases == ()


@pytest.mark.parametrize("damaged", ["review.json", "moved.parquet", "envelopes.parquet"])
@pytest.mark.parametrize("content", [b"", b"{}", None])
def test_a_damaged_review_is_made_anew(
    archive: Archive, damaged: str, content: bytes | None
) -> None:
    first = as_in_the_next_run(archive)
    [kept] = archive.root.with_name(REVIEWED).iterdir()
    if content is None:
        (kept / damaged).unlink()
    else:
        (kept / damaged).write_bytes(content)
    assert parts(as_in_the_next_run(archive)) == parts(first)


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
