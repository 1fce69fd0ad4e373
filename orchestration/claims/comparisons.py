"""The tests of numbers and of changes: more than, doubled, fell every month.

What belongs here: each test as one pure function from figures and what was stated to an answer.
An answer is true if it holds whatever the figures are within their bounds, false if it cannot hold,
and None otherwise. What is not known makes it None only where it could change it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise

from orchestration.claims.answers import UNKNOWN, Answer, Compare
from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval, every
from orchestration.claims.periods import Period
from orchestration.claims.series import Series, share_of
from orchestration.claims.stated import StatedNumber

Holds = Callable[[Interval], bool | None]


def _number(figure: Figure | None, holds: Holds) -> Answer:
    if figure is None:
        return UNKNOWN
    is_rounded = figure.kind is Kind.ROUNDED and not figure.is_share
    rounded = figure.published if is_rounded else None
    return Answer(holds(figure.bounds), figure.bounds, (figure,), published=rounded)


def equals(figure: Figure | None, stated: StatedNumber, to_date: bool = False) -> Answer:
    """The figure is the stated number, as exactly as that was said; or what was published rounded,
    or the sum of that, is. to_date: so is the last number of a year to date, whose last month may
    not be over."""
    return _within(figure, stated.band, to_date)


def about(figure: Figure | None, stated: StatedNumber, to_date: bool = False) -> Answer:
    """The same within 5 %."""
    return _within(figure, stated.about, to_date)


def _within(figure: Figure | None, band: Interval, to_date: bool) -> Answer:
    answer = _number(figure, lambda bounds: bounds.is_within(band))
    if answer.truth is not None or figure is None:
        return answer
    published = Interval.exactly(figure.published)
    if to_date and figure.kind is Kind.PARTIAL and figure.last_known_day >= figure.period.last:
        return replace(answer, truth=True, found=published) if published.is_within(band) else answer
    if answer.published is not None:
        return replace(answer, truth=published.is_within(band) or None)
    return answer


def more_than(figure: Figure | None, stated: StatedNumber) -> Answer:
    return _number(figure, lambda bounds: bounds.is_above(Interval.exactly(stated.value)))


def at_least(figure: Figure | None, stated: StatedNumber) -> Answer:
    return _number(figure, lambda bounds: bounds.is_at_least(Interval.exactly(stated.value)))


def fewer_than(figure: Figure | None, stated: StatedNumber) -> Answer:
    return _number(figure, lambda bounds: bounds.is_below(Interval.exactly(stated.value)))


def up_to(figure: Figure | None, stated: StatedNumber) -> Answer:
    return _number(figure, lambda bounds: bounds.is_at_most(Interval.exactly(stated.value)))


def between(figure: Figure | None, lowest: StatedNumber, highest: StatedNumber) -> Answer:
    band = Interval(lowest.value, highest.value)
    return _number(figure, lambda bounds: bounds.is_within(band))


def percent_change(before: Figure | None, after: Figure | None, holds: Holds) -> Answer:
    """From one period to another, in percent of the first."""
    return _of_two(before, after, _percent_change, holds)


def difference(before: Figure | None, after: Figure | None, holds: Holds) -> Answer:
    return _of_two(before, after, lambda first, last: last - first, holds)


def times(before: Figure | None, after: Figure | None, holds: Holds) -> Answer:
    """The second figure is so many times the first."""
    return _of_two(before, after, lambda first, last: last.over(first), holds)


def share(part: Figure | None, whole: Figure | None, holds: Holds) -> Answer:
    """The part in percent of the whole: a ratio of sums, never a sum of ratios."""
    return _of_two(whole, part, lambda whole, part: share_of(part, whole), holds)


def average(figure: Figure | None, parts: int, holds: Holds) -> Answer:
    """The figure, divided by the number of months or days of its period."""
    if figure is None:
        return UNKNOWN
    found = figure.bounds.parted(parts)
    return Answer(holds(found), found, (figure,))


def rose(before: Figure | None, after: Figure | None) -> Answer:
    """The second figure is above the first."""
    return _moved(before, after, Interval.is_above)


def fell(before: Figure | None, after: Figure | None) -> Answer:
    return _moved(before, after, Interval.is_below)


def rank(tested: Figure | None, others: Iterable[Figure | None], stated: StatedNumber) -> Answer:
    """The figure's place among others, from the highest: 1 if none of them is above it. Equal ones
    share a place."""
    compared = list(others)
    if tested is None:
        return UNKNOWN
    above = [None if one is None else one.bounds.is_above(tested.bounds) for one in compared]
    surely = 1 + above.count(True)
    found = Interval(surely, surely + above.count(None))
    known = tuple(one for one in compared if one is not None)
    return Answer(
        found.is_within(Interval.exactly(stated.value)),
        found,
        (tested,),
        known,
        unknown_others=len(compared) - len(known),
    )


def _moved(before: Figure | None, after: Figure | None, moves: Compare) -> Answer:
    answer = _of_two(before, after, _percent_change, lambda _: None)
    return replace(answer, truth=_step(before, after, moves))


def _of_two(
    first: Figure | None,
    last: Figure | None,
    combine: Callable[[Interval, Interval], Interval | None],
    holds: Holds,
) -> Answer:
    tested, compared = tuple(filter(None, [last])), tuple(filter(None, [first]))
    if first is None or last is None:
        return Answer(None, tested=tested, compared=compared)
    found = combine(first.bounds, last.bounds)
    return Answer(None if found is None else holds(found), found, tested, compared)


def _percent_change(first: Interval, last: Interval) -> Interval | None:
    percent = last.percent_of(first)
    return None if percent is None else percent - Interval.exactly(100)


def fell_every_month(series: Series, period: Period) -> Answer:
    """Each month of the period is below the one before it, from the second on."""
    return _every_step(series, period, Interval.is_below)


def rose_every_month(series: Series, period: Period) -> Answer:
    return _every_step(series, period, Interval.is_above)


def _every_step(series: Series, period: Period, moves: Compare) -> Answer:
    figures = {month: series.month(month) for month in period.months}
    answers = {
        month: _step(figures[earlier], figures[month], moves)
        for earlier, month in pairwise(figures)
    }
    return Answer(
        every(answers.values()),
        tested=tuple(figure for figure in figures.values() if figure is not None),
        against=tuple(Period.month(month) for month, answer in answers.items() if answer is False),
        unknown=tuple(Period.month(month) for month, figure in figures.items() if figure is None),
    )


def _step(before: Figure | None, after: Figure | None, moves: Compare) -> bool | None:
    return None if before is None or after is None else moves(after.bounds, before.bounds)
