"""Comparisons of workbooks and rounded figures: years to date that grow, series that the
publisher computes anew for each release."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from orchestration.review.review import Review
from tests.support.reviews import (
    File,
    hold_reason,
    moved_cells,
    review_files,
    verdicts,
    with_figure,
)
from tests.support.workbooks import (
    BY_REGION,
    BY_SECTOR,
    CITIZENSHIP,
    DETENTION,
    KEY_METRICS,
    METRICS_NAME,
    MONTHLY_TABLES,
    REPATS,
    TABLES_NAME,
    MadeSheet,
    MadeWorkbook,
    added_up,
    detention,
    footnotes,
    key_metrics,
    monthly_tables,
)

WEB_TABLE = "ohss_monthly_web_table"
WEB_NAME = "ielp-table-202407-t.csv"
REMOVALS = "ice_removals_summary"
REMOVALS_NAME = "ice_removals_by_fiscal_year.csv"
ICE_NAME = "FY24_detentionStats.xlsx"
TITLE_8 = "Total Title 8 Repatriations4"


def ice(removals: int, published: str, through: str = "09/30/2024", year: int = 2024) -> File:
    sheet = detention(year, f"FY{year}", removals)
    header = MadeSheet("Header", (("ICE",),))
    workbook = MadeWorkbook((header, sheet, footnotes(through)))
    return File(published, saved_once(workbook), DETENTION, f"FY{year % 100}_detentionStats.xlsx")


@cache
def saved_once(workbook: MadeWorkbook) -> bytes:
    return workbook.bytes()


class TestAYearOfIce:
    """ICE's figures of a fiscal year up to the day named in the footnotes."""

    def test_that_falls_to_less_than_half_is_held(self, tmp_path: Path) -> None:
        """The workbook of December 2024 and a later one did this."""
        reviewed = review_files(tmp_path, ice(271_484, "2024-12-20"), ice(109_535, "2025-02-14"))
        assert verdicts(reviewed) == ["accepted", "held"]
        assert hold_reason(reviewed) == (
            "FY2024, closed fiscal year: found 109,535 in total, expected 271,484 as in release "
            f"{reviewed.releases[0].release_id}, within 1 %; moved by -161,949"
        )
        assert moved_cells(reviewed) == [
            (
                "FY2024",
                "table_name: removals; series: total",
                271_484,
                109_535,
                -161_949,
            )
        ]

    def test_that_falls_is_held_although_it_is_still_open(self, tmp_path: Path) -> None:
        files = ice(271_484, "2024-09-06", "08/31/2024"), ice(109_535, "2024-09-20", "09/15/2024")
        assert hold_reason(review_files(tmp_path, *files)).startswith(
            "FY2024: found 109,535 in total, "
        )

    @pytest.mark.parametrize(
        ("removals", "verdict"),
        [(271_485, "accepted"), (274_000, "accepted"), (282_343, "held"), (260_000, "held")],
    )
    def test_that_is_closed_may_move_by_one_percent(
        self, tmp_path: Path, removals: int, verdict: str
    ) -> None:
        reviewed = review_files(tmp_path, ice(271_484, "2024-12-20"), ice(removals, "2025-02-14"))
        assert verdicts(reviewed) == ["accepted", verdict]

    @pytest.mark.parametrize(
        ("removals", "verdict"), [(150_000, "accepted"), (99_500, "accepted"), (90_000, "held")]
    )
    def test_to_date_may_grow_and_may_not_fall(
        self, tmp_path: Path, removals: int, verdict: str
    ) -> None:
        files = (
            ice(100_000, "2024-03-08", "02/29/2024"),
            ice(removals, "2024-10-10", "09/30/2024"),
        )
        assert verdicts(review_files(tmp_path, *files)) == ["accepted", verdict]

    @pytest.mark.parametrize(
        ("removals", "verdict"), [(143_000, "accepted"), (145_000, "held"), (1_443_780, "held")]
    )
    def test_to_date_may_grow_at_no_more_than_four_times_its_pace(
        self, tmp_path: Path, removals: int, verdict: str
    ) -> None:
        """100,000 people in 284 days are 352 a day; 31 days more may have 43,662."""
        files = (
            ice(100_000, "2024-07-15", "07/10/2024"),
            ice(removals, "2024-08-15", "08/10/2024"),
        )
        assert verdicts(review_files(tmp_path, *files)) == ["accepted", verdict]

    @pytest.mark.parametrize(
        ("removals", "through", "held"),
        [
            (110_000, "02/29/2024", ("removals",)),
            (100_000, "02/29/2024", ()),
            (110_000, "03/14/2024", ()),
        ],
    )
    def test_to_date_with_another_total_of_the_same_day_holds_the_removals(
        self, tmp_path: Path, removals: int, through: str, held: tuple[str, ...]
    ) -> None:
        """The footnote was left over; the other tables of the workbook count."""
        files = ice(100_000, "2024-03-08", "02/29/2024"), ice(removals, "2024-03-22", through)
        reviewed = review_files(tmp_path, *files)
        assert verdicts(reviewed)[-1] == "accepted"
        assert reviewed.releases[-1].held_tables == held
        if held:
            assert "found 110,000 through 2024-02-29, expected 100,000" in str(
                reviewed.releases[-1].reason
            )

    @pytest.mark.parametrize("name", ["download.xlsx", "detention statistics.xlsx"])
    def test_under_a_name_that_says_no_year_is_held(self, tmp_path: Path, name: str) -> None:
        file = ice(271_484, "2024-12-20")
        reviewed = review_files(tmp_path, replace(file, name=name))
        assert verdicts(reviewed) == ["held"]
        assert hold_reason(reviewed) == (
            f"found the name {name!r}, expected one such as 'FY24_detentionStats.xlsx', which says "
            "what period the file is of; found figures up to 2024-09; rename the file, or accept it"
        )

    def test_of_another_year_than_its_name_is_held_if_it_is_of_the_year_of_publication(
        self, tmp_path: Path
    ) -> None:
        file = ice(29_817, "2024-11-15", "11/02/2024", 2025)
        misnamed = replace(file, name="FY24_detentionStats11152024.xlsx")
        reviewed = review_files(tmp_path, misnamed)
        assert verdicts(reviewed) == ["held"]
        assert hold_reason(reviewed) == (
            "found figures of FY2025 up to 2024-11, expected FY2024, which the file's name promises"
        )

    def test_to_date_is_open_until_30_september(self, tmp_path: Path) -> None:
        """A pattern for September once matched the ninth of March."""
        files = (
            ice(112_576, "2024-03-14", "03/09/2024"),
            ice(124_633, "2024-03-29", "03/23/2024"),
        )
        assert verdicts(review_files(tmp_path, *files)) == ["accepted", "accepted"]

    def test_is_compared_by_removals_alone(self, tmp_path: Path) -> None:
        """No fact uses the book-ins or the removals of families."""
        sheets = MadeSheet("Header", (("ICE",),)), detention(), footnotes()
        changed = with_figure(with_figure(detention(), "N19", 844), "D18", 500)
        other = MadeWorkbook((sheets[0], changed, sheets[2]))
        first = File("2024-12-20", saved_once(MadeWorkbook(sheets)), DETENTION, ICE_NAME)
        later = File("2025-02-14", saved_once(other), DETENTION, ICE_NAME)
        assert verdicts(review_files(tmp_path, first, later)) == ["accepted", "accepted"]

    def test_is_not_compared_with_another_year(self, tmp_path: Path) -> None:
        files = ice(271_484, "2024-12-20"), ice(12_000, "2025-01-10", "12/28/2024", 2025)
        reviewed = review_files(tmp_path, *files)
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert reviewed.envelopes.is_empty()

    @pytest.mark.parametrize(
        ("coverage", "verdict"),
        [
            ("full year", "held"),
            ("Full Year ", "held"),
            ("through 2024-09-30", "held"),
            ("through 2024-09", "held"),
            ("through 2024-09-24", "accepted"),
            ("through 2024-08", "accepted"),
        ],
    )
    def test_is_closed_or_open_according_to_its_coverage(
        self, tmp_path: Path, coverage: str, verdict: str
    ) -> None:
        header = "published_on,fiscal_year,removals,coverage,workbook\n"
        before = f"{header}2024-10,2024,1000,{coverage},a.xlsx\n".encode()
        grown = f"{header}2024-12,2024,1040,full year,b.xlsx\n".encode()
        files = (
            File("2024-10", before, REMOVALS, REMOVALS_NAME),
            File("2024-12", grown, REMOVALS, REMOVALS_NAME),
        )
        assert verdicts(review_files(tmp_path, *files)) == ["accepted", verdict]


