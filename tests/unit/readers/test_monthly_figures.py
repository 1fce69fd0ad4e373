"""Figures bundled with the project, each with its month written as a date."""

import pytest

from tests.support.parsing import read, refusal

PAGES = "cbp_southwest_migration_pages"
SPLIT = "cbp_at_large_split"


def bundled_file(month: str, published: str = "2024-12", demographic: str = "FMUA") -> bytes:
    return (
        "published_on,month,component,demographic,encounters,source_url\n"
        f"{published},{month},U.S. Border Patrol,{demographic},7,https://example.org/page\n"
    ).encode()


@pytest.mark.parametrize("month", ["2017-01-01", "2017-01", " 2017-01-01 "])
def test_the_month_is_written_as_a_date(month: str) -> None:
    parsed = read(bundled_file(month), PAGES)
    assert parsed.rows["month_start"].to_list() == ["2017-01-01"]
    assert parsed.rows["month"].to_list() == [month]
    assert parsed.rows["problem"].to_list() == [None]


@pytest.mark.parametrize("month", ["2017-13-01", "2017-01-15", "2017", "JAN", ""])
def test_a_cell_that_is_not_a_month_cannot_be_typed(month: str) -> None:
    parsed = read(bundled_file(month), PAGES)
    assert parsed.rows["problem"].to_list() == [
        f"column 'month': found '{month}', expected a month such as 2024-11 or 2024-11-01"
    ]
    assert parsed.rows["month_start"].to_list() == [None]


def test_an_optional_label_may_be_empty() -> None:
    parsed = read(bundled_file("2017-01-01", demographic=""), PAGES)
    assert parsed.rows["demographic"].to_list() == [""]
    assert parsed.rows["problem"].to_list() == [None]


def test_figures_of_another_publication_are_refused() -> None:
    assert refusal(bundled_file("2017-01-01", published="2018-07-02"), PAGES) == (
        "line 2: column 'published_on': found '2018-07-02', expected '2024-12' as its folder says"
    )


def test_each_column_of_counts_is_checked() -> None:
    content = b"month,total,at_large,at_entry\n2024-10,10,1,9\n2024-11,10,X,9\n"
    parsed = read(content, SPLIT)
    assert parsed.rows["problem"].to_list() == [
        None,
        "column 'at_large': found 'X', expected a whole number, zero or more",
    ]
