"""Series made up for tests of claims."""

from datetime import date
from math import inf

from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period, month_after
from orchestration.claims.series import Published, Series

LONG_AGO = date(2000, 1, 1)


def published(
    period: str,
    bounds: float | tuple[float, float | None],
    kind: Kind = Kind.EXACT,
    on: date = LONG_AGO,
    preference: int = 1,
    release: str = "r",
) -> Published:
    """A figure as a release has it. bounds: one number, or two; None: no upper bound."""
    lower, upper = bounds if isinstance(bounds, tuple) else (bounds, bounds)
    interval = Interval(lower, inf if upper is None else upper)
    middle = lower if upper is None else (lower + upper) / 2
    figure = Figure("people", Period.parse(period), interval, kind, middle, (release,), on)
    return Published(figure, preference)


def series(*found: Published, as_of: date = date.max) -> Series:
    return Series("people", found, as_of)


def months(first: str, *counts: float | None) -> Series:
    """A series of exact counts from a month on; None: that month is not known."""
    start = Period.parse(first).first
    known = {month_after(start, number): count for number, count in enumerate(counts)}
    return series(
        *(published(f"{month:%Y-%m}", count) for month, count in known.items() if count is not None)
    )
