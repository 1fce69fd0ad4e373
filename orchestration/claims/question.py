"""A claim as a question: its words, read as what a test needs of them.

What belongs here: reading the periods, numbers and months of a claim. Raises InvalidClaim where
they do not fit. Which tests there are is in `questions`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from orchestration.claims.bound import Bound
from orchestration.claims.claim import Claim, InvalidClaim
from orchestration.claims.figures import Figure
from orchestration.claims.periods import Period, endpoints, is_day
from orchestration.claims.series import Series, ShareSeries
from orchestration.claims.stated import ABOUT, StatedNumber

RANGE = re.compile(r"(.+?)\s+to\s+(.+)")
YEAR_TO_DATE = re.compile(r"[FC]Y\d+ to ")
SINCE = re.compile(r"(.+?)\s+since\s+(.+)")
SeriesOf = Callable[[str, str], Series]
LabelsOf = Callable[[str, str], tuple[str, ...]]
FigureOf = Callable[[Series, Period], Figure | None]
SHARE = "share of"
FRACTION = 1e-6  # what is left of a whole number that was computed
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
    figure_of: FigureOf = lambda series, period: series.counted(period)

    @property
    def series(self) -> Series:
        """That of the measure; in percent of another one, if the claim is of a share."""
        measured = self.series_of(self.claim.measure, self.claim.part)
        if self.claim.of and self.claim.test != SHARE:
            return ShareSeries(measured, self.series_of(self.claim.of, ""))
        return measured

    @property
    def period(self) -> Period:
        _expect_no_day(self.claim.period)
        return _read(Period.parse, self.claim.period, "period")

    @property
    def is_to_date(self) -> bool:
        """Whether it is about a year to date, which has an end by now: `FY2026 to 2026-01`."""
        return YEAR_TO_DATE.match(self.claim.period) is not None

    @property
    def figure(self) -> Figure | None:
        return self.figure_of(self.series, self.period)

    @property
    def ends(self) -> tuple[Figure | None, Figure | None]:
        """The figures of the two periods that a change is between: as long, and one after the
        other."""
        for end in self.claim.period.split("/"):
            _expect_no_day(end)
        before, after = _read(endpoints, self.claim.period, "period")
        if before.length != after.length:
            raise InvalidClaim(
                f"period: found {self.claim.period!r}, expected two of as many months, such as "
                "FY2023/FY2024 or FY2024 to date/FY2025 to date"
            )
        if after.first <= before.last:
            raise InvalidClaim(
                f"period: found {self.claim.period!r}, expected two that follow one another, the "
                "earlier one first"
            )
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
        """The number that the claim states. Raises InvalidClaim for a fraction of a person, such as
        94.190, which may be 94,190 or 94."""
        number = _read(
            lambda text: StatedNumber.parse(text, self.claim.precision), self.claim.value, "value"
        )
        if not self.claim.of and abs(number.value - round(number.value)) > FRACTION:
            raise InvalidClaim(
                f"value: found {self.claim.value!r}, expected a whole number, such as 94,190: a "
                "comma separates thousands, a point decimals"
            )
        return number

    @property
    def bound(self) -> Bound:
        """The number, or a bound such as `more than 50`."""
        parse = StatedNumber.parse_share if self.claim.test == SHARE else StatedNumber.parse
        return _read(
            lambda text: Bound.parse(text, lambda one: parse(one, self.claim.precision)),
            self.claim.value,
            "value",
        )

    @property
    def whole_number(self) -> int:
        """A number of years, or a place."""
        if not re.fullmatch("[1-9][0-9]{0,2}", self.claim.value):
            raise InvalidClaim(
                f"value: found {self.claim.value!r}, expected a whole number such as 4"
            )
        return int(self.claim.value)

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
    def factor(self) -> Bound:
        """So many times: `doubled` is 2, within 5 %, which is less than a digit; 1.74 is that, to
        its last digit."""
        bound, number = self.bound, self.bound.number
        if number.value <= 0:
            raise InvalidClaim(f"value: found {self.claim.value!r}, expected a factor, such as 2")
        tolerance = min(number.tolerance, number.value * ABOUT)
        return replace(bound, number=replace(number, tolerance=tolerance))

    @property
    def stated_month(self) -> date:
        return _month(self.claim.value, self.claim.value)

    @property
    def stated_start(self) -> date | None:
        return self.stated_month if self.claim.value else None

    @property
    def year(self) -> int:
        """The year that the claim names, such as 2019, or FY2010 if it is about a fiscal year."""
        prefix = "FY" if self.period.fiscal else "CY"
        digits = self.claim.value.removeprefix(prefix)
        if not re.fullmatch("(18|19|20|21)[0-9]{2}", digits):
            raise InvalidClaim(
                f"value: found {self.claim.value!r}, expected a year, such as FY2010"
            )
        return int(digits)

    @property
    def years_between(self) -> list[Period]:
        """The years after the one that the claim names and before the one that it is about."""
        later = range(self.year + 1 - self.period.last.year, 0)
        return self.comparable([self.period.years_later(number) for number in later])

    def comparable(self, others: list[Other]) -> list[Other]:
        """What the claim's period is compared with. Raises InvalidClaim if nothing is left."""
        if not others:
            raise InvalidClaim(
                f"value: found {self.claim.value!r}, which leaves nothing to compare "
                f"{self.claim.period} with"
            )
        return others


def _expect_no_day(period: str) -> None:
    """Raises InvalidClaim for a day, which would be tested on all of its month."""
    if is_day(period):
        raise InvalidClaim(
            f"period: found {period!r}, a day, expected its month, if the claim is about that: "
            "nothing is counted by days"
        )


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