def to_december(sheet: MadeSheet) -> MadeSheet:
    """The sheet with another last month in its title."""
    title = sheet.rows[1][0] if len(sheet.rows) > 1 and sheet.rows[1] else None
    return sheet.with_cell("A2", to_december_name(title)) if isinstance(title, str) else sheet


def to_december_name(text: str) -> str:
    return text.replace("November 2023", "December 2023").replace("november-2023", "december-2023")


def tables(home: Path, before: MadeWorkbook, after: MadeWorkbook) -> Review:
    """Two releases of OHSS's monthly tables."""
    first = File("2024-02-09", saved_once(before), MONTHLY_TABLES, TABLES_NAME)
    return review_files(home, first, File("2024-03-08", after.bytes(), MONTHLY_TABLES, TABLES_NAME))


class TestTheMonthlyTables:
    """OHSS's tables: rounded to 10, computed anew for each release. Row 6 of the sheet is October
    2022 and row 19 October 2023; column F is Total Removals, E is Title 42 Expulsions."""

    @pytest.fixture(scope="class")
    def before(self) -> MadeWorkbook:
        return monthly_tables()

    @pytest.mark.parametrize(
        ("address", "by", "verdict"),
        [
            ("E6", 10, "accepted"),  # of 70
            ("F6", 100, "accepted"),
            ("F6", 110, "held"),
            ("F6", -300, "held"),  # of 1,000
            ("F20", 190, "accepted"),  # less than 20 % of one of the newest months
            ("F20", -340, "held"),
        ],
    )
    def test_may_move_by_a_few_tens(
        self, tmp_path: Path, before: MadeWorkbook, address: str, by: int, verdict: str
    ) -> None:
        after = before.changed(REPATS, lambda sheet: added_up(with_figure(sheet, address, by)))
        reviewed = tables(tmp_path, before, after)
        assert verdicts(reviewed) == ["accepted", verdict]
        if verdict == "held":
            series = "repatriations_by_type, removal"
            month = "2022-10" if address == "F6" else "2023-11"
            assert hold_reason(reviewed).startswith(f"{month}, {series}")
            cell = "table_name: repatriations_by_type; series: removal"
            moved = {row[:2]: row[4] for row in moved_cells(reviewed)}
            assert moved[f"{month}-01", cell] == by

    def test_may_increase_the_total_of_the_year_to_date(
        self, tmp_path: Path, before: MadeWorkbook
    ) -> None:
        december = (None, "December", 0, 0, "X", 1140, 570, 640, 320, 200, 50)
        alone = before.without(CITIZENSHIP)
        grown = alone.changed(REPATS, lambda sheet: added_up(sheet.with_rows(december, above=21)))
        grown = grown.everywhere(to_december)
        files = (
            File("2024-02-09", saved_once(alone), MONTHLY_TABLES, TABLES_NAME),
            File("2024-03-08", grown.bytes(), MONTHLY_TABLES, to_december_name(TABLES_NAME)),
        )
        assert verdicts(review_files(tmp_path / "a", *files)) == ["accepted", "accepted"]
        fallen = before.changed(REPATS, lambda sheet: with_figure(sheet, "F18", -500))
        assert hold_reason(tables(tmp_path / "b", before, fallen)).startswith("FY2024, ")

    @pytest.mark.parametrize(
        ("mark", "verdict"), [("NA", "held"), ("X", "held"), ("1,030", "accepted")]
    )
    def test_may_not_replace_a_figure_by_a_mark(
        self, tmp_path: Path, before: MadeWorkbook, mark: str, verdict: str
    ) -> None:
        after = before.changed(REPATS, lambda sheet: sheet.with_cell("F9", mark))
        reviewed = tables(tmp_path, before, after)
        assert verdicts(reviewed) == ["accepted", verdict]
        if verdict == "held":
            assert moved_cells(reviewed)[0][2:] == (1030, None, -1030)

    def test_may_replace_a_mark_by_a_figure(self, tmp_path: Path, before: MadeWorkbook) -> None:
        missing = before.changed(REPATS, lambda sheet: added_up(sheet.with_cell("E6", "NA")))
        assert verdicts(tables(tmp_path, missing, before)) == ["accepted", "accepted"]

    def test_may_add_a_series_and_may_not_lose_one(
        self, tmp_path: Path, before: MadeWorkbook
    ) -> None:
        without = before.changed(REPATS, lambda sheet: sheet.with_text(TITLE_8, "Z"))
        reviewed = tables(tmp_path / "new", without, before)
        assert verdicts(reviewed) == ["accepted", "accepted"]
        lost = tables(tmp_path / "lost", before, without)
        assert "cells of the months that both cover missing" in hold_reason(lost)

    def test_may_change_the_letter_of_a_column(self, tmp_path: Path, before: MadeWorkbook) -> None:
        shifted = before.changed(REPATS, lambda sheet: sheet.with_column("E"))
        assert verdicts(tables(tmp_path, before, shifted)) == ["accepted", "accepted"]


