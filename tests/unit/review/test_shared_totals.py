"""Totals that two datasets publish: ICE's workbook beside its transcription, OHSS's workbook beside
the transcription of the same month."""

from pathlib import Path

import pytest

from orchestration.review.review import Review
from tests.support.reviews import File, hold_reason, review_files, with_figure
from tests.support.workbooks import (
    CITIZENSHIP,
    DETENTION,
    MONTHLY_TABLES,
    REPATS,
    TABLES_NAME,
    MadeWorkbook,
    added_up,
    detention,
    footnotes,
    monthly_tables,
)

SUMMARY, SUMMARY_NAME = "ice_removals_summary", "ice_removals_by_fiscal_year.csv"
OHSS_SUMMARY = "ohss_repatriations_summary"
OHSS_SUMMARY_NAME = "ohss_repatriations_monthly_published_2024-02.csv"


def transcribed(published: str, removals: int, coverage: str = "full year") -> File:
    text = (
        "published_on,fiscal_year,removals,coverage,workbook\n"
        f"{published},2024,{removals},{coverage},a.xlsx\n"
    )
    return File(published, text.encode(), SUMMARY, SUMMARY_NAME)


def workbook(published: str, removals: int, through: str, label: str = "FY2024 YTD") -> File:
    content = MadeWorkbook((detention(2024, label, removals), footnotes(through))).bytes()
    return File(published, content, DETENTION, "FY24_detentionStats.xlsx")


def actions_transcribed(removals: int) -> File:
    """OHSS's actions of November 2023: those of the made workbook, but for the removals."""
    actions = {"Removals": removals, "Enforcement Returns": 630, "Administrative Returns": 200}
    lines = [
        f"2024-02,2023-11-01,{name},{people}"
        for name, people in (actions | {"Total": sum(actions.values())}).items()
    ]
    text = "\n".join(["published_on,month,repatriation_type,repatriations", *lines, ""])
    return File("2024-02", text.encode(), OHSS_SUMMARY, OHSS_SUMMARY_NAME)


def verdict_of(reviewed: Review, dataset: str) -> str:
    [release] = [release for release in reviewed.releases if release.dataset == dataset]
    return release.verdict


@pytest.mark.parametrize(
    ("published", "removals", "through", "verdict"),
    [
        ("2025-02", 110_000, "04/18/2024", "held"),  # part of a whole year that is known
        ("2025-02", 271_484, "09/30/2024", "accepted"),
        ("2025-02", 275_000, "09/30/2024", "held"),  # more than 1 % off
        ("2024-05", 110_000, "04/18/2024", "accepted"),  # published before the whole year
        ("2024-05", 310_000, "04/18/2024", "held"),  # more than the whole year had
    ],
)
def test_a_workbook_must_fit_the_whole_year_that_was_transcribed(
    tmp_path: Path, published: str, removals: int, through: str, verdict: str
) -> None:
    files = transcribed("2024-12", 271_484), workbook(published, removals, through)
    reviewed = review_files(tmp_path, *files)
    assert verdict_of(reviewed, SUMMARY) == "accepted"
    assert verdict_of(reviewed, DETENTION) == verdict
    if verdict == "held":
        assert hold_reason(reviewed).startswith(f"FY2024, ice removals: found {removals:,}")
        assert "of ice_removals_summary" in hold_reason(reviewed)


def test_the_order_of_intake_does_not_matter(tmp_path: Path) -> None:
    files = workbook("2025-02", 110_000, "04/18/2024"), transcribed("2024-12", 271_484)
    reviewed = review_files(tmp_path, *files)
    assert verdict_of(reviewed, DETENTION) == "held"
    assert verdict_of(reviewed, SUMMARY) == "accepted"


@pytest.mark.parametrize(("removals", "verdict"), [(150_000, "accepted"), (1_443_780, "held")])
def test_a_year_to_date_grows_from_a_transcribed_one_at_its_pace(
    tmp_path: Path, removals: int, verdict: str
) -> None:
    before = transcribed("2024-02-02", 144_378, "through 2024-01-25")
    reviewed = review_files(tmp_path, before, workbook("2024-02-16", removals, "02/08/2024"))
    assert verdict_of(reviewed, DETENTION) == verdict


@pytest.mark.parametrize(("removals", "verdict"), [(1130, "accepted"), (1140, "held")])
def test_two_datasets_of_one_month_agree_exactly(
    tmp_path: Path, removals: int, verdict: str
) -> None:
    """The made workbook has 1,130 removals in its last month, November 2023."""
    reviewed = review_files(
        tmp_path,
        actions_transcribed(removals),
        File("2024-02-09", monthly_tables().bytes(), MONTHLY_TABLES, TABLES_NAME),
    )
    assert verdict_of(reviewed, MONTHLY_TABLES) == verdict
    if verdict == "held":
        assert "2023-11, dhs removals: found 1,130, expected 1,140" in hold_reason(reviewed)
        assert "which ends with the same month" in hold_reason(reviewed)


def test_the_first_workbook_of_a_year_keeps_to_the_pace_of_the_years_before(
    tmp_path: Path,
) -> None:
    """1,443,780 in six weeks, after 271,484 in a whole year."""
    for people, verdict in ((44_378, "accepted"), (1_443_780, "held")):
        sheets = (detention(2025, "FY2025 YTD", people), footnotes("11/15/2024"))
        file = File("2024-12", MadeWorkbook(sheets).bytes(), DETENTION, "FY25_detentionStats.xlsx")
        reviewed = review_files(tmp_path / str(people), transcribed("2024-11", 271_484), file)
        assert verdict_of(reviewed, DETENTION) == verdict
    assert hold_reason(reviewed) == (
        "FY2025, ice removals: found 1,443,780 through 2024-11-15, 31,387 a day, expected at most "
        "4 times 742 a day, the fastest year before it"
    )


def test_a_corrected_repost_need_not_agree_with_the_first_publication(tmp_path: Path) -> None:
    corrected = (
        monthly_tables()
        .without(CITIZENSHIP)
        .changed(REPATS, lambda sheet: added_up(with_figure(sheet, "F20", 40)))
    )
    reviewed = review_files(
        tmp_path,
        actions_transcribed(removals=1130),
        File("2024-02-09", monthly_tables().bytes(), MONTHLY_TABLES, TABLES_NAME),
        File(
            "2024-03-09", corrected.bytes(), MONTHLY_TABLES, TABLES_NAME.replace(".xlsx", "_0.xlsx")
        ),
    )
    assert [r.verdict for r in reviewed.releases] == ["accepted"] * 3, hold_reason(reviewed)
    [note] = [n for n in reviewed.releases[1].notes if "found no table" in n]
    assert note == "found no table removals_by_citizenship, which the release before it has"
