"""What comes as comma-separated text: OHSS's web table, statements, figures by fiscal year."""

from datetime import date

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.readers import ParsedRelease, ReadError
from tests.support.parsing import read

WEB_TABLE = "ohss_monthly_web_table"
STATEMENTS = "official_statements"
STREET_RELEASES = "san_diego_street_releases"
BY_YEAR = "ice_removals_summary"

FIRST = ["published_on", "metric", "period", "value", "qualifier", "speaker", "source_url", "note"]
STATED = ["2024-12-19", "removals", "FY2024", "271,484", "exact", "ICE", "https://example.org", ""]
COUNTED = [
    "as_of_date",
    "count_type",
    "value",
    "qualifier",
    "period_start",
    "who_said",
    "publisher",
]
COUNTED += ["url", "text_note"]
OF_OURS = ["stated_on", "period_end", "measure", "grade"]
SEEN = ["2024-02-20", "cumulative", "300", "exact", "", "A. Supervisor", "A Paper"]
SEEN += ["https://example.org", "at a stop"]


def csv(*rows: list[str], line_end: str = "\r\n") -> bytes:
    """Lines of cells; one with a comma is quoted."""
    quoted = ([f'"{cell}"' if "," in cell else cell for cell in row] for row in rows)
    return "".join(",".join(row) + line_end for row in quoted).encode()


def refusal(content: bytes, dataset: str, published: str = "2024-12") -> str:
    with pytest.raises(ReadError) as refused:
        read(content, dataset, published)
    return str(refused.value)


