"""The outcomes of custody beside a second reading of OHSS's own files: its workbooks with
openpyxl, its web table with the csv module."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from orchestration.catalogue.file_names import MONTHS
from orchestration.intake.fetch import fetch
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from tests.conftest import MORE_RELEASES
from tests.support.warehouse import Cell, Warehouse

TABLES, WEB_TABLE = "ohss_monthly_tables", "ohss_monthly_web_table"
BY_AGENCY = "CBP SW Border Encounters Book-Outs by Agency"
BY_FAMILY_STATUS = "CBP SW Border Encounters Book-Outs by Family Status"
OUTCOMES = {
    "T8 repatriations": "title 8 repatriation",
    "T42 expulsions": "title 42 expulsion",
    "Migrant Protection Protocols": "Migrant Protection Protocols",
    "Transfers to ICE": "transfer to ICE",
    "Transfers to HHS": "transfer to HHS",
    "USBP Releases": "release",
    "OFO Paroles": "parole",
    "Other outcomes": "other",
}
SEPTEMBER_TO_MAY = "month between '2023-09-01' and '2024-05-01'"
PUBLISHED = {"april": "2024-08-09", "july": "2024-11-08"}  # by the last month of a workbook

Figures = dict[Cell, int]


@pytest.fixture(scope="module")
def archive(once: Callable[..., Path], real_releases: Path) -> Archive:
    """OHSS's two workbooks and its web table."""
    if not MORE_RELEASES.is_dir():
        pytest.skip("needs ../shared/more_releases, the agencies' own files, which are not here")

    def fill(home: Path) -> None:
        landing = (real_releases, MORE_RELEASES)
        fetch(Settings(home, landing, offline=True), [TABLES, WEB_TABLE])

    return Archive(Settings(once("custody-archive", fill)).archive)


@pytest.fixture(scope="module")
def warehouse(archive: Archive, empty_build: Path) -> Warehouse:
    """The models, built from these releases."""
    warehouse = Warehouse(empty_build / "compiled.json", (TABLES, WEB_TABLE))
    releases = [r for r in archive.releases() if r.dataset in (TABLES, WEB_TABLE)]
    warehouse.load(archive, releases, (TABLES, WEB_TABLE))
    warehouse.build_filled(revisions=True)
    return warehouse


def workbook_of(last_month: str, real_releases: Path) -> Path:
    folders = (folder / TABLES for folder in (real_releases, MORE_RELEASES))
    [path] = (p for folder in folders for p in folder.glob(f"*/*-{last_month}-2024.xlsx"))
    return path


def second_reading(path: Path, title: str) -> Figures:
    """The figures of one table of a workbook, by month, label and outcome; without its totals, and
    without those that are marked X."""
    [rows] = (
        list(sheet.iter_rows(values_only=True))
        for sheet in openpyxl.load_workbook(path, read_only=True)
        if any(
            str(row[0]).startswith(title) for row in sheet.iter_rows(max_row=4, values_only=True)
        )
    )
    [top] = (i for i, row in enumerate(rows) if row[0] == "Fiscal Year")
    columns = list(labelled(rows[top - 1], rows[top]))
    return {
        (month, label, OUTCOMES[heading]): row[at]
        for month, row in monthly(rows[top + 1 :])
        for at, label, heading in columns
        if label not in ("Total CBP", "Total Encounters")
        and heading != "Total Encounters"
        and row[at] != "X"
    }


def labelled(groups: tuple[Any, ...], headings: tuple[Any, ...]) -> Iterator[tuple[int, str, str]]:
    """Each column of figures with its two headings, without footnotes."""
    group = ""
    for at, (above, heading) in enumerate(zip(groups, headings, strict=True)):
        group = above or group
        if group and heading:
            yield at, group, heading.rstrip("0123456789 ")


def monthly(rows: list[tuple[Any, ...]]) -> Iterator[tuple[date, tuple[Any, ...]]]:
    """The rows of months. The fiscal year stands on the total above them."""
    year = 0
    for row in rows:
        name = str(row[1]).strip().lower()[:3]
        if row[0] and name == "tot":
            year = int(str(row[0])[:4])
        elif name in MONTHS:
            number = MONTHS.index(name) + 1
            yield date(year - (number >= 10), number, 1), row


def figures(warehouse: Warehouse, table: str, dimension: str, release: str) -> Figures:
    query = (
        f"(select month, {dimension} as label, outcome, people from {table} where release_id = "
        f"(select release_id from meta.releases where {release}))"
    )
    found = warehouse.rows(query)
    assert len(found) == len({(row["month"], row["label"], row["outcome"]) for row in found})
    return {(row["month"], row["label"], row["outcome"]): row["people"] for row in found}


