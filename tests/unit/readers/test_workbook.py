"""Workbooks as people save them: moved cells, empty columns, hidden rows, charts."""

from collections.abc import Callable
from operator import methodcaller

import pytest

from tests.support.parsing import read, refusal, without_columns
from tests.support.workbooks import (
    BY_REGION,
    CITIZENSHIP,
    DETENTION,
    KEY_METRICS,
    MONTHLY_TABLES,
    REPATS,
    MadeWorkbook,
    detention_statistics,
    key_metrics,
    monthly_tables,
    saved,
)

FY24 = "Detention FY24"
LAYOUTS: dict[str, Callable[[], MadeWorkbook]] = {
    MONTHLY_TABLES: monthly_tables,
    KEY_METRICS: key_metrics,
    DETENTION: detention_statistics,
}
POSITION = ("row_number", "column_letter")


class TestEveryLayout:
    """What holds for all three layouts."""

    @pytest.mark.parametrize("dataset", LAYOUTS)
    def test_rows_above_the_tables_only_move_them(self, dataset: str) -> None:
        workbook = LAYOUTS[dataset]()
        lower = workbook.everywhere(lambda sheet: sheet.with_rows((), ("As of today",), ()))
        plain, moved = read(workbook.bytes(), dataset), read(lower.bytes(), dataset)
        assert without_columns(moved, "row_number").equals(without_columns(plain, "row_number"))
        assert moved.rows["row_number"].equals(plain.rows["row_number"] + 3)

    @pytest.mark.parametrize("dataset", LAYOUTS)
    def test_an_empty_column_on_the_left_changes_no_figure(self, dataset: str) -> None:
        workbook = LAYOUTS[dataset]()
        further = workbook.everywhere(lambda sheet: sheet.with_column("A"))
        plain, moved = read(workbook.bytes(), dataset), read(further.bytes(), dataset)
        assert without_columns(moved, *POSITION).equals(without_columns(plain, *POSITION))

    @pytest.mark.parametrize("dataset", [MONTHLY_TABLES, DETENTION])
    def test_column_letters_are_those_of_the_sheet(self, dataset: str) -> None:
        """Also where the sheet's first column is empty."""
        workbook = LAYOUTS[dataset]()
        further = workbook.everywhere(lambda sheet: sheet.with_column("A"))
        plain, moved = read(workbook.bytes(), dataset), read(further.bytes(), dataset)
        assert moved.rows["column_letter"].to_list() == [
            chr(ord(letter) + 1) for letter in plain.rows["column_letter"]
        ]

    @pytest.mark.parametrize(
        ("dataset", "sheet", "letters"),
        [
            (MONTHLY_TABLES, REPATS, ["B", "C", "D", "G"]),
            (MONTHLY_TABLES, CITIZENSHIP, ["B", "C", "E"]),
            (KEY_METRICS, BY_REGION, ["B", "C", "D"]),
            (DETENTION, FY24, ["B", "H", "I", "L", "M", "N"]),
        ],
    )
    def test_an_empty_column_inside_changes_no_figure(
        self, dataset: str, sheet: str, letters: list[str]
    ) -> None:
        workbook = LAYOUTS[dataset]()
        plain = without_columns(read(workbook.bytes(), dataset), *POSITION)
        for letter in letters:
            wider = workbook.changed(sheet, methodcaller("with_column", letter))
            moved = without_columns(read(wider.bytes(), dataset), *POSITION)
            assert moved.equals(plain), letter

    @pytest.mark.parametrize(
        ("dataset", "sheet", "address"),
        [
            (MONTHLY_TABLES, REPATS, "L7"),
            (KEY_METRICS, BY_REGION, "E7"),
            (DETENTION, FY24, "O18"),
        ],
    )
    def test_figures_without_a_heading_are_refused(
        self, dataset: str, sheet: str, address: str
    ) -> None:
        workbook = LAYOUTS[dataset]().changed(sheet, lambda made: made.with_cell(address, 4711))
        place = f"sheet {sheet!r}, row {address[1:]}, column {address[0]}: found '4711'"
        assert refusal(workbook.bytes(), dataset).startswith(place)

    def test_figures_without_a_heading_leave_out_an_optional_table(self) -> None:
        made = LAYOUTS[MONTHLY_TABLES]()
        damaged = made.changed(CITIZENSHIP, lambda sheet: sheet.with_cell("G7", 4711))
        plain, parsed = (read(one.bytes(), MONTHLY_TABLES) for one in (made, damaged))
        [note] = set(parsed.notes) - set(plain.notes)
        assert f"sheet {CITIZENSHIP!r}, row 7, column G: found '4711'" in note
        assert CITIZENSHIP in set(plain.rows["sheet"])
        assert set(plain.rows["sheet"]) - set(parsed.rows["sheet"]) == {CITIZENSHIP}

    @pytest.mark.parametrize("dataset", LAYOUTS)
    def test_a_styled_empty_cell_in_the_last_column_is_harmless(self, dataset: str) -> None:
        """One sheet claims 16,384 columns."""
        workbook = LAYOUTS[dataset]()
        styled = workbook.workbook()
        for sheet in styled:
            sheet["XFD20"].number_format = "0.00"
        assert b"XFD20" not in workbook.bytes()
        assert read(saved(styled), dataset).rows.equals(read(workbook.bytes(), dataset).rows)

    @pytest.mark.parametrize("dataset", LAYOUTS)
    def test_empty_sheets_and_charts_are_ignored(self, dataset: str) -> None:
        workbook = LAYOUTS[dataset]()
        more = workbook.workbook()
        more.create_sheet("Nothing", 0)
        more.create_chartsheet("Picture", 1)
        assert read(saved(more), dataset).rows.equals(read(workbook.bytes(), dataset).rows)

    @pytest.mark.parametrize("dataset", LAYOUTS)
    def test_hidden_sheets_rows_and_columns_are_read(self, dataset: str) -> None:
        workbook = LAYOUTS[dataset]()
        hidden = workbook.workbook()
        for sheet in hidden.worksheets[1:]:
            sheet.sheet_state = "hidden"
            sheet.row_dimensions.group(6, 19, hidden=True)
            sheet.column_dimensions.group("C", "F", hidden=True)
        assert read(saved(hidden), dataset).rows.equals(read(workbook.bytes(), dataset).rows)

    @pytest.mark.parametrize("dataset", LAYOUTS)
    def test_the_workbook_of_another_layout_is_refused(self, dataset: str) -> None:
        for other in LAYOUTS.keys() - {dataset}:
            reason = refusal(LAYOUTS[other]().bytes(), dataset)
            assert "found " in reason
            assert "expected " in reason
