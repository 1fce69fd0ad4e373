"""Periods: read, written, and counted in months."""

from datetime import date

import pytest

from orchestration.claims.periods import Period, dated, endpoints, month_after


@pytest.mark.parametrize(
    ("text", "first", "last", "written"),
    [
        ("2024-11", date(2024, 11, 1), date(2024, 11, 1), "November 2024"),
        ("2024-05/2024-11", date(2024, 5, 1), date(2024, 11, 1), "May to November 2024"),
        ("2023-09/2024-05", date(2023, 9, 1), date(2024, 5, 1), "September 2023 to May 2024"),
        ("2024-06-05/2024-11-30", date(2024, 6, 1), date(2024, 11, 1), "June to November 2024"),
        ("2024-10 to 2024-11", date(2024, 10, 1), date(2024, 11, 1), "October and November 2024"),
        ("FY2025 to 2024-12", date(2024, 10, 1), date(2024, 12, 1), "October to December 2024"),
        ("2023-12/2024-01", date(2023, 12, 1), date(2024, 1, 1), "December 2023 and January 2024"),
        ("FY2024", date(2023, 10, 1), date(2024, 9, 1), "fiscal year 2024"),
        ("CY2024", date(2024, 1, 1), date(2024, 12, 1), "2024"),
        ("FY2022/FY2023", date(2021, 10, 1), date(2023, 9, 1), "October 2021 to September 2023"),
    ],
)
def test_a_period_is_whole_months(text: str, first: date, last: date, written: str) -> None:
    period = Period.parse(text)
    assert (period.first, period.last, str(period)) == (first, last, written)


@pytest.mark.parametrize(
    "text",
    ["", "2024", "2024-13", "FY24", "November 2024", "2024-11/", "9999-12", "FY0001", "2024-11-31"],
)
def test_what_is_no_period_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a month \(2024-11\), a range"):
        Period.parse(text)


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="found 2024-11 after 2024-05"):
        Period.parse("2024-11/2024-05")


def test_a_change_is_between_the_two_periods_not_their_months() -> None:
    assert endpoints("FY2020/FY2021") == (Period.fiscal_year(2020), Period.fiscal_year(2021))
    spans = endpoints("2023-10 to 2023-11/2024-10 to 2024-11")
    assert spans == (Period.parse("2023-10/2023-11"), Period.parse("2024-10/2024-11"))
    with pytest.raises(ValueError, match="expected two periods"):
        endpoints("FY2020")


@pytest.mark.parametrize(
    ("text", "dated_text"),
    [
        ("FY2025 to date", "FY2025 to 2024-12"),
        ("2024-06-05 to date", "2024-06-05 to 2024-12"),
        ("FY2024 to date/FY2025 to date", "FY2024 to 2023-12/FY2025 to 2024-12"),
        ("2025-01 to date", "2025-01 to 2025-01"),  # of which nothing is known
        ("FY2021 to date", "FY2021 to 2021-09"),  # which ended before
        ("CY2023 to date/CY2024 to date", "CY2023 to 2023-12/CY2024 to 2024-12"),
        ("FY2024", "FY2024"),
        ("2024-10/2024-11", "2024-10/2024-11"),
    ],
)
def test_a_period_to_date_ends_with_the_last_month_that_is_known(
    text: str, dated_text: str
) -> None:
    assert dated(text, date(2024, 12, 1)) == dated_text


def test_months_and_days_are_counted_across_years() -> None:
    assert month_after(date(2023, 12, 1)) == date(2024, 1, 1)
    assert month_after(date(2024, 1, 1), -13) == date(2022, 12, 1)
    assert (len(Period.parse("FY2024").months), Period.parse("FY2024").days) == (12, 366)
    assert Period.parse("2024-02").end == date(2024, 2, 29)
