"""When a dataset and the published file are overdue."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.freshness import (
    PUBLISHED_FILE,
    Freshness,
    dataset_freshness,
    freshness_of,
    published_freshness,
)
from orchestration.releases.release import Release
from tests.support.cbp_files import SOUTHWEST
from tests.support.reviews import BEFORE, FIRST, File, archive_of

ICE = "ice_detention_statistics"
IRREGULAR = "ohss_monthly_tables"
FIRST_ON = date(2024, 12, 31)  # the first release is dated by its month


@pytest.mark.parametrize(
    ("after", "overdue_by"), [(0, 0), (29, 0), (30, 0), (31, 1), (100, 70), (-5, 0)]
)
def test_a_dataset_is_overdue_from_the_day_after_it_was_due(after: int, overdue_by: int) -> None:
    newest = date(2026, 2, 2)
    fresh = dataset_freshness(load_catalogue()[ICE], newest, newest + timedelta(after))
    assert fresh == Freshness(ICE, newest, date(2026, 3, 4), overdue_by)


def test_an_irregular_dataset_and_one_without_a_release_are_never_overdue() -> None:
    today = date(2030, 1, 1)
    irregular = dataset_freshness(load_catalogue()[IRREGULAR], date(2024, 11, 8), today)
    assert irregular == Freshness(IRREGULAR, date(2024, 11, 8), None, 0)
    assert dataset_freshness(load_catalogue()[ICE], None, today) == Freshness(ICE, None, None, 0)


@pytest.mark.parametrize(("after", "overdue_by"), [(0, 0), (1, 0), (2, 0), (3, 1), (10, 8)])
def test_the_published_file_is_overdue_after_two_nights_without_a_run(
    after: int, overdue_by: int
) -> None:
    looked_on = date(2026, 11, 20)
    fresh = published_freshness(looked_on, looked_on + timedelta(after))
    assert fresh == Freshness(PUBLISHED_FILE, looked_on, date(2026, 11, 22), overdue_by)


def test_a_published_file_of_which_nothing_is_known_is_not_overdue() -> None:
    assert published_freshness(None, date(2026, 11, 20)).overdue_by == 0


def test_the_newest_accepted_release_counts(tmp_path: Path) -> None:
    releases = archive_of(tmp_path, FIRST, File("2025-02", BEFORE.bytes() + b"\r\n")).releases()
    assert [release.published_on for release in releases] == [FIRST_ON, date(2025, 2, 28)]
    newest = newest_of([releases[0], releases[1].model_copy(update={"verdict": "held"})])
    assert newest == FIRST_ON
    assert newest_of(reversed(releases)) == date(2025, 2, 28)


def newest_of(releases: Iterable[Release]) -> date | None:
    """The newest accepted release of the southwest files."""
    fresh = freshness_of(load_catalogue(), releases, date(2025, 3, 1))
    assert [one.name for one in fresh] == list(load_catalogue())
    [southwest] = [one for one in fresh if one.name == SOUTHWEST]
    return southwest.newest
