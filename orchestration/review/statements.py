"""Statements beside the series that publish the same measure, and beside each other.

What belongs here: whether a number that somebody stated can be true, by its order of magnitude. A
transcription with a digit too many or too few is held; whether a claim holds is the claims'
business.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import fold
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import Release
from orchestration.review.finding import Finding, shortened
from orchestration.review.stated import SAN_DIEGO_COUNTY, Span, Statement, is_local, statements_of
from orchestration.settings import DBT_PROJECT

NAMES = DBT_PROJECT / "seeds" / "measure_names.csv"
# the shared totals that a measure consists of; of two such sets, either will do
TOTALS: dict[str, tuple[tuple[str, ...], ...]] = {
    "southwest encounters": (("southwest_encounters",),),
    "southwest encounters at ports": (("southwest_encounters_at_ports",),),
    "southwest encounters between ports": (
        ("southwest_encounters_between_ports",),
        ("border_patrol_southwest",),
    ),
    "DHS removals": (("dhs_removals",),),
    "DHS returns": (("dhs_enforcement_returns", "dhs_administrative_returns"),),
    "DHS repatriations": (
        ("dhs_removals", "dhs_enforcement_returns", "dhs_administrative_returns"),
    ),
    "ICE removals": (("ice_removals",),),
}
SAN_DIEGO = "border_patrol_san_diego"
# measured: an exact or rounded statement of a whole period is at most 2.1 % off, as later releases
# revise the period
NEAR = 1.1
# measured: 1.98 times, returns of FY2011 beside those of FY2014; within San Diego County 1.7 times
FAR = 3
# measured: 3.4 times, May 2019 beside the months of 2018 that were published by then
GROWN = 5
YEAR = timedelta(days=365)


class Bounds(NamedTuple):
    """The least and the most people that a statement may say.

    grade: how much of its period the figures are of: 2: all of it, 1: a part, 0: nothing.
    """

    grade: int
    low: float
    high: float


class Statements:
    """The statements that were accepted so far, and the series that they are compared with."""

    def __init__(self) -> None:
        self._series: dict[str, dict[str, list[Span]]] = {}
        self._accepted: dict[str, dict[tuple[str, ...], list[Statement]]] = {}

    def add_series(self, totals: pl.DataFrame, release: Release) -> None:
        """Remember the shared totals of an accepted release, as `totals_of` returns them. Months
        count, and years only where a total has no months."""
        for (name,), mine in totals.group_by("series", maintain_order=True):
            months = mine.filter(~pl.col("is_year"))
            spans = map(_span_of_figure, (mine if months.is_empty() else months).to_dicts())
            self._series.setdefault(str(name), {})[release.release_id] = list(spans)

    def add(self, rows: pl.DataFrame, dataset: Dataset) -> None:
        """Remember the statements of an accepted release. Repeated, a statement has its newest
        value."""
        self._accepted.setdefault(dataset.name, {}).update(_by_key(statements_of(rows, dataset)))

    def findings(self, rows: pl.DataFrame, dataset: Dataset) -> list[Finding]:
        """The statements of a release that are too far from what is known."""
        stated = statements_of(rows, dataset)
        accepted = self._accepted.get(dataset.name, {})
        known = [statement for group in accepted.values() for statement in group]
        far = self._too_far_locally(stated, known) if is_local(dataset) else self._too_far(stated)
        return [
            *(Finding("datasets_agree", s) for s in shortened(list(far), "statements")),
            *(Finding("cells_stay", s) for s in shortened(_restated(stated, accepted), "values")),
        ]

    def _too_far(self, stated: Iterable[Statement]) -> Iterator[str]:
        """Statements far from the series that publishes their measure."""
        for statement in stated:
            span = statement.span
            if span is None or not (found := list(self._bounds(statement, span))):
                continue
            most = max(bounds.grade for bounds in found)
            best = [bounds for bounds in found if bounds.grade == most]
            low, high = min(b.low for b in best), max(b.high for b in best)
            if span.low < low or span.high > high:
                yield (
                    f"{statement.describe()}, expected {low:,.0f} to {high:,.0f} by the series of "
                    "that measure"
                )

    def _bounds(self, statement: Statement, span: Span) -> Iterator[Bounds]:
        """What a statement may say, by each release of its series that says something."""
        series = _series_of_metrics().get(fold(statement.measure), "")
        for totals in TOTALS.get(series, ()):
            by_release = [self._series.get(total, {}) for total in totals]
            for release_id in set.intersection(*(set(known) for known in by_release)):
                parts = [
                    _bounds_by(known[release_id], span, statement.is_exact) for known in by_release
                ]
                whole = [part for part in parts if part is not None]
                if len(whole) == len(parts):
                    yield Bounds(
                        min(part.grade for part in whole),
                        sum(part.low for part in whole),
                        sum(part.high for part in whole),
                    )

    def _too_far_locally(
        self, stated: Sequence[Statement], known: Sequence[Statement]
    ) -> Iterator[str]:
        """Statements about San Diego County far from all others of their time, or of more people
        than the Border Patrol has met in its sector."""
        own = {statement.key for statement in stated}
        everyone = [*stated, *(statement for statement in known if statement.key not in own)]
        for statement in stated:
            span = statement.span
            # of other places too little was said to compare, and "none" is no order of magnitude
            if span is None or statement.place != SAN_DIEGO_COUNTY or not span.high:
                continue
            met = [_extrapolated(spans, span) for spans in self._series.get(SAN_DIEGO, {}).values()]
            most = max((people for people in met if people is not None), default=None)
            if most is not None and span.high > most:
                yield (
                    f"{statement.describe()}, expected at most the {most:,.0f} whom the Border "
                    "Patrol met in San Diego Sector"
                )
            elif (rates := _rates_of_others(statement, span, everyone)) and not (
                min(rates) / FAR <= span.low / span.days
                and span.high / span.days <= max(rates) * FAR
            ):
                yield (
                    f"{statement.describe()}, {span.high / span.days:,.0f} a day, expected at "
                    f"most {FAR} times more or fewer than the {min(rates):,.0f} to "
                    f"{max(rates):,.0f} a day that others stated of that time"
                )


def _by_key(stated: Iterable[Statement]) -> dict[tuple[str, ...], list[Statement]]:
    groups: dict[tuple[str, ...], list[Statement]] = {}
    for statement in stated:
        groups.setdefault(statement.key, []).append(statement)
    return groups


def _restated(
    stated: Iterable[Statement], accepted: Mapping[tuple[str, ...], Sequence[Statement]]
) -> list[str]:
    """Statements that an earlier release has with another value. Of two numbers of one speaker
    on one day, both must be there."""
    sentences = []
    for key, group in _by_key(stated).items():
        now = {statement.people for statement in group}
        gone = [before for before in accepted.get(key, ()) if before.people not in now]
        sentences += [
            f"{group[0].describe()}, expected {before.number} as an earlier release has it"
            for before in gone
        ]
    return sentences


def _bounds_by(known: Sequence[Span], span: Span, is_exact: bool) -> Bounds | None:
    """What a statement on a period may say, by one release's figures; None if they lie too far
    from it.

    A period that the release has in part, or that lies before its first figure, may have a few
    times more or fewer. For one after its last figure there is only an upper bound: encounters
    have fallen by 94 % within two months.
    """
    within = [other for other in known if other.overlap(span)]
    people = _extrapolated(within, span)
    if people is not None:
        overlap = sum(other.overlap(span) for other in within)
        is_whole = overlap == span.days == sum(other.days for other in within)
        times = NEAR if is_exact and is_whole else FAR
        return Bounds(1 + is_whole, people / times, people * times)
    begin = min(other.first for other in known)
    first_year = Span(begin, begin + YEAR, 0, 0)
    if span.last < begin and (people := _extrapolated(known, first_year)) is not None:
        people *= span.days / first_year.days
        return Bounds(0, people / FAR, people * FAR)
    year_before = [other for other in known if span.first - YEAR <= other.last < span.first]
    if not year_before:
        return None
    most = max(other.high / other.days for other in year_before) * span.days
    return Bounds(0, 0, most * GROWN)


def _extrapolated(known: Iterable[Span], span: Span) -> float | None:
    """The people of a period at the pace of the days of it that are known."""
    parts = [(other, other.overlap(span)) for other in known]
    days = sum(overlap for _, overlap in parts)
    if not days:
        return None
    people = sum(other.high * overlap / other.days for other, overlap in parts)
    return people / days * span.days


def _rates_of_others(
    statement: Statement, span: Span, everyone: Iterable[Statement]
) -> list[float]:
    """People a day by the other statements of the same time: those of the same measure, or if
    there are none, of any."""
    others = [
        (other.measure, end / other.span.days)
        for other in everyone
        if other is not statement and other.place == statement.place
        if other.span is not None and other.span.overlap(span)
        for end in (other.span.low, other.span.high)
    ]
    same = [rate for measure, rate in others if measure == statement.measure]
    return same or [rate for _, rate in others]


def _span_of_figure(row: Mapping[str, object]) -> Span:
    period, through, people = str(row["period"]), row["through"], row["figure"]
    assert isinstance(through, date)
    assert isinstance(people, int)
    if row["is_year"]:
        return Span(date(int(period[-4:]) - 1, 10, 1), through, people, people)
    month = PublicationDate.parse(period[:7])
    return Span(month.earliest, month.on, people, people)


@cache
def _series_of_metrics() -> dict[str, str]:
    """The measure that each metric of a statement is, as the dbt project has it."""
    with NAMES.open(encoding="utf-8", newline="") as file:
        return {fold(row["name"]): row["measure"] for row in csv.DictReader(file)}
