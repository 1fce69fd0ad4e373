"""Figures: what is known of a measure in a period, by which releases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period


class Kind(StrEnum):
    """What a figure's bounds come from, the surest first."""

    EXACT = "exact"  # a published count
    ROUNDED = "rounded"  # a published count, rounded
    PARTIAL = "partial"  # the known part of a period: at least so many
    STATED = "stated"  # what an official said, which bears out no statement by itself


@dataclass(frozen=True)
class Figure:
    """A measure in a period.

    part: of a breakdown, as `sector=San Diego Sector`; empty for the whole.
    published: the number as published, or computed from those that are.
    published_on: when it was; of a computed one, its newest part.
    release: where it is from; empty for a computed one, which has parts.
    first_day, last_day: those that it covers, if they are not the period's: a year to date, or a
        statement's window.
    known: of a partial one, the months that it is the sum of; none for a year to date, which ends
        within a month.
    page: of a statement, where it can be read. is_share: of a part in a whole, in percent.
    """

    measure: str
    period: Period
    bounds: Interval
    kind: Kind
    published: float
    published_on: date
    release: str = ""
    part: str = ""
    parts: tuple["Figure", ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    known: tuple[date, ...] = ()
    page: str | None = None
    is_share: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether somebody has counted it, and published that."""
        return self.kind is not Kind.STATED

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that it covers."""
        return self.first_day or self.period.first, self.last_day or self.period.end

    @property
    def last_known_day(self) -> date:
        """The last day of what has been published of it."""
        return max(one.days[1] for one in self.as_published())

    @property
    def is_of_whole_months(self) -> bool:
        return self.days == (self.period.first, self.period.end)

    def as_published(self) -> Iterator["Figure"]:
        """The figures of releases that it is computed from; itself, if it is one."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.as_published()


def surest_last(kind: Kind) -> int:
    """Orders kinds from the surest on."""
    return list(Kind).index(kind)
