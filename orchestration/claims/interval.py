"""Intervals: a number of which only bounds are known.

What belongs here: arithmetic on bounds, and comparisons that answer true if they hold for every
value in the bounds, false if for none, and None otherwise. Wider bounds never answer more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Interval:
    """All numbers from `lower` to `upper`, both included; `upper` may be infinite."""

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not self.lower <= self.upper:
            raise ValueError(f"found {self.lower} to {self.upper}, expected the lower bound first")

    @classmethod
    def exactly(cls, value: float) -> "Interval":
        return cls(value, value)

    @classmethod
    def around(cls, value: float, tolerance: float) -> "Interval":
        return cls(value - tolerance, value + tolerance)

    @property
    def is_exact(self) -> bool:
        return self.lower == self.upper

    @property
    def middle(self) -> float | None:
        """The published number, if the bounds come from its rounding; None if there is no upper
        bound."""
        return None if self.upper == inf else (self.lower + self.upper) / 2

    @property
    def negated(self) -> "Interval":
        return Interval(-self.upper, -self.lower)

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.lower + other.lower, self.upper + other.upper)

    def __sub__(self, other: "Interval") -> "Interval":
        return Interval(self.lower - other.upper, self.upper - other.lower)

    def times(self, factor: float) -> "Interval":
        """Each value multiplied by a factor, which is not negative."""
        return Interval(self.lower * factor, self.upper * factor if factor else 0.0)

    def parted(self, parts: int) -> "Interval":
        """Each value divided by a number of parts."""
        return Interval(self.lower / parts, self.upper / parts)

    def over(self, other: "Interval") -> "Interval | None":
        """Each value divided by each of the other's; neither has negative values. None if the
        other may be zero, or both are unbounded."""
        if other.lower <= 0 or self.upper == other.upper == inf:
            return None
        return Interval(self.lower / other.upper, self.upper / other.lower)

    def percent_of(self, whole: "Interval") -> "Interval | None":
        """Each value in percent of each of the other's; None where it cannot be divided."""
        return self.times(100).over(whole)

    def is_above(self, other: "Interval") -> bool | None:
        """Whether a value of this is above one of the other."""
        return _all_or_none(self.lower > other.upper, self.upper <= other.lower)

    def is_at_least(self, other: "Interval") -> bool | None:
        return _all_or_none(self.lower >= other.upper, self.upper < other.lower)

    def is_below(self, other: "Interval") -> bool | None:
        return other.is_above(self)

    def is_at_most(self, other: "Interval") -> bool | None:
        return other.is_at_least(self)

    def is_within(self, other: "Interval") -> bool | None:
        """Whether a value of this is among those of the other."""
        inside = self.lower >= other.lower and self.upper <= other.upper
        return _all_or_none(inside, self.upper < other.lower or self.lower > other.upper)


def total(intervals: Iterable[Interval]) -> Interval:
    """The sum of independent numbers."""
    return sum(intervals, Interval.exactly(0.0))


def every(answers: Iterable[bool | None]) -> bool | None:
    """Whether all hold: false as soon as one does not, unknown if one that is unknown could change
    that."""
    found = list(answers)
    if False in found:
        return False
    return None if None in found else True


def _all_or_none(holds_for_all: bool, holds_for_none: bool) -> bool | None:
    if holds_for_all:
        return True
    return False if holds_for_none else None
