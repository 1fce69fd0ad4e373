"""Which month a row belongs to: fiscal year N runs from October N-1 to September N."""

import pytest

from orchestration.catalogue.dataset import MONTHS
from orchestration.readers import ReadError
from tests.support.cbp_files import made
from tests.support.parsing import read

CALENDAR = {
    "OCT": "2023-10-01",
    "NOV": "2023-11-01",
    "DEC": "2023-12-01",
    "JAN": "2024-01-01",
    "FEB": "2024-02-01",
    "MAR": "2024-03-01",
    "APR": "2024-04-01",
    "MAY": "2024-05-01",
    "JUN": "2024-06-01",
    "JUL": "2024-07-01",
    "AUG": "2024-08-01",
    "SEP": "2024-09-01",
}
SUMMARY = "cbp_southwest_summary"
PAGES = "cbp_southwest_migration_pages"
SPLIT = "cbp_at_large_split"


@pytest.mark.parametrize(("label", "month_start"), CALENDAR.items())
@pytest.mark.parametrize("fiscal_year", ["2024", "2024 (FYTD)", " FY2024 "])
def test_a_fiscal_year_and_a_month_make_a_calendar_month(
    label: str, month_start: str, fiscal_year: str
) -> None:
    release = made(first="2024-09", last="2024-09").with_cells("month_name", lambda *_: label)
    parsed = read(release.with_cells("fiscal_year", lambda *_: fiscal_year).bytes())
    assert parsed.rows["month_start"].unique().to_list() == [month_start]


def test_a_release_of_whole_years_has_each_month_once() -> None:
    parsed = read(made(first="2018-10", last="2022-09").bytes(), published="2022-10")
    months = parsed.rows["month_start"].unique(maintain_order=True).to_list()
    assert months == [
        f"{year}-{month:02}-01"
        for year in range(2018, 2023)
        for month in range(1, len(MONTHS) + 1)
        if (2018, 10) <= (year, month) <= (2022, 9)
    ]


def bundled(month: str, published: str = "2024-12", demographic: str = "FMUA") -> bytes:
    return (
        "published_on,month,component,demographic,encounters,source_url\n"
        f"{published},{month},U.S. Border Patrol,{demographic},7,https://example.org/page\n"
    ).encode()


@pytest.mark.parametrize("month", ["2017-01-01", "2017-01", " 2017-01-01 "])
def test_bundled_figures_name_the_month_itself(month: str) -> None:
    parsed = read(bundled(month), PAGES)
    assert parsed.rows["month_start"].to_list() == ["2017-01-01"]
    assert parsed.rows["month"].to_list() == [month]
    assert parsed.rows["problem"].to_list() == [None]


@pytest.mark.parametrize("month", ["2017-13-01", "2017-01-15", "2017", "JAN", ""])
def test_what_is_no_month_cannot_be_typed(month: str) -> None:
    parsed = read(bundled(month), PAGES)
    assert parsed.rows["problem"].to_list() == [
        f"column 'month': found '{month}', expected a month such as 2024-11 or 2024-11-01"
    ]
    assert parsed.rows["month_start"].to_list() == [None]


def test_a_cell_that_the_page_does_not_break_down_stays_empty() -> None:
    parsed = read(bundled("2017-01-01", demographic=""), PAGES)
    assert parsed.rows["demographic"].to_list() == [""]
    assert parsed.rows["problem"].to_list() == [None]


def test_bundled_figures_of_another_publication_are_refused() -> None:
    with pytest.raises(ReadError) as refused:
        read(bundled("2017-01-01", published="2018-07-02"), PAGES)
    assert str(refused.value) == (
        "line 2: column 'published_on': found '2018-07-02', expected '2024-12' as its folder says"
    )


def test_each_counted_column_is_judged() -> None:
    content = b"month,total,at_large,at_entry\n2024-10,10,1,9\n2024-11,10,X,9\n"
    parsed = read(content, SPLIT)
    assert parsed.rows["problem"].to_list() == [
        None,
        "column 'at_large': found 'X', expected a whole number, zero or more",
    ]
