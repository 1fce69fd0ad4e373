"""The tests by name: what each needs of a claim, and how it is run.

What belongs here: from a claim's words to a comparison. Raises InvalidClaim where they do not fit.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from orchestration.claims import comparisons
from orchestration.claims.claim import Claim, InvalidClaim
from orchestration.claims.comparisons import Answer
from orchestration.claims.figures import Figure
from orchestration.claims.periods import Period, endpoints
from orchestration.claims.series import Series, percent_of
from orchestration.claims.stated import StatedNumber

RANGE = re.compile(r"(.+?)\s+to\s+(.+)")
SeriesOf = Callable[[str, str], Series]
FigureOf = Callable[[Series, Period], Figure | None]
SHARE = "share of"
NOT_MEASURABLE = "not measurable"
Read = TypeVar("Read")


@dataclass(frozen=True)
class Question:
    """A claim and what is known.

    series_of: the series of a measure, in all or of a part. figure_of: a series' figure of a
    period, which is counted, or stated where that is asked for.
    """

    claim: Claim
    series_of: SeriesOf
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
        return _read(
            lambda text: StatedNumber.parse(text, self.claim.precision), self.claim.value, "value"
        )

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
        period = _read(Period.parse, self.claim.value, "value")
        if not period.is_month:
            raise InvalidClaim(f"value: found {self.claim.value!r}, expected a month, as 2020-07")
        return period.first

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
    def fiscal_year(self) -> int:
        if (year := self.period.fiscal) is None:
            raise InvalidClaim(f"period: found {self.claim.period!r}, expected one such as FY2024")
        return year


def _read(parse: Callable[[str], Read], text: str, column: str) -> Read:
    """What a column holds. Raises InvalidClaim."""
    try:
        return parse(text)
    except ValueError as error:
        raise InvalidClaim(f"{column}: {error}") from None


def _share(question: Question) -> Answer:
    if not question.claim.of:
        raise InvalidClaim("of: found none, expected the measure of the whole")
    whole = question.figure_of(question.series_of(question.claim.of, ""), question.period)
    return comparisons.share(question.figure, whole, question.number)


def _per(question: Question, parts: int) -> Answer:
    figure = question.figure
    if figure is None:
        return comparisons.UNKNOWN
    return comparisons.equals(
        replace(figure, bounds=figure.bounds.times(1 / parts)), question.number
    )


def _lowest(question: Question, others: list[date]) -> Answer:
    return comparisons.lowest(question.series, question.month, others)


def _highest(question: Question, others: list[date]) -> Answer:
    return comparisons.highest(question.series, question.month, others)


def _since(question: Question) -> list[date]:
    return _not_empty(question, comparisons.since(question.month, question.stated_month))


def _in_years(question: Question) -> list[date]:
    return _not_empty(question, comparisons.in_years(question.month, int(question.number.value)))


def _not_empty(question: Question, others: list[Read]) -> list[Read]:
    """What a period is compared with. Raises InvalidClaim if that is nothing."""
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


def _on_record(question: Question) -> list[date]:
    return comparisons.on_record(question.series, question.month, question.stated_start)


def _of_that_month(question: Question) -> list[date]:
    return _not_empty(question, comparisons.of_calendar_month(question.month, question.year))


def _highest_year(question: Question) -> Answer:
    between = _not_empty(question, list(range(question.year + 1, question.fiscal_year)))
    return comparisons.highest_year(question.series, question.fiscal_year, between)


TESTS: dict[str, Callable[[Question], Answer]] = {
    "equals": lambda q: comparisons.equals(q.figure, q.number),
    "about": lambda q: comparisons.about(q.figure, q.number),
    "more than": lambda q: comparisons.more_than(q.figure, q.number),
    "fewer than": lambda q: comparisons.fewer_than(q.figure, q.number),
    "at least": lambda q: comparisons.at_least(q.figure, q.number),
    "up to": lambda q: comparisons.up_to(q.figure, q.number),
    "between": lambda q: comparisons.between(q.figure, *q.range),
    "percent change": lambda q: comparisons.percent_change(*q.ends, q.number),
    "difference": lambda q: comparisons.difference(*q.ends, q.number),
    "times": lambda q: comparisons.times(*q.ends, q.factor),
    SHARE: _share,
    "average per month": lambda q: _per(q, len(q.period.months)),
    "average per day": lambda q: _per(q, q.period.days),
    "lowest since": lambda q: _lowest(q, _since(q)),
    "highest since": lambda q: _highest(q, _since(q)),
    "lowest in years": lambda q: _lowest(q, _in_years(q)),
    "highest in years": lambda q: _highest(q, _in_years(q)),
    "lowest on record": lambda q: _lowest(q, _on_record(q)),
    "highest on record": lambda q: _highest(q, _on_record(q)),
    "lowest of that month since": lambda q: _lowest(q, _of_that_month(q)),
    "highest of that month since": lambda q: _highest(q, _of_that_month(q)),
    "highest fiscal year since": _highest_year,
    "highest fiscal year ever": lambda q: comparisons.highest_year_ever(q.series, q.fiscal_year),
    "first ever above": lambda q: comparisons.first_ever_above(q.series, q.month, q.number),
    "first month above": lambda q: comparisons.first_above(q.series, q.month, q.number),
    "first month below": lambda q: comparisons.first_below(q.series, q.month, q.number),
    "fell every month": lambda q: comparisons.fell_every_month(q.series, q.months),
    "rose every month": lambda q: comparisons.rose_every_month(q.series, q.months),
    "highest month": lambda q: comparisons.peak(*_peak(q)),
    "lowest month": lambda q: comparisons.trough(*_peak(q)),
}
OF_ONE_NUMBER = ("equals", "about", "more than", "fewer than", "at least", "up to", "between")


def run(question: Question) -> Answer:
    """Test a claim. Raises InvalidClaim."""
    if question.claim.test not in TESTS:
        known = ", ".join([*TESTS, NOT_MEASURABLE])
        raise InvalidClaim(f"test: found {question.claim.test!r}, expected one of {known}")
    return TESTS[question.claim.test](question)
