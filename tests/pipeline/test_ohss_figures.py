"""OHSS's other subjects beside a second reading of its workbooks with openpyxl: every figure of
every table, and every total of a year."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl  # type: ignore[import-untyped]
import pytest

from orchestration.catalogue.file_names import MONTHS
from orchestration.intake.fetch import fetch
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from tests.conftest import MORE_RELEASES
from tests.support.warehouse import Warehouse

TABLES = "ohss_monthly_tables"
PUBLISHED = {"april": "2024-08-09", "july": "2024-11-08"}  # by the last month of a workbook
OTHERS = ("Other", "Others", "All Other", "All other, including stateless and unknown")
CITIZENSHIPS = {
    "Burma": "MYANMAR (BURMA)",
    "China": "CHINA, PEOPLES REPUBLIC OF",
    "China, People's Republic": "CHINA, PEOPLES REPUBLIC OF",
    "South Korea": "KOREA, SOUTH",
} | dict.fromkeys(OTHERS, "OTHER")
CRIMINALITY = {
    "Aggravated Felons": "Aggravated felons",
    "Other/ Unknown": "Other or unknown conviction",
    "Pending Criminal Charges": "Pending criminal charges",
    "Other Immigration Violators": "Other immigration violators",
    "Convicted Criminals": "Convicted criminal",
    "Non-Criminal": "Not convicted",
}
OUTCOMES = {
    "Removal Book-out": "removal",
    "Order of Supervision": "order of supervision",
    "Bonded Out": "bond",
    "Order of Recognizance": "order of recognizance",
    "Paroled": "parole",
    "Relief": "relief",
    "Other": "other",
}
KINDS = {
    "Title 42 Expulsions": "title 42 expulsion",
    "Expedited Removals": "expedited removal",
    "Reinstatements of Removal Orders": "reinstatement of a removal order",
    "Other Removals": "other removal",
    "Withdrawals": "withdrawal",
    "Voluntary Returns": "voluntary return",
    "Voluntary Departures": "voluntary departure",
    "Other Enforcement Returns": "other enforcement return",
    "Crew Members Detained": "crew member detained",
}
RESULTS = {"Positive Fear": "positive", "Negative Fear": "negative"}

Key = tuple[str, ...]
Months = dict[tuple[date, Key], int]


class Reading(NamedTuple):
    """A table of the workbook: the first words of its title, what it feeds, and how to find the
    label of a column in its two headings; None for a total of the others."""

    title: str
    fact: str
    dimensions: str
    condition: str
    label: Callable[[str, str], Key | None]


def citizenship(_group: str, heading: str) -> Key | None:
    return None if heading == "Total" else (CITIZENSHIPS.get(heading, heading.upper()),)


def criminality(group: str, heading: str) -> Key | None:
    if heading.startswith("Total"):
        return (CRIMINALITY[group],) if group else None
    return (CRIMINALITY.get(heading, heading),)


def of_agency(group: str, heading: str) -> Key | None:
    is_total = "Total" in (heading, group.split()[0])
    return None if is_total else (group, heading.removesuffix(" (OFO)"))


def citizenship_of_agency(group: str, heading: str) -> Key | None:
    found = citizenship(group, heading)
    return None if found is None or group == "Total CBP" else (group, *found)


def region(group: str, heading: str) -> Key | None:
    if "Total" in (heading, group.split()[0]):
        return None
    return group.split()[0].lower(), heading.replace("SW", "Southwest")


def kind(group: str, heading: str) -> Key | None:
    if heading not in KINDS:
        return None
    action = group.removeprefix("DHS ").removesuffix("s").lower()
    return (action if group.startswith("DHS") else KINDS[heading], KINDS[heading])


def outcome(labels: dict[str, str]) -> Callable[[str, str], Key | None]:
    def label(group: str, heading: str) -> Key | None:
        found = labels.get(group)
        return None if heading == "Total" or found is None else (found, OUTCOMES[heading])

    return label


def result(_group: str, heading: str) -> Key | None:
    return None if heading == "Total" else (RESULTS.get(heading, heading.lower()),)


def parole(title: str, measure: str) -> Reading:
    fact = "fct_parole_processes"
    return Reading(title, fact, "citizenship", f"measure = '{measure}'", citizenship)


def screening(title: str, place: str, measure: str) -> Reading:
    column, label = ("citizenship", citizenship) if "Referred" in title else ("result", result)
    condition = f"region = '{place}' and measure = '{measure}'"
    return Reading(title, "fct_credible_fear", column, condition, label)


def hundred(title: str, place: str, agency: str) -> Reading:
    condition = f"breakdown = 'citizenship' and region = '{place}' and agency = '{agency}'"
    return Reading(title, "fct_ohss_encounters", "citizenship", condition, citizenship)


DETAIL = "if(criminality_detail = 'Not broken down', criminality, criminality_detail)"
SOUTHWEST, REFERRED = "Southwest Land Border", "Credible Fear Screenings Referred to USCIS by"
COMPLETED = "Credible Fear Screenings Completed by Result"
ARRESTS, INS, OUTS = "fct_administrative_arrests", "fct_ice_book_ins", "fct_ice_book_outs"
BY_CITIZENSHIP, BY_CRIMINALITY = "breakdown = 'citizenship'", "breakdown = 'criminality'"
BY_AGENCY = "breakdown = 'arresting agency'"
ENCOUNTERS = "fct_ohss_encounters"
READINGS = (
    Reading(
        "ERO Administrative Arrests by Sel", ARRESTS, "citizenship", BY_CITIZENSHIP, citizenship
    ),
    Reading("ERO Administrative Arrests by Cri", ARRESTS, DETAIL, BY_CRIMINALITY, criminality),
    Reading("Book-Ins to ICE Detention by Sel", INS, "citizenship", BY_CITIZENSHIP, citizenship),
    Reading("Book-Ins to ICE Detention by Cri", INS, DETAIL, BY_CRIMINALITY, criminality),
    Reading(
        "Book-Ins to ICE Detention by Initial",
        *(INS, "arresting_agency", BY_AGENCY),
        lambda _, heading: (heading.replace("Total", "total"),),
    ),
    Reading(
        "ICE Book-Outs by Criminality",
        *(OUTS, f"{DETAIL}, outcome", BY_CRIMINALITY),
        outcome({group: label for group, label in CRIMINALITY.items() if group != "Non-Criminal"}),
    ),
    Reading(
        "ICE Book-Outs by Initial",
        *(OUTS, "arresting_agency, outcome", BY_AGENCY),
        outcome({"Total": "total", "CBP": "CBP", "ICE": "ICE"}),
    ),
    screening(f"Nationwide {REFERRED}", "Nationwide", "referrals"),
    screening(f"SW Border {REFERRED}", SOUTHWEST, "referrals"),
    screening(f"Nationwide {COMPLETED}", "Nationwide", "completed screenings"),
    screening(f"SW Border {COMPLETED}", SOUTHWEST, "completed screenings"),
    parole("CBP One Appointments", "CBP One appointments"),
    parole("Confirmed CHNV Beneficiaries", "CHNV beneficiaries"),
    parole("CHNV Parole Process Advance Travel", "CHNV travel authorizations"),
    parole("Confirmed CHNV Paroles", "CHNV paroles"),
    Reading(
        "DHS Repatriations by Type",
        "fct_repatriations_by_kind",
        "action, repatriation_kind",
        "true",
        kind,
    ),
    Reading(
        "CBP SW Border Encounters by Agency and Family",
        *(ENCOUNTERS, "agency, family_status", "breakdown = 'family status'", of_agency),
    ),
    Reading(
        "CBP SW Border Encounters by Agency and Selected",
        *(ENCOUNTERS, "agency, citizenship", "breakdown = 'selected citizenship'"),
        citizenship_of_agency,
    ),
    Reading(
        "Nationwide CBP Encounters by Encounter Type",
        *(ENCOUNTERS, "encounter_kind, region", "breakdown = 'region'", region),
    ),
    hundred("Nationwide USBP Encounters by Top", "Nationwide", "USBP"),
    hundred("Nationwide OFO Enforcement Encounters by Top", "Nationwide", "OFO"),
    hundred("SW Border USBP Encounters by Top", SOUTHWEST, "USBP"),
)


class Sheet(NamedTuple):
    """A table as openpyxl reads it. columns: the place and the two headings of each."""

    title: str
    columns: list[tuple[int, str, str]]
    rows: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def warehouse(once: Callable[..., Path], real_releases: Path, empty_build: Path) -> Warehouse:
    """The models, built from OHSS's two workbooks."""
    if not MORE_RELEASES.is_dir():
        pytest.skip("needs ../shared/more_releases, the agencies' own files, which are not here")

    def fill(home: Path) -> None:
        fetch(Settings(home, (real_releases, MORE_RELEASES), offline=True), [TABLES])

    archive = Archive(Settings(once("ohss-tables-archive", fill)).archive)
    warehouse = Warehouse(empty_build / "compiled.json", (TABLES,))
    releases = [release for release in archive.releases() if release.dataset == TABLES]
    assert [(release.verdict, release.held_tables) for release in releases] == [
        ("accepted", ())
    ] * 2
    warehouse.load(archive, releases, (TABLES,))
    warehouse.build_filled(revisions=True)
    return warehouse


