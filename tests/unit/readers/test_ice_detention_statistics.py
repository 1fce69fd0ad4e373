"""ICE's detention statistics: tables side by side, whose last day is in the footnotes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.readers import ParsedRelease
from tests.support.parsing import read, read_real_release, refusal, without_columns
from tests.support.workbooks import (
    DETENTION,
    MadeSheet,
    MadeWorkbook,
    detention,
    detention_statistics,
    footnotes,
)

UNLISTED = "ICE Average Length of Hearings by Month"
FY24 = "Detention FY24"
REMOVALS = [("2024", "Total", "1234"), ("2024", "Removals with a FAMU Identifier", "56")]


def refused_detention(change: Callable[[MadeSheet], MadeSheet]) -> str:
    return refusal(detention_statistics().changed(FY24, change).bytes(), DETENTION)


def _adult_rows_down(sheet: MadeSheet, by: int) -> MadeSheet:
    """With the last row of the book-ins by criminality so many rows further down."""
    for letter in "ABCD":
        value = sheet.cell(f"{letter}19")
        sheet = sheet.with_cell(f"{letter}19", None).with_cell(f"{letter}{19 + by}", value)
    return sheet


def removals(parsed: ParsedRelease) -> list[tuple[str, ...]]:
    """Fiscal year, row label and figure of each row of ICE's removals."""
    rows = parsed.rows.filter(pl.col("table_name") == "removals")
    return rows.select("fiscal_year", "row_label", "figure").rows()


def notes_besides_unlisted(parsed: ParsedRelease) -> list[str]:
    """The notes, without that on the table of the made workbook that the catalogue lacks."""
    return [note for note in parsed.notes if UNLISTED not in note]


