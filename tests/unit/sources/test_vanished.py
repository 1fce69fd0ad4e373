"""Vanished files: what a listing loses by habit is no news, anything else is."""

from collections.abc import Sequence
from datetime import date

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.publication import PublicationDate
from orchestration.sources.listing import ListedFile
from orchestration.sources.vanished import vanished
from tests.support.cbp_files import BY_AREA
from tests.support.workbooks import DETENTION, KEY_METRICS, MONTHLY_TABLES

# October to August of fiscal year 2026, and the closed years before it
MONTHS = [
    f"nationwide-encounters-fy23-fy26-{month}-aor.csv"
    for month in ("oct", "nov", "dec", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug")
]
CLOSED = [f"nationwide-encounters-fy{year}-fy{year + 3}-aor.csv" for year in (20, 21, 22)]
WHOLE_2026 = "nationwide-encounters-fy23-fy26-aor.csv"
OCTOBER_2026 = "nationwide-encounters-fy24-fy27-oct-aor.csv"
TABLES = "ohss_immigration-enforcement-and-legal-processes-tables"


def listed(
    names: Sequence[str], dataset: str = BY_AREA, folder: str = "2026-09"
) -> list[ListedFile]:
    """Files published on the day in their name, the others one each day."""
    days = [
        load_catalogue()[dataset].publication_in_name(name)[0] or date(2026, 9, number)
        for number, name in enumerate(names, start=1)
    ]
    return [
        ListedFile(f"https://agency.example.gov/{folder}/{name}", name, PublicationDate(day, "day"))
        for name, day in zip(names, days, strict=True)
    ]


def news(before: Sequence[str], now: Sequence[str], dataset: str = BY_AREA) -> list[str]:
    return vanished(listed(before, dataset), listed(now, dataset), load_catalogue()[dataset])


@pytest.mark.parametrize(
    ("dataset", "before", "now"),
    [
        (BY_AREA, [], MONTHS),
        (BY_AREA, [*CLOSED, *MONTHS[:-1]], [*CLOSED, *MONTHS]),
        (BY_AREA, [*CLOSED, *MONTHS], [*CLOSED, *MONTHS[:-1], MONTHS[-1].replace(".", "_0.")]),
        (BY_AREA, [MONTHS[-1].replace(".", "_0.")], [MONTHS[-1].replace(".", "_1.")]),
        (BY_AREA, [*CLOSED, *MONTHS], [*CLOSED, WHOLE_2026]),
        (BY_AREA, [*CLOSED, *MONTHS], [*CLOSED, OCTOBER_2026]),
        (BY_AREA, [*CLOSED, *MONTHS, WHOLE_2026], [*CLOSED, WHOLE_2026]),
        (BY_AREA, [*CLOSED, *MONTHS], [*CLOSED[1:], *MONTHS, WHOLE_2026]),
        (BY_AREA, [*CLOSED, *MONTHS[:5]], [*CLOSED, *MONTHS[:4], MONTHS[5]]),
        (
            DETENTION,
            ["FY25_detentionStats.xlsx", "FY26_detentionStats_04092026.xlsx"],
            ["FY25_detentionStats.xlsx", "FY26_detentionStats_04232026.xlsx"],
        ),
        (
            DETENTION,
            ["FY24_detentionStats.xlsx", "FY25_detentionStats09242025.xlsx"],
            ["FY24_detentionStats.xlsx", "FY25_detentionStats.xlsx"],
        ),
        (
            KEY_METRICS,
            ["KHSM Encounters (USBP) fy25m11.xlsx"],
            ["KHSM Encounters (USBP) fy25m12.xlsx"],
        ),
        (
            MONTHLY_TABLES,
            [f"24-0607_{TABLES}-february-2024.xlsx"],
            [f"24-0607_{TABLES}-february-2024_2.xlsx"],
        ),
    ],
    ids=[
        *("first listing", "new month", "posted again", "posted a third time", "year closed"),
        *("next year begun", "months taken off later", "oldest year gives way"),
        *("month replaced by the next", "newer workbook", "workbook of the whole year"),
        *("one file only", "second posting"),
    ],
)
def test_what_a_listing_loses_by_habit_is_no_news(
    dataset: str, before: list[str], now: list[str]
) -> None:
    assert news(before, now, dataset) == []


def test_a_file_that_moved_to_another_folder_is_still_listed() -> None:
    moved = listed(MONTHS, folder="2026-10")
    assert vanished(listed(MONTHS), moved, load_catalogue()[BY_AREA]) == []


def test_the_newest_file_is_news() -> None:
    assert news([*CLOSED, *MONTHS], [*CLOSED, *MONTHS[:-1]]) == [
        f"the newest file is no longer listed: {MONTHS[-1]}"
    ]


def test_an_older_file_is_news() -> None:
    gone = [*CLOSED, *MONTHS[:3], *MONTHS[4:]]
    assert news([*CLOSED, *MONTHS], gone) == [f"a file is no longer listed: {MONTHS[3]}"]


def test_a_closed_year_is_news_though_a_later_month_is_listed() -> None:
    now = [CLOSED[0], CLOSED[2], *MONTHS]
    assert news([*CLOSED, *MONTHS[:-1]], now) == [f"a file is no longer listed: {CLOSED[1]}"]


def test_several_files_are_one_sentence_that_names_the_newest() -> None:
    now = [*CLOSED, *MONTHS[:-3], MONTHS[-2]]
    assert news([*CLOSED, *MONTHS], now) == [
        f"2 files are no longer listed, the newest among them: {MONTHS[-3]}, {MONTHS[-1]}"
    ]


def test_a_listing_that_loses_half_of_its_files_is_news_though_a_new_one_has_come() -> None:
    assert news([*CLOSED, *MONTHS[:-1]], [*CLOSED, MONTHS[-1]]) == [
        f"only 3 of 13 files are still listed; missing: {', '.join(MONTHS[:5])} and 5 more"
    ]


def test_a_newest_workbook_that_is_taken_back_is_news() -> None:
    older, newer = "FY26_detentionStats_04092026.xlsx", "FY26_detentionStats_04232026.xlsx"
    assert news([older, newer], [older], DETENTION) == [
        f"the newest file is no longer listed: {newer}"
    ]
