"""The tests that people state: more than, doubled, the lowest since, rose every month.

What belongs here: each test as one pure function from a series and what was stated to an answer.
An answer is true if it holds whatever the figures are within their bounds, false if it cannot hold,
and None otherwise. What is not known makes it None only where it could change it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval, every
from orchestration.claims.periods import MONTHS, Period, fiscal_year_of, month_after, months_between
from orchestration.claims.series import Series
from orchestration.claims.stated import StatedNumber

ABOUT = 0.05  # how far `about` and `doubled` may be off, of the number


@dataclass(frozen=True)
class Answer:
    """What a test found.

    truth: whether it holds; None if the figures do not decide it.
    found: what it compared the statement with: bounds, or a month.
    published: the number as published, where the bounds are those of its rounding.
    tested, compared: the figures that the statement is about, and those that they were compared
        with.
    against: the months or years that contradict it.
    """

    truth: bool | None
    found: Interval | date | None = None
    tested: tuple[Figure, ...] = ()
    compared: tuple[Figure, ...] = ()
    against: tuple[Period, ...] = ()
    published: float | None = None


UNKNOWN = Answer(None)
Compare = Callable[[Interval, Interval], bool | None]


def _number(figure: Figure | None, holds: Callable[[Interval], bool | None]) -> Answer:
    if figure is None:
        return UNKNOWN
    rounded = figure.published if figure.kind is Kind.ROUNDED else None
    return Answer(holds(figure.bounds), figure.bounds, (figure,), published=rounded)


def equals(figure: Figure | None, stated: StatedNumber) -> Answer:
    """The figure is the stated number, as exactly as that was said."""
    return _number(figure, lambda bounds: bounds.is_within(stated.band))


def about(figure: Figure | None, stated: StatedNumber) -> Answer:
    """The figure is within 5 % of the stated number."""
    band = Interval.around(stated.value, max(stated.tolerance, abs(stated.value) * ABOUT))
    return _number(figure, lambda bounds: bounds.is_within(band))


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


def percent_change(before: Figure | None, after: Figure | None, stated: StatedNumber) -> Answer:
    """From one period to another, in percent of the first."""
    return _of_two(before, after, _percent_change, stated.band)


def difference(before: Figure | None, after: Figure | None, stated: StatedNumber) -> Answer:
    return _of_two(before, after, lambda first, last: last - first, stated.band)


def times(before: Figure | None, after: Figure | None, stated: StatedNumber) -> Answer:
    """The second figure is so many times the first: `doubled` is 2, within 5 %."""
    band = Interval.around(stated.value, stated.value * ABOUT)
    return _of_two(before, after, lambda first, last: last.over(first), band)


def share(part: Figure | None, whole: Figure | None, stated: StatedNumber) -> Answer:
    """The part in percent of the whole: a ratio of sums, never a sum of ratios."""
    return _of_two(whole, part, lambda whole, part: part.percent_of(whole), stated.band)


def _of_two(
    first: Figure | None,
    last: Figure | None,
    combine: Callable[[Interval, Interval], Interval | None],
    band: Interval,
) -> Answer:
    if first is None or last is None:
        return UNKNOWN
    found = combine(first.bounds, last.bounds)
    truth = None if found is None else found.is_within(band)
    return Answer(truth, found, (last,), (first,))


def _percent_change(first: Interval, last: Interval) -> Interval | None:
    percent = last.percent_of(first)
    return None if percent is None else percent - Interval.exactly(100)


def lowest(series: Series, month: date, others: Iterable[date]) -> Answer:
    """The month is below every other one of these."""
    return _extreme(series, month, others, Interval.is_above)


def highest(series: Series, month: date, others: Iterable[date]) -> Answer:
    """The month is above every other one of these."""
    return _extreme(series, month, others, Interval.is_below)


def since(month: date, after: date) -> list[date]:
    """The months that `the lowest since` compares a month with: those after the one that it names,
    which was as low."""
    return list(months_between(month_after(after), month_after(month, -1)))


def in_years(month: date, years: int) -> list[date]:
    """The months that `the lowest in four years` compares a month with."""
    return list(months_between(month_after(month, -MONTHS * years), month_after(month, -1)))


def of_calendar_month(month: date, after_year: int) -> list[date]:
    """The months that `the highest November since 2019` compares a month with."""
    return [month.replace(year=year) for year in range(after_year + 1, month.year)]


def on_record(series: Series, month: date, start: date | None = None) -> list[date]:
    """The months that `the lowest on record` compares a month with: all others from the first that
    is known, or from a stated one, to the last that is."""
    if not series.months:
        return []
    first, last = min(series.months), max(series.months)
    return [other for other in months_between(start or first, max(last, month)) if other != month]


def _extreme(series: Series, month: date, others: Iterable[date], beats: Compare) -> Answer:
    tested = series.month(month)
    compared = {other: series.month(other) for other in others if other != month}
    if tested is None or not compared:  # the lowest of one is no record
        return UNKNOWN
    answers = {
        other: None if figure is None else beats(figure.bounds, tested.bounds)
        for other, figure in compared.items()
    }
    against = [other for other, answer in answers.items() if answer is False]
    known = tuple(figure for figure in compared.values() if figure is not None)
    return Answer(
        every(answers.values()),
        max(against, default=None),
        (tested,),
        known,
        tuple(map(Period.month, against)),
    )


def highest_year(series: Series, year: int, others: Iterable[int]) -> Answer:
    """The fiscal year is above each of these."""
    tested = series.counted(Period.fiscal_year(year))
    if tested is None:
        return UNKNOWN
    answers: dict[int, bool | None] = {}
    compared = []
    for other in others:
        figure = series.counted(Period.fiscal_year(other))
        answers[other] = None if figure is None else figure.bounds.is_below(tested.bounds)
        compared += [] if figure is None else [figure]
    against = [Period.fiscal_year(other) for other, answer in answers.items() if answer is False]
    truth = every(answers.values())
    return Answer(truth, tested.bounds, (tested,), tuple(compared), tuple(against))


def highest_year_ever(series: Series, year: int) -> Answer:
    """No year on record was as high. Records begin somewhere, so that this is never true."""
    others = {fiscal_year_of(month) for month in series.months} - {year}
    answer = highest_year(series, year, sorted(others))
    return replace(answer, truth=answer.truth and None)


def first_ever_above(series: Series, month: date, stated: StatedNumber) -> Answer:
    """No month on record before it is above the number. Never true, as records begin somewhere."""
    answer = first_above(series, month, stated)
    return replace(answer, truth=answer.truth and None)


def first_above(series: Series, month: date, stated: StatedNumber) -> Answer:
    """The month is above the stated number, and none before it is, as far as there are records."""
    return _first(series, month, Interval.exactly(stated.value), Interval.is_above)


def first_below(series: Series, month: date, stated: StatedNumber) -> Answer:
    return _first(series, month, Interval.exactly(stated.value), Interval.is_below)


def _first(series: Series, month: date, limit: Interval, passes: Compare) -> Answer:
    tested = series.month(month)
    if tested is None:
        return UNKNOWN
    before = list(months_between(min(series.months), month_after(month, -1)))
    if not before:  # the first of all is not the first above
        return UNKNOWN
    figures = {earlier: series.month(earlier) for earlier in before}
    passed = {
        earlier: None if figure is None else passes(figure.bounds, limit)
        for earlier, figure in figures.items()
    }
    none_before = every(None if answer is None else not answer for answer in passed.values())
    against = [earlier for earlier, answer in passed.items() if answer]
    return Answer(
        every([passes(tested.bounds, limit), none_before]),
        min(against, default=month),
        (tested,),
        tuple(figure for figure in figures.values() if figure is not None),
        tuple(map(Period.month, against)),
    )


def fell_every_month(series: Series, period: Period) -> Answer:
    """Each month of the period is below the one before it, from the second on."""
    return _every_step(series, period, Interval.is_below)


def rose_every_month(series: Series, period: Period) -> Answer:
    return _every_step(series, period, Interval.is_above)


def _every_step(series: Series, period: Period, moves: Compare) -> Answer:
    figures = {month: series.month(month) for month in period.months}
    answers: dict[date, bool | None] = {}
    for earlier, month in pairwise(figures):
        before, after = figures[earlier], figures[month]
        if before is None or after is None:
            answers[month] = None
        else:
            answers[month] = moves(after.bounds, before.bounds)
    tested = tuple(figure for figure in figures.values() if figure is not None)
    against = tuple(Period.month(month) for month, answer in answers.items() if answer is False)
    return Answer(every(answers.values()), None, tested, (), against)


def peak(series: Series, period: Period, month: date) -> Answer:
    """The month is the highest of the period."""
    return highest(series, month, period.months)


def trough(series: Series, period: Period, month: date) -> Answer:
    return lowest(series, month, period.months)
