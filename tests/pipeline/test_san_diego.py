"""San Diego month by month in the published bundle, beside a second reading of the bundled files
with the csv module."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.pipeline.test_custody_outcomes import (
    BY_AGENCY,
    BY_FAMILY_STATUS,
    second_reading,
    workbook_of,
)
from tests.support.published_file import ask

BUNDLED = PROJECT / "warehouse" / "bundled"
WINDOW = [f"2023-{month:02}-01" for month in range(9, 13)] + [
    f"2024-{month:02}-01" for month in range(1, 6)
]
SINCE_SEPTEMBER = "month between '2023-09-01' and '2024-05-01'"
FAMILY_STATUS = {
    "Single Adults": "Single Adults",
    "FMUA": "Family Unit Individuals",
    "UC / Single Minors": "Unaccompanied Children/Single Minors",
}

People = Counter[tuple[str, str]]  # by month and family status or place


def rows_of(dataset: str, release: str) -> Iterator[dict[str, str]]:
    [path] = (BUNDLED / dataset / release).glob("*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def by_area() -> list[dict[str, str]]:
    rows = rows_of("cbp_southwest_summary_by_area", "2024-10")
    return [row for row in rows if row["area_of_responsibility"].startswith("San Diego")]


@pytest.fixture(scope="module")
def released() -> People:
    """People whom the Border Patrol released at the southwest border, by family status."""
    return Counter(
        {
            (row["month"], row["family_status"]): int(row["people"])
            for row in rows_of("ohss_book_outs_summary", "2024-11")
            if row["outcome"] == "USBP Releases" and row["agency"] == "Total CBP"
        }
    )


@pytest.fixture(scope="module")
def encountered() -> People:
    """People whom the Border Patrol encountered at the southwest border, by family status."""
    found: People = Counter()
    for row in rows_of("cbp_southwest_summary", "2024-12"):
        if row["component"] == "U.S. Border Patrol":
            found[row["month"], FAMILY_STATUS[row["demographic"]]] += int(row["encounters"])
    return found


def estimates(
    month: str, by_area: list[dict[str, str]], released: People, encountered: People
) -> tuple[float, float]:
    """People released in San Diego Sector at the rates of the southwest border: by family status,
    and at one rate for all."""
    here: Counter[str] = Counter()
    for row in by_area:
        if row["month"] == month and row["area_of_responsibility"] == "San Diego Sector":
            here[FAMILY_STATUS[row["demographic"]]] += int(row["encounters"])
    statuses = list(FAMILY_STATUS.values())
    by_status = sum(here[s] * released[month, s] / encountered[month, s] for s in statuses)
    rate = sum(released[month, s] for s in statuses) / sum(encountered[month, s] for s in statuses)
    return by_status, here.total() * rate


class TestTheMonthsOfTheClaim:
    """September 2023 to May 2024, of which 154,000 street releases were claimed."""

    def test_nobody_is_released_who_was_not_encountered(
        self, bundle_home: Path, by_area: list[dict[str, str]]
    ) -> None:
        expected: Counter[str] = Counter()
        for row in by_area:
            expected[row["month"]] += int(row["encounters"])
        found = ask(
            bundle_home,
            "select month::varchar, releases_at_most, releases_at_most_derivation"
            f" from san_diego_local_impact where {SINCE_SEPTEMBER}",
        )
        assert {month: people for month, people, _ in found} == {m: expected[m] for m in WINDOW}
        assert all("Nobody is released who was not encountered" in text for *_, text in found)

    def test_the_estimates_are_those_of_the_southwest_rates(
        self,
        bundle_home: Path,
        by_area: list[dict[str, str]],
        released: People,
        encountered: People,
    ) -> None:
        expected = {m: sorted(estimates(m, by_area, released, encountered)) for m in WINDOW}
        found = ask(
            bundle_home,
            "select month::varchar, estimated_releases_low, estimated_releases_high"
            f" from san_diego_local_impact where {SINCE_SEPTEMBER}",
        )
        assert len(found) == len(WINDOW)
        for month, low, high in found:
            assert [low, high] == pytest.approx(expected[month], abs=50.001), month

    def test_the_whole_has_a_bound_and_an_estimate_near_173_000(self, bundle_home: Path) -> None:
        """The reference is 173,000, at the rates of the nine months together."""
        [(low, high, most, text)] = ask(
            bundle_home,
            "select estimated_releases_low_cumulative, estimated_releases_high_cumulative,"
            " releases_at_most_cumulative, estimated_releases_derivation"
            " from san_diego_local_impact where month = '2024-05-01'",
        )
        assert (low, high, most) == (167_900, 173_700, 420_617)
        assert text.startswith("An estimate of this project, not a count.")

    def test_a_month_without_official_releases_has_no_estimate(self, bundle_home: Path) -> None:
        """OHSS's last month is July 2024; nothing after it is taken for zero."""
        assert ask(
            bundle_home,
            "select estimated_releases_high, estimated_releases_high_cumulative, releases_at_most"
            " from san_diego_local_impact where month = '2024-08-01'",
        ) == [(None, None, 14_436 + 15_780)]

    def test_people_brought_in_are_added_where_a_statement_covers_them(
        self, bundle_home: Path
    ) -> None:
        """Up to 350 a day in September 2022."""
        [(people, text)] = ask(
            bundle_home,
            "select releases_at_most - sector_encounters - field_office_encounters,"
            " releases_at_most_derivation from san_diego_local_impact where month = '2022-09-01'",
        )
        assert people == 30 * 350
        assert "up to 10,500 whom the Border Patrol brought from other sectors" in text


