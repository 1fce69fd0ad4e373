"""The tests by name: what each needs of a question, and how it is run.

What belongs here: from a question to a comparison. Raises InvalidClaim where they do not fit.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from difflib import get_close_matches

from orchestration.claims import comparisons, records
from orchestration.claims.answers import Answer
from orchestration.claims.claim import InvalidClaim, shown
from orchestration.claims.figures import Figure
from orchestration.claims.periods import Period
from orchestration.claims.question import SHARE, FigureOf, Question
from orchestration.claims.series import Series

NOT_MEASURABLE = "not measurable"
REST = "other"  # how labels begin that are of everything else: they take no place among the rest


def _share(question: Question) -> Answer:
    if not question.claim.of:
        raise InvalidClaim("of: found none, expected the measure of the whole")
    whole = question.figure_of(question.series_of(question.claim.of, ""), question.period)
    return comparisons.share(question.figure, whole, question.bound.holds)


def _average(question: Question, parts: int) -> Answer:
    if question.claim.of:
        raise InvalidClaim(f"of: found {question.claim.of!r}, expected none for an average")
    return comparisons.average(question.figure, parts, question.bound.holds)


def _rank(question: Question) -> Answer:
    claim = question.claim
    if claim.of:
        raise InvalidClaim(f"of: found {claim.of!r}, expected none: places are those of numbers")
    breakdown, _, mine = claim.part.partition("=")
    if not mine:
        raise InvalidClaim("part: found none, expected one of several, as sector=San Diego Sector")
    others = [
        question.series_of(claim.measure, f"{breakdown}={label}")
        for label in question.labels_of(claim.measure, breakdown)
        if label != mine and not label.casefold().startswith(REST)
    ]
    if not others:
        raise InvalidClaim(f"part: found {claim.part!r}, the only one, expected one of several")
    figures = (question.figure_of(series, question.period) for series in others)
    if question.whole_number > len(others) + 1:
        raise InvalidClaim(
            f"value: found {claim.value!r}, expected a place from 1 to {len(others) + 1}"
        )
    return comparisons.rank(question.figure, figures, question.number)


def _lowest(question: Question, others: list[date]) -> Answer:
    return records.lowest(question.series, question.month, others)


def _highest(question: Question, others: list[date]) -> Answer:
    return records.highest(question.series, question.month, others)


def _since(question: Question) -> list[date]:
    return question.comparable(records.since(question.month, question.stated_month))


def _in_years(question: Question) -> list[date]:
    return question.comparable(records.in_years(question.month, question.whole_number))


def _of_that_month(question: Question) -> list[date]:
    return question.comparable(records.of_calendar_month(question.month, question.year))


def _on_record(question: Question) -> list[date]:
    start = question.stated_start
    if start is not None and start >= question.month:
        return question.comparable([])
    return records.on_record(question.series, question.month, start)


def _peak(question: Question) -> tuple[Series, Period, date]:
    month, months = question.stated_month, question.months
    if not months.first <= month <= months.last:
        raise InvalidClaim(f"value: found {question.claim.value!r}, expected a month of {months}")
    return question.series, months, month


def _first(question: Question, compare: Callable[..., Answer]) -> Answer:
    number, after = question.limit
    if after is not None and after >= question.month:
        question.comparable([])
    return compare(question.series, question.month, number, after)


Test = Callable[[Question], Answer]


def _of_years(kind: str, year: str, expected: str) -> dict[str, Test]:
    """The tests of a kind of year. kind: highest or lowest. year: fiscal or calendar."""
    compare = records.highest_year if kind == "highest" else records.lowest_year

    def among(question: Question, others: Callable[[], list[Period]]) -> Answer:
        if getattr(question.period, year) is None:
            raise InvalidClaim(
                f"period: found {question.claim.period!r}, expected one such as {expected}"
            )
        return compare(question.series, question.period, others())

    def on_record(question: Question) -> Answer:
        return among(question, lambda: records.years_on_record(question.series, question.period))

    return {
        f"{kind} {year} year since": lambda q: among(q, lambda: q.years_between),
        f"{kind} {year} year on record": on_record,
        f"{kind} {year} year ever": lambda q: records.ever(on_record(q)),
    }


TESTS: dict[str, Test] = {
    "equals": lambda q: comparisons.equals(q.figure, q.number, q.is_to_date),
    "about": lambda q: comparisons.about(q.figure, q.number, q.is_to_date),
    "more than": lambda q: comparisons.more_than(q.figure, q.number),
    "fewer than": lambda q: comparisons.fewer_than(q.figure, q.number),
    "at least": lambda q: comparisons.at_least(q.figure, q.number),
    "up to": lambda q: comparisons.up_to(q.figure, q.number),
    "between": lambda q: comparisons.between(q.figure, *q.range),
    "rose": lambda q: comparisons.rose(*q.ends),
    "fell": lambda q: comparisons.fell(*q.ends),
    "percent change": lambda q: comparisons.percent_change(*q.ends, q.bound.holds),
    "difference": lambda q: comparisons.difference(*q.ends, q.bound.holds),
    "times": lambda q: comparisons.times(*q.ends, q.factor.holds),
    SHARE: _share,
    "rank": _rank,
    "average per month": lambda q: _average(q, q.period.length),
    "average per day": lambda q: _average(q, q.period.days),
    "fell every month": lambda q: comparisons.fell_every_month(q.series, q.months),
    "rose every month": lambda q: comparisons.rose_every_month(q.series, q.months),
    "lowest since": lambda q: _lowest(q, _since(q)),
    "highest since": lambda q: _highest(q, _since(q)),
    "lowest in years": lambda q: _lowest(q, _in_years(q)),
    "highest in years": lambda q: _highest(q, _in_years(q)),
    "lowest of that month since": lambda q: _lowest(q, _of_that_month(q)),
    "highest of that month since": lambda q: _highest(q, _of_that_month(q)),
    "lowest month": lambda q: records.trough(*_peak(q)),
    "highest month": lambda q: records.peak(*_peak(q)),
    "lowest on record": lambda q: _lowest(q, _on_record(q)),
    "highest on record": lambda q: _highest(q, _on_record(q)),
    "lowest ever": lambda q: records.ever(_lowest(q, _on_record(q))),
    "highest ever": lambda q: records.ever(_highest(q, _on_record(q))),
    "first month above": lambda q: _first(q, records.first_above),
    "first month below": lambda q: _first(q, records.first_below),
    "first ever above": lambda q: records.ever(_first(q, records.first_above)),
    "first ever below": lambda q: records.ever(_first(q, records.first_below)),
    **_of_years("highest", "fiscal", "FY2024"),
    **_of_years("lowest", "fiscal", "FY2024"),
    **_of_years("highest", "calendar", "CY2024"),
    **_of_years("lowest", "calendar", "CY2024"),
}
OF_ONE_NUMBER = ("equals", "about", "more than", "fewer than", "at least", "up to", "between")


def run(question: Question) -> Answer:
    """Test a claim. Raises InvalidClaim."""
    test = question.claim.test
    if test not in TESTS:
        near = get_close_matches(test, [*TESTS, NOT_MEASURABLE]) or list(TESTS)[:3]
        raise InvalidClaim(
            f"test: found {shown(test)}, expected one such as {', '.join(near)}; "
            "`borderledger measures` lists them"
        )
    return TESTS[test](question)


def by_statements(question: Question) -> list[Answer]:
    """What statements answer, the newest first. One about some days of a period is a lower bound of
    it, and nothing else."""
    if question.claim.test not in OF_ONE_NUMBER:
        return []
    is_bound = question.claim.test in ("more than", "at least")
    return [
        run(replace(question, figure_of=_always(said)))
        for said in question.series.statements(question.period)
        if is_bound or said.days == (question.period.first, question.period.end)
    ]


def _always(figure: Figure) -> FigureOf:
    return lambda _series, _period: figure
