"""CBP's custody pages in the published file, against the transcription read by the csv module."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.support.published_file import ask

SHARED = PROJECT.parent / "shared" / "figures" / "cbp_custody_and_transfer_statistics.csv"
MISPRINT = ("FY2024-through-2024-04", "2024-04", "Laredo", 24_720)  # for 24,270
TABLES = {
    "USBP encounters by processing disposition": "processing disposition",
    "USBP apprehensions by transfer destination": "transfer destination",
    "OFO credible fear inadmissibles by disposition": "processing disposition",
    "OFO credible fear by transfer destination": "transfer destination",
}
SECTORS = "USBP average daily subjects in custody by southwest border sector"
PORTS = "OFO southwest border in custody"
OFFICES = "OFO Title 8 inadmissibles by field office"
ALWAYS_0 = ("Notice To Appear (NTA)-Person Released", "Notice To Appear (NTA)-Person Detained")

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def transcribed() -> Rows:
    """Every row that is no total."""
    if not SHARED.is_file():
        pytest.skip(f"needs {SHARED.name}, found no such file")
    with SHARED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if not row["row_label"].startswith("Total")]


def of(rows: Rows, *tables: str) -> Rows:
    return [row for row in rows if row["table"] in tables]


def first_day(row: dict[str, str]) -> date:
    return date.fromisoformat(f"{row['month']}-01")


class TestEveryRelease:
    """The sums of what each release reported are those of the transcription."""

    def test_dispositions_and_destinations(self, bundle_home: Path, transcribed: Rows) -> None:
        expected: Counter[tuple[date, str, str]] = Counter()
        for row in of(transcribed, *TABLES):
            key = first_day(row), row["component"], TABLES[row["table"]]
            expected[key] += int(row["figure"])
        found = ask(
            bundle_home,
            "select month, if(component = 'U.S. Border Patrol', 'USBP', 'OFO'), breakdown,"
            " sum(people) from fct_custody_dispositions_by_release group by all",
        )
        assert {tuple(key): people for *key, people in found} == expected

    def test_custody(self, bundle_home: Path, transcribed: Rows) -> None:
        rows = [
            row for row in of(transcribed, SECTORS, PORTS) if "Capacity" not in row["row_label"]
        ]
        expected: Counter[tuple[date, str]] = Counter()
        for row in rows:
            expected[first_day(row), row["component"]] += int(row["figure"])
        found = ask(
            bundle_home,
            "select month, if(component = 'U.S. Border Patrol', 'USBP', 'OFO'), sum(people)"
            " from fct_daily_custody_by_release group by all",
        )
        assert {(month, component): people for month, component, people in found} == expected

    def test_field_offices(self, bundle_home: Path, transcribed: Rows) -> None:
        """The transcription leaves out a misprint of February 2025, and corrects another."""
        expected: Counter[tuple[date, str]] = Counter({(date(2025, 2, 1), "Laredo"): 1_118})
        for row in of(transcribed, OFFICES):
            people = int(row["figure"])
            if (row["vintage"], row["month"], row["row_label"], people) == MISPRINT:
                people = 24_270
            expected[first_day(row), row["row_label"]] += people
        found = ask(
            bundle_home,
            "select month, replace(area_of_responsibility, ' Field Office', ''), sum(people)"
            " from fct_inadmissibles_by_field_office_by_release group by all",
        )
        assert {(month, office): people for month, office, people in found} == expected


class TestCurrentFigures:
    """Each month of a table is from the newest page that has it."""

    def test_are_those_of_the_newest_vintage(self, bundle_home: Path, transcribed: Rows) -> None:
        newest: dict[tuple[str, str], str] = {}
        for row in transcribed:
            key = row["table"], row["month"]
            newest[key] = max(newest.get(key, ""), row["data_through"])
        current = [r for r in transcribed if r["data_through"] == newest[r["table"], r["month"]]]
        found = ask(bundle_home, "select sum(people), count(*) from fct_custody_dispositions")
        rows = [row for row in of(current, *TABLES) if row["row_label"] not in ALWAYS_0]
        assert found == [(sum(int(row["figure"]) for row in rows), len(rows))]
        found = ask(
            bundle_home, "select sum(people), count(*) from fct_inadmissibles_by_field_office"
        )
        rows = of(current, OFFICES)
        assert found == [(sum(int(row["figure"]) for row in rows), len(rows))]

    def test_of_san_diego(self, bundle_home: Path) -> None:
        assert ask(
            bundle_home,
            "select people, published_total from fct_daily_custody"
            " where month = '2026-07-01' and area_of_responsibility = 'San Diego Sector'",
        ) == [(123, 884)]
        assert ask(
            bundle_home,
            "select sum(people) from fct_inadmissibles_by_field_office"
            " where fiscal_year = 2024 and area_of_responsibility = 'San Diego Field Office'",
        ) == [(183_890,)]

    def test_releases_are_the_provisional_ones(self, bundle_home: Path) -> None:
        """The row NTA-Person Released is always 0 and no count of releases."""
        assert ask(
            bundle_home,
            "select category, sum(people) from fct_custody_dispositions"
            " where category ilike '%releas%' group by all",
        ) == [("Provisional Releases", 114)]

    def test_as_of_a_day(self, bundle_home: Path) -> None:
        """The notices to appear of February 2022, before and after CBP revised them."""
        query = (
            "select people from custody_dispositions_as_of('{}')"
            " where month = '2022-02-01' and category = 'Notice To Appear (NTA)'"
        )
        assert ask(bundle_home, query.format("2022-09-30")) == [(1_719,)]
        assert ask(bundle_home, query.format("2022-10-31")) == [(1_577,)]
        assert ask(
            bundle_home,
            "select people from inadmissibles_by_field_office_as_of('2024-06-30')"
            " where month = '2024-04-01' and area_of_responsibility = 'Laredo Field Office'",
        ) == [(24_270,)]
        assert ask(bundle_home, "select count(*) from daily_custody_as_of('2026-08-30')") == [(0,)]


def test_revisions_are_those_between_two_vintages(bundle_home: Path, transcribed: Rows) -> None:
    """Notices to appear in FY2022, which the page of the closed year revised down."""
    people: dict[tuple[str, str], int] = {}
    for row in transcribed:
        if row["row_label"] == "Notice To Appear (NTA)" and row["fiscal_year"] == "2022":
            people[row["vintage"], row["month"]] = int(row["figure"])
    vintages = ("FY2022-through-2022-08", "FY2022-final")
    months = [month for vintage, month in people if vintage == vintages[0]]
    expected = {
        date.fromisoformat(f"{month}-01"): tuple(people[vintage, month] for vintage in vintages)
        for month in months
    }
    found = ask(
        bundle_home,
        "select revised.month, people_before, people_after from fct_custody_revisions as revised"
        " inner join dim_release as later on later.release_id = later_release_id"
        " where category = 'Notice To Appear (NTA)' and later.published_on = '2022-10-31'",
    )
    assert {month: (before, after) for month, before, after in found} == expected


def test_misprints_are_corrected_with_the_reason(bundle_home: Path) -> None:
    assert ask(
        bundle_home,
        "select month, people, correction from fct_inadmissibles_by_field_office_by_release"
        " where correction is not null order by month",
    ) == [
        (date(2022, 9, 1), 8_470, "laredo-2022-09-full-stop"),
        (date(2024, 4, 1), 24_270, "laredo-2024-04-digits-transposed"),
        (date(2025, 2, 1), 1_118, "laredo-2025-02-digit-lost"),
    ]
    assert ask(
        bundle_home,
        "select figure from raw.cbp_custody_and_transfer_statistics"
        " where correction is not null order by month",
    ) == [("8.470",), ("24720",), ("1,18",)]
    assert ask(bundle_home, "select count(*) from meta.corrections where reason is null") == [(0,)]