class TestTheWebTable:
    """OHSS's figures behind the charts of its page."""

    def table(self, *rows: tuple[str, str, str], figure: str = "10") -> ParsedRelease:
        """The web table with these years and months, every figure alike."""
        columns = load_catalogue()[WEB_TABLE].columns.values()
        header = [column.headers[0] for column in columns]
        cells = [[*row, *[figure] * (len(header) - 3)] for row in rows]
        return read(csv(header, *cells), WEB_TABLE)

    def test_a_row_is_a_month_and_month_0_the_total_of_the_year(self) -> None:
        parsed = self.table(("2023", "2024", "0"), ("2023", "2024", "10"), ("2024", "2024", "1"))
        assert parsed.rows["month_start"].to_list() == [None, "2023-10-01", "2024-01-01"]
        assert parsed.rows["problem"].null_count() == 3
        assert parsed.rows["row_number"].to_list() == [2, 3, 4]
        assert set(parsed.rows["repatriations_removals"]) == {"10"}

    @pytest.mark.parametrize("line_end", ["\r\n", "\n"], ids=repr)
    def test_line_ends_do_not_matter(self, line_end: str) -> None:
        header = [c.headers[0] for c in load_catalogue()[WEB_TABLE].columns.values()]
        content = csv(header, ["2023", "2024", "10", *["5"] * (len(header) - 3)], line_end=line_end)
        assert read(content, WEB_TABLE).rows["month_start"].to_list() == ["2023-10-01"]

    @pytest.mark.parametrize("figure", ["X", "x", "NA", "0", "1,230", "D"])
    def test_marks_for_no_figure_are_figures(self, figure: str) -> None:
        parsed = self.table(("2023", "2024", "10"), figure=figure)
        assert parsed.rows["problem"].to_list() == [None]
        assert parsed.rows["book_outs_cbp_total"].to_list() == [figure]

    @pytest.mark.parametrize("figure", ["", "many", "-10"])
    def test_what_is_no_figure_is_a_problem(self, figure: str) -> None:
        [problem] = self.table(("2023", "2024", "10"), figure=figure).rows["problem"]
        expected = f"column 'Repatriations:Title 42 Expulsions': found {figure!r}, expected a whole"
        assert problem.startswith(expected)

    @pytest.mark.parametrize(
        ("calendar", "fiscal", "month"),
        [("2024", "2024", "10"), ("2023", "2024", "9"), ("2022", "2024", "12")],
    )
    def test_a_fiscal_year_that_does_not_fit_its_month_is_a_problem(
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
    def test_a_month_that_is_none_is_a_problem(self, month: str) -> None:
        parsed = self.table(("2023", "2024", month))
        assert parsed.rows["problem"][0].startswith(f"column 'Month': found {month!r}, expected a ")
        assert parsed.rows["month_start"].to_list() == [None]

    @pytest.mark.parametrize("month", ["7", "07", " 7", "7 ", "\N{NO-BREAK SPACE}7"])
    def test_blanks_around_a_month_do_not_take_it_away(self, month: str) -> None:
        parsed = self.table(("2024", "2024", month))
        assert parsed.rows["problem"].to_list() == [None]
        assert parsed.rows["month_start"].to_list() == ["2024-07-01"]


class TestStatements:
    """Numbers that somebody stated on some day."""

    def test_a_statement_is_kept_as_it_stands(self) -> None:
        parsed = read(csv(FIRST, STATED), STATEMENTS)
        assert parsed.rows.select(FIRST).rows() == [tuple(STATED)]
        assert parsed.rows.select("problem", "month_start").rows() == [(None, None)]
        assert parsed.span == (date(2024, 12, 1), date(2024, 12, 1))

    def test_the_span_goes_from_the_first_statement_to_the_last(self) -> None:
        parsed = read(csv(FIRST, STATED, ["2019-06-05", *STATED[1:]]), STATEMENTS)
        assert parsed.span == (date(2019, 6, 1), date(2024, 12, 1))

    @pytest.mark.parametrize(
        ("published", "stated"),
        [("2024-12", "2025-01-01"), ("2024-12-18", "2024-12-19"), ("2024-12-18", "2025-01")],
    )
    def test_a_statement_later_than_its_folder_is_refused(
        self, published: str, stated: str
    ) -> None:
        content = csv(FIRST, ["2019-06-05", *STATED[1:]], [stated, *STATED[1:]])
        assert refusal(content, STATEMENTS, published) == (
            f"line 3: column 'published_on': found {stated!r}, expected none after {published}, as "
            "its folder says"
        )

    @pytest.mark.parametrize("value", ["about 5", "", "-3", "5 to 9"])
    def test_a_value_that_is_no_number_is_a_problem(self, value: str) -> None:
        parsed = read(csv(FIRST, [*STATED[:3], value, *STATED[4:]]), STATEMENTS)
        assert parsed.rows["problem"][0].startswith(f"column 'value': found {value!r}, expected ")
        assert parsed.span is None

    @pytest.mark.parametrize("day", ["2024-02-31", "2024-11-00", "2023-02-29"])
    @pytest.mark.parametrize("dataset", [STATEMENTS, STREET_RELEASES])
    def test_a_day_that_no_calendar_has_is_a_problem(self, dataset: str, day: str) -> None:
        content = {
            STATEMENTS: csv(FIRST, [day, *STATED[1:]]),
            STREET_RELEASES: csv(COUNTED, [day, *SEEN[1:]]),
        }[dataset]
        [problem] = read(content, dataset).rows["problem"]
        assert f"found {day!r}" in problem

    def test_a_file_without_our_own_columns_is_read_with_empty_cells(self) -> None:
        parsed = read(csv(COUNTED, SEEN), STREET_RELEASES)
        assert parsed.rows.select(COUNTED).rows() == [tuple(SEEN)]
        assert parsed.rows.select(OF_OURS).rows() == [("", "", "", "")]
        assert parsed.rows["problem"].to_list() == [None]
        assert parsed.span == (date(2024, 2, 1), date(2024, 2, 1))

    def test_a_file_with_our_own_columns_keeps_them(self) -> None:
        ours = ["2024-03-01", "2024-02-19", "street releases", "press"]
        parsed = read(csv(COUNTED + OF_OURS, SEEN + ours), STREET_RELEASES)
        assert parsed.rows.select(OF_OURS).rows() == [tuple(ours)]
        assert parsed.span == (date(2024, 2, 1), date(2024, 3, 1))

    @pytest.mark.parametrize("column", COUNTED)
    def test_a_file_without_another_column_is_refused(self, column: str) -> None:
        at = COUNTED.index(column)
        content = csv([*COUNTED[:at], *COUNTED[at + 1 :]], [*SEEN[:at], *SEEN[at + 1 :]])
        assert refusal(content, STREET_RELEASES).startswith(
            f"line 1: found no column {column!r}; expected the columns "
        )

    @pytest.mark.parametrize(
        ("column", "reason"),
        [("as_of_date", "2025-01-02"), ("stated_on", "2025-01-02")],
    )
    def test_each_day_on_which_something_was_stated_counts(self, column: str, reason: str) -> None:
        cells = dict(zip(COUNTED + OF_OURS, [*SEEN, "", "", "", ""], strict=True)) | {
            column: reason
        }
        assert refusal(csv(list(cells), list(cells.values())), STREET_RELEASES) == (
            f"line 2: column {column!r}: found {reason!r}, expected none after 2024-12, as its "
            "folder says"
        )

    @pytest.mark.parametrize(("column", "label"), [("measure", "arrivals"), ("grade", "rumour")])
    def test_an_unknown_label_is_refused(self, column: str, label: str) -> None:
        cells = dict(zip(COUNTED, SEEN, strict=True)) | {column: label}
        reason = refusal(csv(list(cells), list(cells.values())), STREET_RELEASES)
        assert reason.startswith(f"line 2: column {column!r}: found {label!r}, expected one of ")


class TestFiguresByFiscalYear:
    """ICE's removals, transcribed."""

    def table(self, *cells: tuple[str, str], published: str = "2024-12") -> ParsedRelease:
        """Figures with their days of publication and fiscal years."""
        header = ["published_on", "fiscal_year", "removals", "coverage", "workbook"]
        rows = [[day, year, "271484", "full year", "a.xlsx"] for day, year in cells]
        return read(csv(header, *rows), BY_YEAR, published)

    @pytest.mark.parametrize(
        "year", ["2024", "FY2024", "FY 2024", "2024 ", "2024 (FYTD)", "2024 YTD"]
    )
    def test_a_fiscal_year_is_written_in_many_ways(self, year: str) -> None:
        parsed = self.table(("2022-10", "2022"), ("2024-12", year))
        assert parsed.rows["problem"].null_count() == 2
        assert parsed.span == (date(2021, 10, 1), date(2023, 10, 1))

    def test_a_figure_later_than_its_folder_is_refused(self) -> None:
        with pytest.raises(ReadError, match="line 2: column 'published_on': found '2025-01'"):
            self.table(("2025-01", "2024"))

    def test_a_day_that_no_calendar_has_is_a_problem(self) -> None:
        [problem] = self.table(("2024-02-31", "2024")).rows["problem"]
        assert "found '2024-02-31'" in problem
