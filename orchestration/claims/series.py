"""A measure as it was known on a day.

What belongs here: which of the published figures counts for a month or a period, and sums. Reading
them from the published file is in `store`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import inf

from orchestration.claims.claim import InvalidClaim
from orchestration.claims.figures import Figure, Kind, surest_last
from orchestration.claims.interval import Interval, total
from orchestration.claims.periods import Period, month_after

ALL = 100.0  # percent
LATE = 10  # a preference from here on: only where no other figure is exact


@dataclass(frozen=True)
class Published:
    """A figure as a release has it. preference: which comes first of releases of one day."""

    figure: Figure
    preference: int


class Series:
    """The figures of one measure that had been published by a day."""

    def __init__(
        self,
        measure: str,
        published: Iterable[Published],
        as_of: date,
        until: date = date.max,
        part: str = "",
    ) -> None:
        """until: periods that end later are left out, as if nobody had counted them yet. part: of a
        breakdown; the whole, if empty."""
        self.measure, self.part, self.as_of = measure, part, as_of
        self._published = [
            one
            for one in published
            if one.figure.published_on <= as_of
            and (until == date.max or one.figure.days[1] <= until)
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

    @cached_property
    def wholes(self) -> list[Period]:
        """The periods of more than a month that were counted and published as one."""
        return [
            period
            for period, figure in self._best.items()
            if not period.is_month and figure.kind is not Kind.PARTIAL
        ]

    @cached_property
    def _by_first_month(self) -> dict[date, list[tuple[Period, Figure]]]:
        """The figures in force by the month in which their periods begin."""
        found: dict[date, list[tuple[Period, Figure]]] = {}
        for period, figure in self._best.items():
            found.setdefault(period.first, []).append((period, figure))
        return found

    @property
    def last(self) -> date | None:
        """The last month of which something was counted."""
        return max((period.last for period in self._best), default=None)

    def month(self, month: date) -> Figure | None:
        """What was counted in a month; None if that is not known."""
        return self.months.get(month)

    def counted(self, period: Period) -> Figure | None:
        """What was counted in a period: as published, or the sum of its months, the surest and then
        the newest; at least the known part of it. None if nothing of it is known."""
        if period.is_month:
            return self._best.get(period)
        found = [self._best[period]] if period in self.wholes else []
        months = [self.months[month] for month in period.months if month in self.months]
        if len(months) == period.length:
            found.insert(0, self._sum(period, self._of_one_release(months)))
        if found:
            return min(found, key=_surest_and_newest)
        pieces = self._pieces(period)
        return self._sum(period, pieces) if pieces else None

    def statements(self, period: Period) -> list[Figure]:
        """What officials said about days of a period, the newest first."""
        return [
            one.figure
            for one in sorted(self._published, key=_rank)
            if not one.figure.is_counted
            and period.first <= one.figure.days[0]
            and one.figure.days[1] <= period.end
        ]

    def _of_one_release(self, months: list[Figure]) -> list[Figure]:
        """The months of a period, all from the newest release of them if that counts only where no
        file has a month, and has every one of these: it was made after the files, and has their
        months as revised since. What its publisher says of the period is the sum of its months."""
        newest = max(months, key=lambda figure: figure.published_on)
        listed = self._late.get(newest.release, {})
        if all(figure.period in listed for figure in months):
            return [listed[figure.period] for figure in months]
        return months

    @cached_property
    def _late(self) -> dict[str, dict[Period, Figure]]:
        """By release, the exact counts that come after those of any file."""
        found: dict[str, dict[Period, Figure]] = {}
        for one in self._published:
            if one.figure.kind is Kind.EXACT and one.preference >= LATE:
                found.setdefault(one.figure.release, {})[one.figure.period] = one.figure
        return found

    def _pieces(self, period: Period) -> list[Figure]:
        """Figures of parts of a period that do not overlap, with the highest sum."""
        best: dict[date, Pieces] = {period.first: Pieces()}
        for month in period.months:
            before = best[month]
            candidates = [(month_after(month), before)]  # the month is not known
            for part, figure in self._by_first_month.get(month, ()):
                if part.last <= period.last:
                    candidates.append((month_after(part.last), before.and_then(figure)))
            for after, pieces in candidates:
                best[after] = max(best.get(after, Pieces()), pieces, key=lambda one: one.worth)
        return list(best[month_after(period.last)].figures)

    def _sum(self, period: Period, figures: list[Figure]) -> Figure:
        """The figures of a period, or of the known part of it."""
        bounds = total(figure.bounds for figure in figures)
        known = tuple(month for figure in figures for month in figure.period.months)
        has_years_to_date = any(figure.kind is Kind.PARTIAL for figure in figures)
        is_whole = len(known) == period.length and not has_years_to_date
        return Figure(
            self.measure,
            period,
            bounds if is_whole else Interval(bounds.lower, inf),
            max((one.kind for one in figures), key=surest_last) if is_whole else Kind.PARTIAL,
            sum(figure.published for figure in figures),
            max(figure.published_on for figure in figures),
            part=self.part,
            parts=tuple(figures),
            known=() if is_whole or has_years_to_date else known,
        )


@dataclass(frozen=True)
class Pieces:
    """Figures of parts of a period, one after the other. worth: what they add up to at least, and
    for how many months."""

    figures: tuple[Figure, ...] = ()
    worth: tuple[float, int] = (0, 0)

    def and_then(self, figure: Figure) -> "Pieces":
        least, months = self.worth
        worth = least + figure.bounds.lower, months + figure.period.length
        return Pieces((*self.figures, figure), worth)


class ShareSeries(Series):
    """The share of a part in a whole, in percent: of a period a ratio of sums, never a sum of
    ratios."""

    def __init__(self, part: Series, whole: Series) -> None:
        super().__init__(f"{part.measure} in percent of {whole.measure}", (), part.as_of)
        self._part, self._whole = part, whole

    @cached_property
    def months(self) -> dict[date, Figure]:
        shares = {month: self.counted(Period.month(month)) for month in self._part.months}
        return {month: share for month, share in shares.items() if share is not None}

    @cached_property
    def wholes(self) -> list[Period]:
        return [period for period in self._part.wholes if period in self._whole.wholes]

    @property
    def last(self) -> date | None:
        return max(self.months, default=None)

    def counted(self, period: Period) -> Figure | None:
        part, whole = self._part.counted(period), self._whole.counted(period)
        if part is None or whole is None:
            return None
        percent = share_of(part.bounds, whole.bounds)
        if percent is None or not whole.published:
            return None
        return Figure(
            self.measure,
            period,
            percent,
            max(part.kind, whole.kind, key=surest_last),
            100 * part.published / whole.published,
            max(part.published_on, whole.published_on),
            parts=(part, whole),
            is_share=True,
        )

    def statements(self, period: Period) -> list[Figure]:
        return []


def share_of(part: Interval, whole: Interval) -> Interval | None:
    """A part in percent of a whole, at most all of it; None where it cannot be divided. Raises
    InvalidClaim if it is more than the whole."""
    percent = part.percent_of(whole)
    if percent is None:
        return None
    if percent.lower > ALL:
        raise InvalidClaim(
            f"of: found a whole of {whole.upper:,.0f}, of which {part.lower:,.0f} are no part: "
            "they are more"
        )
    return Interval(percent.lower, min(percent.upper, ALL))


def _surest_and_newest(figure: Figure) -> tuple[int, int]:
    return surest_last(figure.kind), -figure.published_on.toordinal()


def _rank(one: Published) -> tuple[int, int, int, str]:
    """An exact count before others, then the newest."""
    figure = one.figure
    kind = 0 if figure.kind is Kind.EXACT and one.preference < LATE else 1
    return kind, -figure.published_on.toordinal(), one.preference, figure.release
