"""Figures: what is known of a measure in a period, by which releases."""

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
    """A measure in a period. published: the number, or the sum of numbers, as published. releases:
    where it is from. published_on: the newest of them. known: of a partial one, the months that it
    is the sum of; none for a year to date, which ends within a month. page: of a statement, where
    it can be read."""

    measure: str
    period: Period
    bounds: Interval
    kind: Kind
    published: float
    releases: tuple[str, ...]
    published_on: date
    known: tuple[date, ...] = ()
    page: str | None = None

    @property
    def is_counted(self) -> bool:
        """Whether somebody has counted it, and published that."""
        return self.kind is not Kind.STATED


def surest_last(kind: Kind) -> int:
    """Orders kinds from the surest on."""
    return list(Kind).index(kind)