class TestTheKeyMetrics:
    """OHSS's long tables: rounded to 10, without small cells."""

    def files(self, after: MadeWorkbook, before: MadeWorkbook | None = None) -> tuple[File, File]:
        first = saved_once(before or key_metrics())
        return (
            File("2023-12", first, KEY_METRICS, METRICS_NAME),
            File("2024-01", after.bytes(), KEY_METRICS, METRICS_NAME),
        )

    def test_may_omit_a_small_cell_and_publish_it_again(self, tmp_path: Path) -> None:
        """Row 3 is the San Diego sector in October 2022, a small part of the total."""
        large = key_metrics().changed(
            BY_SECTOR, lambda sheet: with_more_sectors(sheet.with_cell("E3", 1))
        )
        large = large.changed(
            BY_REGION, lambda sheet: with_more_people(sheet.with_cell("D3", 1), 900)
        )
        lacking = large.changed(BY_SECTOR, lambda sheet: sheet.without_row(3))
        reviewed = review_files(tmp_path / "out", *self.files(lacking, before=large))
        assert verdicts(reviewed) == ["accepted", "accepted"]
        reviewed = review_files(tmp_path / "in", *self.files(large, before=lacking))
        assert verdicts(reviewed) == ["accepted", "accepted"]
        allowed = reviewed.envelopes.filter(month="2022-10-01")
        assert allowed.select("rows", "at_least", "at_most", "is_exact").rows() == [
            (7, 6, 7, False)
        ]

    def test_may_not_omit_a_large_cell(self, tmp_path: Path) -> None:
        large = key_metrics().changed(BY_SECTOR, lambda sheet: sheet.with_cell("E3", 5000))
        large = large.changed(BY_REGION, lambda sheet: sheet.with_cell("D3", 5000))
        lacking = large.changed(BY_SECTOR, lambda sheet: sheet.without_row(3))
        reviewed = review_files(tmp_path, *self.files(lacking, before=large))
        assert "2022-10: found 3 rows, expected 4, as before" in hold_reason(reviewed)

    def test_may_not_move_one_breakdown_alone(self, tmp_path: Path) -> None:
        """Each sheet's totals are compared on their own."""
        large = key_metrics().changed(BY_SECTOR, lambda sheet: with_figure(sheet, "E3", 5000))
        reviewed = review_files(tmp_path, *self.files(large))
        moved = "2022-10, monthly_by_region_and_sector, Southwest Land Border, closed"
        assert moved in hold_reason(reviewed)


