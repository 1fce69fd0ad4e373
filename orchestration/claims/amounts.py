"""Numbers, days and lists in words."""

from collections.abc import Sequence
from datetime import date
from math import inf

from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period, from_to, month_after

NAMED = 3  # of a long list, the last ones
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]


def amount(bounds: Interval, unit: str = "") -> str:
    """Bounds as text: `46,612`, `46,605 to 46,615`, `at least 674,890`, `at most 5 %`."""
    after = f" {unit}" if unit else ""
    if bounds.lower == -inf and bounds.upper == inf:
        return "an unknown number"
    if bounds.upper == inf:
        return f"at least {written(bounds.lower)}{after}"
    if bounds.lower == -inf:
        return f"at most {written(bounds.upper)}{after}"
    for decimals in (2, 1):
        lower, upper = (written(end, decimals) for end in (bounds.lower, bounds.upper))
        if lower == upper:
            return f"{lower}{after}"
    return f"{written(bounds.lower)} to {written(bounds.upper)}{after}"


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
    if first.is_month and last.is_month:
        return f"from {from_to(first.first, last.first)}"
    if first.is_month or first.fiscal or first.calendar:
        return f"from {first} to {last}"
    if last == first.years_later(last.last.year - first.last.year):
        years = last.last.year - first.last.year
        later = "a year" if years == 1 else f"{years} years"
        return f"from {from_to(first.first, first.last, 'through')} to the same months {later} on"
    return f"from {first}, to {last}"


def during(period: Period) -> str:
    """When something was counted: `in May 2019`, `from May to November 2024`."""
    return f"{'from' if ' to ' in str(period) else 'in'} {period}"


def listed(periods: Sequence[Period]) -> str:
    """Periods in a row, those that follow one another as one; of many, the last ones."""
    runs = _runs(periods)
    shown, left_out = [str(run) for run in runs[-NAMED:]], runs[:-NAMED]
    if left_out:
        more = sum(run.length for run in left_out)
        return f"{', '.join(shown)} and {more} month{'s' if more > 1 else ''} before them"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _runs(periods: Sequence[Period]) -> list[Period]:
    runs: list[Period] = []
    for period in sorted(periods):
        if runs and month_after(runs[-1].last) == period.first:
            runs[-1] = Period(runs[-1].first, period.last)
        else:
            runs.append(period)
    return runs
