"""Statements beside series and beside each other: which of them hold their release."""

import csv
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.fetch import fetch
from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import Release
from orchestration.review.review import review
from orchestration.review.statements import NAMES, SAN_DIEGO, TOTALS
from orchestration.settings import BUNDLED, Settings
from orchestration.sources.candidate import Candidate

OFFICIAL, STREET = "official_statements", "san_diego_street_releases"
LOCAL = "local_statements"
SERIES = [name for name in load_catalogue() if name not in (OFFICIAL, STREET, LOCAL)]
Row = dict[str, str]


@pytest.fixture(scope="module")
def series(once: Callable[..., Path]) -> Path:
    """A home with the bundled series, reviewed, without statements: each test reviews its own
    statements only. Not to be changed."""

    def fill(home: Path) -> None:
        fetch(Settings(home, offline=True), SERIES)
        review(Archive(Settings(home).archive))

    return once("series", fill)


@pytest.fixture
def home(series: Path, tmp_path: Path) -> Path:
    """A home of its own, with the archive of `series`."""
    shutil.copytree(series, tmp_path / "home")
    return tmp_path / "home"


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def stated(metric: str, period: str, value: str, qualifier: str = "exact", **more: str) -> Row:
    """A statement of an official, of December 2024."""
    row = {"published_on": "2024-12-19", "metric": metric, "period": period, "value": value}
    row |= {"qualifier": qualifier, "speaker": "CBP", "source_url": "https://cbp.gov", "note": ""}
    return row | more


def local(as_of: str, value: str, begin: str = "", **more: str) -> Row:
    """A statement about San Diego County."""
    row = {"as_of_date": as_of, "count_type": "cumulative", "value": value, "qualifier": "over"}
    row |= {"period_start": begin, "who_said": "A supervisor", "publisher": "A paper"}
    return row | {"url": "https://example.org", "text_note": ""} | more


def reviewed(home: Path, dataset: str, *files: tuple[str, list[Row]]) -> list[Release]:
    """The releases of a dataset after review. files: the day of each and its statements."""
    intake = Intake(Settings(home, offline=True))
    for number, (published, rows) in enumerate(files):
        path = home / f"{number}.csv"
        path.write_bytes(written(rows))
        candidate = Candidate(
            path, dataset, PublicationDate.parse(published), f"{dataset}.csv", path.name
        )
        outcome = intake.take(candidate)
        assert outcome.kind == "archived", outcome.reason
    releases = [r for r in review(intake.archive).releases if r.dataset == dataset]
    return sorted(releases, key=lambda release: int(release.source.removesuffix(".csv")))


def reason(release: Release) -> str:
    assert release.verdict == "held"
    return str(release.reason).removeprefix(f"{release.file_name}: ")


def times(value: str, factor: float) -> str:
    return re.sub(r"\d+", lambda found: str(round(int(found[0]) * factor)), value)


def test_the_series_and_totals_that_are_compared_exist() -> None:
    series = {row["measure"] for row in rows_of(NAMES)}
    shared = {total for dataset in load_catalogue().values() for total in dataset.shared_totals}
    assert set(TOTALS) <= series
    assert {total for sets in TOTALS.values() for totals in sets for total in totals} <= shared
    assert SAN_DIEGO in shared


@pytest.mark.parametrize("dataset", [OFFICIAL, STREET, LOCAL])
def test_the_bundled_statements_are_accepted(home: Path, dataset: str) -> None:
    """Also on each earlier day, with the series that were published by then."""
    bundled = sorted((BUNDLED / dataset).glob("*/*.csv"))
    files = [(path.parent.name, rows_of(path)) for path in bundled]
    assert {release.verdict for release in reviewed(home, dataset, *files)} == {"accepted"}
    archive = Archive(Settings(home).archive)
    for day in {release.published_on for release in archive.releases()}:
        assert review(archive, day).held() == []


