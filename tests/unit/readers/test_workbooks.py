"""OHSS's and ICE's workbooks: each layout is read as it stands, wherever its tables stand.

What no publisher's habit explains is refused, naming the sheet, the row and what was looked
for.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from operator import methodcaller

import polars as pl
import pytest

from orchestration.readers import ParsedRelease, ReadError
from tests.support.parsing import read
from tests.support.workbooks import (
    BY_REGION,
    BY_SECTOR,
    CITIZENSHIP,
    DETENTION,
    FISCAL_MONTHS,
    KEY_METRICS,
    MONTHLY_TABLES,
    NOTES,
    REPATS,
    TITLE,
    UNLISTED,
    YEARLY,
    YEARS,
    MadeSheet,
    MadeWorkbook,
    detention,
    detention_statistics,
    footnotes,
    key_metrics,
    monthly_tables,
    repatriations,
    saved,
)

FY24 = "Detention FY24"
LAYOUTS: dict[str, Callable[[], MadeWorkbook]] = {
    MONTHLY_TABLES: monthly_tables,
    KEY_METRICS: key_metrics,
    DETENTION: detention_statistics,
}
IN_ITS_PLACE = ("row_number", "column_letter")
Change = Callable[[MadeSheet], MadeSheet]


def refusal(workbook: MadeWorkbook, dataset: str) -> str:
    """The reason for which a workbook is refused."""
    with pytest.raises(ReadError) as refused:
        read(workbook.bytes(), dataset)
    return str(refused.value)


def refused_table(change: Change) -> str:
    """The reason for which the table of repatriations is refused after a change."""
    return refusal(monthly_tables().changed(REPATS, change), MONTHLY_TABLES)


def refused_detention(change: Change) -> str:
    return refusal(detention_statistics().changed(FY24, change), DETENTION)


def apart_from(parsed: ParsedRelease, *columns: str) -> pl.DataFrame:
    """The rows without these columns, where the reader has them."""
    return parsed.rows.drop(columns, strict=False)


def series(parsed: ParsedRelease, name: str, table: str = "repatriations_by_type") -> list[str]:
    """The figures of a series, from its first row to its last."""
    wanted = (pl.col("table_name") == table) & (pl.col("series") == name)
    return parsed.rows.filter(wanted).sort("row_number")["figure"].to_list()


def removals(parsed: ParsedRelease) -> list[tuple[str, ...]]:
    """Fiscal year, row label and figure of each row of ICE's removals."""
    rows = parsed.rows.filter(pl.col("table_name") == "removals")
    return rows.select("fiscal_year", "row_label", "figure").rows()


REMOVALS = [("2024", "Total", "1234"), ("2024", "Removals with a FAMU Identifier", "56")]


class TestEveryLayout:
    """What holds for all three."""

    @pytest.mark.parametrize("dataset", LAYOUTS)
    def test_rows_above_the_tables_move_them_and_change_nothing(self, dataset: str) -> None:
        workbook = LAYOUTS[dataset]()
        lower = workbook.everywhere(lambda sheet: sheet.with_rows((), ("As of today",), ()))
        plain, moved = read(workbook.bytes(), dataset), read(lower.bytes(), dataset)
        assert apart_from(moved, "row_number").equals(apart_from(plain, "row_number"))
        assert moved.rows["row_number"].equals(plain.rows["row_number"] + 3)

    @pytest.mark.parametrize("dataset", LAYOUTS)
    def test_an_empty_column_on_the_left_changes_no_figure(self, dataset: str) -> None:
        workbook = LAYOUTS[dataset]()
        further = workbook.everywhere(lambda sheet: sheet.with_column("A"))
        plain, moved = read(workbook.bytes(), dataset), read(further.bytes(), dataset)
        assert apart_from(moved, *IN_ITS_PLACE).equals(apart_from(plain, *IN_ITS_PLACE))

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
        plain = apart_from(read(workbook.bytes(), dataset), *IN_ITS_PLACE)
        for letter in letters:
            wider = workbook.changed(sheet, methodcaller("with_column", letter))
            moved = apart_from(read(wider.bytes(), dataset), *IN_ITS_PLACE)
            assert moved.equals(plain), letter

    @pytest.mark.parametrize(
        ("dataset", "sheet", "address"),
        [
            (MONTHLY_TABLES, REPATS, "L7"),
            (MONTHLY_TABLES, CITIZENSHIP, "G7"),
            (KEY_METRICS, BY_REGION, "E7"),
            (DETENTION, FY24, "O18"),
        ],
    )
    def test_figures_without_a_heading_are_refused(
        self, dataset: str, sheet: str, address: str
    ) -> None:
        workbook = LAYOUTS[dataset]().changed(sheet, lambda made: made.with_cell(address, 4711))
        place = f"sheet {sheet!r}, row {address[1:]}, column {address[0]}: found '4711'"
        assert refusal(workbook, dataset).startswith(place)

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
    def test_empty_sheets_and_charts_are_passed_over(self, dataset: str) -> None:
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
            reason = refusal(LAYOUTS[other](), dataset)
            assert "found " in reason
            assert "expected " in reason


