"""The facts of ICE's detention statistics beside a second reading of its 17 workbooks, with
openpyxl."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.intake.fetch import fetch
from orchestration.readers import ParsedRelease
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from tests.conftest import MORE_RELEASES
from tests.support.parsing import read
from tests.support.second_reading import book_of
from tests.support.warehouse import Warehouse
from tests.support.workbooks import packed, parts_of

DETENTION = "ice_detention_statistics"
DETENTION_SHEET = "xl/worksheets/sheet3.xml"  # in the workbook of February 2026
# by the folder of a workbook: the day of its snapshot of people in detention, as its footnotes
# say; in June 2021 they were left over from June 2020, and the day is that of the alternatives
SNAPSHOTS = {
    "2021-03-18": "2021-03-13",
    "2021-06-11": "2021-06-05",
    "2021-07-23": "2021-07-17",
    "2021-10-28": "2020-10-02",
    "2022-02-16": "2022-02-13",
    "2022-03-17": "2022-03-13",
    "2022-05-24": "2022-05-09",
    "2023-03-16": "2023-03-12",
    "2023-05-31": "2023-05-21",
    "2023-10": "2023-09-30",
    "2024-02-29": "2024-02-25",
    "2024-03-14": "2024-03-10",
    "2024-03-29": "2024-03-24",
    "2024-11-15": "2024-11-03",
    "2024-12": "2024-10-03",
    "2025-01-16": "2025-01-12",
    "2026-02-02": "2026-01-25",
}
MISNAMED = "FY21_detentionStats10282021.xlsx"  # it holds FY2020, so that intake refuses it
MONTHS = ["Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep"]
CRIMINALITIES = ("Convicted Criminal", "Pending Criminal Charges", "Other Immigration Violator")
FACILITIES = {"FRC": "Family", "FSC": "Family", "Adult": "Adult"}
NONE = "Not broken down"
TECHNOLOGIES = {
    **{name: name for name in ("SmartLINK", "GPS", "Ankle Monitor", "VoiceID", "Wristworn")},
    **{name: name for name in ("Dual Tech", "No Tech", "VeriWatch")},
    "TR": "VoiceID",
    "Veriwatch": "VeriWatch",
    "None": "Not stated",
}

Figures = dict[tuple[Any, ...], float]
Table = list[list[Any]]


@pytest.fixture(scope="module")
def workbooks(real_releases: Path) -> dict[str, Path]:
    """Each workbook by its folder."""
    if not MORE_RELEASES.is_dir():
        pytest.skip("needs ../shared/more_releases, the agencies' own files, which are not here")
    folders = (real_releases, MORE_RELEASES)
    return {path.parent.name: path for f in folders for path in (f / DETENTION).glob("*/*.xlsx")}


@pytest.fixture(scope="module")
def warehouse(
    once: Callable[..., Path], workbooks: dict[str, Path], empty_build: Path
) -> Warehouse:
    """The models, built from all of them; the misnamed one under a name of its year."""

    def fill(home: Path) -> None:
        landing = home / "landing"
        for folder, path in workbooks.items():
            target = (
                landing
                / DETENTION
                / folder
                / path.name.replace(MISNAMED, "FY20_detentionStats.xlsx")
            )
            target.parent.mkdir(parents=True)
            shutil.copyfile(path, target)
        fetch(Settings(home, (landing,), offline=True), [DETENTION])
        shutil.rmtree(landing)

    archive = Archive(Settings(once("detention-archive", fill)).archive)
    warehouse = Warehouse(empty_build / "compiled.json", (DETENTION,))
    releases = [r for r in archive.releases() if r.dataset == DETENTION]
    assert len(releases) == len(workbooks) == len(SNAPSHOTS)
    warehouse.load(archive, releases, (DETENTION,))
    warehouse.build_filled(revisions=True)
    return warehouse


def table_of(sheet: Any, title: str) -> Table:
    """The headings and rows of the table whose title matches, up to the next empty row."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    for top, row in enumerate(rows):
        for left, text in enumerate(row):
            if re.match(title, " ".join(str(text).split())):
                right = next((i for i in range(left + 1, len(row)) if row[i] is not None), len(row))
                table = []
                for below in rows[top + 1 :]:
                    cells = below[left:right]
                    if not any(cell not in (None, "") for cell in cells):
                        break
                    table.append(cells)
                return table
    return []


def sheet_of(path: Path, word: str = "Detention ") -> Any:
    """The visible sheet with this word at the beginning of its name: hidden ones are of an
    earlier year."""
    [sheet] = (s for s in book_of(path) if s.title.startswith(word) and s.sheet_state == "visible")
    return sheet


def clean(text: Any) -> str:
    return " ".join(str(text).split())


