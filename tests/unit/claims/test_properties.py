"""What holds for every test, on series made up at random."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from math import inf
from random import Random

import pytest

from orchestration.claims import questions
from orchestration.claims.claim import Claim
from orchestration.claims.figures import Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import month_after
from orchestration.claims.question import Question
from orchestration.claims.questions import TESTS
from orchestration.claims.series import Published, Series
from tests.support.claims import published

LABELS = ("a", "b", "c")
FIRST = date(2022, 10, 1)  # of three years, of which the claims are about the last
MONTHS, TRIALS = 36, 150
ASKED = {  # by test: the period, and values
    "equals": ("2024-10/2024-11", "15", "16", "17", "18"),
    "about": ("2024-10/2024-11", "15", "16", "17", "18"),
    "more than": ("2024-10/2024-11", "12", "16", "20"),
    "fewer than": ("2024-10/2024-11", "12", "16", "20"),
    "at least": ("2024-10/2024-11", "12", "16", "20"),
    "up to": ("2024-10/2024-11", "12", "16", "20"),
    "between": ("2024-10/2024-11", "12 to 16", "14 to 20"),
    "rose": ("2024-10/2024-11", ""),
    "fell": ("2024-10/2024-11", ""),
    "percent change": ("2024-10/2024-11", "20", "-25", "0"),
    "difference": ("2024-10/2024-11", "2", "-2"),
    "times": ("2024-10/2024-11", "0.5", "1", "2"),
    "share of": ("2024-10/2024-11", "50", "80", "one in two"),
    "rank": ("2024-10/2024-11", "1", "2", "3"),
    "average per month": ("2024-10/2024-11", "8", "9"),
    "average per day": ("2024-10/2024-11", "0.25", "0.26", "0.3"),
    "fell every month": ("2024-10/2024-12", ""),
    "rose every month": ("2024-10/2024-12", ""),
    "lowest since": ("2025-03", "2024-10"),
    "highest since": ("2025-03", "2024-10"),
    "lowest in years": ("2025-03", "1", "2"),
    "highest in years": ("2025-03", "1", "2"),
    "lowest of that month since": ("2025-03", "2022"),
    "highest of that month since": ("2025-03", "2022"),
    "lowest month": ("2024-04/2024-07", "2024-05"),
    "highest month": ("2024-04/2024-07", "2024-05"),
    "lowest on record": ("2023-01", "", "2022-11"),
    "highest on record": ("2023-01", "", "2022-11"),
    "lowest ever": ("2023-01", ""),
    "highest ever": ("2023-01", ""),
    "first month above": ("2023-02", "9", "9 since 2022-11"),
    "first month below": ("2023-02", "8", "8 since 2022-11"),
    "first ever above": ("2023-02", "9"),
    "first ever below": ("2023-02", "8"),
    "highest fiscal year since": ("FY2025", "FY2023"),
    "highest fiscal year on record": ("FY2024", ""),
    "highest fiscal year ever": ("FY2024", ""),
    "lowest fiscal year since": ("FY2025", "FY2023"),
    "lowest fiscal year on record": ("FY2024", ""),
    "lowest fiscal year ever": ("FY2024", ""),
    "highest calendar year since": ("CY2024", "2022"),
    "highest calendar year on record": ("CY2024", ""),
    "highest calendar year ever": ("CY2024", ""),
    "lowest calendar year since": ("CY2024", "2022"),
    "lowest calendar year on record": ("CY2024", ""),
    "lowest calendar year ever": ("CY2024", ""),
}
THEN, LATER = date(2025, 11, 1), date(2026, 1, 1)


def asked(test: str, random: Random) -> Claim:
    """A claim that can be put, with one of the values that the series below may have."""
    period, *values = ASKED[test]
    return Claim(
        claim_id="c",
        measure="people",
        part="letter=a" if test == "rank" else "",
        of="all" if test == "share of" else "",
        period=period,
        test=test,
        value=random.choice(values),
    )


def made_up(random: Random, on: date = THEN) -> list[Published]:
    """Small numbers of most of the months, some of them rounded."""
    found = []
    for number in range(MONTHS):
        if random.random() < 0.93:
            count = random.randint(5, 12)
            rounded = random.random() < 0.2
            bounds = (count - 1, count + 1) if rounded else count
            month = f"{month_after(FIRST, number):%Y-%m}"
            kind = Kind.ROUNDED if rounded else Kind.EXACT
            found.append(published(month, bounds, kind, on=on, preference=random.randint(1, 2)))
    return found


def widened(one: Published, by: float) -> Published:
    bounds = Interval(max(one.figure.bounds.lower - by, 0), one.figure.bounds.upper + by)
    return replace(one, figure=replace(one.figure, bounds=bounds))


def truth_of(claim: Claim, known: dict[str, list[Published]], as_of: date = date.max) -> object:
    def series_of(measure: str, part: str) -> Series:
        return Series(measure, known[part or measure], as_of)

    return questions.run(Question(claim, series_of, lambda *_: LABELS)).truth


def all_known(make: Callable[[], list[Published]]) -> dict[str, list[Published]]:
    return {name: make() for name in ("people", "all", *(f"letter={label}" for label in LABELS))}


@pytest.mark.parametrize("test", TESTS)
def test_wider_bounds_never_decide_what_was_open(test: str) -> None:
    random, decided = Random(test), 0
    for _ in range(TRIALS):
        claim, known = asked(test, random), all_known(lambda: made_up(random))
        narrow = truth_of(claim, known)
        decided += narrow is not None
        for by in (0.5, 2, inf):
            wide = truth_of(
                claim, {name: [widened(one, by) for one in found] for name, found in known.items()}
            )
            assert wide is None or wide is narrow, claim
    assert decided, "the series decide nothing"


@pytest.mark.parametrize("test", TESTS)
def test_a_later_release_never_changes_what_was_found_then(test: str) -> None:
    random = Random(test)
    for _ in range(TRIALS // 3):
        claim, known = asked(test, random), all_known(lambda: made_up(random))
        later = {name: [*found, *made_up(random, LATER)] for name, found in known.items()}
        assert truth_of(claim, later, THEN) is truth_of(claim, known, THEN), claim


@pytest.mark.parametrize("test", TESTS)
def test_nothing_known_decides_nothing(test: str) -> None:
    random = Random(test)
    for _ in range(10):
        assert truth_of(asked(test, random), all_known(list)) is None