@pytest.fixture(scope="module", params=PUBLISHED)
def workbook(request: pytest.FixtureRequest, real_releases: Path) -> tuple[str, list[Sheet]]:
    """The publication date of a workbook, and its tables."""
    folders = (folder / TABLES for folder in (real_releases, MORE_RELEASES))
    [path] = (p for f in folders for p in f.glob(f"*/*-{request.param}-2024.xlsx"))
    return PUBLISHED[request.param], list(sheets_of(path))


def sheets_of(path: Path) -> Iterator[Sheet]:
    for sheet in openpyxl.load_workbook(path, read_only=True):
        rows = list(sheet.iter_rows(values_only=True))
        tops = [i for i, row in enumerate(rows[:9]) if "Fiscal Year" in row and "Month" in row]
        if tops:
            [top] = tops
            titled = [
                str(row[0]) for row in rows[:top] if row[0] and "Return to" not in str(row[0])
            ]
            yield Sheet(titled[0], list(columns_of(rows[top - 1], rows[top])), rows[top + 1 :])


def columns_of(
    groups: tuple[Any, ...], headings: tuple[Any, ...]
) -> Iterator[tuple[int, str, str]]:
    """Each column of figures with its two headings, without footnotes."""
    is_merged, group = not groups[0], ""
    for at, heading in enumerate(headings):
        if is_merged and groups[at]:
            group = plain(groups[at])
        if heading and at > 1:
            yield at, group, plain(heading)


