"""The tests by name: what each needs of a claim, and how it is run.

What belongs here: from a claim's words to a comparison. Raises InvalidClaim where they do not fit.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from orchestration.claims import comparisons, records
from orchestration.claims.answers import UNKNOWN, Answer
from orchestration.claims.claim import Claim, InvalidClaim
from orchestration.claims.figures import Figure
from orchestration.claims.periods import Period, endpoints
from orchestration.claims.series import Series, percent_of
from orchestration.claims.stated import StatedNumber

RANGE = re.compile(r"(.+?)\s+to\s+(.+)")
SINCE = re.compile(r"(.+?)\s+since\s+(.+)")
SeriesOf = Callable[[str, str], Series]
LabelsOf = Callable[[str, str], tuple[str, ...]]
FigureOf = Callable[[Series, Period], Figure | None]
SHARE = "share of"
REST = "other"  # how labels begin that are of everything else: they take no place among the rest
NOT_MEASURABLE = "not measurable"
Read = TypeVar("Read")
Other = TypeVar("Other", date, Period)


@dataclass(frozen=True)
class Question:
    """A claim and what is known.

    series_of: the series of a measure, in all or of a part. labels_of: the labels of a breakdown of
    a measure. figure_of: a series' figure of a period, which is counted, or stated where that is
    asked for.
    """

    claim: Claim
    series_of: SeriesOf
    labels_of: LabelsOf = lambda measure, breakdown: ()
    figure_of: FigureOf = Series.counted

    @property
    def series(self) -> Series:
        """That of the measure; in percent of another one, if the claim is of a share."""
        measured = self.series_of(self.claim.measure, self.claim.part)
        if self.claim.of and self.claim.test != SHARE:
            return percent_of(measured, self.series_of(self.claim.of, ""))
        return measured

    @property
    def period(self) -> Period:
        return _read(Period.parse, self.claim.period, "period")

    @property
    def figure(self) -> Figure | None:
        return self.figure_of(self.series, self.period)

    @property
    def ends(self) -> tuple[Figure | None, Figure | None]:
        """The figures of the two periods that a change is between."""
        before, after = _read(endpoints, self.claim.period, "period")
        return self.figure_of(self.series, before), self.figure_of(self.series, after)

    @property
    def months(self) -> Period:
        """The period of a claim about several months."""
        if self.period.is_month:
            raise InvalidClaim(f"period: found {self.claim.period!r}, expected several months")
        return self.period

    @property
    def month(self) -> date:
        """The month that the claim is about."""
        if not self.period.is_month:
            raise InvalidClaim(f"period: found {self.claim.period!r}, expected a month")
        return self.period.first

    @property
    def number(self) -> StatedNumber:
        parse = StatedNumber.parse_share if self.claim.test == SHARE else StatedNumber.parse
        return _read(lambda text: parse(text, self.claim.precision), self.claim.value, "value")

    @property
    def limit(self) -> tuple[StatedNumber, date | None]:
        """The number that a month is the first to pass, and since when, as in `200,000 since
        2021-02`."""
        if (found := SINCE.fullmatch(self.claim.value)) is None:
            return self.number, None
        number = _read(StatedNumber.parse, found[1], "value")
        return number, _month(found[2], self.claim.value)

    @property
    def range(self) -> tuple[StatedNumber, StatedNumber]:
        if (found := RANGE.fullmatch(self.claim.value)) is None:
            raise InvalidClaim(f"value: found {self.claim.value!r}, expected 125,000 to 154,000")
        lowest, highest = (_read(StatedNumber.parse, part, "value") for part in found.groups())
        if lowest.value > highest.value:
            raise InvalidClaim(
                f"value: found {self.claim.value!r}, expected the lower number first"
            )
        return lowest, highest

    @property
    def factor(self) -> StatedNumber:
        if (number := self.number).value <= 0:
            raise InvalidClaim(f"value: found {self.claim.value!r}, expected a factor, such as 2")
        return number

    @property
    def stated_month(self) -> date:
        return _month(self.claim.value, self.claim.value)

    @property
    def stated_start(self) -> date | None:
        return self.stated_month if self.claim.value else None

    @property
    def year(self) -> int:
        """The year that the claim names, such as FY2010 or 2019."""
        digits = self.claim.value.removeprefix("FY").removeprefix("CY")
        if not re.fullmatch("[0-9]{4}", digits):
            raise InvalidClaim(
                f"value: found {self.claim.value!r}, expected a year, such as FY2010"
            )
        return int(digits)

    @property
    def years_between(self) -> list[Period]:
        """The years after the one that the claim names and before the one that it is about."""
        later = range(self.year + 1 - self.period.last.year, 0)
        return _not_empty(self, [self.period.years_later(number) for number in later])


def _read(parse: Callable[[str], Read], text: str, column: str) -> Read:
    """What a column holds. Raises InvalidClaim."""
    try:
        return parse(text)
    except ValueError as error:
        raise InvalidClaim(f"{column}: {error}") from None


def _month(text: str, found: str) -> date:
    period = _read(Period.parse, text, "value")
    if not period.is_month:
        raise InvalidClaim(f"value: found {found!r}, expected a month, as 2020-07")
    return period.first


def _share(question: Question) -> Answer:
    if not question.claim.of:
        raise InvalidClaim("of: found none, expected the measure of the whole")
    whole = question.figure_of(question.series_of(question.claim.of, ""), question.period)
    return comparisons.share(question.figure, whole, question.number)


def _per(question: Question, parts: int) -> Answer:
    figure = question.figure
    if figure is None:
        return UNKNOWN
    return comparisons.equals(
        replace(figure, bounds=figure.bounds.times(1 / parts)), question.number
    )


def _rank(question: Question) -> Answer:
    claim = question.claim
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
    return comparisons.rank(question.figure, figures, question.number)


def _lowest(question: Question, others: list[date]) -> Answer:
    return records.lowest(question.series, question.month, others)


def _highest(question: Question, others: list[date]) -> Answer:
    return records.highest(question.series, question.month, others)


def _since(question: Question) -> list[date]:
    return _not_empty(question, records.since(question.month, question.stated_month))


def _in_years(question: Question) -> list[date]:
    return _not_empty(question, records.in_years(question.month, int(question.number.value)))


def _of_that_month(question: Question) -> list[date]:
    return _not_empty(question, records.of_calendar_month(question.month, question.year))


def _on_record(question: Question) -> list[date]:
    return records.on_record(question.series, question.month, question.stated_start)


def _not_empty(question: Question, others: list[Other]) -> list[Other]:
    """Raises InvalidClaim if nothing is left to compare with."""
    if not others:
        raise InvalidClaim(
            f"value: found {question.claim.value!r}, which leaves nothing to compare "
            f"{question.claim.period} with"
        )
    return others


def _peak(question: Question) -> tuple[Series, Period, date]:
    month, months = question.stated_month, question.months
    if not months.first <= month <= months.last:
        raise InvalidClaim(f"value: found {question.claim.value!r}, expected a month of {months}")
    return question.series, months, month


def _first(question: Question, compare: Callable[..., Answer]) -> Answer:
    number, after = question.limit
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
    "equals": lambda q: comparisons.equals(q.figure, q.number),
    "about": lambda q: comparisons.about(q.figure, q.number),
    "more than": lambda q: comparisons.more_than(q.figure, q.number),
    "fewer than": lambda q: comparisons.fewer_than(q.figure, q.number),
    "at least": lambda q: comparisons.at_least(q.figure, q.number),
    "up to": lambda q: comparisons.up_to(q.figure, q.number),
    "between": lambda q: comparisons.between(q.figure, *q.range),
    "rose": lambda q: comparisons.rose(*q.ends),
    "fell": lambda q: comparisons.fell(*q.ends),
    "percent change": lambda q: comparisons.percent_change(*q.ends, q.number),
    "difference": lambda q: comparisons.difference(*q.ends, q.number),
    "times": lambda q: comparisons.times(*q.ends, q.factor),
    SHARE: _share,
    "rank": _rank,
    "average per month": lambda q: _per(q, len(q.period.months)),
    "average per day": lambda q: _per(q, q.period.days),
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
    if question.claim.test not in TESTS:
        known = ", ".join([*TESTS, NOT_MEASURABLE])
        raise InvalidClaim(f"test: found {question.claim.test!r}, expected one of {known}")
    return TESTS[question.claim.test](question)


def by_statements(question: Question) -> Answer | None:
    """What a statement answers, the newest that bears the claim out; None if none does."""
    if question.claim.test not in OF_ONE_NUMBER:
        return None
    for said in question.series.statements(question.period):
        answer = run(replace(question, figure_of=lambda *_, said=said: said))
        if answer.truth:
            return answer
    return None
