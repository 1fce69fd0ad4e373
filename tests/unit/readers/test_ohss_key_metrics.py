"""OHSS's Key Homeland Security Metrics: plain lists, one sheet per breakdown."""

from dataclasses import replace
from operator import methodcaller
from pathlib import Path

import polars as pl
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.readers import ParsedRelease
from tests.support.parsing import read, read_real_release, refusal
from tests.support.workbooks import (
    BY_REGION,
    BY_SECTOR,
    FISCAL_MONTHS,
    KEY_METRICS,
    NOTES,
    YEARLY,
    MadeSheet,
    key_metrics,
)


class TestKeyMetrics:
    """Made workbooks."""

    def test_each_list_is_found_by_its_headings(self) -> None:
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
        assert southwest["quantity"].to_list() == [str(1000 + 100 * n + 1) for n in range(14)]
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
        "written",
        [
            *("{number:02} {name}", "{number}\u00a0{name}", "{number:02}  {name}", "{name}"),
            *("{number:02}-{name}", "{number:02} - {short}", "{number}. {name}", "{short}."),
        ],
    )
    def test_the_months_of_a_list_may_be_written_in_many_ways(self, written: str) -> None:
        plain = key_metrics()
        changed = plain
        for number, name in enumerate(FISCAL_MONTHS, 1):
            new = written.format(number=number, name=name, short=name[:3])
            change = methodcaller("with_text", f"{number:02} {name}", new)
            changed = changed.changed(BY_REGION, change)
        parsed = read(changed.bytes(), KEY_METRICS).rows
        assert parsed.drop("month_name").equals(
            read(plain.bytes(), KEY_METRICS).rows.drop("month_name")
        )

    def test_a_note_of_several_cells_below_a_list_is_a_note(self) -> None:
        workbook = key_metrics()
        noted = workbook.changed(
            BY_REGION, lambda s: s.with_rows((None,), ("Source:", "OHSS", "invented"), above=1000)
        )
        parsed = read(noted.bytes(), KEY_METRICS)
        assert parsed.rows.equals(read(workbook.bytes(), KEY_METRICS).rows)
        assert "Source: OHSS invented" in parsed.notes

    def test_a_last_row_without_its_quantity_is_no_note(self) -> None:
        workbook = key_metrics()
        lost = workbook.changed(
            BY_REGION,
            lambda s: s.with_rows((2024, "02 November", "Coastal Border", None), above=1000),
        )
        [row] = (
            read(lost.bytes(), KEY_METRICS)
            .rows.filter(pl.col("problem").is_not_null())
            .rows(named=True)
        )
        assert row["problem"].startswith("column 'Quantity': found ''")

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("02 October", "another month's number"),
            ("October", "no number"),
            ("13 October", "a number out of range"),
            ("01 Octember", "not a month"),
            ("01/2023", "another format"),
        ],
    )
    def test_a_month_that_does_not_exist_is_a_problem(self, text: str, name: str) -> None:
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
        """A row by month and region without a month is neither a row of the year nor a note."""
        workbook = key_metrics().changed(sheet, lambda made: made.with_cell(address, None))
        rows = read(workbook.bytes(), KEY_METRICS).rows.filter(pl.col("problem").is_not_null())
        assert rows.select("sheet", "row_number").rows() == [(sheet, 3)]

    def test_an_unknown_region_is_refused(self) -> None:
        workbook = key_metrics().changed(BY_REGION, lambda s: s.with_cell("C3", "Eastern Border"))
        assert refusal(workbook.bytes(), KEY_METRICS).startswith(
            f"sheet {BY_REGION!r}, row 3: column 'Region': found 'Eastern Border', expected one of "
        )

    def test_an_unknown_heading_is_refused(self) -> None:
        workbook = key_metrics().changed(BY_REGION, lambda s: s.with_text("Region", "Planet"))
        assert refusal(workbook.bytes(), KEY_METRICS).startswith(
            f"sheet {BY_REGION!r}, row 1: found the headings 'Fiscal\\nYear', 'Month', 'Planet', "
            "'Quantity', expected each of 'Fiscal Year', 'Month', 'Region', "
        )

    @pytest.mark.parametrize("sheet", [BY_REGION, BY_SECTOR])
    def test_a_workbook_without_a_required_list_is_refused(self, sheet: str) -> None:
        reason = refusal(key_metrics().without(sheet).bytes(), KEY_METRICS)
        assert reason.startswith(
            "found no sheet with the headings 'Fiscal Year', 'Month', 'Region'"
        )

    def test_a_second_list_of_the_same_breakdown_is_refused_unless_it_is_a_copy(self) -> None:
        [yearly] = [sheet for sheet in key_metrics().sheets if sheet.name == YEARLY]
        again = f"sheet 'Again': found the columns of sheet {YEARLY!r} again"
        other = key_metrics().plus(replace(yearly.with_cell("B3", 17999), name="Again"))
        assert refusal(other.bytes(), KEY_METRICS) == f"{again}, expected each breakdown once"
        copy = read(key_metrics().plus(replace(yearly, name="Again")).bytes(), KEY_METRICS)
        assert copy.rows.equals(read(key_metrics().bytes(), KEY_METRICS).rows)
        assert f"not read: {again}, with the same rows" in copy.notes

    def test_another_sheet_that_cannot_be_read_becomes_a_note(self) -> None:
        rows = (("Fiscal Year", "Age Group", "Quantity"), (2023, "0-17", 100))
        parsed = read(key_metrics().plus(MadeSheet("By age", rows)).bytes(), KEY_METRICS)
        assert parsed.rows.equals(read(key_metrics().bytes(), KEY_METRICS).rows)
        [note] = [note for note in parsed.notes if note.startswith("not read: ")]
        assert "sheet 'By age', row 1: found the headings 'Fiscal Year', 'Age Group'" in note


class TestRealRelease:
    """OHSS's lists from October 1999 to November 2024."""

    @pytest.fixture(scope="class")
    def parsed(self, real_releases: Path) -> ParsedRelease:
        return read_real_release(real_releases, KEY_METRICS, "2024-12")

    def test_every_list_is_known_and_every_row_can_be_typed(self, parsed: ParsedRelease) -> None:
        tables = {table.name for table in load_catalogue()[KEY_METRICS].tables}
        assert set(parsed.rows["table_name"]) == tables
        assert parsed.rows["problem"].null_count() == len(parsed.rows) == 48_815
        assert parsed.notes == ()

    def test_a_month_at_the_southwest_border_has_its_known_encounters(
        self, parsed: ParsedRelease
    ) -> None:
        rows = parsed.rows.filter(
            (pl.col("table_name") == "monthly_by_region")
            & (pl.col("region") == "Southwest Land Border")
            & (pl.col("month_start") == "2024-11-01")
        )
        assert rows["quantity"].to_list() == ["46610"]

    @pytest.mark.parametrize("table", ["monthly_by_sector", "monthly_by_region_and_sector"])
    def test_san_diego_sector_has_every_month(self, parsed: ParsedRelease, table: str) -> None:
        rows = parsed.rows.filter(
            (pl.col("table_name") == table) & (pl.col("sector") == "San Diego, CA")
        )
        months = [f"{1999 + (9 + n) // 12}-{(9 + n) % 12 + 1:02}-01" for n in range(302)]
        assert rows["month_start"].sort().to_list() == months
        assert (months[0], months[-1]) == ("1999-10-01", "2024-11-01")
