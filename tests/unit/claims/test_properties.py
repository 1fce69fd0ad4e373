"""What holds for every test, on series made up at random."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from math import inf
from random import Random

import pytest

from orchestration.claims import questions, wording
from orchestration.claims.claim import Claim
from orchestration.claims.figures import Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import month_after
from orchestration.claims.question import Question
from orchestration.claims.questions import TESTS
from orchestration.claims.series import Published, Series
from orchestration.claims.verdicts import Vantage, vantage_of, verdict_of
from tests.support.claims import ASKED, published

LABELS = ("a", "b", "c")
NAMES = ("people", *(f"letter={label}" for label in LABELS), "all")
FIRST = date(2022, 10, 1)  # of three years, of which the claims are about the last
MONTHS = [f"{month_after(FIRST, number):%Y-%m}" for number in range(36)]
TRIALS = 50
# how often a claim is of a share: always, or now and then
OF_SHARES = {
    "share of": 1.0,
    "lowest on record": 0.5,
    "highest fiscal year since": 0.5,
    "rose": 0.5,
}
THEN, LATER = date(2025, 11, 1), date(2026, 1, 1)


def asked(test: str, random: Random) -> Claim:
    """A claim that can be put, with one of the values that the series below may have."""
    period, *values = ASKED[test]
    return Claim(
        claim_id="c",
        measure="people",
        part="letter=a" if test == "rank" else "",
        of="all" if test in OF_SHARES and random.random() < OF_SHARES[test] else "",
        period=period,
        test=test,
        value=random.choice(values),
    )


def made_up(random: Random, on: date = THEN) -> list[Published]:
    """Small numbers of most of the months, some of them rounded."""
    found = []
    for month in MONTHS:
        if random.random() < 0.93:
            count = random.randint(5, 12)
            rounded = random.random() < 0.2
            bounds = (count - 1, count + 1) if rounded else count
            kind = Kind.ROUNDED if rounded else Kind.EXACT
            found.append(published(month, bounds, kind, on=on, preference=random.randint(1, 2)))
    return found


def widened(one: Published, by: float) -> Published:
    bounds = Interval(max(one.figure.bounds.lower - by, 0), one.figure.bounds.upper + by)
    return replace(one, figure=replace(one.figure, bounds=bounds))


class Known(dict[str, list[Published]]):
    """What is known of each measure, made when it is first read: most claims are about one."""

    def __init__(self, make: Callable[[str], list[Published]]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> list[Published]:
        if name not in NAMES:
            raise KeyError(name)
        self[name] = self._make(name)
        return self[name]


def truth_of(claim: Claim, known: Known, as_of: date = date.max) -> object:
    def series_of(measure: str, part: str) -> Series:
        return Series(measure, known[part or measure], as_of)

    return questions.run(Question(claim, series_of, lambda *_: LABELS)).truth


def all_known(make: Callable[[], list[Published]]) -> Known:
    """Of `all` there are three times as many as of any other, so that those can be a part."""
    return Known(lambda name: [times(one, 3) for one in make()] if name == "all" else make())


def all_widened(known: Known, by: float) -> Known:
    return Known(lambda name: [widened(one, by) for one in known[name]])


def times(one: Published, factor: float) -> Published:
    bounds = one.figure.bounds.times(factor)
    figure = replace(one.figure, bounds=bounds, published=one.figure.published * factor)
    return replace(one, figure=figure)


@pytest.mark.parametrize("test", TESTS)
def test_wider_bounds_never_decide_what_was_open(test: str) -> None:
    random, decided = Random(test), 0
    for _ in range(TRIALS):
        claim, known = asked(test, random), all_known(lambda: made_up(random))
        narrow = truth_of(claim, known)
        decided += narrow is not None
        for by in (0.5, 2, inf):
            wide = truth_of(claim, all_widened(known, by))
            assert wide is None or wide is narrow, claim
    assert decided, "the series decide nothing"


@pytest.mark.parametrize("test", TESTS)
def test_a_later_release_never_changes_what_was_found_then(test: str) -> None:
    random = Random(test)
    for _ in range(TRIALS):
        claim, known = asked(test, random), all_known(lambda: made_up(random))
        later = with_later_releases(known, random)
        assert truth_of(claim, later, THEN) is truth_of(claim, known, THEN), claim


def with_later_releases(known: Known, random: Random) -> Known:
    return Known(lambda name: [*known[name], *made_up(random, LATER)])


@pytest.mark.parametrize("test", TESTS)
def test_whatever_is_known_makes_an_english_sentence(test: str) -> None:
    """Of all that is known, of some of it, and of nothing."""
    random = Random(test)
    for known in [*(all_known(lambda: some_of(random)) for _ in range(30)), all_known(list)]:
        claim = asked(test, random).model_copy(update={"stated_on": THEN})
        now, nothing = (found_of(claim, those) for those in (known, all_known(list)))
        for then in (None, now, nothing):
            said = wording.sentence(claim, verdict_of(then, now), then, now)
            assert re.fullmatch(r"[A-Z].*\.", said), said
            assert not re.search(r"inf|None|nan|  |\.\.", said), said


def some_of(random: Random) -> list[Published]:
    share = random.choice([1.0, 0.9, 0.5, 0.1])
    return [
        widened(one, random.choice([0, 3])) for one in made_up(random) if random.random() < share
    ]


def found_of(claim: Claim, known: Known) -> Vantage:
    def series_of(measure: str, part: str) -> Series:
        return Series(measure, known[part or measure], date.max)

    return vantage_of(Question(claim, series_of, lambda *_: LABELS), ())


@pytest.mark.parametrize("test", TESTS)
def test_nothing_known_decides_nothing(test: str) -> None:
    random = Random(test)
    for _ in range(10):
        assert truth_of(asked(test, random), all_known(list)) is None