def with_more_sectors(sheet: MadeSheet) -> MadeSheet:
    """The sheet with three more sectors in every month, so that one cell is about a percent of
    the total."""
    months = [row[:3] for row in sheet.rows[1:] if row[3] == "San Diego, CA"]
    sectors = ("El Paso, TX", "Tucson, AZ", "Yuma, AZ")
    more = [(*month, sector, 300) for month in months for sector in sectors]
    return sheet.with_rows(*more, above=len(sheet.rows) + 1)


def with_more_people(sheet: MadeSheet, more: int) -> MadeSheet:
    """The sheet by region with more people in each month's southwest."""
    southwest = [i for i, row in enumerate(sheet.rows, 1) if row[2:3] == ("Southwest Land Border",)]
    for row in southwest:
        sheet = with_figure(sheet, f"D{row}", more)
    return sheet


def web_table(real_releases: Path) -> str:
    return (real_releases / WEB_TABLE / "2024-11" / WEB_NAME).read_text(encoding="utf-8-sig")


class TestTheWebTable:
    """OHSS's wide table: each column's totals are compared on their own."""

    @pytest.mark.parametrize(("share", "verdict"), [(0.01, "accepted"), (0.3, "held")])
    def test_names_the_column_that_moved(
        self, tmp_path: Path, real_releases: Path, share: float, verdict: str
    ) -> None:
        text = web_table(real_releases)
        table = [line.split(",") for line in text.replace('"', "").splitlines()]
        removals, total = (
            table[0].index(f"Repatriations:{name}") for name in ("Removals", "Total")
        )
        [year] = (row for row in table if row[1:3] == [table[6][1], "0"])
        fewer = int(int(table[6][removals]) * share)
        for row in table[6], year:
            for column in removals, total:
                row[column] = str(int(row[column]) - fewer)
        changed = "\n".join(",".join(row) for row in table) + "\n"
        files = (
            File("2024-11", text.encode(), WEB_TABLE, WEB_NAME),
            File("2024-12", changed.encode(), WEB_TABLE, WEB_NAME),
        )
        reviewed = review_files(tmp_path, *files)
        assert verdicts(reviewed) == ["accepted", verdict]
        if verdict == "held":
            assert ", repatriations_removals, closed fiscal year: found" in hold_reason(reviewed)
            assert {row[1] for row in moved_cells(reviewed)} == {
                "series: repatriations_removals",
                "series: repatriations_total",
            }