def plain(heading: Any) -> str:
    return re.sub(r"(?<=[A-Za-z)])[0-9, ]+$", "", " ".join(str(heading).split()))


def rows_of(sheet: Sheet) -> Iterator[tuple[int, date | None, tuple[Any, ...]]]:
    """The fiscal year of each row, and its month; None for the year's total, which names it."""
    year = 0
    for row in sheet.rows:
        name = str(row[1]).strip().lower()[:3]
        if row[0] and name == "tot":
            year = int(str(row[0])[:4])
            yield year, None, row
        elif name in MONTHS:
            number = MONTHS.index(name) + 1
            yield year, date(year - (number >= 10), number, 1), row


def second_reading(sheet: Sheet, label: Callable[[str, str], Key | None]) -> Months:
    """The figures by month and label, without marks; the convicted as a whole, and the others, only
    in months without their parts."""
    keys = [(at, label(group, heading)) for at, group, heading in sheet.columns]
    found = {
        (month, key): int(row[at])
        for _, month, row in rows_of(sheet)
        for at, key in keys
        if month and key and isinstance(row[at], int | float)
    }
    convicted = ("Aggravated felons", "Felons", "Misdemeanors", "Other or unknown conviction")
    others = ("Pending criminal charges", "Other immigration violators")
    wholes = {"Convicted criminal": convicted, "Not convicted": others}
    return {
        (month, key): people
        for (month, key), people in found.items()
        if not any((month, (part, *key[1:])) in found for part in wholes.get(key[0], ()))
    }