@pytest.mark.long
@pytest.mark.parametrize("last_month", PUBLISHED)
@pytest.mark.parametrize(
    ("title", "table", "dimension"),
    [
        (BY_AGENCY, "fct_custody_outcomes_by_release", "agency"),
        (
            BY_FAMILY_STATUS,
            "fct_custody_outcomes_by_family_status_by_release",
            "family_status",
        ),
    ],
)
def test_each_figure_is_that_of_a_second_reading_of_the_workbook(
    warehouse: Warehouse,
    real_releases: Path,
    last_month: str,
    title: str,
    table: str,
    dimension: str,
) -> None:
    expected = second_reading(workbook_of(last_month, real_releases), title)
    published = f"dataset = '{TABLES}' and published_on = '{PUBLISHED[last_month]}'"
    assert len(expected) > 1_000
    assert figures(warehouse, table, dimension, published) == expected


@pytest.mark.long
def test_each_figure_is_that_of_a_second_reading_of_the_web_table(
    warehouse: Warehouse, real_releases: Path
) -> None:
    [path] = (real_releases / WEB_TABLE).glob("*/*.csv")
    expected: Figures = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()):
        if row["Month"] == "0":  # the total of a fiscal year
            continue
        month = date(int(row["Calendar Year"]), int(row["Month"]), 1)
        for header, figure in row.items():
            agency, _, heading = header.removeprefix("Southwest Border Book-outs/").partition(":")
            if agency in ("USBP", "OFO") and heading in OUTCOMES and figure != "X":
                expected[month, agency, OUTCOMES[heading]] = int(figure.replace(",", ""))
    assert len(expected) > 1_000
    table = "fct_custody_outcomes_by_release"
    assert figures(warehouse, table, "agency", f"dataset = '{WEB_TABLE}'") == expected


def test_border_patrols_releases_from_september_2023_to_may_2024(warehouse: Warehouse) -> None:
    """The two family statuses are 100 fewer than all of them: nobody knows that of the others."""
    query = "(select sum(people)::bigint as people from {} where outcome = 'release' and {} and {})"
    found = {
        label: warehouse.rows(query.format(table, condition, SEPTEMBER_TO_MAY))[0]["people"]
        for label, table, condition in (
            ("All", "fct_custody_outcomes", "agency = 'USBP'"),
            *(
                (status, "fct_custody_outcomes_by_family_status", f"family_status = '{status}'")
                for status in ("Single Adults", "Family Unit Individuals")
            ),
        )
    }
    assert found == {"All": 958_050, "Single Adults": 465_640, "Family Unit Individuals": 492_310}


def test_the_workbook_of_july_revised_closed_years_by_thousands(warehouse: Warehouse) -> None:
    """In all fiscal years people were moved between outcomes, and no month's people by more than
    rounding explains. The web table of the same month changed nothing."""
    changes = [
        row for row in warehouse.rows("fct_custody_outcome_revisions") if row["cut"] == "agency"
    ]
    assert len(changes) == 530
    assert {row["fiscal_year"] for row in changes} == set(range(2014, 2025))
    largest = max(changes, key=lambda row: abs(row["difference"]))
    assert (largest["month"], largest["agency"]) == (date(2014, 5, 1), "USBP")
    assert (largest["outcome"], largest["people_before"], largest["people_after"]) == (
        *("title 8 repatriation", 32_870),
        21_760,
    )
    summary = [
        row
        for row in warehouse.rows("revision_summary")
        if row["cut"] == "custody outcomes by agency"
    ]
    counted = Counter((row["earlier_release_id"], row["later_release_id"]) for row in summary)
    assert sorted(counted.values()) == [127, 130]
    assert max(abs(row["net_change"]) for row in summary) <= 30
    assert sum(row["cells_compared"] for row in summary) == 1_414 + 1_444


def test_before_the_workbook_of_july_the_one_of_april_is_what_was_known(
    warehouse: Warehouse,
) -> None:
    query = (
        "(select max(month) as newest, sum(people) filter (where month = '2023-11-01' and "
        "agency = 'USBP' and outcome = 'release')::bigint as released from {})"
    )
    [then] = warehouse.rows(query.format("custody_outcomes_as_of('2024-11-07')"))
    [now] = warehouse.rows(query.format("fct_custody_outcomes"))
    assert then == {"newest": date(2024, 4, 1), "released": 131_260}
    assert now == {"newest": date(2024, 7, 1), "released": 131_250}


def test_only_an_open_fiscal_year_is_provisional(warehouse: Warehouse) -> None:
    for table in ("fct_custody_outcomes", "fct_custody_outcomes_by_family_status"):
        query = f"(select distinct fiscal_year from {table} where is_provisional)"
        assert warehouse.rows(query) == [{"fiscal_year": 2024}], table
