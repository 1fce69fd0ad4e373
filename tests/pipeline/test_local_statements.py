"""The statements on places, against an independent reading of what they were transcribed from."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.support.published_file import ask

FIGURES = PROJECT.parent / "shared" / "figures"
TRANSCRIBED = ("san_diego_statements_more.csv", "local_statements_other_places.csv")


def numbers_of(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high or low)


@pytest.mark.skipif(not FIGURES.is_dir(), reason="needs the figures in ../shared")
def test_every_statement_was_taken_in_with_its_number_place_and_page(bundle_home: Path) -> None:
    expected = Counter(
        (
            row.get("place", "San Diego County"),
            row["stated_on"],
            int(row["number"]),
            int(row["number_high"] or row["number"]),
            row["url"],
            row["grade"],
        )
        for name in TRANSCRIBED
        for row in csv.DictReader((FIGURES / name).open(encoding="utf-8"))
    )
    query = "select place, stated_on, value, url, source_grade from raw.local_statements"
    found = Counter(
        (place, stated_on, *numbers_of(value), url, grade)
        for place, stated_on, value, url, grade in ask(bundle_home, query)
    )
    assert found == expected


def test_the_old_name_has_the_statements_on_san_diego_county(bundle_home: Path) -> None:
    [(apart,)] = ask(
        bundle_home,
        "select count(*) from (select stated_on, people, measure, url from fct_local_statements"
        " where place = 'San Diego County' except all"
        " select stated_on, people, measure, url from fct_street_releases)",
    )
    assert apart == 0


def test_whom_the_welcome_centre_served_is_no_street_release(bundle_home: Path) -> None:
    """One speaker named both numbers on one day: 135,000, and the 80,000 whom the centre served."""
    assert ask(
        bundle_home,
        "select measure, people from fct_local_statements where place = 'San Diego County'"
        " and stated_on = '2024-04-30' order by people",
    ) == [("served by welcome centre", 80000), ("street releases", 135000)]


def test_a_copy_is_not_listed_where_a_better_page_has_a_number_of_the_time(
    bundle_home: Path,
) -> None:
    listed = {url for (url,) in ask(bundle_home, "select url from fct_local_statements")}
    copies = ask(
        bundle_home, "select url from raw.local_statements where source_grade = 'C' order by url"
    )
    left_out = [url for (url,) in copies if url not in listed]
    assert "https://www.eastcountymagazine.org./san-diego-migrant-center" in left_out
    assert 0 < len(left_out) < len(copies)
