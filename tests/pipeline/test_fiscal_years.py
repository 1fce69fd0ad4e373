"""Fiscal years beside a second reading of CBP's own files with the csv module: yearly sums, the
same months of the year before, provisional months. And the URL of each release."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.catalogue.file_names import MONTHS
from tests.support.published_file import ask

BY_AREA = "cbp_nationwide_encounters_by_area/2024-10/nationwide-encounters-fy21-fy24-aor.csv"
BY_STATE = (
    "cbp_nationwide_encounters_by_state/2023-12/nationwide-encounters-fy21-fy24-nov-state.csv"
)
SOUTHWEST = "cbp_southwest_encounters/2024-12/sbo-encounters-fy22-fy25-nov.csv"
UNFINISHED = "(FYTD)"  # as CBP marks the year that is open


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def month_of(row: dict[str, str]) -> date:
    year, number = int(row["Fiscal Year"][:4]), MONTHS.index(row["Month (abbv)"][:3].lower()) + 1
    return date(year - (number >= 10), number, 1)


def year_before(month: date) -> date:
    return month.replace(year=month.year - 1)


def yearly(path: Path, *columns: str) -> Counter[tuple[Any, ...]]:
    """The encounters of each fiscal year and label."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows_of(path):
        found[int(row["Fiscal Year"][:4]), *(row[name] for name in columns)] += int(
            row["Encounter Count"]
        )
    return found


@pytest.mark.parametrize(
    ("cut", "column", "published"),
    [
        ("area", "area_of_responsibility", "Area of Responsibility"),
        ("citizenship", "citizenship", "Citizenship"),
        ("demographic", "demographic", "Demographic"),
    ],
)
def test_a_year_of_the_nationwide_file_is_the_sum_of_its_rows(
    real_home: Path, real_releases: Path, cut: str, column: str, published: str
) -> None:
    expected = yearly(real_releases / BY_AREA, "Land Border Region", "Component", published)
    years = ask(
        real_home,
        f"select fiscal_year, land_border_region, component, {column}, encounters,"
        f" months_covered, is_partial, months_provisional from encounters_by_{cut}_by_fiscal_year"
        " where fiscal_year between 2021 and 2024",
    )
    assert len(expected) > 50
    assert {tuple(row[:4]): row[4] for row in years} == expected
    assert {tuple(row[5:]) for row in years} == {(12, False, 0)}


def test_two_months_of_a_year_are_compared_with_the_same_two(
    real_home: Path, real_releases: Path
) -> None:
    now: Counter[tuple[str, str]] = Counter()
    before: Counter[tuple[str, str]] = Counter()
    rows = list(rows_of(real_releases / BY_STATE))
    months = {month_of(row) for row in rows if UNFINISHED in row["Fiscal Year"]}
    for row in rows:
        place = (row["Land Border Region"], row["State"])
        now[place] += int(row["Encounter Count"]) * (month_of(row) in months)
        before[place] += int(row["Encounter Count"]) * (month_of(row) in map(year_before, months))
    years = ask(
        real_home,
        "select land_border_region, state, encounters, same_months_year_before, months_covered,"
        " is_partial, months_provisional from encounters_by_state_by_fiscal_year"
        " where fiscal_year = 2024",
    )
    assert len(months) == 2
    assert {tuple(row[:2]): row[2] for row in years} == +now
    assert {tuple(row[:2]): row[3] for row in years} == {place: before[place] for place in +now}
    assert {tuple(row[4:]) for row in years} == {(2, True, 2)}


@pytest.mark.parametrize(
    ("file", "table"),
    [
        (BY_AREA, "fct_encounters_by_release"),
        (BY_STATE, "fct_encounters_by_state_by_release"),
        (SOUTHWEST, "fct_southwest_encounters_by_release"),
    ],
)
def test_the_months_of_the_year_that_cbp_marks_as_unfinished_are_provisional(
    real_home: Path, real_releases: Path, file: str, table: str
) -> None:
    rows = rows_of(real_releases / file)
    expected = {(month_of(row), UNFINISHED in row["Fiscal Year"]) for row in rows}
    months = ask(
        real_home,
        f"select distinct month, is_provisional from {table} where release_id ="
        f" (select release_id from dim_release where file_name = '{Path(file).name}')",
    )
    assert len(expected) > 30
    assert {tuple(row) for row in months} == expected