def number(cell: Any) -> float | None:
    return cell if isinstance(cell, int | float) else None


def months_of(table: Table, first: int) -> Iterator[tuple[str, int]]:
    """The months with people, and where they stand."""
    for at, heading in enumerate(table[0]):
        if clean(heading)[:3] in MONTHS and at >= first:
            figures = [number(row[at]) for row in table[1:]]
            if any(figures):
                yield clean(heading)[:3], at


def month(fiscal_year: int, name: str) -> date:
    at = MONTHS.index(name)
    return date(fiscal_year - (at < 3), (at + 9) % 12 + 1, 1)


def fiscal_year_of(sheet: Any) -> int:
    [text] = (
        str(row[0])
        for row in sheet.iter_rows(max_row=5, values_only=True)
        if "DETENTION DATA" in str(row[0])
    )
    found = re.search(r"FY(\d+)", text)
    assert found is not None
    return 2000 + int(found[1][-2:])


def population(sheet: Any) -> Figures:
    table = table_of(sheet, "ICE Currently Detained by Criminality")
    columns = {clean(h): i for i, h in enumerate(table[0]) if clean(h) in ("ICE", "CBP")}
    by_agency = {
        (agency, clean(row[0]), NONE, NONE): row[at]
        for row in table[1:]
        for agency, at in columns.items()
        if clean(row[0]) in CRIMINALITIES
    }
    table = table_of(sheet, "ICE Currently Detained by Processing Disposition")
    columns = {clean(h): i for i, h in enumerate(table[0]) if clean(h) in FACILITIES}
    by_disposition = {
        (NONE, NONE, FACILITIES[facility], clean(row[0])): row[at]
        for row in table[1:]
        for facility, at in columns.items()
        if clean(row[0]) != "Total" and number(row[at]) is not None
    }
    return by_agency | by_disposition


def by_agency_and_month(sheet: Any, title: str) -> Figures:
    """Agency, criminality and month (None: the year) of each average."""
    table = table_of(sheet, title)
    year = fiscal_year_of(sheet)
    columns = [(month(year, name), at) for name, at in months_of(table, 1)]
    [overall] = (i for i, heading in enumerate(table[0]) if clean(heading) == "FY Overall")
    figures: Figures = {}
    agency = ""
    for row in table[1:]:
        label = clean(row[0])
        criminality = label if label in CRIMINALITIES else "All"
        if criminality == "All":
            agency = {"CBP Average": "CBP", "ICE Average": "ICE", "Average": "All"}[label]
        for start, at in [*columns, (None, overall)]:
            figures[agency, criminality, start] = row[at]
    return figures


def by_facility_and_month(sheet: Any, title: str) -> Figures:
    table = table_of(sheet, title)
    year = fiscal_year_of(sheet)
    columns = [(month(year, name), at) for name, at in months_of(table, 1)]
    [overall] = (i for i, heading in enumerate(table[0]) if clean(heading) == "FY Overall")
    return {
        (FACILITIES[clean(row[0])], start): row[at]
        for row in table[1:]
        for start, at in [*columns, (None, overall)]
        if clean(row[0]) in FACILITIES and number(row[at]) is not None
    }


def book_ins(sheet: Any) -> Figures:
    table = table_of(sheet, "ICE Initial Book-Ins by Arresting Agency and Month")
    year = fiscal_year_of(sheet)
    return {
        (clean(row[0]), month(year, name)): row[at]
        for row in table[1:]
        for name, at in months_of(table, 1)
        if clean(row[0]) in ("CBP", "ICE") and number(row[at]) is not None
    }


def book_outs(sheet: Any) -> Figures:
    """Reason, criminality and month (None: the year)."""
    table = table_of(sheet, "ICE Final (Releases|Book Outs) by Release Reason")
    year = fiscal_year_of(sheet)
    figures: Figures = {}
    if clean(table[0][1]) != "Criminality":
        for row in table[1:]:
            reason = clean(row[0]).replace("supervision", "Supervision")
            if reason not in ("Total", "Bonded Out"):
                for at, criminality in enumerate(table[0]):
                    if clean(criminality) in CRIMINALITIES:
                        figures[reason, clean(criminality), None] = row[at]
        return figures
    reason = ""
    for row in table[1:]:
        reason = clean(row[0]) if row[0] else reason
        for name, at in months_of(table, 2):
            if clean(row[1]) in CRIMINALITIES and reason != "Bonded Out" and row[at] is not None:
                key = reason.removesuffix(" Total"), clean(row[1]), month(year, name)
                figures[key] = row[at]
    return figures


