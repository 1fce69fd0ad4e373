"""OHSS's web table: the figures behind the charts of its page, one row per month."""

from pathlib import Path

import polars as pl
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.readers import ParsedRelease
from tests.support.parsing import as_csv, read, read_real_release

WEB_TABLE = "ohss_monthly_web_table"


class TestWebTable:
    """Made tables."""

    def table(self, *rows: tuple[str, str, str], figure: str = "10") -> ParsedRelease:
        """The web table with these calendar years, fiscal years and months, and one figure in
        every other cell."""
        columns = load_catalogue()[WEB_TABLE].columns.values()
        header = [column.headers[0] for column in columns]
        cells = [[*row, *[figure] * (len(header) - 3)] for row in rows]
        return read(as_csv(header, *cells), WEB_TABLE)

    def test_a_row_is_a_month_and_month_0_is_the_total_of_the_year(self) -> None:
        parsed = self.table(("2023", "2024", "0"), ("2023", "2024", "10"), ("2024", "2024", "1"))
        assert parsed.rows["month_start"].to_list() == [None, "2023-10-01", "2024-01-01"]
        assert parsed.rows["problem"].null_count() == 3
        assert parsed.rows["row_number"].to_list() == [2, 3, 4]
        assert set(parsed.rows["repatriations_removals"]) == {"10"}

    def test_blanks_around_the_signs_of_a_header_do_not_matter(self) -> None:
        header = [c.headers[0] for c in load_catalogue()[WEB_TABLE].columns.values()]
        row = ["2023", "2024", "10", *map(str, range(3, len(header)))]
        spaced = [text.replace(":", ": ").replace("/", " / ") for text in header]
        assert read(as_csv(spaced, row), WEB_TABLE).rows.equals(
            read(as_csv(header, row), WEB_TABLE).rows
        )

    @pytest.mark.parametrize("line_end", ["\r\n", "\n"], ids=repr)
    def test_line_ends_do_not_matter(self, line_end: str) -> None:
        header = [c.headers[0] for c in load_catalogue()[WEB_TABLE].columns.values()]
        content = as_csv(
            header, ["2023", "2024", "10", *["5"] * (len(header) - 3)], line_end=line_end
        )
        assert read(content, WEB_TABLE).rows["month_start"].to_list() == ["2023-10-01"]

    @pytest.mark.parametrize("figure", ["X", "x", "NA", "0", "1,230", "D"])
    def test_marks_for_no_figure_are_figures(self, figure: str) -> None:
        parsed = self.table(("2023", "2024", "10"), figure=figure)
        assert parsed.rows["problem"].to_list() == [None]
        assert parsed.rows["book_outs_cbp_total"].to_list() == [figure]

    @pytest.mark.parametrize("figure", ["", "many", "-10"])
    def test_a_cell_that_is_not_a_figure_is_a_problem(self, figure: str) -> None:
        [problem] = self.table(("2023", "2024", "10"), figure=figure).rows["problem"]
        expected = f"column 'Repatriations:Title 42 Expulsions': found {figure!r}, expected a whole"
        assert problem.startswith(expected)

    @pytest.mark.parametrize(
        ("calendar", "fiscal", "month"),
        [("2024", "2024", "10"), ("2023", "2024", "9"), ("2022", "2024", "12")],
    )
    def test_a_fiscal_year_that_does_not_match_its_month_is_a_problem(
        self, calendar: str, fiscal: str, month: str
    ) -> None:
        parsed = self.table(("2023", "2024", "11"), (calendar, fiscal, month))
        assert parsed.rows["month_start"].to_list() == ["2023-11-01", None]
        assert parsed.rows["problem"].to_list() == [
            None,
            f"found month {month} of {calendar} in the fiscal year {fiscal}, expected the fiscal "
            "year of that month",
        ]

    @pytest.mark.parametrize("month", ["13", "October", "-1", ""])
    def test_a_month_that_does_not_exist_is_a_problem(self, month: str) -> None:
        parsed = self.table(("2023", "2024", month))
        assert parsed.rows["problem"][0].startswith(f"column 'Month': found {month!r}, expected a ")
        assert parsed.rows["month_start"].to_list() == [None]

    @pytest.mark.parametrize("month", ["7", "07", " 7", "7 ", "\N{NO-BREAK SPACE}7"])
    def test_blanks_around_a_month_are_ignored(self, month: str) -> None:
        parsed = self.table(("2024", "2024", month))
        assert parsed.rows["problem"].to_list() == [None]
        assert parsed.rows["month_start"].to_list() == ["2024-07-01"]


class TestRealRelease:
    """OHSS's web table for the same months as its monthly tables."""

    @pytest.fixture(scope="class")
    def parsed(self, real_releases: Path) -> ParsedRelease:
        return read_real_release(real_releases, WEB_TABLE, "2024-11")

    def test_every_row_can_be_typed(self, parsed: ParsedRelease) -> None:
        assert parsed.rows["problem"].null_count() == len(parsed.rows)
        assert parsed.rows["month_start"].drop_nulls().n_unique() == 130

    def test_the_removals_of_ten_months_equal_those_of_the_monthly_tables(
        self, parsed: ParsedRelease
    ) -> None:
        ten_months = pl.col("month_start").is_between(pl.lit("2023-10-01"), pl.lit("2024-07-01"))
        months = parsed.rows.filter(ten_months)
        assert len(months) == 10
        assert months["repatriations_removals"].cast(pl.Int64).sum() == 283_320
