"""Bounds: arithmetic and comparisons; wider bounds never answer what narrower ones did not."""

from itertools import product
from math import inf

import pytest

from orchestration.claims.interval import Interval, every, total

SMALL = [Interval(low, high) for low, high in product(range(4), range(4)) if low <= high]
COMPARISONS = [
    Interval.is_above,
    Interval.is_at_least,
    Interval.is_below,
    Interval.is_at_most,
    Interval.is_within,
]


def test_bounds_are_in_order() -> None:
    with pytest.raises(ValueError, match="expected the lower bound first"):
        Interval(2, 1)


@pytest.mark.parametrize(
    ("one", "other", "is_above"),
    [
        (Interval.exactly(3), Interval.exactly(2), True),
        (Interval.exactly(2), Interval.exactly(2), False),
        (Interval(1, 3), Interval.exactly(2), None),
        (Interval(3, inf), Interval.exactly(2), True),
        (Interval(1, inf), Interval.exactly(2), None),
    ],
)
def test_what_is_above(one: Interval, other: Interval, is_above: bool | None) -> None:
    assert one.is_above(other) is is_above


@pytest.mark.parametrize(
    ("one", "is_within"),
    [
        (Interval(46605, 46615), True),
        (Interval.exactly(46617), False),
        (Interval(46612, 46620), None),
        (Interval(46616, inf), False),
        (Interval(46600, inf), None),
    ],
)
def test_what_is_within_a_band(one: Interval, is_within: bool | None) -> None:
    assert one.is_within(Interval(46605, 46615)) is is_within


def test_sums_differences_and_ratios_keep_every_possible_value() -> None:
    one, other = Interval(4, 6), Interval(1, 2)
    assert total([one, other]) == Interval(5, 8)
    assert one - other == Interval(2, 5)
    assert one.over(other) == Interval(2, 6)
    assert one.times(0.5) == Interval(2, 3)


@pytest.mark.parametrize("divisor", [Interval(0, 2), Interval.exactly(0)])
def test_nothing_is_divided_by_what_may_be_zero(divisor: Interval) -> None:
    assert Interval(4, 6).over(divisor) is None


def test_every_is_false_as_soon_as_one_is_and_unknown_only_if_that_matters() -> None:
    assert every([True, None, False]) is False
    assert every([True, None]) is None
    assert every([]) is True


@pytest.mark.parametrize("compare", COMPARISONS)
def test_an_answer_holds_for_every_value_in_the_bounds(compare: object) -> None:
    """So wider bounds never decide what narrower ones leave open."""
    assert callable(compare)
    for wide, other in product(SMALL, SMALL):
        answer = compare(wide, other)
        for narrow in SMALL:
            if wide.lower <= narrow.lower and narrow.upper <= wide.upper and answer is not None:
                assert compare(narrow, other) is answer, (wide, narrow, other)
