"""Figures of a release that add up to another of its figures, within what rounding explains."""

from pathlib import Path

import pytest

from tests.support.reviews import (
    File,
    hold_reason,
    only_held,
    review_files,
    verdicts,
    with_figure,
)
from tests.support.workbooks import (
    BY_REGION,
    CITIZENSHIP,
    DETENTION,
    FISCAL_MONTHS,
    KEY_METRICS,
    METRICS_NAME,
    MONTHLY_TABLES,
    REPATS,
    TABLES_NAME,
    MadeSheet,
    MadeWorkbook,
    appointments,
    arrests,
    book_outs,
    detention,
    footnotes,
    key_metrics,
    monthly_tables,
)

SPLIT, SPLIT_NAME = "cbp_at_large_split", "cbp_usbp_southwest_at_large_split.csv"


def tables(workbook: MadeWorkbook) -> File:
    return File("2024-02-09", workbook.bytes(), MONTHLY_TABLES, TABLES_NAME)


@pytest.mark.parametrize(
    ("address", "by", "verdict"),
    [
        ("F6", 25, "accepted"),  # four actions and their total, each off by 5 at most
        ("F6", 26, "held"),
        ("C6", -26, "held"),
        ("E14", 0, "accepted"),  # X: not applicable
        ("J5", 65, "held"),  # twelve months and their year: within 65; but not the year's actions
    ],
)
def test_actions_add_up_to_their_total(tmp_path: Path, address: str, by: int, verdict: str) -> None:
    workbook = monthly_tables()
    if by:
        workbook = workbook.changed(REPATS, lambda sheet: with_figure(sheet, address, by))
    reviewed = review_files(tmp_path, tables(workbook))
    assert verdicts(reviewed) == [verdict]
    if verdict == "held":
        assert only_held(reviewed).checks == ("parts_add_up",)
        assert "as the sum of the actions" in hold_reason(reviewed)


@pytest.mark.parametrize(
    "year", ["2024 YTD", "2024 YTD (November 2023)", "2024 (Oct 2023-Nov 2023)"]
)
@pytest.mark.parametrize("total", ["Total", "YTD Total"])
def test_tables_that_write_a_year_in_other_words_are_compared(
    tmp_path: Path, year: str, total: str
) -> None:
    """Of the same year to date, the removals by type are not those by citizenship."""
    workbook = monthly_tables().changed(
        CITIZENSHIP,
        lambda s: (
            with_figure(with_figure(s, "C17", 100), "C18", 100)
            .with_cell("A17", year)
            .with_cell("B17", total)
        ),
    )
    reason = str(review_files(tmp_path, tables(workbook)).releases[0].reason)
    assert (
        "2024, total: found 2,350 as the sum of the same action in another table, expected 2,250"
    ) in reason


def test_a_year_adds_up_from_its_months_in_each_column(tmp_path: Path) -> None:
    """Row 4 of the table by citizenship is the year 2023, and row 17 the year to date."""
    workbook = monthly_tables().changed(CITIZENSHIP, lambda sheet: with_figure(sheet, "E17", 16))
    [release] = review_files(tmp_path, tables(workbook)).releases
    assert (release.verdict, release.held_tables) == ("accepted", ("removals_by_citizenship",))
    assert "found 600 as the sum of the months, expected 616, their total, give or take 15" in str(
        release.reason
    )


@pytest.mark.parametrize(
    ("addresses", "by", "found"),
    [
        # three figures, each off by 5 at most, and the 150 that OHSS left out of February 2019
        (("D6", "H6"), 165, None),
        (("D6", "H6"), 166, "the outcomes"),
        (("H6",), 15, None),
        (("H6",), 16, "the agencies"),
        (("F5", "L5"), 216, "the months"),
    ],
)
def test_outcomes_of_custody_add_up(
    tmp_path: Path, addresses: tuple[str, ...], by: int, found: str | None
) -> None:
    sheet = book_outs()
    for address in addresses:
        sheet = with_figure(sheet, address, by)
    [release] = review_files(tmp_path, tables(monthly_tables().plus(sheet))).releases
    assert release.verdict == "accepted"
    assert release.held_tables == (("southwest_book_outs_by_agency",) if found else ())
    assert not found or f"as the sum of {found}" in str(release.reason)