def alternatives(path: Path) -> Figures:
    """Day, area and technology of the participants on each sheet."""
    figures: Figures = {}
    for sheet in book_of(path):
        if not sheet.title.startswith("ATD"):
            continue
        rows = list(sheet.iter_rows(max_col=3, values_only=True))
        [top] = (i for i, row in enumerate(rows) if clean(row[0]).startswith("Active ATD"))
        found = re.search(r"as of ([\d/]+)", clean(rows[top][0]))
        assert found is not None
        day = datetime.strptime(found[1], "%m/%d/%Y").date()
        area, left = "", 0
        for label, people, _ in rows[top + 3 :]:
            if people is None or (label is None and not left):
                break
            name = clean(label)
            if name in TECHNOLOGIES:
                figures[day, area, TECHNOLOGIES[name]] = people
                left -= people
            else:
                area, left = name, people
    return figures


def facts(warehouse: Warehouse, table: str, release: str, keys: str, value: str) -> Figures:
    rows = warehouse.rows(
        f"(select {keys}, {value} as value from {table}_by_release where release_id = '{release}')"
    )
    found = {tuple(row.values())[:-1]: row["value"] for row in rows}
    assert len(found) == len(rows)
    return found


START = "case period when 'month' then period_start end as start"


def release_of(warehouse: Warehouse, folder: str) -> str:
    published = (
        f"published_on = '{folder}'"
        if len(folder) > 7
        else (f"strftime(published_on, '%Y-%m') = '{folder}' and published_precision = 'month'")
    )
    [row] = warehouse.rows(
        f"(select release_id from meta.releases where dataset = '{DETENTION}' and {published})"
    )
    return str(row["release_id"])


@pytest.mark.long
@pytest.mark.parametrize("folder", SNAPSHOTS)
def test_each_figure_is_that_of_a_second_reading(
    warehouse: Warehouse, workbooks: dict[str, Path], folder: str
) -> None:
    release, sheet = release_of(warehouse, folder), sheet_of(workbooks[folder])

    def facts_of(table: str, keys: str, value: str) -> Figures:
        return facts(warehouse, f"fct_{table}", release, keys, value)

    dimensions = "arresting_agency, criminality, facility_type, disposition"
    detained = facts_of("detention_population", dimensions, "people")
    assert len(detained) >= 10
    assert detained == population(sheet)
    assert facts_of("detention_book_ins", "arresting_agency, month", "people") == book_ins(sheet)
    outs = facts_of("detention_book_outs", f"reason, criminality, {START}", "people")
    assert len(outs) >= 18
    assert outs == book_outs(sheet)
    cut = "(select * from fct_detention_{}_by_release where breakdown {} 'facility type')"
    for table, value, title in (
        ("daily_population", "average_people", "ICE Average Daily Population"),
        ("length_of_stay", "average_days", "ICE Average Length of Stay"),
    ):
        whole = by_agency_and_month(sheet, rf"{title} by Arresting Agency, Month")
        if value == "average_people":
            whole = {key: people for key, people in whole.items() if "All" not in key}
        found = {
            (row["arresting_agency"], row["criminality"], row["start"]): row[value]
            for row in warehouse.rows(f"(select *, {START} from {cut.format(table, '<>')})")
            if row["release_id"] == release
        }
        assert found == pytest.approx(whole, abs=1e-8)
        assert len(found) >= 12
        of_facility = {
            (row["facility_type"], row["start"]): row[value]
            for row in warehouse.rows(f"(select *, {START} from {cut.format(table, '=')})")
            if row["release_id"] == release
        }
        published = by_facility_and_month(sheet, rf"{title} by (Facility Type and )?Month")
        assert of_facility == pytest.approx(published, abs=1e-8)
        assert len(of_facility) >= 2
    keys = "as_of_date, area, technology"
    supervised = facts_of("alternatives_to_detention", keys, "people")
    assert len(supervised) >= 72
    assert supervised == alternatives(workbooks[folder])


def test_each_snapshot_is_of_the_day_in_the_footnotes(warehouse: Warehouse) -> None:
    rows = warehouse.rows("(select distinct release_id, as_of_date from fct_detention_population)")
    assert {row["release_id"]: str(row["as_of_date"]) for row in rows} == {
        release_of(warehouse, folder): day for folder, day in SNAPSHOTS.items()
    }


def test_each_workbook_has_its_removals_and_those_of_families(
    warehouse: Warehouse, workbooks: dict[str, Path]
) -> None:
    for folder, path in workbooks.items():
        table = table_of(sheet_of(path), "ICE Removals")
        figures = {clean(row[0]): max(c for c in row if number(c) is not None) for row in table[1:]}
        total = figures.pop("Total")
        [(label, families)] = figures.items()
        release = release_of(warehouse, folder)
        [row] = warehouse.rows(
            "(select people, people_in_families, family_label from"
            f" fct_detention_removals_by_release where release_id = '{release}')"
        )
        assert tuple(row.values()) == (total, families, label)


