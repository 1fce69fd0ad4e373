"""ICE's removals by fiscal year, transcribed."""

from datetime import date

import pytest

from tests.support.parsing import as_csv, read, refusal

BY_YEAR = "ice_removals_summary"


def made_file(*cells: tuple[str, str]) -> bytes:
    """Figures with these publication dates and fiscal years."""
    header = ["published_on", "fiscal_year", "removals", "coverage", "workbook"]
    return as_csv(header, *([day, year, "271484", "full year", "a.xlsx"] for day, year in cells))


@pytest.mark.parametrize("year", ["2024", "FY2024", "FY 2024", "2024 ", "2024 (FYTD)", "2024 YTD"])
def test_a_fiscal_year_may_be_written_in_many_ways(year: str) -> None:
    parsed = read(made_file(("2022-10", "2022"), ("2024-12", year)), BY_YEAR)
    assert parsed.rows["problem"].null_count() == 2
    assert parsed.span == (date(2021, 10, 1), date(2023, 10, 1))


def test_a_figure_later_than_its_folder_is_refused() -> None:
    reason = refusal(made_file(("2025-01", "2024")), BY_YEAR)
    assert "line 2: column 'published_on': found '2025-01'" in reason


def test_a_day_that_is_not_in_the_calendar_is_a_problem() -> None:
    [problem] = read(made_file(("2024-02-31", "2024")), BY_YEAR).rows["problem"]
    assert "found '2024-02-31'" in problem