@pytest.mark.long
@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.title)
def test_each_figure_is_that_of_a_second_reading_of_the_workbook(
    warehouse: Warehouse, workbook: tuple[str, list[Sheet]], reading: Reading
) -> None:
    published_on, sheets = workbook
    [sheet] = (sheet for sheet in sheets if sheet.title.startswith(reading.title))
    expected = second_reading(sheet, reading.label)
    found = warehouse.rows(
        f"(select month, [{reading.dimensions}] as key, people"
        f" from {reading.fact}_by_release where {reading.condition} and release_id ="
        f" (select release_id from meta.releases where published_on = '{published_on}'))"
    )
    assert len(expected) > 60
    assert len(found) == len(expected)
    assert {(row["month"], tuple(row["key"])): row["people"] for row in found} == expected


@pytest.mark.long
def test_each_total_of_a_year_is_that_of_a_second_reading_of_the_workbook(
    warehouse: Warehouse, workbook: tuple[str, list[Sheet]]
) -> None:
    published_on, sheets = workbook
    expected = sorted(
        (group, heading, year, int(row[at]))
        for sheet in sheets
        for year, month, row in rows_of(sheet)
        for at, group, heading in sheet.columns
        if month is None and isinstance(row[at], int | float)
    )
    found = warehouse.rows(
        "(select heading_group, label, fiscal_year, people from ohss_fiscal_years where release_id"
        f" = (select release_id from meta.releases where published_on = '{published_on}'))"
    )
    assert len(expected) > 7_000
    assert sorted(tuple(row.values()) for row in found) == expected


def test_months_differ_from_their_year_by_rounding(warehouse: Warehouse) -> None:
    """Only the first returns under the Protocols, in February 2019, are in totals alone."""
    beyond = warehouse.rows(
        "(select distinct label, fiscal_year from ohss_fiscal_years where abs(difference) > 65)"
    )
    assert beyond == [{"label": "Migrant Protection Protocols", "fiscal_year": 2019}]
    [counted] = warehouse.rows(
        "(select count(*) filter (where difference <> 0) as rounded, count(*) as figures,"
        " count(*) filter (where is_partial and fiscal_year <> 2024) as partial"
        " from ohss_fiscal_years where is_current)"
    )
    assert counted == {"rounded": 4_907, "figures": 7_795, "partial": 0}
    [removals] = warehouse.rows(
        "(select people, sum_of_months, months_covered, is_partial from ohss_fiscal_years"
        " where is_current and series = 'removal' and fiscal_year = 2024)"
    )
    assert (removals["months_covered"], removals["is_partial"]) == (10, True)


def test_before_the_workbook_of_july_the_one_of_april_is_what_was_known(
    warehouse: Warehouse,
) -> None:
    query = "(select max(month) as newest, sum(people)::bigint as people from {} where {})"
    one = "measure = 'CBP One appointments'"
    [then] = warehouse.rows(query.format("parole_processes_as_of('2024-11-07')", one))
    [now] = warehouse.rows(query.format("fct_parole_processes", one))
    assert then == {"newest": date(2024, 4, 1), "people": 591_100}
    assert now == {"newest": date(2024, 7, 1), "people": 725_840}


def test_no_revision_is_of_citizenships_that_a_release_does_not_name(warehouse: Warehouse) -> None:
    changes = warehouse.rows("fct_ohss_revisions")
    assert {row["kind"] for row in changes} == {"revised", "relabelled"}
    assert not [row for row in changes if row["label"] == "OTHER"]
    assert {row["subject"] for row in changes} == {
        *("administrative arrests", "ICE book-ins", "ICE book-outs", "credible fear"),
        *("parole processes", "repatriations", "encounters"),
    }
    assert len(changes) == 1_046


def test_only_an_open_fiscal_year_is_provisional(warehouse: Warehouse) -> None:
    for fact in sorted({reading.fact for reading in READINGS}):
        query = f"(select distinct fiscal_year from {fact} where is_provisional)"
        assert warehouse.rows(query) == [{"fiscal_year": 2024}], fact
