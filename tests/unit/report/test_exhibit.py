"""Rows as figures in words, each with its release."""

from datetime import date

import pytest

from orchestration.report.exhibit import Reading, amount, marks_of, release_ids, when
from orchestration.report.releases import Source, in_words, web_address

CITED = {
    "a1": Source("a1", "CBP", "Encounters", "old.csv", "May 2024", "https://cbp.example/old"),
    "b2": Source("b2", "CBP", "Encounters", "new.csv", "3 June 2024", "https://cbp.example/new"),
}
MONTHLY = Reading("month", "people", "people", series="who", open="is_provisional")


def row(**changes: object) -> dict[str, object]:
    made = {"month": date(2024, 5, 1), "people": 1234, "who": "families", "is_provisional": False}
    return {**made, "release_id": "b2", **changes}


def test_a_figure_says_month_amount_series_and_release() -> None:
    [mark] = marks_of([row()], MONTHLY, CITED)
    assert (
        mark.says
        == "May 2024: 1,234 people, families. Source: CBP, new.csv, published 3 June 2024."
    )
    assert (mark.x, mark.y, mark.open) == ("2024-05-01", 1234.0, False)


def test_what_may_be_revised_or_is_of_a_part_of_a_year_says_so() -> None:
    [month] = marks_of([row(is_provisional=True)], MONTHLY, CITED)
    assert "1,234 people, families (may be revised)." in month.says
    yearly = Reading("month", "people", "people", open="is_provisional")
    [year] = marks_of([row(month=2024, is_provisional=True)], yearly, CITED)
    assert year.says.startswith("Fiscal year 2024: 1,234 people (part of the year).")


def test_a_figure_of_several_releases_names_one_and_counts_the_others() -> None:
    [mark] = marks_of([row(release_id=["a1", "b2", None])], MONTHLY, CITED)
    assert mark.says.endswith("Source: CBP, new.csv, published 3 June 2024 and 1 more.")
    assert release_ids([row(release_id=["b2", "a1"]), row(release_id=None)], MONTHLY) == [
        "a1",
        "b2",
    ]


def test_a_row_without_a_figure_is_not_drawn() -> None:
    assert marks_of([row(people=None)], MONTHLY, CITED) == []


@pytest.mark.parametrize(
    ("figure", "text"), [(0, "0"), (1234567, "1,234,567"), (12.0, "12"), (1234.56, "1,234.6")]
)
def test_amounts_have_separators_and_decimals_only_where_there_are_any(
    figure: float, text: str
) -> None:
    assert amount(figure) == text


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (date(2024, 5, 1), "May 2024"),
        (date(2024, 5, 31), "31 May 2024"),
        (2024, "Calendar year 2024"),
    ],
)
def test_a_month_a_day_and_a_year_in_words(x: date | int, text: str) -> None:
    assert when(x, Reading("x", "y", "people", years="Calendar year")) == text


def test_the_first_day_of_a_month_is_a_day_where_days_are_meant() -> None:
    assert when(date(2023, 11, 1), Reading("x", "y", "people", days=True)) == "1 November 2023"


def test_a_publication_of_which_only_the_month_is_known_has_no_day() -> None:
    assert in_words(date(2024, 5, 31), "month") == "May 2024"
    assert in_words(date(2024, 5, 3)) == "3 May 2024"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", None]
)
def test_a_page_links_addresses_of_the_web_only(url: str | None) -> None:
    assert web_address(url) == ""
    assert web_address("https://www.cbp.gov/x") == "https://www.cbp.gov/x"
