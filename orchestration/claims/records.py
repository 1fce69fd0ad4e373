"""The tests of records: the lowest since, the highest year ever, the first month above.

What belongs here: comparing a month or a year with others, and with which. A month or a year that
is not known makes the answer None only where it could change it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from orchestration.claims.answers import UNKNOWN, Answer, Compare
from orchestration.claims.figures import Figure
from orchestration.claims.interval import Interval, every
from orchestration.claims.periods import MONTHS, Period, month_after, months_between
from orchestration.claims.series import Series
from orchestration.claims.stated import StatedNumber


def lowest(series: Series, month: date, others: Iterable[date]) -> Answer:
    """The month is below every other one of these."""
    return _extreme_month(series, month, others, Interval.is_above)


def highest(series: Series, month: date, others: Iterable[date]) -> Answer:
    """The month is above every other one of these."""
    return _extreme_month(series, month, others, Interval.is_below)


def lowest_year(series: Series, year: Period, others: Iterable[Period]) -> Answer:
    """The year is below each of these."""
    return _extreme_year(series, year, others, Interval.is_above)


def highest_year(series: Series, year: Period, others: Iterable[Period]) -> Answer:
    """The year is above each of these."""
    return _extreme_year(series, year, others, Interval.is_below)


def ever(of_record: Answer) -> Answer:
    """What holds on record, said of all times. Never true, as records begin somewhere."""
    return replace(of_record, truth=of_record.truth and None)


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


def years_on_record(series: Series, year: Period) -> list[Period]:
    """The years that `the highest year on record` compares a year with: all others from the first
    that was counted whole to the last, in one number or month by month."""
    numbers = [whole.last.year for whole in series.wholes if _is_alike(whole, year)]
    if series.months:
        known = Period(min(series.months), max(series.months))
        span = range(known.first.year, known.last.year + 1)
        years = (year.years_later(number - year.last.year) for number in span)
        numbers += [
            one.last.year for one in years if known.first <= one.first and one.last <= known.last
        ]
    if not numbers:
        return []
    others = (number - year.last.year for number in range(min(numbers), max(numbers) + 1))
    return [year.years_later(number) for number in others if number]


def _is_alike(period: Period, year: Period) -> bool:
    return period == year.years_later(period.last.year - year.last.year)


def _extreme_month(series: Series, month: date, others: Iterable[date], beats: Compare) -> Answer:
    months = [Period.month(other) for other in others if other != month]
    answer = _extreme(series, Period.month(month), months, beats)
    latest = max((period.first for period in answer.against), default=None)
    return replace(answer, found=latest)


def _extreme_year(series: Series, year: Period, others: Iterable[Period], beats: Compare) -> Answer:
    answer = _extreme(series, year, others, beats)
    return replace(answer, found=answer.tested[0].bounds if answer.tested else None)


def _extreme(series: Series, tested: Period, others: Iterable[Period], beats: Compare) -> Answer:
    figure = series.counted(tested)
    compared = {other: series.counted(other) for other in others}
    if figure is None:
        return UNKNOWN
    if not compared:  # the lowest of one is no record
        return Answer(None, tested=(figure,))
    answers = {
        other: None if against is None else beats(against.bounds, figure.bounds)
        for other, against in compared.items()
    }
    return Answer(
        every(answers.values()),
        tested=(figure,),
        compared=tuple(against for against in compared.values() if against is not None),
        against=tuple(other for other, answer in answers.items() if answer is False),
        unknown=tuple(other for other, against in compared.items() if against is None),
    )


def first_above(
    series: Series, month: date, stated: StatedNumber, after: date | None = None
) -> Answer:
    """The month is above the stated number, and none before it is, as far as there are records; or
    none since a month that was, which is tested too."""
    return _first(series, month, Interval.exactly(stated.value), Interval.is_above, after)


def first_below(
    series: Series, month: date, stated: StatedNumber, after: date | None = None
) -> Answer:
    return _first(series, month, Interval.exactly(stated.value), Interval.is_below, after)


def _first(
    series: Series, month: date, limit: Interval, passes: Compare, after: date | None
) -> Answer:
    tested = series.month(month)
    if tested is None:
        return UNKNOWN
    first = min(series.months) if after is None else month_after(after)
    before = list(months_between(first, month_after(month, -1)))
    figures = {earlier: series.month(earlier) for earlier in before}
    passed = {earlier: _passes(figure, limit, passes) for earlier, figure in figures.items()}
    itself = passes(tested.bounds, limit)
    none_before = every(None if answer is None else not answer for answer in passed.values())
    if after is None and not before:  # the first of all is not the first above
        none_before = None
    named = [] if after is None else [_passes(series.month(after), limit, passes)]
    against = [earlier for earlier, answer in passed.items() if answer]
    return Answer(
        every([itself, none_before, *named]),
        min(against, default=month if itself else None),
        (tested,),
        tuple(figure for figure in figures.values() if figure is not None),
        tuple(map(Period.month, against)),
        tuple(Period.month(earlier) for earlier, figure in figures.items() if figure is None),
    )


def _passes(figure: Figure | None, limit: Interval, passes: Compare) -> bool | None:
    return None if figure is None else passes(figure.bounds, limit)


def peak(series: Series, period: Period, month: date) -> Answer:
    """The month is the highest of the period."""
    return highest(series, month, period.months)


def trough(series: Series, period: Period, month: date) -> Answer:
    return lowest(series, month, period.months)