class TestDetentionStatistics:
    """Made workbooks."""

    def test_only_listed_tables_are_read(self) -> None:
        parsed = read(detention_statistics().bytes(), DETENTION)
        assert parsed.rows["problem"].null_count() == len(parsed.rows) == 48
        assert dict(parsed.rows["table_name"].value_counts().iter_rows()) == {
            "book_ins_by_agency_and_month": 39,
            "book_ins_by_criminality": 6,
            "book_outs": 1,
            "removals": 2,
        }
        assert removals(parsed) == REMOVALS

    def test_a_table_that_the_catalogue_does_not_list_has_a_note(self) -> None:
        """A listed one may have been renamed."""
        [note] = read(detention_statistics().bytes(), DETENTION).notes
        assert note == (
            f"not read: sheet {FY24!r}, row 8: found the title '{UNLISTED}: EOFY2024', expected "
            "one that the catalogue lists"
        )

    def test_a_comma_more_in_a_title_does_not_matter(self) -> None:
        old = "ICE Initial Book-Ins by Arresting Agency and Month: EOFY2024"
        new = old.replace(" and", ", and")
        workbook = detention_statistics().changed(FY24, lambda s: s.with_cell("H8", new))
        rows = read(workbook.bytes(), DETENTION).rows
        assert rows["table_name"].to_list().count("book_ins_by_agency_and_month") == 39

    def test_a_cell_has_its_place_and_its_labels(self) -> None:
        rows = read(detention_statistics().bytes(), DETENTION).rows
        names = ("row_number", "sheet", "title", "column_letter", "row_label", "label", "figure")
        assert rows.select(names).row(13) == (
            *(11, FY24, "ICE Initial Book-Ins by Arresting Agency and Month: EOFY2024"),
            *("I", "CBP", "Oct", "10"),
        )
        [total] = rows.filter(pl.col("figure") == "1234").select(names).rows()
        assert total == (18, FY24, "ICE Removals: EOFY2024", "N", "Total", "Total", "1234")

    def test_the_footnote_on_removals_has_the_last_day_of_the_data(self) -> None:
        parsed = read(detention_statistics().bytes(), DETENTION)
        assert set(parsed.rows["updated_through"]) == {"2024-09-30"}
        assert parsed.span == (date(2023, 10, 1), date(2024, 9, 1))
        assert parsed.rows["month_start"].null_count() == len(parsed.rows)

    def test_a_year_to_date_ends_on_the_day_in_its_footnote(self) -> None:
        workbook = MadeWorkbook((detention(2026, "FY2026"), footnotes("01/25/2026")))
        parsed = read(workbook.bytes(), DETENTION, published="2026-02-02")
        assert set(parsed.rows["updated_through"]) == {"2026-01-25"}
        assert parsed.span == (date(2025, 10, 1), date(2026, 1, 1))

    @pytest.mark.parametrize(
        "written",
        [
            *("updated through 1/5/2026", "updated through 01/05/26", "Updated Through 01/05/2026"),
            *("updated through January 5, 2026", "updated through Jan. 5, 2026"),
            *("as of 01/05/2026", "updated through 5 January 2026", "updated through 5 Jan. 2026"),
            *("current through 01.05.2026", "updated thru 2026-01-05", "updated as of 01/05/2026"),
            *("updated\u00a0through\u00a001/05/2026", "updated  through  01/05/2026"),
            *("updated to 01/05/2026", "updated through January 5th, 2026", "until 05JAN2026"),
            *("updated through Monday, January 5, 2026", "updated through 2026/01/05"),
            *("complete through end of day 01/05/2026", "through the 5th of January 2026"),
        ],
    )
    def test_that_day_may_be_written_in_many_ways(self, written: str) -> None:
        """A later day, of other data, would take its place."""
        texts = (f"ICE Removals data are {written} (IIDS Run Date 01/06/2026).",)
        notes = (*texts, "ICLOS data are updated through 01/08/2026.")
        sheet = MadeSheet("Footnotes", tuple(("", text) for text in notes))
        workbook = MadeWorkbook((detention(2026, "FY2026"), sheet))
        parsed = read(workbook.bytes(), DETENTION, published="2026-02-02")
        assert set(parsed.rows["updated_through"]) == {"2026-01-05"}

    def test_a_day_in_a_title_is_the_last_of_its_table(self) -> None:
        sheet = detention(2026, "FY2026").with_text(
            "ICE Removals: FY2026", "ICE Removals: FY2026 through 1/10/2026"
        )
        workbook = MadeWorkbook((sheet, footnotes("01/25/2026")))
        parsed = read(workbook.bytes(), DETENTION, published="2026-02-02")
        days = parsed.rows.select("table_name", "updated_through").unique()
        of_removals = days.filter(pl.col("table_name") == "removals")["updated_through"]
        assert of_removals.to_list() == ["2026-01-10"]
        others = days.filter(pl.col("table_name") != "removals")["updated_through"]
        assert set(others) == {"2026-01-25"}

    @pytest.mark.parametrize(("through", "notes"), [("08/31/2024", 1), ("09/01/2024", 0)])
    def test_a_month_of_another_table_after_that_day_has_a_note(
        self, through: str, notes: int
    ) -> None:
        workbook = MadeWorkbook((detention(2024, "FY2024"), footnotes(through)))
        found = notes_besides_unlisted(read(workbook.bytes(), DETENTION, published="2024-09-20"))
        assert len(found) == notes
        assert all("found figures for 'Sep' and removals through 2024-08-31" in n for n in found)

    def test_an_ended_year_may_end_early(self) -> None:
        workbook = MadeWorkbook((detention(2022, "EOFY2022"), footnotes("09/24/2022")))
        assert set(read(workbook.bytes(), DETENTION).rows["updated_through"]) == {"2022-09-24"}

    def test_an_ended_year_without_a_footnote_is_complete(self) -> None:
        parsed = read(detention_statistics().without("Footnotes").bytes(), DETENTION)
        assert set(parsed.rows["updated_through"]) == {"2024-09-30"}

    @pytest.mark.parametrize(
        "through", [None, "09/30/2024", "13/45/2026", "soon", "02/03/2026", "09/30/2025"]
    )
    def test_the_end_of_an_unfinished_year_without_a_believable_footnote_is_unknown(
        self, through: str | None
    ) -> None:
        """Left over from another year, no date at all, or later than the publication."""
        notes = () if through is None else (footnotes(through),)
        workbook = MadeWorkbook((detention(2026, "FY2026"), *notes))
        parsed = read(workbook.bytes(), DETENTION, published="2026-02-02")
        assert set(parsed.rows["updated_through"]) == {""}
        assert parsed.rows["problem"].null_count() == len(parsed.rows)
        assert parsed.span == (date(2025, 10, 1), date(2026, 2, 1))

    def test_a_year_to_date_without_a_footnote_is_complete_once_it_is_over(self) -> None:
        workbook = MadeWorkbook((detention(2024, "FY2024"),))
        assert set(read(workbook.bytes(), DETENTION).rows["updated_through"]) == {"2024-09-30"}
        before = read(workbook.bytes(), DETENTION, published="2024-09-12")
        assert set(before.rows["updated_through"]) == {""}

    @pytest.mark.parametrize(
        ("through", "expected"), [("10/05/2024", "2024-09-30"), ("12/07/2024", "2024-08-15")]
    )
    def test_removals_through_a_day_in_october_are_those_of_the_whole_year(
        self, through: str, expected: str
    ) -> None:
        """A later day is of the next year's removals; the footnote on book-outs counts then."""
        workbook = MadeWorkbook((detention(2024, "FY2024"), footnotes(through)))
        parsed = read(workbook.bytes(), DETENTION, published="2024-12-20")
        assert set(parsed.rows["updated_through"]) == {expected}

    def test_a_footnote_on_other_data_counts_where_there_is_none_on_removals(self) -> None:
        other = MadeSheet(
            "Footnotes", (("", "ICE Detention data are updated through 08/17/2024."),)
        )
        workbook = MadeWorkbook((detention(2024, "FY2024"), other))
        assert set(read(workbook.bytes(), DETENTION).rows["updated_through"]) == {"2024-08-17"}

    def test_a_leftover_sheet_of_another_year_is_read_as_that_year(self) -> None:
        workbook = MadeWorkbook(
            (
                detention(2026, "FY2026", total=77),
                detention(2025, "EOFY2025", total=88),
                footnotes("01/25/2026"),
            )
        )
        parsed = read(workbook.bytes(), DETENTION, published="2026-02-02")
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
    def test_the_table_may_be_elsewhere_on_the_sheet(self, corner: str) -> None:
        workbook = MadeWorkbook((detention(removals_at=corner), footnotes()))
        assert removals(read(workbook.bytes(), DETENTION)) == REMOVALS

    def test_the_total_may_be_in_another_row_and_column(self) -> None:
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
            ("ICE Removals: EOFY2024", "ICE Removals: FYTD 2024"),
            ("ICE Removals: EOFY2024", "ICE Removals: FY2024 FYTD"),
            ("ICE Removals: EOFY2024", "ICE Removals, Fiscal Year 2024"),
            ("ICE Removals: EOFY2024", "ICE Removals (FY2024)"),
            ("ICE Removals: EOFY2024", "ICE Removals: EOY FY24"),
            ("ICE Removals: EOFY2024", "ICE Removals: FY2024*"),
            ("ICE Removals: EOFY2024", "ICE Removals: FY2024\u00b9"),
            ("ICE Removals: EOFY2024", "ICE Removals: FY2024 YTD as of 09/30/2024"),
            ("Removals", "Removals4"),
            ("Total", "Total5"),
            ("Total", "Total*"),
            ("Total", "Total (5)"),
            ("Total", "Total\u2075"),
        ],
    )
    def test_footnotes_and_spellings_do_not_matter(self, old: str, new: str) -> None:
        workbook = detention_statistics()
        changed = workbook.changed(FY24, lambda sheet: sheet.with_text(old, new))
        names = ("title", "row_label", "label")
        parsed = without_columns(read(changed.bytes(), DETENTION), *names)
        assert parsed.equals(without_columns(read(workbook.bytes(), DETENTION), *names))

    @pytest.mark.parametrize(
        "title", ["ICE Departures: EOFY2024", "ICE Removals", "ICE Removals by Moon: EOFY2024"]
    )
    def test_a_required_table_under_another_title_is_refused(self, title: str) -> None:
        """One that begins as it should is quoted."""
        reason = refused_detention(lambda sheet: sheet.with_text("ICE Removals: EOFY2024", title))
        similar = f"; sheet {FY24!r}, row 16 has {title!r}" if "Removals" in title else ""
        assert reason == (
            "found no table titled 'ICE Removals: FY…' on the sheets 'Header', "
            f"{FY24!r}, 'Footnotes', expected one{similar}"
        )

    @pytest.mark.parametrize(("address", "text"), [("L18", "Sum"), ("N17", "Sum")])
    def test_a_needed_row_or_column_that_is_missing_is_refused(
        self, address: str, text: str
    ) -> None:
        reason = refused_detention(lambda sheet: sheet.with_cell(address, text))
        place = f"sheet {FY24!r}, row 17"
        assert reason.startswith(f"{place}: found no figures for 'Total > Total' or 'Total > ")
        assert (
            "(row > column) below 'ICE Removals: EOFY2024', expected one; found the headings "
        ) in reason

    def test_a_title_without_headings_is_refused(self) -> None:
        sheet = MadeSheet("Odd", ((), ("ICE Removals: EOFY2024",), (), (), (), ("a", "b")))
        assert refusal(MadeWorkbook((sheet,)).bytes(), DETENTION).startswith(
            "sheet 'Odd', row 2: found no headings below 'ICE Removals: EOFY2024', expected them"
        )

    def test_an_empty_cell_of_the_needed_total_is_refused(self) -> None:
        reason = refused_detention(lambda sheet: sheet.with_cell("N18", None))
        assert reason.startswith(f"sheet {FY24!r}, row 17: found no figures for 'Total > Total'")

    def test_what_stands_in_place_of_the_needed_total_is_named(self) -> None:
        reason = refused_detention(lambda sheet: sheet.with_cell("N18", "about 31,922"))
        assert "expected one; found 'about 31,922' there; found the headings" in reason

    @pytest.mark.parametrize("error", ["#REF!", "#N/A", "=1+1"])
    def test_an_error_in_place_of_the_needed_total_is_refused(self, error: str) -> None:
        """A cell with an error or with a formula that nobody has calculated reads as empty."""
        reason = refused_detention(lambda sheet: sheet.with_cell("N18", error))
        assert reason.startswith(f"sheet {FY24!r}, row 17: found no figures for 'Total > Total'")

    def test_an_error_in_another_cell_is_a_rejected_row(self) -> None:
        workbook = detention_statistics().changed(FY24, lambda s: s.with_cell("N19", "#REF!"))
        rejected = read(workbook.bytes(), DETENTION).rows.filter(pl.col("problem").is_not_null())
        assert rejected.select("row_number", "column_letter", "figure").rows() == [
            (19, "N", "#an error")
        ]

    @pytest.mark.parametrize(
        ("label", "ended"), [("FY2021 YTD", False), ("FY2022", False), ("EOFY2020", True)]
    )
    def test_until_2023_the_heading_over_the_total_is_removals(
        self, label: str, ended: bool
    ) -> None:
        year = int(label.replace("EO", "")[2:6])
        rows = (
            (f"ICE Removals: {label}",),
            (None, None, "Removals"),
            ("Total", None, 31922),
            ("Removals with an FRC Detention", None, 198),
        )
        workbook = MadeWorkbook((MadeSheet(f"Detention {label}", rows),))
        parsed = read(workbook.bytes(), DETENTION, published=f"{year}-03-18")
        assert parsed.rows.select("series", "fiscal_year", "figure").rows() == [
            ("total", str(year), "31922"),
            ("", str(year), "198"),
        ]
        assert set(parsed.rows["updated_through"]) == {f"{year}-09-30" if ended else ""}

    def test_a_merged_heading_heads_all_of_its_columns(self) -> None:
        """In early 2022 the figures were below the second half of a merged heading."""
        sheet = detention()
        column = sheet.with_cell("N17", None).with_cell("M17", "Total")
        reason = refused_detention(lambda _: column)
        assert "found '1234' in a column without a heading" in reason
        merged = replace(column, merged=((16, 12, 13),))  # M17:N17
        parsed = read(MadeWorkbook((merged, footnotes())).bytes(), DETENTION)
        assert removals(parsed) == REMOVALS

    def test_a_day_that_is_that_of_other_data_has_a_note(self) -> None:
        texts = ("ICE Removals data of the year", "ICLOS data are updated through 01/08/2026.")
        sheet = MadeSheet("Footnotes", tuple(("", text) for text in texts))
        workbook = MadeWorkbook((detention(2026, "FY2026"), sheet))
        parsed = read(workbook.bytes(), DETENTION, published="2026-02-02")
        assert set(parsed.rows["updated_through"]) == {"2026-01-08"}
        assert (
            "'ICE Removals: FY2026': found no footnote with the last day of removals, expected "
            "one; taken as of 2026-01-08, the first last day of other data that can be"
        ) in parsed.notes

    def test_a_day_before_a_month_with_figures_is_left_over(self) -> None:
        """The footnotes on other data may be those of the workbook before."""
        days = ("01/28/2026", "02/08/2026", "02/10/2026")
        texts = ("ICE Removals data of the year", *(f"Data are updated through {d}" for d in days))
        sheet = MadeSheet("Footnotes", tuple(("", text) for text in texts))
        workbook = detention(2026, "FY2026")
        for column in "NOPQRST":  # March to September, which read 0
            for row in (10, 11, 12):
                workbook = workbook.with_cell(f"{column}{row}", 0)
        title = "ICE Average Daily Population by Facility Type and Month: FY2026"
        population = ((title,), ("Type", "Jan", "Feb"), ("Adult", 10, 12), ("Total", 10, 12))
        with_axes = MadeSheet("Detention FY26 ADP", population)
        content = MadeWorkbook((workbook, with_axes, sheet)).bytes()
        parsed = read(content, DETENTION, published="2026-02-16")
        assert "daily_population_by_facility_type" in set(parsed.rows["table_name"])
        assert set(parsed.rows["updated_through"]) == {"2026-02-08"}

    @pytest.mark.parametrize("mark", ["*", " *", "\u00b9", "\u2020\u2020"])
    def test_a_figure_may_have_the_mark_of_a_footnote(self, mark: str) -> None:
        marked = detention_statistics().changed(FY24, lambda s: s.with_cell("N18", f"1,234{mark}"))
        found = read(marked.bytes(), DETENTION).rows.filter(pl.col("series") == "total")
        assert found["figure"].to_list() == ["1,234"]

    @pytest.mark.parametrize(("row", "heading"), [("Total Removals", "Total"), ("Total", "Count")])
    def test_the_total_may_be_named_otherwise(self, row: str, heading: str) -> None:
        named = detention_statistics().changed(
            FY24, lambda s: s.with_cell("L18", row).with_cell("N17", heading)
        )
        found = read(named.bytes(), DETENTION).rows.filter(pl.col("series") == "total")
        assert found.select("row_label", "figure").rows() == [(row, "1234")]

    @pytest.mark.parametrize(
        ("after", "through"),
        [
            *((": FY2026 Year-to-Date", ""), (" in FY2026", ""), (": FY2026 (Preliminary)", "")),
            *((": FY2026 - EOFY", "2026-09-30"), (": End of FY2026 (Final)", "2026-09-30")),
            (": FY2026 YTD (through 01/05/2026)", "2026-01-05"),
        ],
    )
    def test_a_title_may_say_how_far_its_year_goes(self, after: str, through: str) -> None:
        sheet = detention(2026, "FY2026").with_text("ICE Removals: FY2026", f"ICE Removals{after}")
        parsed = read(MadeWorkbook((sheet,)).bytes(), DETENTION, published="2026-09-30")
        found = parsed.rows.filter(pl.col("table_name") == "removals")
        assert set(found["title"]) == {f"ICE Removals{after}"}
        assert set(found["fiscal_year"]) == {"2026"}
        assert set(found["updated_through"]) == {through}

    @pytest.mark.parametrize("state", ["hidden", "veryHidden"])
    def test_a_hidden_copy_of_a_sheet_is_not_read(self, state: str) -> None:
        """Whichever stands first: what people see counts. A table that only a hidden sheet has
        does too: ICE hides the sheets of older years."""
        seen = detention_statistics()
        draft = replace(detention(total=1200), name="Draft", state=state)
        parsed = read(MadeWorkbook((draft, *seen.sheets)).bytes(), DETENTION)
        assert parsed.rows.equals(read(seen.bytes(), DETENTION).rows)
        assert (
            "not read: sheet 'Draft', row 16: found 'ICE Removals: EOFY2024' on a hidden sheet, "
            "and on a visible one as well"
        ) in parsed.notes
        older = replace(detention(2023, "EOFY2023"), state=state)
        both = read(seen.plus(older).bytes(), DETENTION)
        assert set(both.rows["fiscal_year"]) == {"2023", "2024"}

    def test_another_table_that_cannot_be_read_becomes_a_note(self) -> None:
        workbook = detention_statistics().changed(FY24, lambda s: s.with_cell("B17", None))
        parsed = read(workbook.bytes(), DETENTION)
        assert removals(parsed) == REMOVALS
        [note] = notes_besides_unlisted(parsed)
        assert note.startswith("not read: 'ICE Initial Book-Ins by Criminality: EOFY2024': sheet ")
        assert "in a column without a heading" in note

    @pytest.mark.parametrize("empty_rows", [1, 2])
    def test_a_table_that_goes_on_below_an_empty_row_becomes_a_note(self, empty_rows: int) -> None:
        """Else the rows below it would be lost, and nobody would know."""
        title = "ICE Initial Book-Ins by Criminality: EOFY2024"
        parted = detention_statistics().changed(FY24, lambda s: _adult_rows_down(s, empty_rows))
        parsed = read(parted.bytes(), DETENTION)
        assert "book_ins_by_criminality" not in set(parsed.rows["table_name"])
        assert removals(parsed) == REMOVALS
        [note] = notes_besides_unlisted(parsed)
        assert note.startswith(f"not read: {title!r}: sheet {FY24!r}, row {19 + empty_rows}: found")
        assert "'Adult' with figures below the empty row 19, expected the end" in note

    def test_a_removals_table_without_any_figure_is_refused(self) -> None:
        """It is the only table, so that there is no row of another table either."""
        rows = (("ICE Removals: EOFY2024",), ("Removals", None, "Total"), ("Total",))
        reason = refusal(MadeWorkbook((MadeSheet("Alone", rows), footnotes())).bytes(), DETENTION)
        assert reason.startswith("sheet 'Alone', row ")

    def test_a_needed_total_below_an_empty_row_is_missing(self) -> None:
        """The table ends at the empty row, and what is below it is not its own."""
        reason = refused_detention(lambda sheet: sheet.with_rows((), above=18))
        assert reason.startswith(f"sheet {FY24!r}, row 19: found 'Total' with figures below")

    def test_labels_without_a_heading_are_labels(self) -> None:
        workbook = detention_statistics().changed(FY24, lambda s: s.with_cell("A17", None))
        parsed, plain = (
            read(workbook.bytes(), DETENTION),
            read(detention_statistics().bytes(), DETENTION),
        )
        assert parsed.rows.equals(plain.rows)


class TestRealReleases:
    """ICE's removals of three fiscal years."""

    @pytest.mark.parametrize(
        ("published", "year", "people", "through"),
        [
            ("2023-10", "2023", "142580", "2023-09-30"),
            ("2024-12", "2024", "271484", "2024-09-30"),
            ("2026-02-02", "2026", "144378", "2026-01-25"),
        ],
    )
    def test_each_fiscal_year_has_its_known_removals(
        self, real_releases: Path, published: str, year: str, people: str, through: str
    ) -> None:
        rows = read_real_release(real_releases, DETENTION, published).rows
        assert rows["problem"].null_count() == len(rows)
        listed = {t.name for t in load_catalogue()[DETENTION].tables}
        assert set(rows["table_name"]) == listed - {"book_outs_by_reason"}  # until early 2021
        removals = rows.filter((pl.col("table_name") == "removals") & (pl.col("label") == "Total"))
        names = ("fiscal_year", "row_label", "figure", "updated_through")
        assert removals.select(names).row(0) == (year, "Total", people, through)