class TestMonthlyTables:
    """OHSS's tables with a row a month, under merged headings."""

    def test_each_figure_stands_under_its_series_and_month(self) -> None:
        parsed = read(monthly_tables().bytes(), MONTHLY_TABLES)
        assert parsed.rows["problem"].null_count() == len(parsed.rows)
        removed = [str(1000 + 10 * n) for n in range(14)]
        assert series(parsed, "removal") == ["12660", *removed[:12], "2250", *removed[12:]]
        assert series(parsed, "administrative_return") == [
            "2400",
            *["200"] * 12,
            "400",
            *["200"] * 2,
        ]
        assert series(parsed, "title_42_expulsion") == ["560", *["70"] * 8, *["X"] * 7]
        assert series(parsed, "total")[:3] == ["22280", "1770", "1790"]
        assert series(parsed, "title_8_total")[-2:] == ["1940", "1960"]
        assert series(parsed, "enforcement_return")[-1] == "630"
        assert (
            series(parsed, "total", "removals_by_citizenship")[1:] == series(parsed, "removal")[1:]
        )

    def test_each_row_has_its_fiscal_year_and_month(self) -> None:
        """The fiscal year stands on its total only."""
        parsed = read(monthly_tables().bytes(), MONTHLY_TABLES)
        rows = parsed.rows.filter((pl.col("sheet") == REPATS) & (pl.col("column_letter") == "F"))
        assert rows["row_number"].to_list() == list(range(5, 21))
        assert rows["fiscal_year"].to_list() == ["2023"] * 13 + ["2024 YTD"] * 3
        assert rows["month_name"].to_list() == [
            *("Total", *FISCAL_MONTHS),
            *("Total", "October", "November"),
        ]
        assert rows["month_start"].to_list() == [
            *(None, "2022-10-01", "2022-11-01", "2022-12-01"),
            *(f"2023-{month:02}-01" for month in range(1, 10)),
            *(None, "2023-10-01", "2023-11-01"),
        ]

    def test_a_column_is_told_with_both_its_headings(self) -> None:
        parsed = read(monthly_tables().bytes(), MONTHLY_TABLES)
        rows = parsed.rows.filter(pl.col("sheet") == REPATS)
        names = ("column_letter", "heading_group", "heading", "label", "series")
        columns = rows.select(names).unique(maintain_order=True).rows()
        assert [column[:3] for column in columns[1:5]] == [
            ("D", "Total Repatriations", "Total Title 8 Repatriations4"),
            ("E", "Total Repatriations", "Title 42 Expulsions5"),
            ("F", "DHS Removals", "Total Removals"),
            ("G", "DHS Removals", "Expedited Removals"),
        ]
        assert [column[3:] for column in columns[1:5]] == [
            ("Total Title 8 Repatriations", "title_8_total"),
            ("Title 42 Expulsions", "title_42_expulsion"),
            ("Total Removals", "removal"),
            ("Expedited Removals", ""),
        ]

    def test_marks_for_no_figure_are_kept(self) -> None:
        rows = read(monthly_tables().bytes(), MONTHLY_TABLES).typed
        assert rows.filter(pl.col("figure") == "X").height == 7
        assert rows.filter(pl.col("figure") == "NA")["month_start"].to_list() == ["2022-10-01"]

    def test_the_notes_are_kept_and_every_sheet_without_a_name_is_told(self) -> None:
        parsed = read(monthly_tables().bytes(), MONTHLY_TABLES)
        assert parsed.notes == (
            "sheet 'TOC': no table by fiscal year and month",
            *NOTES,
            *NOTES,
            f"sheet {UNLISTED!r} is titled '{UNLISTED}: {YEARS}': a table that the catalogue "
            "does not list",
            *NOTES,
        )

    def test_a_table_that_is_not_listed_is_read_without_a_name(self) -> None:
        parsed = read(monthly_tables().bytes(), MONTHLY_TABLES)
        rows = parsed.rows.filter(pl.col("sheet") == UNLISTED)
        assert rows.select("table_name", "series").unique().rows() == [("", "")]
        assert rows.select("label", "figure").unique(maintain_order=True).rows() == [
            *(("Small", "360"), ("Small", "30"), ("Small", "60")),
            *(("Large", "480"), ("Large", "40"), ("Large", "80")),
        ]

    def test_tables_are_known_by_title_whatever_their_sheets_are_called(self) -> None:
        workbook = monthly_tables()
        renamed = MadeWorkbook(
            tuple(replace(s, name=f"Tab {i} ") for i, s in enumerate(reversed(workbook.sheets)))
        )
        parsed = read(renamed.bytes(), MONTHLY_TABLES)
        plain = read(workbook.bytes(), MONTHLY_TABLES)
        assert series(parsed, "removal") == series(plain, "removal")
        assert set(parsed.rows["sheet"]) == {"Tab 0 ", "Tab 1 ", "Tab 2 "}

    def test_a_required_table_under_another_title_is_refused(self) -> None:
        title = f"Departures by Type: {YEARS}"
        reason = refused_table(lambda sheet: sheet.with_text(TITLE, title))
        assert reason.startswith(
            "found no sheet with a table titled 'DHS Repatriations by Type', expected one; "
        )
        assert f"sheet {REPATS!r} is titled {title!r}" in reason

    def test_a_workbook_without_a_required_table_is_refused(self) -> None:
        reason = refusal(monthly_tables().without(REPATS), MONTHLY_TABLES)
        assert reason.startswith("found no sheet with a table titled 'DHS Repatriations by Type'")

    def test_a_title_that_only_begins_alike_is_another(self) -> None:
        title = TITLE.replace("Type:", "Type and Citizenship:")
        assert "found no sheet with a table titled 'DHS Repatriations by Type'" in refused_table(
            lambda sheet: sheet.with_text(TITLE, title)
        )

    def test_a_second_table_of_one_title_is_refused(self) -> None:
        twice = monthly_tables().plus(replace(repatriations(), name="Again"))
        assert refusal(twice, MONTHLY_TABLES) == (
            f"sheet 'Again': found a second table titled {TITLE!r}, expected only the one of "
            f"sheet {REPATS!r}"
        )

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (TITLE, TITLE.replace("Type:", "Type9:")),
            (TITLE, TITLE.replace("Type:", "Type 9, 10:")),
            (TITLE, TITLE.replace("Type:", "Type -")),
            (TITLE, TITLE.replace("DHS Rep", "DHS  rep")),
            (TITLE, "Repatriations by Type"),
            ("Fiscal Year", "Fiscal Year1"),
            ("Fiscal Year", "Fiscal\nYear"),
            ("Month", "MONTH12"),
            ("Total Removals", "Total Removals8"),
            ("Total Removals", "Total  removals8,9"),
            ("Total Title 8 Repatriations4", "Total Title 8 Repatriations"),
            ("Title 42 Expulsions5", "T42 Expulsions5"),
            ("DHS Removals1", "DHS Removals1, 2"),
            ("November", "November7"),
            ("November", "Nov"),
            ("Total", "TOTAL"),
        ],
    )
    def test_footnotes_and_spellings_do_not_matter(self, old: str, new: str) -> None:
        workbook = monthly_tables()
        assert old in [cell for row in repatriations().rows for cell in row]
        changed = workbook.changed(REPATS, lambda sheet: sheet.with_text(old, new))
        names = ("title", "heading", "label", "month_name")
        parsed = apart_from(read(changed.bytes(), MONTHLY_TABLES), *names)
        assert parsed.equals(apart_from(read(workbook.bytes(), MONTHLY_TABLES), *names))

    def test_headings_in_one_row_that_name_their_group_are_known(self) -> None:
        """As in the older releases: `DHS Removals`, and below it `Total`."""
        workbook = monthly_tables().changed(
            REPATS,
            lambda sheet: sheet.with_text("Total Removals", "Total").with_text(
                "Total Enforcement Returns", "Total1"
            ),
        )
        plain = read(monthly_tables().bytes(), MONTHLY_TABLES)
        parsed = read(workbook.bytes(), MONTHLY_TABLES)
        for name in ("removal", "enforcement_return", "administrative_return"):
            assert series(parsed, name) == series(plain, name), name

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (
                lambda sheet: sheet.without_row(8),
                "row 8: found 2023-01 after 2022-11, expected month by month",
            ),
            (
                lambda sheet: sheet.without_row(8).with_rows(sheet.rows[7], above=10),
                "row 8: found 2023-01 after 2022-11, expected month by month",
            ),
            (
                lambda sheet: sheet.with_rows(sheet.rows[7], above=9),
                "row 9: found 2022-12 after 2022-12, expected month by month",
            ),
            (
                lambda sheet: sheet.without_row(18),
                "row 18: found 2022-10 after 2023-09, expected month by month",
            ),
            (
                lambda sheet: sheet.with_cell("A18", 2025),
                "row 19: found 2024-10 after 2023-09, expected month by month",
            ),
            (
                lambda sheet: sheet.with_cell("A5", None),
                "row 5: found the fiscal year '', expected a year",
            ),
            (
                lambda sheet: sheet.with_cell("A5", "n/a"),
                "row 5: found the fiscal year 'n/a', expected a year",
            ),
            (
                lambda sheet: sheet.without_row(5),
                "row 5: found the fiscal year '', expected a year",
            ),
        ],
        ids=["missing", "order", "twice", "no total", "year", "no year", "words", "no first total"],
    )
    def test_months_that_do_not_follow_each_other_are_refused(
        self, change: Change, reason: str
    ) -> None:
        assert refused_table(change) == f"sheet {REPATS!r}, {reason}"

    @pytest.mark.parametrize("word", ["Octember", "13", "Q1", "Oct-Dec", None])
    def test_figures_without_a_known_month_are_refused(self, word: str | None) -> None:
        assert refused_table(lambda sheet: sheet.with_cell("B8", word)) == (
            f"sheet {REPATS!r}, row 8, column B: found {word or ''!r}, expected a month or Total"
        )

    def test_a_row_number_in_an_error_is_that_of_the_sheet(self) -> None:
        lower = monthly_tables().changed(
            REPATS, lambda sheet: sheet.with_cell("B8", "Octember").with_rows((), (), ("New",))
        )
        assert refusal(lower, MONTHLY_TABLES).startswith(f"sheet {REPATS!r}, row 11, column B: ")

    def test_a_column_letter_in_an_error_is_that_of_the_sheet(self) -> None:
        further = monthly_tables().changed(
            REPATS, lambda sheet: sheet.with_cell("B8", "Octember").with_column("A")
        )
        assert refusal(further, MONTHLY_TABLES).startswith(f"sheet {REPATS!r}, row 8, column C: ")

    def test_a_table_without_months_is_refused(self) -> None:
        reason = refused_table(lambda sheet: replace(sheet, rows=(*sheet.rows[:4], (NOTES[0],))))
        assert reason == f"sheet {REPATS!r}, row 4: found no month below the headings"

    @pytest.mark.parametrize(
        "heading", ["Total Removals", "Total Enforcement Returns", "Total Administrative Returns"]
    )
    def test_a_needed_series_that_is_missing_is_refused(self, heading: str) -> None:
        reason = refused_table(lambda sheet: sheet.with_text(heading, "All Kinds"))
        assert reason.startswith(f"sheet {REPATS!r}, row 4: found no column {heading!r}")
        assert "in the table 'DHS Repatriations by Type'; found 'Total Repatriations3', " in reason
        assert "'All Kinds'" in reason

    def test_a_needed_series_that_is_there_twice_is_refused(self) -> None:
        assert refused_table(lambda sheet: sheet.with_cell("G4", "Total Removals9")) == (
            f"sheet {REPATS!r}, row 4, column G: found a second column 'Total Removals9' for "
            "'removal', expected only column F"
        )

    @pytest.mark.parametrize("address", ["F5", "F8", "F20", "H8", "J8", "C8"])
    def test_an_empty_cell_in_a_needed_series_is_refused(self, address: str) -> None:
        reason = refused_table(lambda sheet: sheet.with_cell(address, None))
        place = f"sheet {REPATS!r}, row {address[1:]}, column {address[0]}: found an empty cell "
        assert reason.startswith(place)

    def test_an_empty_cell_elsewhere_is_no_row(self) -> None:
        workbook = monthly_tables().changed(REPATS, lambda sheet: sheet.with_cell("G8", None))
        plain = read(monthly_tables().bytes(), MONTHLY_TABLES)
        assert len(read(workbook.bytes(), MONTHLY_TABLES).rows) == len(plain.rows) - 1

    @pytest.mark.parametrize("figure", ["about 90", "-5", "1.5", "12 34"])
    def test_a_figure_that_is_none_is_kept_aside(self, figure: str) -> None:
        workbook = monthly_tables().changed(REPATS, lambda sheet: sheet.with_cell("F8", figure))
        rows = read(workbook.bytes(), MONTHLY_TABLES).rows.filter(pl.col("problem").is_not_null())
        assert rows.select("row_number", "figure", "month_start").rows() == [(8, figure, None)]
        assert rows["problem"][0].startswith(f"column 'figure': found {figure!r}, expected a whole")