def test_the_newest_months_of_the_headline_series_are_provisional(bundle_home: Path) -> None:
    """October and November 2024 are of a year that was open in December; the split of autumn 2026
    has the whole of fiscal year 2025, and some of 2026."""
    [(provisional,)] = ask(
        bundle_home,
        "select list(strftime(month, '%Y-%m') order by month) from southwest_border_monthly"
        " where is_provisional",
    )
    assert provisional[:2] == ["2024-10", "2024-11"]
    assert provisional[2:] == [f"2025-{n}" for n in (10, 11, 12)] + [
        f"2026-{n:02}" for n in range(1, 9)
    ]


def test_the_lowest_month_on_record_is_distinguished_from_one_after_a_gap(
    bundle_home: Path,
) -> None:
    rows = ask(
        bundle_home,
        "select strftime(month, '%Y-%m'), between_ports_lowest_since,"
        " between_ports_lowest_since_status from southwest_border_monthly"
        " where month in ('2016-10-01', '2024-11-01', '2025-07-01') order by month",
    )
    assert rows == [
        ("2016-10", None, "first"),
        ("2024-11", date(2020, 7, 1), "since"),
        ("2025-07", None, "record"),
    ]
    assert ask(
        bundle_home,
        "select distinct total_lowest_since_status from southwest_border_monthly"
        " where total_lowest_since is null and total is not null order by all",
    ) == [("first",), ("gap",), ("record",)]


def test_a_year_of_deportations_says_how_many_months_or_through_which_day(
    bundle_home: Path,
) -> None:
    assert ask(
        bundle_home,
        "select measure, months_covered, is_partial, is_provisional, period_end"
        " from deportations_by_fiscal_year where fiscal_year = 2024"
        " and measure in ('ICE removals', 'removals') order by measure",
    ) == [
        ("ICE removals", None, False, False, date(2024, 9, 30)),
        ("removals", 10, True, True, date(2024, 7, 31)),
    ]


def test_each_release_has_its_url_and_says_whether_it_is_inferred(real_home: Path) -> None:
    found = {
        name: (url, is_inferred)
        for name, url, is_inferred in ask(
            real_home, "select file_name, source_url, source_url_is_inferred from dim_release"
        )
    }
    cbp = "https://www.cbp.gov/sites/default/files"
    for name, url in {  # as CBP's, OHSS's and ICE's listings had them
        Path(SOUTHWEST).name: f"{cbp}/2024-12/{Path(SOUTHWEST).name}",
        "nationwide-encounters-fy20-fy23-aor.csv": f"{cbp}/assets/documents/2023-Nov/"
        "nationwide-encounters-fy20-fy23-aor.csv",
        "FY24_detentionStats.xlsx": "https://www.ice.gov/doclib/detention/FY24_detentionStats.xlsx",
    }.items():
        assert found[name] == (url, True)
    assert found[Path(BY_STATE).name] == (None, None)  # CBP moved its files between 2023 and 2024
    assert found["cbp_southwest_migration_pages_published_2017-12.csv"] == (
        "https://www.cbp.gov/newsroom/stats/sw-border-migration-fy2017",
        False,
    )


def test_evidence_names_a_page_and_no_url_that_was_only_inferred(real_home: Path) -> None:
    inferred = ask(
        real_home,
        "select distinct evidence.url from claim_evidence as evidence inner join dim_release"
        " as releases on releases.release_id = evidence.release_id"
        " where releases.source_url_is_inferred and evidence.url <> releases.landing_page",
    )
    assert inferred == []
    assert ask(real_home, "select count(*) from measures where source_url is null") == [(0,)]
