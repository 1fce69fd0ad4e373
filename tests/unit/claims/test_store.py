"""Names of measures and of their parts: what is not known says what is, and in which column."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from orchestration.claims.claim import InvalidClaim
from orchestration.claims.store import LABELS_SHOWN, Store

WHOLE, PARTS, MANY = "southwest encounters", "Border Patrol encounters", "ICE removals"


@pytest.fixture
def store() -> Iterator[Store]:
    """A measure with a total and a part, one without a total, and one with many parts."""
    many = [("citizenship", f"country {number}") for number in range(LABELS_SHOWN + 1)]
    rows = [
        (WHOLE, "All", "All"),
        (WHOLE, "area", "Tucson Sector"),
        (PARTS, "sector", "Tucson Sector"),
        *((MANY, *part) for part in many),
    ]
    with duckdb.connect() as connection:
        listed = ", ".join(f"{row}" for row in rows)
        connection.execute(
            "create table measures as select *, date '2024-01-01' as period_start,"
            f" date '2024-12-31' as period_end from (values {listed})"
            " as t(measure, breakdown, label)"
        )
        yield Store(connection)


def test_an_unknown_measure_is_named_by_its_column(store: Store) -> None:
    with pytest.raises(InvalidClaim, match=r"^measure: found 'nonsense', expected one of Border"):
        store.named("nonsense")
    with pytest.raises(InvalidClaim, match=r"^of: found 'nonsense', expected one of Border"):
        store.named("nonsense", "of")
    with pytest.raises(InvalidClaim, match=r"\(the nearest is 'ICE removals'\)"):
        store.named("ice removal")


def test_names_with_the_words_of_an_unknown_one_are_named(store: Store) -> None:
    with pytest.raises(InvalidClaim, match=r"found 'Encounters' \(the nearest is 'southwest enc"):
        store.named("Encounters")
    with pytest.raises(InvalidClaim, match=r"found 'x', expected"):
        store.named("x")


def test_a_whole_without_a_total_is_named_by_its_column(store: Store) -> None:
    with pytest.raises(InvalidClaim, match=r"^part: found none, expected one of Border Patrol"):
        store.whole_part(PARTS, "")
    with pytest.raises(
        InvalidClaim, match=r"^of: found 'Border Patrol encounters', of which there"
    ):
        store.whole_part(PARTS, "", "of")


@pytest.mark.parametrize("part", ["area=Tucson Sector", " Area = tucson sector "])
def test_a_part_is_read_whatever_its_case(part: str, store: Store) -> None:
    assert store.whole_part(WHOLE, part) == "area=Tucson Sector"


@pytest.mark.parametrize(
    ("measure", "part", "problem"),
    [
        (WHOLE, "tucson sector", "found 'tucson sector', expected its breakdown, too: area=Tucson"),
        (WHOLE, "Yuma", "found 'Yuma', expected a breakdown and a label, such as area=Tucson Sec"),
        (WHOLE, "All=All", "found 'All=All', expected a breakdown of: area"),
        (PARTS, "sector=Yuma", "found 'Yuma', expected a sector of: Tucson Sector"),
        (
            MANY,
            "citizenship=x",
            "expected a citizenship of: those that `borderledger measures 'ICE",
        ),
    ],
)
def test_an_unknown_part_says_what_is_possible(
    measure: str, part: str, problem: str, store: Store
) -> None:
    with pytest.raises(InvalidClaim) as refused:
        store.whole_part(measure, part)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("source_url", "is_inferred", "url"),
    [
        ("'https://cbp.gov/files/a.csv'", "false", "https://cbp.gov/files/a.csv"),
        ("'https://cbp.gov/2024-12/a.csv'", "true", "https://cbp.gov/stats"),
        ("null", "null", "https://cbp.gov/stats"),
    ],
)
def test_evidence_is_at_the_url_of_a_release_unless_that_is_inferred(
    source_url: str, is_inferred: str, url: str
) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create schema meta; create table meta.releases as select 'r' as release_id,"
            " date '2024-12-31' as published_on, 'month' as published_precision,"
            " 'd' as dataset, 'a.csv' as file_name, 'd/a.csv' as source, 'CBP' as publisher,"
            f" 'https://cbp.gov/stats' as landing_page, {source_url}::varchar as source_url,"
            f" {is_inferred}::boolean as source_url_is_inferred"
        )
        found = Store(connection).sources({"r"})["r"]
    assert found.url == url
    assert found.precision_of(date(2024, 12, 31)) == "month"
    assert found.precision_of(date(2024, 12, 20)) == "day"