class TestDetentionStatistics:
    """ICE's tables, side by side."""

    def test_each_listed_table_is_read_and_no_other(self) -> None:
        parsed = read(detention_statistics().bytes(), DETENTION)
        assert parsed.rows["problem"].null_count() == len(parsed.rows) == 48
        assert dict(parsed.rows["table_name"].value_counts().iter_rows()) == {
            "book_ins_by_agency_and_month": 39,
            "book_ins_by_criminality": 6,
            "book_outs": 1,
            "removals": 2,
        }
        assert removals(parsed) == REMOVALS

    def test_a_cell_is_told_with_its_place_and_its_labels(self) -> None:
        rows = read(detention_statistics().bytes(), DETENTION).rows
        names = ("row_number", "sheet", "title", "column_letter", "row_label", "label", "figure")
        assert rows.select(names).row(13) == (
            *(11, FY24, "ICE Initial Book-Ins by Arresting Agency and Month: EOFY2024"),
            *("I", "CBP", "Oct", "10"),
        )
        [total] = rows.filter(pl.col("figure") == "1234").select(names).rows()
        assert total == (18, FY24, "ICE Removals: EOFY2024", "N", "Total", "Total", "1234")

    def test_how_far_the_year_goes_is_told_by_the_footnote_on_removals(self) -> None:
        parsed = read(detention_statistics().bytes(), DETENTION)
        assert set(parsed.rows["updated_through"]) == {"2024-09-30"}
        assert parsed.span == (date(2023, 10, 1), date(2024, 9, 1))
        assert parsed.rows["month_start"].null_count() == len(parsed.rows)

    def test_a_year_that_goes_on_ends_with_the_day_of_its_footnote(self) -> None:
        workbook = MadeWorkbook((detention(2026, "FY2026"), footnotes("01/25/2026")))
        parsed = read(workbook.bytes(), DETENTION)
        assert set(parsed.rows["updated_through"]) == {"2026-01-25"}
        assert parsed.span == (date(2025, 10, 1), date(2026, 1, 1))

    def test_an_ended_year_may_end_early(self) -> None:
        workbook = MadeWorkbook((detention(2022, "EOFY2022"), footnotes("09/24/2022")))
        assert set(read(workbook.bytes(), DETENTION).rows["updated_through"]) == {"2022-09-24"}

    def test_an_ended_year_without_a_footnote_is_complete(self) -> None:
        parsed = read(detention_statistics().without("Footnotes").bytes(), DETENTION)
        assert set(parsed.rows["updated_through"]) == {"2024-09-30"}

    @pytest.mark.parametrize("through", [None, "09/30/2024", "13/45/2026", "soon"])
    def test_an_unfinished_year_without_its_footnote_is_refused(self, through: str | None) -> None:
        notes = () if through is None else (footnotes(through),)
        workbook = MadeWorkbook((detention(2026, "FY2026"), *notes))
        assert refusal(workbook, DETENTION).startswith(
            "sheet 'Detention FY26', row 8: found 'ICE Initial Book-Ins by Arresting Agency and "
            "Month: FY2026', and no footnote with the last day of its data; expected one such as "
        )

    def test_a_year_to_date_without_a_footnote_is_complete_once_it_is_over(self) -> None:
        workbook = MadeWorkbook((detention(2024, "FY2024"),))
        assert set(read(workbook.bytes(), DETENTION).rows["updated_through"]) == {"2024-09-30"}
        with pytest.raises(ReadError, match="no footnote with the last day of its data"):
            read(workbook.bytes(), DETENTION, published="2024-09-12")

    def test_a_footnote_on_other_data_tells_it_where_none_on_removals_does(self) -> None:
        other = MadeSheet(
            "Footnotes", (("", "ICE Detention data are updated through 08/17/2024."),)
        )
        workbook = MadeWorkbook((detention(2024, "FY2024"), other))
        assert set(read(workbook.bytes(), DETENTION).rows["updated_through"]) == {"2024-08-17"}

    def test_a_sheet_of_another_year_that_was_left_inside_is_read_as_of_that_year(self) -> None:
        workbook = MadeWorkbook(
            (
                detention(2026, "FY2026", total=77),
                detention(2025, "EOFY2025", total=88),
                footnotes("01/25/2026"),
            )
        )
        parsed = read(workbook.bytes(), DETENTION)
        assert [(year, n) for year, label, n in removals(parsed) if label == "Total"] == [
            ("2026", "77"),
            ("2025", "88"),
        ]
        through = parsed.rows.select("sheet", "updated_through").unique(maintain_order=True)
        assert through.rows() == [
            ("Detention FY26", "2026-01-25"),
            ("Detention FY25", "2025-09-30"),
        ]
        assert parsed.span == (date(2024, 10, 1), date(2026, 1, 1))

    @pytest.mark.parametrize("corner", ["L30", "A40", "W3", "Z16"])
    def test_the_table_may_stand_elsewhere(self, corner: str) -> None:
        workbook = MadeWorkbook((detention(removals_at=corner), footnotes()))
        assert removals(read(workbook.bytes(), DETENTION)) == REMOVALS

    def test_the_total_may_stand_in_another_row_and_column(self) -> None:
        sheet = detention()
        below = sheet.with_cell("L18", sheet.cell("L19")).with_cell("N18", sheet.cell("N19"))
        below = below.with_cell("L19", "Total").with_cell("N19", 1234)
        further = below.with_column("N").with_column("N")
        for moved in (below, further):
            workbook = MadeWorkbook((moved, footnotes()))
            assert removals(read(workbook.bytes(), DETENTION)) == REMOVALS[::-1]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("ICE Removals: EOFY2024", "ICE Removals1: EOFY2024"),
            ("ICE Removals: EOFY2024", "ICE Removals: EOFY2024 2"),
            ("ICE Removals: EOFY2024", "ICE Removals: EOFY20243"),
            ("ICE Removals: EOFY2024", "ICE  removals :  FY2024 YTD"),
            ("ICE Removals: EOFY2024", "ICE Removals FY 2024"),
            ("Removals", "Removals4"),
            ("Total", "Total5"),
        ],
    )
    def test_footnotes_and_spellings_do_not_matter(self, old: str, new: str) -> None:
        workbook = detention_statistics()
        changed = workbook.changed(FY24, lambda sheet: sheet.with_text(old, new))
        names = ("title", "row_label", "label")
        parsed = apart_from(read(changed.bytes(), DETENTION), *names)
        assert parsed.equals(apart_from(read(workbook.bytes(), DETENTION), *names))

    @pytest.mark.parametrize(
        "title", ["ICE Departures: EOFY2024", "ICE Removals", "ICE Removals by Moon: EOFY2024"]
    )
    def test_a_required_table_under_another_title_is_refused(self, title: str) -> None:
        reason = refused_detention(lambda sheet: sheet.with_text("ICE Removals: EOFY2024", title))
        assert reason == (
            "found no table titled 'ICE Removals: FY…' on the sheets 'Header', "
            f"{FY24!r}, 'Footnotes', expected one"
        )

    @pytest.mark.parametrize(("address", "text"), [("L18", "Sum"), ("N17", "Sum")])
    def test_a_needed_row_or_column_that_is_missing_is_refused(
        self, address: str, text: str
    ) -> None:
        reason = refused_detention(lambda sheet: sheet.with_cell(address, text))
        assert reason.startswith(
            f"sheet {FY24!r}, row 17: found no figure for 'Total > Total' (row > column) below "
            "'ICE Removals: EOFY2024'; found the headings "
        )

    def test_a_title_without_headings_is_refused(self) -> None:
        sheet = MadeSheet("Odd", ((), ("ICE Removals: EOFY2024",), (), (), (), ("a", "b")))
        assert refusal(MadeWorkbook((sheet,)), DETENTION).startswith(
            "sheet 'Odd', row 2: found no headings below 'ICE Removals: EOFY2024', expected them"
        )

    def test_an_empty_cell_of_the_needed_total_is_refused(self) -> None:
        reason = refused_detention(lambda sheet: sheet.with_cell("N18", None))
        assert reason.startswith(f"sheet {FY24!r}, row 17: found no figure for 'Total > Total'")

    def test_a_removals_table_without_any_figure_is_refused(self) -> None:
        """It stands alone: there is no row of another table either."""
        rows = (("ICE Removals: EOFY2024",), ("Removals", None, "Total"), ("Total",))
        reason = refusal(MadeWorkbook((MadeSheet("Alone", rows), footnotes())), DETENTION)
        assert reason.startswith("sheet 'Alone', row ")

    def test_a_needed_total_below_an_empty_row_is_not_passed_over(self) -> None:
        """The table ends at the empty row, so that it has no total."""
        reason = refused_detention(lambda sheet: sheet.with_rows((), above=18))
        assert reason.startswith(f"sheet {FY24!r}, row 17")

    def test_labels_without_a_heading_are_labels(self) -> None:
        workbook = detention_statistics().changed(FY24, lambda s: s.with_cell("A17", None))
        parsed, plain = (
            read(workbook.bytes(), DETENTION),
            read(detention_statistics().bytes(), DETENTION),
        )
        assert parsed.rows.equals(plain.rows)