@pytest.mark.parametrize(
    ("sheet", "addresses", "by", "table", "found"),
    [
        # column C is the total, E the felons and H those with charges pending
        (arrests(), ("C14", "C5"), 15, "ero_arrests_by_criminality", None),
        (
            arrests(),
            ("C14", "C5"),
            16,
            "ero_arrests_by_criminality",
            "the convicted and the others",
        ),
        (arrests(), ("E19", "E18"), 16, "ero_arrests_by_criminality", "the convictions"),
        (arrests(), ("H14", "H5"), 16, "ero_arrests_by_criminality", "the charged and the others"),
        (arrests(), ("I5", "H5"), 66, "ero_arrests_by_criminality", "the months"),
        (appointments(), ("D13", "D4"), 20, "cbp_one_appointments", None),
        (appointments(), ("D13", "D4"), 21, "cbp_one_appointments", "the columns"),
    ],
)
def test_columns_of_optional_tables_add_up(
    tmp_path: Path,
    sheet: MadeSheet,
    addresses: tuple[str, ...],
    by: int,
    table: str,
    found: str | None,
) -> None:
    """A table that does not add up waits alone; marks such as X are in no sum, and a table without
    a total is not compared with one."""
    for address in addresses:
        sheet = with_figure(sheet, address, by)
    [release] = review_files(tmp_path, tables(monthly_tables().plus(sheet))).releases
    assert release.verdict == "accepted"
    assert release.held_tables == ((table,) if found else ())
    assert not found or f"as the sum of {found}" in str(release.reason)


def test_columns_without_a_total_are_not_compared(tmp_path: Path) -> None:
    without = appointments().with_text("Total", "Chile").with_cell("B4", "Total")
    sheet = without.with_cell("B17", "Total")
    assert [row[1] for row in sheet.rows[2:5]] == ["Month", "Total", "October"]
    [release] = review_files(tmp_path, tables(monthly_tables().plus(sheet))).releases
    assert (release.verdict, release.held_tables) == ("accepted", ())


@pytest.mark.parametrize(
    ("by", "verdict"),
    [(45, "accepted"), (46, "held")],  # 25 in small cells that are left out, and four figures
)
def test_sectors_add_up_to_their_regions(tmp_path: Path, by: int, verdict: str) -> None:
    workbook = key_metrics().changed(BY_REGION, lambda sheet: with_figure(sheet, "D3", by))
    file = File("2023-12", workbook.bytes(), KEY_METRICS, METRICS_NAME)
    assert verdicts(review_files(tmp_path, file)) == [verdict]


@pytest.mark.parametrize(("total", "verdict"), [(100, "accepted"), (101, "held")])
def test_exact_counts_add_up_exactly(tmp_path: Path, total: int, verdict: str) -> None:
    text = f"month,total,at_large,at_entry\n2024-04,{total},10,90\n"
    file = File("2026-10", text.encode(), SPLIT, SPLIT_NAME)
    assert verdicts(review_files(tmp_path, file)) == [verdict]


def test_citizenships_add_up_to_their_total(tmp_path: Path) -> None:
    """A month's Mexico is misread, and so is its year: the table waits alone."""
    workbook = monthly_tables().changed(
        CITIZENSHIP, lambda sheet: with_figure(with_figure(sheet, "D6", 5000), "D4", 5000)
    )
    [release] = review_files(tmp_path, tables(workbook)).releases
    assert (release.verdict, release.held_tables) == ("accepted", ("removals_by_citizenship",))
    assert "found 6,010 as the sum of the citizenships, expected 1,010" in str(release.reason)


def test_an_action_is_the_same_in_another_table(tmp_path: Path) -> None:
    """Every figure of the table by citizenship is ten times what it is in the other tables."""

    workbook = monthly_tables().changed(
        CITIZENSHIP, lambda sheet: sheet.with_figures(lambda people: 10 * people)
    )
    [release] = review_files(tmp_path, tables(workbook)).releases
    assert (release.verdict, release.held_tables) == ("accepted", ("removals_by_citizenship",))
    assert "as the sum of the same action in another table" in str(release.reason)


@pytest.mark.parametrize("written", ["{short}", "{short}.", "{name}", "{upper}"])
def test_the_months_of_the_book_ins_add_up_however_they_are_written(
    tmp_path: Path, written: str
) -> None:
    sheet = detention()
    for name in FISCAL_MONTHS:
        short = name[:3]
        new = written.format(short=short, name=name, upper=short.upper())
        sheet = sheet.with_text(short, new)
    one_more = with_figure(sheet, "I11", 1)  # of CBP in October
    waiting = []
    for number, changed in enumerate((sheet, one_more)):
        content = MadeWorkbook((changed, footnotes())).bytes()
        file = File("2024-10-10", content, DETENTION, "FY24_detentionStats10102024.xlsx")
        waiting.append(review_files(tmp_path / str(number), file).waiting())
    assert waiting[0] == []
    [in_part] = waiting[1]
    assert in_part.held_tables == ("book_ins_by_agency_and_month",)
    assert "found 187 as the sum of the months, expected 186" in str(in_part.reason)
