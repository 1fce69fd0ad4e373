"""Claims of every kind, and series made up for tests of claims."""

from datetime import date
from math import inf

from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period, month_after
from orchestration.claims.series import Published, Series

LONG_AGO = date(2000, 1, 1)
ASKED = {  # by test: the period, and values
    "equals": ("2024-10/2024-11", "15", "16", "17", "18"),
    "about": ("2024-10/2024-11", "15", "16", "17", "18"),
    "more than": ("2024-10/2024-11", "12", "16", "20"),
    "fewer than": ("2024-10/2024-11", "12", "16", "20"),
    "at least": ("2024-10/2024-11", "12", "16", "20"),
    "up to": ("2024-10/2024-11", "12", "16", "20"),
    "between": ("2024-10/2024-11", "12 to 16", "14 to 20"),
    "rose": ("2024-10/2024-11", ""),
    "fell": ("2024-10/2024-11", ""),
    "percent change": ("2024-10/2024-11", "20", "-25", "0"),
    "difference": ("2024-10/2024-11", "2", "-2"),
    "times": ("2024-10/2024-11", "0.5", "1", "2"),
    "share of": ("2024-10/2024-11", "30", "more than 25", "one in three"),
    "rank": ("2024-10/2024-11", "1", "2", "3"),
    "average per month": ("2024-10/2024-11", "8", "9"),
    "average per day": ("2024-10/2024-11", "0.25", "0.26", "0.3"),
    "fell every month": ("2024-10/2024-12", ""),
    "rose every month": ("2024-10/2024-12", ""),
    "lowest since": ("2025-03", "2024-10"),
    "highest since": ("2025-03", "2024-10"),
    "lowest in years": ("2025-03", "1", "2"),
    "highest in years": ("2025-03", "1", "2"),
    "lowest of that month since": ("2025-03", "2022"),
    "highest of that month since": ("2025-03", "2022"),
    "lowest month": ("2024-04/2024-07", "2024-05"),
    "highest month": ("2024-04/2024-07", "2024-05"),
    "lowest on record": ("2023-01", "", "2022-11"),
    "highest on record": ("2023-01", "", "2022-11"),
    "lowest ever": ("2023-01", ""),
    "highest ever": ("2023-01", ""),
    "first month above": ("2023-02", "9", "9 since 2022-11"),
    "first month below": ("2023-02", "8", "8 since 2022-11"),
    "first ever above": ("2023-02", "9"),
    "first ever below": ("2023-02", "8"),
    "highest fiscal year since": ("FY2025", "FY2023"),
    "highest fiscal year on record": ("FY2024", ""),
    "highest fiscal year ever": ("FY2024", ""),
    "lowest fiscal year since": ("FY2025", "FY2023"),
    "lowest fiscal year on record": ("FY2024", ""),
    "lowest fiscal year ever": ("FY2024", ""),
    "highest calendar year since": ("CY2024", "2022"),
    "highest calendar year on record": ("CY2024", ""),
    "highest calendar year ever": ("CY2024", ""),
    "lowest calendar year since": ("CY2024", "2022"),
    "lowest calendar year on record": ("CY2024", ""),
    "lowest calendar year ever": ("CY2024", ""),
}


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
    figure = Figure("people", Period.parse(period), interval, kind, middle, on, release)
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