class TestKeyMetrics:
    """OHSS's lists, one sheet a breakdown."""

    def test_each_list_is_known_by_its_headings(self) -> None:
        parsed = read(key_metrics().bytes(), KEY_METRICS)
        assert parsed.rows["problem"].null_count() == len(parsed.rows)
        names = ("sheet", "table_name")
        assert parsed.rows.select(names).unique(maintain_order=True).rows() == [
            (YEARLY, "yearly"),
            (BY_REGION, "monthly_by_region"),
            (BY_SECTOR, "monthly_by_region_and_sector"),
        ]
        assert parsed.notes == (
            "sheet 'About': no list with a Fiscal Year and a Quantity",
            NOTES[-1],
        )

    def test_each_row_has_its_month_and_its_figure(self) -> None:
        rows = read(key_metrics().bytes(), KEY_METRICS).rows
        southwest = rows.filter(
            (pl.col("sheet") == BY_REGION) & (pl.col("region") == "Southwest Land Border")
        )
        assert southwest["row_number"].to_list() == list(range(3, 31, 2))
        assert southwest["quantity"].to_list() == [str(100 * n + 1) for n in range(14)]
        assert southwest["fiscal_year"].to_list() == ["2023"] * 12 + ["2024"] * 2
        assert southwest["month_name"].to_list()[:3] == ["01 October", "02 November", "03 December"]
        assert southwest["month_start"].to_list() == [
            *("2022-10-01", "2022-11-01", "2022-12-01"),
            *(f"2023-{month:02}-01" for month in range(1, 12)),
        ]

    def test_a_yearly_list_has_no_months(self) -> None:
        rows = read(key_metrics().bytes(), KEY_METRICS).rows.filter(pl.col("sheet") == YEARLY)
        names = ("fiscal_year", "month_name", "quantity", "month_start")
        assert rows.select(names).rows() == [
            ("2023", "", "18000", None),
            ("2024", "", "5000", None),
        ]

    @pytest.mark.parametrize("heading", ["Fiscal Year1", "FISCAL  YEAR", "Quantity2", " quantity"])
    def test_footnotes_and_spellings_of_headings_do_not_matter(self, heading: str) -> None:
        old = "Quantity" if "uantity" in heading else "Fiscal\nYear"
        workbook = key_metrics()
        changed = workbook.everywhere(lambda sheet: sheet.with_text(old, heading))
        assert read(changed.bytes(), KEY_METRICS).rows.equals(
            read(workbook.bytes(), KEY_METRICS).rows
        )

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("02 October", "another month's number"),
            ("October", "no number"),
            ("13 October", "no such number"),
            ("01 Octember", "no month"),
            ("01/2023", "another way"),
        ],
    )
    def test_a_month_that_is_none_is_a_problem(self, text: str, name: str) -> None:
        workbook = key_metrics().changed(BY_REGION, lambda sheet: sheet.with_cell("B3", text))
        rows = read(workbook.bytes(), KEY_METRICS).rows.filter(pl.col("problem").is_not_null())
        assert rows.select("row_number", "month_name", "month_start", "problem").rows() == [
            (3, text, None, f"column 'Month': found {text!r}, expected a month such as 01 October")
        ], name

    @pytest.mark.parametrize(
        ("sheet", "address"),
        [
            *((BY_REGION, "A3"), (BY_REGION, "B3"), (BY_REGION, "C3"), (BY_REGION, "D3")),
            *((BY_SECTOR, "B3"), (BY_SECTOR, "D3"), (YEARLY, "A3"), (YEARLY, "B3")),
        ],
    )
    def test_a_row_that_leaves_a_column_of_its_list_empty_is_a_problem(
        self, sheet: str, address: str
    ) -> None:
        """A row by month and region without a month is no row of the year, nor a note."""
        workbook = key_metrics().changed(sheet, lambda made: made.with_cell(address, None))
        rows = read(workbook.bytes(), KEY_METRICS).rows.filter(pl.col("problem").is_not_null())
        assert rows.select("sheet", "row_number").rows() == [(sheet, 3)]

    def test_an_unknown_region_is_refused(self) -> None:
        workbook = key_metrics().changed(BY_REGION, lambda s: s.with_cell("C3", "Eastern Border"))
        assert refusal(workbook, KEY_METRICS).startswith(
            f"sheet {BY_REGION!r}, row 3: column 'Region': found 'Eastern Border', expected one of "
        )

    def test_an_unknown_heading_is_refused(self) -> None:
        workbook = key_metrics().changed(BY_REGION, lambda s: s.with_text("Region", "Planet"))
        assert refusal(workbook, KEY_METRICS).startswith(
            f"sheet {BY_REGION!r}, row 1: found the headings 'Fiscal\\nYear', 'Month', 'Planet', "
            "'Quantity', expected each of 'Fiscal Year', 'Month', 'Region', "
        )

    @pytest.mark.parametrize("sheet", [BY_REGION, BY_SECTOR])
    def test_a_workbook_without_a_required_list_is_refused(self, sheet: str) -> None:
        reason = refusal(key_metrics().without(sheet), KEY_METRICS)
        assert reason.startswith(
            "found no sheet with the headings 'Fiscal Year', 'Month', 'Region'"
        )

    def test_a_breakdown_that_is_there_twice_is_refused(self) -> None:
        [yearly] = [sheet for sheet in key_metrics().sheets if sheet.name == YEARLY]
        twice = key_metrics().plus(replace(yearly, name="Again"))
        assert refusal(twice, KEY_METRICS) == (
            f"sheet 'Again': found the columns of sheet {YEARLY!r} again, expected each breakdown "
            "once"
        )
