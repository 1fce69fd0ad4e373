"""Numbers, days and lists in words."""

from collections.abc import Sequence
from datetime import date
from math import inf

from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period, from_to, month_after

NAMED = 3  # of a long list, the last ones
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]


def amount(bounds: Interval, percent: bool = False) -> str:
    """Bounds as text: `46,612`, `46,605 to 46,615`, `at least 674,890`."""
    unit = " %" if percent else ""
    if bounds.upper == inf:
        return f"at least {written(bounds.lower)}{unit}"
    for decimals in (2, 1):
        lower, upper = (written(end, decimals) for end in (bounds.lower, bounds.upper))
        if lower == upper:
            return f"{lower}{unit}"
    return f"{written(bounds.lower)} to {written(bounds.upper)}{unit}"


def written(number: float, decimals: int = 2) -> str:
    """A number with its thousands apart, and with decimals if it has any."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.{decimals}f}"


def ordinal(place: int) -> str:
    """A place in a row: `first`, `12th`."""
    if place <= len(ORDINALS):
        return ORDINALS[place - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th") if place // 10 % 10 != 1 else "th"
    return f"{place}{ending}"


def day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def span(first: Period, last: Period) -> str:
    """From one period to another, with their preposition."""
    if first.is_month and last.is_month and first < last:
        return f"from {from_to(first.first, last.first)}"
    if " to " in f"{first}{last}" or " and " in f"{first}{last}":
        return f"between {first} and {last}"
    return f"from {first} to {last}"


def listed(periods: Sequence[Period]) -> str:
    """Periods in a row, those that follow one another as one; of many, the last ones."""
    names = [str(run) for run in _runs(periods)]
    shown, more = names[-NAMED:], len(names) - NAMED
    if more > 0:
        return f"{', '.join(shown)} and {more} earlier"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _runs(periods: Sequence[Period]) -> list[Period]:
    runs: list[Period] = []
    for period in sorted(periods):
        if runs and month_after(runs[-1].last) == period.first:
            runs[-1] = Period(runs[-1].first, period.last)
        else:
            runs.append(period)
    return runs
