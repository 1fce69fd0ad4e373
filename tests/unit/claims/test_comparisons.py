"""The tests that people state, each with the case that it must not get wrong."""

from dataclasses import replace
from datetime import date
from math import inf

import pytest

from orchestration.claims import comparisons
from orchestration.claims.bound import Bound
from orchestration.claims.claim import InvalidClaim
from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period
from orchestration.claims.stated import StatedNumber
from tests.support.claims import months, published


def figure(lower: float, upper: float | None = None) -> Figure:
    kind = Kind.PARTIAL if upper == inf else Kind.EXACT
    bounds = (lower, None if upper == inf else upper if upper is not None else lower)
    return published("2024-11", bounds, kind).figure


def stated(text: str) -> StatedNumber:
    return StatedNumber.parse(text)


@pytest.mark.parametrize(
    ("found", "number", "truth"),
    [
        (figure(249740), "200,000", False),
        (figure(46612), "46,610", True),
        (figure(64006), "64,006", True),
        (figure(62707), "64,006", False),
        (figure(64005, 64015), "64,006", None),
        (figure(674890, inf), "700,000", None),
        (figure(710000, inf), "700,000", False),
        (None, "1", None),
    ],
)
def test_equals(found: Figure | None, number: str, truth: bool | None) -> None:
    assert comparisons.equals(found, stated(number)).truth is truth


@pytest.mark.parametrize(
    ("last_day", "number", "truth"),
    [
        (date(2024, 11, 24), "144,378", True),
        (date(2024, 11, 24), "144,379", None),
        (date(2024, 10, 24), "144,378", None),  # a month later there are more
    ],
)
def test_the_last_number_of_a_year_to_date_is_that_to_date(
    last_day: date, number: str, truth: bool | None
) -> None:
    known = replace(figure(144_378, inf), last_day=last_day)
    answer = comparisons.equals(known, stated(number), to_date=True)
    assert (answer.truth, answer.found == Interval.exactly(144_378)) == (truth, truth is True)
    assert comparisons.equals(known, stated(number)).truth is None


@pytest.mark.parametrize(
    ("compare", "found", "truth"),
    [
        (comparisons.more_than, figure(100), False),
        (comparisons.more_than, figure(101), True),
        (comparisons.more_than, figure(90, inf), None),
        (comparisons.at_least, figure(100), True),
        (comparisons.fewer_than, figure(100), False),
        (comparisons.fewer_than, figure(101, inf), False),
        (comparisons.fewer_than, figure(90, inf), None),
        (comparisons.up_to, figure(100), True),
        (comparisons.about, figure(104), True),
        (comparisons.about, figure(106), False),
    ],
)
def test_bounds_on_a_number(compare: object, found: Figure, truth: bool | None) -> None:
    assert callable(compare)
    assert compare(found, stated("100")).truth is truth


def test_between() -> None:
    answer = comparisons.between(figure(130), stated("125"), stated("154"))
    assert answer.truth is True
    assert comparisons.between(figure(120), stated("125"), stated("154")).truth is False


@pytest.mark.parametrize(
    ("before", "after", "number", "truth"),
    [
        (figure(144255), figure(64006), "-56", True),
        (figure(144255), figure(64006), "-55", False),
        (figure(100), figure(150, inf), "50", None),
        (figure(0), figure(5), "50", None),
    ],
)
def test_percent_change(before: Figure, after: Figure, number: str, truth: bool | None) -> None:
    assert comparisons.percent_change(before, after, Bound.parse(number).holds).truth is truth


def test_a_share_is_a_ratio_of_sums() -> None:
    part = months("2023-10", 10, 30).counted(Period.parse("2023-10/2023-11"))
    whole = months("2023-10", 100, 100).counted(Period.parse("2023-10/2023-11"))
    assert comparisons.share(part, whole, Bound.parse("20").holds).truth is True


def test_doubled_is_twice_within_a_twentieth() -> None:
    twice = Bound(StatedNumber(2, 0), "about").holds
    assert comparisons.times(figure(100), figure(196), twice).truth is True
    assert comparisons.times(figure(100), figure(150), twice).truth is False


def test_it_rose_or_fell_between_two_periods() -> None:
    answer = comparisons.rose(figure(100), figure(150))
    assert (answer.truth, answer.found) == (True, Interval.exactly(50))
    assert comparisons.fell(figure(100), figure(150)).truth is False
    assert comparisons.fell(figure(100), figure(95, 105)).truth is None
    assert comparisons.fell(figure(100), figure(100)).truth is False
    assert comparisons.rose(figure(0), figure(5)).truth is True  # though no percentage is


@pytest.mark.parametrize(
    ("others", "place", "truth"),
    [
        ((90, 80), "1", True),
        ((110, 80), "1", False),
        ((110, 80), "2", True),
        ((100, 100), "1", True),
        ((110, None), "2", None),
        ((110, None), "3", None),
        ((110, None), "1", False),
        ((110, 120), "2", False),
    ],
)
def test_a_place_among_others(
    others: tuple[float | None, ...], place: str, truth: bool | None
) -> None:
    compared = [None if other is None else figure(other) for other in others]
    assert comparisons.rank(figure(100), compared, stated(place)).truth is truth


def test_a_place_within_the_bounds_of_another_is_open() -> None:
    answer = comparisons.rank(figure(100), [figure(95, 105), figure(200)], stated("2"))
    assert (answer.truth, answer.found) == (None, Interval(2, 3))


@pytest.mark.parametrize(
    ("counts", "truth", "against"),
    [
        ((9, 8, 7), True, ()),
        ((9, 9, 7), False, ("2024-05",)),
        ((9, None, 7), None, ()),
        ((9, 10, None), False, ("2024-05",)),
    ],
)
def test_fell_every_month(
    counts: tuple[float | None, ...], truth: bool | None, against: tuple[str, ...]
) -> None:
    answer = comparisons.fell_every_month(
        months("2024-04", *counts), Period.parse("2024-04/2024-06")
    )
    assert answer.truth is truth
    assert answer.against == tuple(map(Period.parse, against))
    assert len(answer.unknown) == counts.count(None)


def test_an_average_is_of_what_was_published() -> None:
    found = published("2024-11", (295, 305), Kind.ROUNDED).figure
    answer = comparisons.average(found, 30, Bound.parse("10").holds)
    assert (answer.truth, answer.tested) == (True, (found,))
    year = published("2024-10/2025-04", 7125 * 212).figure
    assert comparisons.average(year, 212, Bound.parse("up to 7125").holds).truth is True


def test_a_fall_is_no_rise_by_less_and_a_rise_no_fall() -> None:
    fell, rose = (figure(100), figure(90)), (figure(100), figure(110))
    for words in ("less than", "up to"):
        for ends, holds in ((fell, "-50"), (rose, "50")):
            other = "50" if holds == "-50" else "-50"
            assert comparisons.percent_change(*ends, Bound.parse(f"{words} {holds}").holds).truth
            denied = comparisons.percent_change(*ends, Bound.parse(f"{words} {other}").holds)
            assert denied.truth is False


def test_no_part_is_more_than_its_whole() -> None:
    with pytest.raises(InvalidClaim, match="found a whole of 50, of which 60 are no part"):
        comparisons.share(figure(60), figure(50), Bound.parse("more than 5").holds)
    answer = comparisons.share(figure(40, 60), figure(50), Bound.parse("80").holds)
    assert answer.found == Interval(80, 100)