@pytest.mark.parametrize("dataset", [OFFICIAL, STREET])
def test_each_bundled_statement_with_a_digit_more_or_less_is_held(home: Path, dataset: str) -> None:
    """Each in a file of its own, beside the other statements of its file."""
    files, changed = [], []
    for path in sorted((BUNDLED / dataset).glob("*/*.csv")):
        rows = rows_of(path)
        counts = [(i, row) for i, row in enumerate(rows) if row.get("unit", "people") == "people"]
        for i, row in counts:
            for factor in (10, 0.1):
                wrong = row | {"value": times(row["value"], factor)}
                files.append((path.parent.name, [*rows[:i], wrong, *rows[i + 1 :]]))
                changed.append((tuple(row.values())[:4], factor))
    assert len(changed) == {OFFICIAL: 36, STREET: 42}[dataset]
    undecided = [
        change
        for change, release in zip(changed, reviewed(home, dataset, *files), strict=True)
        if release.checks != ("datasets_agree",)
    ]
    assert undecided == []


@pytest.mark.parametrize(
    ("metric", "period", "qualifier", "fits", "too_far"),
    [
        # a month: 132,856 by the page of FY2019
        ("southwest border USBP apprehensions", "2019-05", "exact", 120_800, 120_700),
        ("southwest border USBP apprehensions", "2019-05", "rounded to 10", 146_100, 146_200),
        ("southwest border USBP apprehensions", "2019-05", "over", 44_300, 44_200),
        # a fiscal year: 271,484 by ICE's workbook
        ("ice ero removals", "FY2024", "exact", 298_000, 299_000),
        ("ICE removals", "FY2024", "more than", 814_000, 815_000),
        # a year of which the series has ten months, and one before the series
        ("DHS removals", "FY2024", "exact", 1_019_900, 1_020_000),
        ("DHS removals", "FY2010", "exact", 134_900, 134_800),
        # a month after the series: only too many can be said
        ("southwest border total encounters", "2025-03", "exact", 946_000, 947_000),
    ],
)
def test_a_statement_is_compared_with_the_series_of_its_measure(
    home: Path, metric: str, period: str, qualifier: str, fits: int, too_far: int
) -> None:
    near, far = reviewed(
        home,
        OFFICIAL,
        ("2025-05", [stated(metric, period, str(fits), qualifier)]),
        ("2025-06", [stated(metric, period, str(too_far), qualifier, published_on="2025-01")]),
    )
    assert near.verdict == "accepted"
    assert far.checks == ("datasets_agree",)
    assert reason(far).startswith(f"line 2: found {too_far:,} {metric} from ")
    assert reason(far).endswith("by the series of that measure")


@pytest.mark.parametrize(
    ("metric", "period"),
    [
        ("drug seizures", "2024-10"),  # no series
        ("southwest border share at ports", "2024-10"),
        ("ICE removals", "2031-10"),  # far from the series
    ],
)
def test_a_statement_without_a_series_to_compare_with_is_accepted(
    home: Path, metric: str, period: str
) -> None:
    [release] = reviewed(home, OFFICIAL, ("2024-12", [stated(metric, period, "9000000")]))
    assert release.verdict == "accepted"


def test_a_share_or_a_change_is_not_compared_with_people(home: Path) -> None:
    change = stated("DHS removals", "2024-06", "67", unit="percent fewer")
    fewer, people = reviewed(
        home,
        OFFICIAL,
        ("2024-12-19", [change]),
        ("2024-12-20", [change | {"unit": "people", "published_on": "2024-12-20"}]),
    )
    assert fewer.verdict == "accepted"
    assert people.checks == ("datasets_agree",)


