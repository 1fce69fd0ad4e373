"""What a test of a claim answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from orchestration.claims.figures import Figure
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period


@dataclass(frozen=True)
class Answer:
    """What a test found.

    truth: whether it holds; None if the figures do not decide it.
    found: what it compared the statement with: bounds, or a month.
    published: the number as published, where the bounds are those of its rounding.
    tested, compared: the figures that the statement is about, and those that they were compared
        with.
    against: the months or years that contradict it. unknown: those of which nothing is known.
    unknown_others: how many of those that a place is among are not known.
    """

    truth: bool | None
    found: Interval | date | None = None
    tested: tuple[Figure, ...] = ()
    compared: tuple[Figure, ...] = ()
    against: tuple[Period, ...] = ()
    unknown: tuple[Period, ...] = ()
    published: float | None = None
    unknown_others: int = 0


UNKNOWN = Answer(None)
Compare = Callable[[Interval, Interval], bool | None]