def test_removals_between_workbooks_are_differences_within_a_fiscal_year(
    warehouse: Warehouse,
) -> None:
    steps = {
        (str(row["from_date"]), str(row["to_date"])): (row["people"], row["people_per_day"])
        for row in warehouse.rows("ice_removals_between_releases")
    }
    assert steps["2024-02-24", "2024-03-09"] == (112_576 - 101_726, 775.0)
    assert steps["2024-11-02", "2025-01-11"] == (76_939 - 29_817, 673.2)
    assert len(steps) == 9
    assert all(people is not None for people, _ in steps.values())


def with_cell(content: bytes, address: str, value: str | int) -> bytes:
    """The workbook with another value in a cell of its sheet of detention. Changed as text: to
    load and save a whole workbook takes openpyxl seconds."""
    parts = parts_of(content)
    inner = f"<v>{value}</v>" if isinstance(value, int) else f"<is><t>{value}</t></is>"
    kind = "n" if isinstance(value, int) else "inlineStr"
    parts[DETENTION_SHEET], changed = re.subn(
        rf'<c r="{address}"[^>]*?(/>|>.*?</c>)'.encode(),
        f'<c r="{address}" t="{kind}">{inner}</c>'.encode(),
        parts[DETENTION_SHEET],
    )
    assert changed == 1, address
    return packed(parts)


@pytest.fixture(scope="module")
def of_2026(workbooks: dict[str, Path]) -> ParsedRelease:
    """What is read from the workbook of February 2026."""
    return read(workbooks["2026-02-02"].read_bytes(), DETENTION, published="2026-02-02")


@pytest.mark.parametrize(
    ("address", "value", "gone"),
    [
        ("A21", "Convicted of Something", {"population_by_criminality"}),
        ("D19", "HSI", {"population_by_criminality"}),
        ("C91", "Brumaire", {"daily_population_by_agency"}),
        ("B93", "some", {"daily_population_by_agency"}),
        ("B93", 999_999, {"daily_population_by_agency"}),
        ("A59", "Sent Elsewhere", set()),
        ("A63", "Bonded Out", {"book_outs_by_reason_and_month"}),
        ("H44", 5, {"book_outs_by_reason_and_month"}),
        ("A90", "ICE Average Daily Something: FY2026", {"daily_population_by_agency"}),
        ("A8", "ICE Currently Detained by Star Sign: FY2026", {"population_by_disposition"}),
    ],
)
def test_a_table_that_cannot_be_read_is_left_out_and_the_others_stay(
    workbooks: dict[str, Path],
    of_2026: ParsedRelease,
    address: str,
    value: str | int,
    gone: set[str],
) -> None:
    """In the workbook of February 2026. An unlisted reason counts under its own name; another
    unlisted label, a cell that is no figure, a month to come with people, parts that do not add up
    to their total, or another title leave the table out, with a note."""
    content = with_cell(workbooks["2026-02-02"].read_bytes(), address, value)
    parsed = read(content, DETENTION, published="2026-02-02")
    assert set(of_2026.rows["table_name"]) - set(parsed.rows["table_name"]) == gone
    assert parsed.rows["problem"].null_count() == len(parsed.rows)
    assert parsed.span == of_2026.span
    [note] = parsed.notes
    assert "found " in note


@pytest.mark.parametrize(("address", "reason"), [("A39", "Bonded Out"), ("A59", "Paroled")])
def test_a_reason_may_be_followed_by_total(
    workbooks: dict[str, Path], of_2026: ParsedRelease, address: str, reason: str
) -> None:
    """As some were early in FY2024. A subtotal stays one."""
    content = with_cell(workbooks["2026-02-02"].read_bytes(), address, f"{reason} Total")
    parsed = read(content, DETENTION, published="2026-02-02")
    assert parsed.notes == of_2026.notes
    assert parsed.rows.with_columns(pl.col("row_group").str.strip_suffix(" Total")).equals(
        of_2026.rows
    )


def test_no_month_after_the_end_of_the_data_is_a_row(warehouse: Warehouse) -> None:
    """Such months read 0 in the workbooks."""
    last = warehouse.rows("(select max(month) as month from fct_detention_book_ins)")
    assert last == [{"month": date(2026, 1, 1)}]
    for table in ("daily_population", "length_of_stay", "book_outs"):
        [row] = warehouse.rows(
            "(select count(period_start) as rows from"
            f" fct_detention_{table}_by_release where period_start > period_end)"
        )
        assert row["rows"] == 0