def test_a_statement_repeated_with_another_value_is_held(home: Path) -> None:
    october = "southwest border USBP apprehensions", "2024-10"
    first, same, other, added = reviewed(
        home,
        OFFICIAL,
        ("2024-12-19", [stated(*october, "56530")]),
        ("2024-12-20", [stated(*october, "56,530.0"), stated("x", "2024-10", "1")]),
        ("2024-12-21", [stated(*october, "56350")]),
        ("2024-12-22", [stated(*october, "56350", published_on="2024-12-20")]),
    )
    assert [first.verdict, same.verdict, added.verdict] == ["accepted"] * 3
    assert other.checks == ("cells_stay",)
    assert reason(other) == (
        "line 2: found 56,350 southwest border USBP apprehensions from 2024-10-01 to 2024-10-31, "
        "expected 56,530 as an earlier release has it"
    )


class TestStatementsOnSanDiegoCounty:
    """Of others there are only statements, and what the Border Patrol met in its sector."""

    def test_of_more_people_than_the_border_patrol_met_are_held(self, home: Path) -> None:
        """24,990 in September 2023 and 31,160 in December."""
        [release] = reviewed(
            home, STREET, ("2024-09-18", [local("2023-12-31", "40000", "2023-12-01")])
        )
        assert release.checks == ("datasets_agree",)
        assert reason(release).startswith("line 2: found 40,000 street releases from 2023-12-01")
        assert "whom the Border Patrol met in San Diego Sector" in reason(release)

    def test_far_from_every_other_of_their_time_are_held(self, home: Path) -> None:
        others = [
            local("2023-12-31", "18600", "2023-12-01"),
            local("2023-11-30", "9", "2023-11-01"),
        ]
        few = local("2023-12-15", "2900", "2023-12-01")
        far, fits, apart = reviewed(
            home,
            STREET,
            ("2024-09-18", [*others, few]),
            ("2024-09-19", [*others, few | {"value": "3100"}]),
            ("2024-09-20", [local("2024-06-15", "29", "2024-06-01")]),
        )
        assert fits.verdict == "accepted"
        assert "2,900 street releases" in reason(far)
        assert "expected at most 3 times more or fewer than the" in reason(far)
        assert apart.verdict == "accepted"  # nothing to compare with

    def test_of_a_measure_that_nobody_else_stated_are_compared_with_the_others(
        self, home: Path
    ) -> None:
        entered = {"measure": "entered the county"}
        street = {"measure": "street releases"}
        near, far = reviewed(
            home,
            STREET,
            ("2024-09-18", [local("2023-12-31", "18600", "2023-12-01", **street)]),
            ("2024-09-19", [local("2023-12-31", "1860", "2023-12-01", **entered)]),
        )
        assert near.verdict == "accepted"
        assert "found 1,860 entered the county" in reason(far)

    def test_of_another_place_are_neither_bounded_nor_compared(self, home: Path) -> None:
        there = {"place": "El Paso", "measure": "brought in for processing"}
        here = there | {"place": "san diego county"}
        rows = [local("2023-12-31", "40000", "2023-12-01", **where) for where in (there, here)]
        elsewhere, at_home, beside = reviewed(
            home,
            LOCAL,
            ("2024-09-18", rows[:1]),
            ("2024-09-19", rows[1:]),
            ("2024-09-20", [local("2023-12-31", "900", "2023-12-01", **here)]),
        )
        assert (elsewhere.verdict, beside.verdict) == ("accepted", "accepted")
        assert "whom the Border Patrol met in San Diego Sector" in reason(at_home)

    def test_without_a_beginning_are_not_compared(self, home: Path) -> None:
        [release] = reviewed(home, STREET, ("2024-09-18", [local("2023-12-31", "9000000")]))
        assert release.verdict == "accepted"

    def test_repeated_without_one_of_two_numbers_are_held(self, home: Path) -> None:
        both = [
            local("2023-12-31", "18600", "2023-12-01"),
            local("2023-12-31", "9000", "2023-12-15"),
        ]
        first, one = reviewed(home, STREET, ("2024-09-18", both), ("2024-09-19", both[:1]))
        assert first.verdict == "accepted"
        assert "expected 9,000 as an earlier release has it" in reason(one)
