"""The tests that people state, each with the case that it must not get wrong."""

from datetime import date
from math import inf

import pytest

from orchestration.claims import comparisons
from orchestration.claims.figures import Figure, Kind
from orchestration.claims.periods import Period
from orchestration.claims.stated import StatedNumber
from tests.support.claims import months, published, series


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
    assert comparisons.percent_change(before, after, stated(number)).truth is truth


def test_a_share_is_a_ratio_of_sums() -> None:
    part = months("2023-10", 10, 30).counted(Period.parse("2023-10/2023-11"))
    whole = months("2023-10", 100, 100).counted(Period.parse("2023-10/2023-11"))
    assert comparisons.share(part, whole, stated("20")).truth is True


def test_doubled_is_twice_within_a_twentieth() -> None:
    assert comparisons.times(figure(100), figure(196), stated("2")).truth is True
    assert comparisons.times(figure(100), figure(150), stated("2")).truth is False


class TestTheLowestSince:
    JULY, NOVEMBER = date(2020, 7, 1), date(2020, 11, 1)

    def ask(self, *counts: float | None) -> comparisons.Answer:
        """July to November, of which November is the lowest since July."""
        others = comparisons.since(self.NOVEMBER, self.JULY)
        return comparisons.lowest(months("2020-07", *counts), self.NOVEMBER, others)

    def test_holds_if_each_month_after_the_named_one_was_higher(self) -> None:
        assert self.ask(4, 7, 8, 9, 5).truth is True

    def test_holds_if_the_named_one_was_higher_too_or_is_not_known(self) -> None:
        assert self.ask(9, 7, 8, 9, 5).truth is True
        assert self.ask(None, 7, 8, 9, 5).truth is True

    def test_a_month_that_was_as_low_contradicts_it(self) -> None:
        answer = self.ask(4, 7, 5, 9, 5)
        assert (answer.truth, answer.against) == (False, (Period.parse("2020-09"),))

    def test_an_unknown_month_leaves_it_open_unless_another_contradicts_it(self) -> None:
        assert self.ask(4, None, 8, 9, 5).truth is None
        assert self.ask(4, None, 3, 9, 5).truth is False


def test_the_lowest_in_four_years_looks_at_48_months() -> None:
    others = comparisons.in_years(date(2024, 11, 1), 4)
    assert (others[0], others[-1], len(others)) == (date(2020, 11, 1), date(2024, 10, 1), 48)


def test_the_highest_november_since_2019() -> None:
    others = comparisons.of_calendar_month(date(2022, 11, 1), 2019)
    assert others == [date(2020, 11, 1), date(2021, 11, 1)]


def test_a_record_is_broken_by_a_later_month_as_by_an_earlier_one() -> None:
    month = date(2017, 4, 1)
    held = months("2017-03", 12, 11, 13)
    assert comparisons.lowest(held, month, comparisons.on_record(held, month)).truth is True
    broken = months("2017-03", 12, 11, 13, 6)
    answer = comparisons.lowest(broken, month, comparisons.on_record(broken, month))
    assert (answer.truth, answer.against) == (False, (Period.parse("2017-06"),))


def test_a_record_since_a_month_needs_the_months_from_then_on() -> None:
    known = months("2017-03", 12, 11, 13)
    month = date(2017, 4, 1)
    since = comparisons.on_record(known, month, date(2017, 1, 1))
    assert comparisons.lowest(known, month, since).truth is None


@pytest.mark.parametrize(
    ("known", "unbounded", "truth"), [(700, False, True), (400, False, False), (400, True, None)]
)
def test_a_floor_contradicts_no_year(known: float, unbounded: bool, truth: bool | None) -> None:
    kind = Kind.PARTIAL if unbounded else Kind.EXACT
    found = published("FY2024", (known, None) if unbounded else known, kind)
    asked = series(found, published("FY2023", 500))
    assert comparisons.highest_year(asked, 2024, [2023]).truth is truth
    assert comparisons.highest_year(asked, 2024, [2022, 2023]).truth is (
        False if truth is False else None
    )


def test_the_first_month_above_a_number_on_record() -> None:
    known = months("2024-09", 40, 50, 51)
    assert comparisons.first_above(known, date(2024, 11, 1), stated("50")).truth is True
    earlier = months("2024-09", 60, 50, 51)
    answer = comparisons.first_above(earlier, date(2024, 11, 1), stated("50"))
    assert (answer.truth, answer.found) == (False, date(2024, 9, 1))
    gap = months("2024-08", 40, None, 40, 51)
    assert comparisons.first_above(gap, date(2024, 11, 1), stated("50")).truth is None


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


def test_the_peak_of_a_period_needs_every_month_of_it() -> None:
    year = Period.parse("2024-01/2024-03")
    assert comparisons.peak(months("2024-01", 1, 3, 2), year, date(2024, 2, 1)).truth is True
    assert comparisons.peak(months("2024-01", 1, 3), year, date(2024, 2, 1)).truth is None
    assert comparisons.peak(months("2024-01", 4, 3), year, date(2024, 2, 1)).truth is False


def test_wider_bounds_never_decide_what_was_open() -> None:
    for number in ("95", "100", "105"):
        for lower, upper in ((98, 102), (99, 101), (100, 100)):
            narrow = comparisons.more_than(figure(lower, upper), stated(number)).truth
            wide = comparisons.more_than(figure(lower - 3, upper + 3), stated(number)).truth
            assert wide is None or wide is narrow