def test_statements_stay_apart_by_measure(bundle_home: Path) -> None:
    """Whoever the welcome centre served was not released to the street."""
    found = ask(
        bundle_home,
        "select measure, count(*), max(people) from san_diego_statements_by_month"
        " where month = '2024-02-01' group by measure order by measure",
    )
    assert [measure for measure, *_ in found] == [
        "served by welcome centre",
        "sheltered",
        "street releases",
    ]
    [(apart,)] = ask(
        bundle_home,
        "select count(*) from (select month, count(*) as listed"
        " from san_diego_statements_by_month group by month) as counted"
        " inner join san_diego_local_impact as impact using (month)"
        " where impact.statements_covering <> counted.listed",
    )
    assert apart == 0


def test_every_year_of_transfers_from_jails_was_taken_in(bundle_home: Path) -> None:
    expected = [
        (int(row["calendar_year"]), int(row["transferred_to_ice"]), row["url"])
        for row in rows_of("san_diego_sheriff_ice_transfers", "2025-04-22")
    ]
    assert expected == ask(
        bundle_home,
        "select calendar_year, people, source_url from fct_jail_transfers_to_ice order by 1",
    )


class TestBundledBookOuts:
    """A fresh checkout shows who was released, without a file of OHSS's."""

    def test_releases_of_the_reference(self, bundle_home: Path) -> None:
        query = (
            "select sum(people) from fct_custody_outcomes{cut}"
            f" where outcome = 'release' and {SINCE_SEPTEMBER} {{which}}"
        )
        assert ask(bundle_home, query.format(cut="", which="and agency = 'USBP'")) == [(958_050,)]
        for family_status, people in {
            "Single Adults": 465_640,
            "Family Unit Individuals": 492_310,
        }.items():
            which = f"and family_status = '{family_status}'"
            found = ask(bundle_home, query.format(cut="_by_family_status", which=which))
            assert found == [(people,)]

    def test_are_the_sums_of_the_workbook(self, real_releases: Path) -> None:
        workbook = workbook_of("july", real_releases)
        expected: Counter[tuple[str, str, str]] = Counter()
        for title in (BY_AGENCY, BY_FAMILY_STATUS):
            for cell, people in second_reading(workbook, title).items():
                month, label, outcome = map(str, cell)
                counted = {"release": "USBP Releases", "parole": "OFO Paroles"}.get(
                    outcome, "neither release nor parole"
                )
                expected[month, label, counted] += people
        found = {
            (
                row["month"],
                row["agency"] if row["agency"] != "Total CBP" else row["family_status"],
                row["outcome"],
            ): int(row["people"])
            for row in rows_of("ohss_book_outs_summary", "2024-11")
        }
        assert found == expected
