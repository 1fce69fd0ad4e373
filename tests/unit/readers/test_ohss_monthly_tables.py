"""OHSS's monthly tables: tables with a row per month, under merged headings."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.readers import ParsedRelease
from tests.support.parsing import read, read_real_release, refusal, without_columns
from tests.support.workbooks import (
    APPOINTMENTS,
    ARRESTS,
    BOOK_OUTS,
    FISCAL_MONTHS,
    MONTHLY_TABLES,
    NOTES,
    REPATS,
    TITLE,
    UNLISTED,
    YEARS,
    MadeSheet,
    MadeWorkbook,
    appointments,
    arrests,
    book_outs,
    monthly_tables,
    repatriations,
)

Change = Callable[[MadeSheet], MadeSheet]
TEN_MONTHS = pl.col("month_start").is_between(pl.lit("2023-10-01"), pl.lit("2024-07-01"))
ACTIONS = {
    "removal": 283_320,
    "enforcement_return": 314_140,
    "administrative_return": 77_430,
    "total": 674_890,
}


def refused_table(change: Change) -> str:
    """The reason why the table of repatriations is refused after a change."""
    return refusal(monthly_tables().changed(REPATS, change).bytes(), MONTHLY_TABLES)


def series(parsed: ParsedRelease, name: str, table: str = "repatriations_by_type") -> list[str]:
    """The figures of a series, from its first row to its last."""
    wanted = (pl.col("table_name") == table) & (pl.col("series") == name)
    return parsed.rows.filter(wanted).sort("row_number")["figure"].to_list()


class TestMonthlyTables:
    """Made workbooks."""

    def test_each_figure_has_its_series_and_month(self) -> None:
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
        """The fiscal year is published on its total only."""
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

    def test_a_column_has_both_its_headings(self) -> None:
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

    def test_notes_are_kept_and_name_every_unlisted_sheet(self) -> None:
        parsed = read(monthly_tables().bytes(), MONTHLY_TABLES)
        assert parsed.notes == (
            "sheet 'TOC': no table by fiscal year and month",
            *NOTES,
            *NOTES,
            f"sheet {UNLISTED!r} is titled '{UNLISTED}: {YEARS}': a table that the catalogue "
            "does not list",
            *NOTES,
        )

    def test_an_unlisted_table_is_read_without_a_name(self) -> None:
        parsed = read(monthly_tables().bytes(), MONTHLY_TABLES)
        rows = parsed.rows.filter(pl.col("sheet") == UNLISTED)
        assert rows.select("table_name", "series").unique().rows() == [("", "")]
        assert rows.select("label", "figure").unique(maintain_order=True).rows() == [
            *(("Small", "360"), ("Small", "30"), ("Small", "60")),
            *(("Large", "480"), ("Large", "40"), ("Large", "80")),
        ]

    def test_tables_are_found_by_title_whatever_their_sheets_are_called(self) -> None:
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
        reason = refusal(monthly_tables().without(REPATS).bytes(), MONTHLY_TABLES)
        assert reason.startswith("found no sheet with a table titled 'DHS Repatriations by Type'")

    def test_a_title_that_only_begins_the_same_is_another_table(self) -> None:
        title = TITLE.replace("Type:", "Type and Citizenship:")
        assert "found no sheet with a table titled 'DHS Repatriations by Type'" in refused_table(
            lambda sheet: sheet.with_text(TITLE, title)
        )

    def test_a_second_table_with_the_same_title_is_refused(self) -> None:
        twice = monthly_tables().plus(replace(repatriations(), name="Again"))
        assert refusal(twice.bytes(), MONTHLY_TABLES) == (
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
            ("Total Title 8 Repatriations4", "Total Title 8 Repatriations (4)"),
            ("Total Removals", "Total Removals*"),
            ("Total Removals", "Total Removals\u2078"),
            ("DHS Removals1", "DHS Removals\u00b9"),
            (TITLE, f"Table 22. {TITLE}"),
            (TITLE, f"Table 4a: {TITLE}"),
            ("Total", "FY Total"),
            ("Total", "YTD Total"),
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
        parsed = without_columns(read(changed.bytes(), MONTHLY_TABLES), *names)
        assert parsed.equals(without_columns(read(workbook.bytes(), MONTHLY_TABLES), *names))

    @pytest.mark.parametrize("empty_below", [3, 4])
    def test_an_empty_row_above_the_headings_moves_the_table_only(self, empty_below: int) -> None:
        """Between the title and the merged headings, or between these and the headings."""
        workbook = monthly_tables()
        apart = workbook.changed(REPATS, lambda sheet: sheet.with_rows((None,), above=empty_below))
        parsed = read(apart.bytes(), MONTHLY_TABLES).rows.drop("row_number")
        assert parsed.equals(read(workbook.bytes(), MONTHLY_TABLES).rows.drop("row_number"))

    def test_sheets_without_the_headings_are_named_where_a_table_is_missing(self) -> None:
        reason = refused_table(lambda sheet: sheet.with_text("Month", "Months"))
        assert f"no row with the headings 'Fiscal Year' and 'Month' on 'TOC', {REPATS!r}" in reason

    def test_a_heading_is_known_by_its_merged_heading(self) -> None:
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
        assert refusal(lower.bytes(), MONTHLY_TABLES).startswith(
            f"sheet {REPATS!r}, row 11, column B: "
        )

    def test_a_column_letter_in_an_error_is_that_of_the_sheet(self) -> None:
        further = monthly_tables().changed(
            REPATS, lambda sheet: sheet.with_cell("B8", "Octember").with_column("A")
        )
        assert refusal(further.bytes(), MONTHLY_TABLES).startswith(
            f"sheet {REPATS!r}, row 8, column C: "
        )

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

    def test_an_empty_cell_elsewhere_is_not_a_row(self) -> None:
        workbook = monthly_tables().changed(REPATS, lambda sheet: sheet.with_cell("G8", None))
        plain = read(monthly_tables().bytes(), MONTHLY_TABLES)
        assert len(read(workbook.bytes(), MONTHLY_TABLES).rows) == len(plain.rows) - 1

    @pytest.mark.parametrize("figure", ["about 90", "-5", "1.5", "12 34"])
    def test_a_figure_that_is_not_a_number_is_a_rejected_row(self, figure: str) -> None:
        workbook = monthly_tables().changed(REPATS, lambda sheet: sheet.with_cell("F8", figure))
        rows = read(workbook.bytes(), MONTHLY_TABLES).rows.filter(pl.col("problem").is_not_null())
        assert rows.select("row_number", "figure", "month_start").rows() == [(8, figure, None)]
        assert rows["problem"][0].startswith(f"column 'figure': found {figure!r}, expected a whole")


class TestHeadingsInTheVocabulary:
    """A table whose headings are labels: the book-outs, by agency and outcome."""

    def test_each_figure_has_both_its_labels(self) -> None:
        rows = read(monthly_tables().plus(book_outs()).bytes(), MONTHLY_TABLES).typed
        october = rows.filter((pl.col("sheet") == BOOK_OUTS) & (pl.col("row_number") == 6))
        assert october.select("heading_group", "label", "figure").rows()[3:7] == [
            ("Total CBP", "OFO Paroles", "300"),
            ("USBP", "Total Encounters", "1200"),
            ("USBP", "T8 repatriations", "400"),
            ("USBP", "USBP Releases", "800"),
        ]
        assert set(rows.filter(pl.col("sheet") == BOOK_OUTS)["series"]) == {""}

    @pytest.mark.parametrize(
        "new", ["t8 Repatriations", "T8  repatriations12", "T8\nrepatriations"]
    )
    def test_footnotes_and_spellings_do_not_matter(self, new: str) -> None:
        changed = book_outs().with_text("T8 repatriations1", new)
        assert read(monthly_tables().plus(changed).bytes(), MONTHLY_TABLES).typed.height > 0

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (
                lambda sheet: sheet.with_cell("I4", "USBP Discharges6"),
                f"sheet {BOOK_OUTS!r}, row 4, column I: found 'USBP Discharges', expected one of ",
            ),
            (
                lambda sheet: sheet.with_cell("J3", "Air and Marine"),
                f"sheet {BOOK_OUTS!r}, row 4, column J, merged heading: found 'Air and Marine', "
                "expected one of cbp, total cbp, usbp, ofo; if it is a new label, add it to the "
                "vocabulary",
            ),
            (
                lambda sheet: sheet.with_cell("I4", "T8 repatriations"),
                f"sheet {BOOK_OUTS!r}, row 4, column I: found a second column 'T8 repatriations' "
                "of 'USBP', expected only column H",
            ),
            (
                lambda sheet: sheet.with_cell("I9", None),
                f"sheet {BOOK_OUTS!r}, row 9, column I: found an empty cell under "
                "'USBP Releases6', expected a figure",
            ),
        ],
    )
    def test_without_its_labels_or_with_an_empty_cell_the_table_is_left_out(
        self, change: Change, reason: str
    ) -> None:
        assert left_out(change(book_outs())).startswith(
            f"not read: {book_outs().rows[1][0]!r}: {reason}"
        )

    def test_a_mark_is_not_an_empty_cell(self) -> None:
        changed = book_outs().with_cell("I9", "X")
        rows = read(monthly_tables().plus(changed).bytes(), MONTHLY_TABLES).typed
        assert "X" in set(rows.filter(pl.col("sheet") == BOOK_OUTS)["figure"])


def left_out(*sheets: MadeSheet) -> str:
    """The note on the table of these sheets, without which the others are read as ever."""
    parsed = read(monthly_tables().plus(*sheets).bytes(), MONTHLY_TABLES)
    plain = read(monthly_tables().bytes(), MONTHLY_TABLES)
    assert parsed.rows.equals(plain.rows)
    [note] = set(parsed.notes) - set(plain.notes)
    return note


class TestATableThatIsNotRequired:
    """It is left out if it cannot be read, and the facts keep what the release before has."""

    def test_that_is_there_twice(self) -> None:
        """Nobody knows which of the two is right."""
        sheets = book_outs(), replace(book_outs(), name="Again")
        assert left_out(*sheets).endswith(
            f"sheet 'Again': found a second table titled {book_outs().rows[1][0]!r}, expected only "
            f"the one of sheet {BOOK_OUTS!r}"
        )

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            (lambda sheet: sheet.without_row(9), "found 2023-02 after 2022-12, expected month by"),
            (lambda sheet: sheet.with_cell("B5", "All"), "found 'All', expected a month or Total"),
            (
                lambda sheet: sheet.with_rows(sheet.rows[4], above=18),
                "found a second total of the fiscal year 2023, expected one",
            ),
            (lambda sheet: sheet.with_cell("A5", "none"), "found the fiscal year 'none'"),
        ],
    )
    def test_with_a_row_that_does_not_fit(self, change: Change, found: str) -> None:
        assert found in left_out(change(book_outs()))

    def test_that_the_catalogue_does_not_list(self) -> None:
        changed = monthly_tables().changed(UNLISTED, lambda sheet: sheet.without_row(7))
        parsed = read(changed.bytes(), MONTHLY_TABLES)
        assert UNLISTED not in set(parsed.rows["sheet"])
        assert [note for note in parsed.notes if "expected month by month" in note]


class TestHeadingsThatAreNoted:
    """Tables of optional facts: the arrests by criminality, the appointments by citizenship."""

    def notes(self, *sheets: MadeSheet) -> list[str]:
        """The notes on headings; the workbook is read whatever they say."""
        parsed = read(monthly_tables().plus(*sheets).bytes(), MONTHLY_TABLES)
        assert {sheet.name for sheet in sheets} <= set(parsed.typed["sheet"])
        return [note for note in parsed.notes if "expected" in note]

    @pytest.mark.parametrize(
        ("address", "heading"),
        [
            ("E4", "felons12"),
            ("D4", "Total"),
            ("D4", "Total  Convicted"),
            ("D3", "Convicted criminals3"),
            ("F8", None),  # an empty cell is no figure, and no error
        ],
    )
    def test_spellings_footnotes_and_empty_cells_are_no_reason_for_one(
        self, address: str, heading: str | None
    ) -> None:
        assert self.notes(arrests().with_cell(address, heading), appointments()) == []

    def test_any_name_is_a_citizenship(self) -> None:
        assert self.notes(appointments().with_cell("D3", "Newland")) == []

    @pytest.mark.parametrize(
        ("sheet", "note"),
        [
            (
                arrests().with_cell("E4", "Violent Felons1"),
                f"sheet {ARRESTS!r}, row 4, column E: found 'Violent Felons', expected one of ",
            ),
            (
                arrests().with_cell("G3", "Suspected"),
                f"sheet {ARRESTS!r}, row 4, column G, merged heading: found 'Suspected', expected ",
            ),
            (
                arrests().with_cell("F4", "Felons"),
                f"sheet {ARRESTS!r}, row 4, column F: found a second column 'Felons' of "
                "'Convicted Criminals', expected only column E",
            ),
            (
                appointments().with_cell("E3", "Total Asia"),
                f"sheet {APPOINTMENTS!r}, row 3, column E: found 'Total Asia', expected one of ",
            ),
            (
                appointments().with_cell("E3", "Cuba2"),
                f"sheet {APPOINTMENTS!r}, row 3, column E: found a second column 'Cuba', expected ",
            ),
        ],
    )
    def test_a_heading_that_is_not_listed_is_a_note(self, sheet: MadeSheet, note: str) -> None:
        found = self.notes(sheet)
        assert found[0].startswith(note), found
        assert found[0].endswith("; until then the facts leave out this table")

    def test_a_kind_of_removal_that_is_not_listed_does_not_refuse_a_required_table(self) -> None:
        workbook = monthly_tables().changed(
            REPATS, lambda sheet: sheet.with_text("Expedited Removals", "Swift Removals")
        )
        parsed = read(workbook.bytes(), MONTHLY_TABLES)
        assert [note for note in parsed.notes if "found 'Swift Removals', expected" in note]
        assert "removal" in set(parsed.typed["series"])


class TestRealRelease:
    """OHSS's tables to July 2024."""

    @pytest.fixture(scope="class")
    def parsed(self, real_releases: Path) -> ParsedRelease:
        return read_real_release(real_releases, MONTHLY_TABLES, "2024-11-08")

    @pytest.fixture(scope="class")
    def by_type(self, parsed: ParsedRelease) -> pl.DataFrame:
        return parsed.rows.filter(pl.col("table_name") == "repatriations_by_type")

    @pytest.mark.parametrize(("series", "people"), ACTIONS.items())
    def test_the_actions_of_ten_months_have_their_known_totals(
        self, by_type: pl.DataFrame, series: str, people: int
    ) -> None:
        months = by_type.filter(TEN_MONTHS & (pl.col("series") == series))
        assert len(months) == 10
        assert months["figure"].cast(pl.Int64).sum() == people

    def test_every_row_can_be_typed(self, parsed: ParsedRelease) -> None:
        assert parsed.rows["problem"].null_count() == len(parsed.rows) == 104_374

    def test_every_table_is_listed_in_the_catalogue(self, parsed: ParsedRelease) -> None:
        listed = {table.name for table in load_catalogue()[MONTHLY_TABLES].tables}
        tables = parsed.rows.select("sheet", "table_name").unique()
        assert set(tables["table_name"]) == listed
        assert len(tables) == len(listed) == 34
        assert [note for note in parsed.notes if note.startswith("sheet ")] == [
            "sheet 'TOC': no table by fiscal year and month"
        ]

    def test_collapsed_rows_are_read(self, by_type: pl.DataFrame) -> None:
        """October 2013 to July 2024; Excel shows the months of 2023 and 2024 only."""
        months = by_type.filter(pl.col("series") == "removal")["month_start"].drop_nulls()
        assert months.n_unique() == len(months) == 130
        assert (months.min(), months.max()) == ("2013-10-01", "2024-07-01")

    def test_every_needed_series_has_all_its_months(self, parsed: ParsedRelease) -> None:
        needed = [
            (table.name, name)
            for table in load_catalogue()[MONTHLY_TABLES].tables
            for name in table.needs
        ]
        months = parsed.rows.filter(pl.col("month_start") == "2024-07-01")
        found = months.filter(pl.col("series") != "").select("table_name", "series").rows()
        assert set(needed) <= set(found)
        assert len(found) == len(set(found))
