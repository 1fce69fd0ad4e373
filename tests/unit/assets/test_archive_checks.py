"""The checks on what comes in: what each says of a dataset, and how severe it is."""

from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from orchestration.assets.archive_checks import (
    CHECKS,
    Known,
    archive_checks,
    listing_is_sane,
    newest_release_is_recent,
    nothing_is_held,
    nothing_is_refused,
    publisher_is_reachable,
)
from orchestration.assets.names import LANDING, archive_key
from orchestration.automation.console import console
from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.fetch import fetch
from orchestration.intake.intake import Intake
from orchestration.intake.source_health import Health, SourceHealth, health_file
from orchestration.releases.archive import Archive
from orchestration.review.decisions import decide
from orchestration.review.result import Result
from orchestration.review.review import Review, review
from orchestration.settings import Limits, Settings
from tests.support.cbp_files import SOUTHWEST, candidate
from tests.support.reviews import FIRST, NEXT, File, archive_of, moved

DATASET = load_catalogue()[SOUTHWEST]
WRONG = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())
NAME = "sbo-encounters-fy23-fy25-dec.csv"
NO_REVIEW = Review((), pl.DataFrame(), pl.DataFrame(), ())


def known(reviewed: Review, today: date = date(2025, 1, 10), **health: Any) -> Known:
    return Known(DATASET, reviewed, SourceHealth(dataset=SOUTHWEST, **health), today)


def take_denied(home: Path) -> None:
    """Take in a web site's error page under a release's name, which is refused."""
    denied = candidate(home, b"<!DOCTYPE html><html>Access denied</html>", "2025-01", NAME)
    assert Intake(Settings(home, offline=True)).take(denied).kind == "refused"


def test_a_refused_file_is_shown_until_somebody_refuses_it_for_good(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, FIRST)
    take_denied(tmp_path)
    trouble = nothing_is_refused(known(review(archive)))
    assert trouble is not None
    [refused] = [release for release in archive.releases() if release.verdict == "refused"]
    assert refused.release_id in trouble.sentences[0]
    assert f"borderledger refuse {refused.release_id}" in trouble.sentences[0]
    assert not trouble.is_error  # the release before it counts
    decide(archive, refused.release_id, "refused", "an error page", "Ada")
    assert nothing_is_refused(known(review(archive))) is None


def test_a_refused_file_is_settled_by_a_sound_one_of_the_same_name(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, FIRST)
    take_denied(tmp_path)
    assert nothing_is_refused(known(review(archive))) is not None
    archive = archive_of(tmp_path, File("2025-01-17", NEXT.bytes(), name=NAME))
    assert nothing_is_refused(known(review(archive))) is None


def test_a_dataset_of_which_nothing_can_be_used_is_an_error(tmp_path: Path) -> None:
    take_denied(tmp_path)
    trouble = nothing_is_refused(known(review(Archive(tmp_path / "archive"))))
    assert trouble is not None
    assert trouble.is_error


def test_a_held_release_is_shown_with_the_commands_that_decide_it(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, FIRST, WRONG)
    reviewed = review(archive)
    [held] = reviewed.held()
    trouble = nothing_is_held(known(reviewed))
    assert trouble is not None
    assert f"borderledger accept {held.release_id}" in trouble.sentences[0]
    decide(archive, held.release_id, "accepted", "recounted", "Ada")
    assert nothing_is_held(known(review(archive))) is None


def test_of_a_release_held_for_several_things_the_first_is_shown(tmp_path: Path) -> None:
    [held] = review(archive_of(tmp_path, FIRST, WRONG)).held()
    held = held.model_copy(update={"held_for": ("the first", "the second", "the third")})
    trouble = nothing_is_held(known(Review.of([Result(key="", release=held)])))
    assert trouble is not None
    [sentence] = trouble.sentences
    assert f"published {held.published}: the first; and 2 more findings; decide with" in sentence


def test_a_silent_publisher_is_shown_with_the_number_of_nights() -> None:
    silent = known(NO_REVIEW, problem="www.cbp.gov: no connection", nights_unreachable=3)
    trouble = publisher_is_reachable(silent)
    assert trouble is not None
    assert trouble.sentences == ["www.cbp.gov: no connection (night 3 in a row)"]
    assert publisher_is_reachable(known(NO_REVIEW)) is None


def test_what_is_odd_about_a_listing_is_shown() -> None:
    trouble = listing_is_sane(known(NO_REVIEW, findings=("found no link",)))
    assert trouble is not None
    assert trouble.sentences == ["found no link"]
    assert listing_is_sane(known(NO_REVIEW)) is None


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (1, True)])
def test_a_release_that_is_late_by_the_publishers_cadence_is_shown(
    days: int, is_late: bool, tmp_path: Path
) -> None:
    reviewed = review(archive_of(tmp_path, FIRST))
    [newest] = [release.published_on for release in reviewed.accepted()]
    assert DATASET.overdue_days is not None
    today = date.fromordinal(newest.toordinal() + DATASET.overdue_days + days)
    trouble = newest_release_is_recent(known(reviewed, today))
    assert (trouble is not None) is is_late


def test_every_check_says_what_it_requires() -> None:
    assert all(check.__doc__ for check in CHECKS.values())


def test_a_landing_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home", (tmp_path / "nope",), True, Limits(settle_seconds=0.0))
    fetch(settings)
    result = _run(settings, dg.AssetCheckKey(LANDING, "landing_folders_are_readable"))
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.ERROR
    assert str(tmp_path / "nope") in (result.description or "")
    (tmp_path / "nope").mkdir()
    fetch(settings)
    assert _run(settings, dg.AssetCheckKey(LANDING, "landing_folders_are_readable")).passed


def test_a_silent_publisher_is_no_line_of_the_console_which_has_one_of_the_fetch(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(tmp_path / "home")
    silent = SourceHealth(dataset=SOUTHWEST, problem="www.cbp.gov: no connection")
    health_file(settings).parent.mkdir(parents=True)
    health_file(settings).write_text(Health(sources={SOUTHWEST: silent}).model_dump_json())
    result = _run(settings, dg.AssetCheckKey(archive_key(SOUTHWEST), "publisher_is_reachable"))
    assert (result.passed, result.description) == (False, "www.cbp.gov: no connection")
    assert "publisher_is_reachable" not in capfd.readouterr().err


def _run(settings: Settings, key: dg.AssetCheckKey) -> dg.AssetCheckEvaluation:
    """The result of one of the checks, as Dagster has it, with the console of a run."""
    made = archive_checks(settings)
    job = dg.Definitions(
        asset_checks=[made],
        jobs=[dg.define_asset_job("checks", dg.AssetSelection.checks(key))],
        assets=[dg.AssetSpec(LANDING), dg.AssetSpec(archive_key(SOUTHWEST))],
        loggers={"console": console},
    ).resolve_job_def("checks")
    done = job.execute_in_process(run_config={"loggers": {"console": {"config": {}}}})
    [evaluation] = done.get_asset_check_evaluations()
    return evaluation
