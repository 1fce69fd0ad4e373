"""A measure as it was known on a day.

What belongs here: which of the published figures counts for a month or a period, and sums. Reading
them from the published file is in `store`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from math import inf

from orchestration.claims.figures import Figure, Kind, surest_last
from orchestration.claims.interval import Interval, total
from orchestration.claims.periods import Period

LATE = 10  # a preference from here on: only where no other figure is exact


@dataclass(frozen=True)
class Published:
    """A figure as a release has it. preference: which comes first of releases of one day."""

    figure: Figure
    preference: int


class Series:
    """The figures of one measure that had been published by a day."""

    def __init__(
        self, measure: str, published: Iterable[Published], as_of: date, until: date = date.max
    ) -> None:
        """until: periods that end later are left out, as if nobody had counted them yet."""
        self.measure, self.as_of = measure, as_of
        self._published = [
            one
            for one in published
            if one.figure.published_on <= as_of and one.figure.period.end <= until
        ]

    @cached_property
    def _best(self) -> dict[Period, Figure]:
        """By period, the counted figure that is in force."""
        best: dict[Period, Published] = {}
        for one in self._published:
            period = one.figure.period
            if one.figure.is_counted and (period not in best or _rank(one) < _rank(best[period])):
                best[period] = one
        return {period: one.figure for period, one in best.items()}

    @cached_property
    def months(self) -> dict[date, Figure]:
        """The months that were counted, in order."""
        found = {
            period.first: figure
            for period, figure in self._best.items()
            if period.is_month and figure.kind is not Kind.PARTIAL
        }
        return dict(sorted(found.items()))

    @property
    def last(self) -> date | None:
        """The last month of which something was counted."""
        return max((period.last for period in self._best), default=None)

    def month(self, month: date) -> Figure | None:
        """What was counted in a month; None if that is not known."""
        return self.months.get(month)

    def counted(self, period: Period) -> Figure | None:
        """What was counted in a period: as published, or the sum of its months; at least the known
        part of it. None if nothing of it is known."""
        known = [self.months[month] for month in period.months if month in self.months]
        if len(known) == len(period.months):
            return self._sum(period, known)
        whole = self._best.get(period)
        if whole is not None and whole.kind is not Kind.PARTIAL:
            return whole
        parts = [
            figure
            for part, figure in self._best.items()
            if part.first >= period.first and part.last <= period.last
        ]
        if known:
            months = tuple(figure.period.first for figure in known)
            parts.append(replace(self._sum(period, known), known=months))
        if not parts:
            return None
        most = max(parts, key=lambda figure: figure.bounds.lower)
        at_least = Interval(most.bounds.lower, inf)
        return replace(most, period=period, bounds=at_least, kind=Kind.PARTIAL)

    def statements(self, period: Period) -> list[Figure]:
        """What officials said about just this period, the newest first."""
        return [
            one.figure
            for one in sorted(self._published, key=_rank)
            if one.figure.period == period and not one.figure.is_counted
        ]

    def _sum(self, period: Period, figures: list[Figure]) -> Figure:
        if len(figures) == 1:
            return replace(figures[0], period=period)
        return Figure(
            self.measure,
            period,
            total(figure.bounds for figure in figures),
            max((figure.kind for figure in figures), key=surest_last),
            sum(figure.published for figure in figures),
            tuple(sorted({release for figure in figures for release in figure.releases})),
            max(figure.published_on for figure in figures),
        )


def percent_of(part: Series, whole: Series) -> Series:
    """The share of a part in a whole, in percent, of each month of which both are known."""
    return Series(
        f"{part.measure} in percent of {whole.measure}", _percentages(part, whole), date.max
    )


def _percentages(part: Series, whole: Series) -> Iterator[Published]:
    for month, figure in part.months.items():
        other = whole.month(month)
        percent = None if other is None else figure.bounds.percent_of(other.bounds)
        if other is not None and percent is not None:
            share = replace(
                figure,
                bounds=percent,
                kind=max(figure.kind, other.kind, key=surest_last),
                published=100 * figure.published / other.published,
                releases=tuple(sorted({*figure.releases, *other.releases})),
                published_on=max(figure.published_on, other.published_on),
            )
            yield Published(share, 1)


def _rank(one: Published) -> tuple[int, int, int, tuple[str, ...]]:
    """An exact count before others, then the newest."""
    figure = one.figure
    kind = 0 if figure.kind is Kind.EXACT and one.preference < LATE else 1
    return kind, -figure.published_on.toordinal(), one.preference, figure.releases
