"""The series of a published file.

What belongs here: reading the table `measures`. What is asked of it is in `checking`.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.builds.reading import UnreadableRow, opened
from orchestration.builds.sql import literal
from orchestration.catalogue.vocabulary import fold, load_vocabulary
from orchestration.claims.claim import InvalidClaim, shown
from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period
from orchestration.claims.series import Published, Series
from orchestration.releases.publication import Precision, PublicationDate
from orchestration.settings import DBT_PROJECT

NAMES = DBT_PROJECT / "seeds" / "measure_names.csv"  # which dbt reads for statements, too
KINSHIP = Path(__file__).with_name("measures.yaml")
WHOLE = "All"
ROUNDED_TO = 10
LABELS_SHOWN = 20
NEAREST_SHOWN = 2
ALIKE = 0.75  # of two names, as difflib has it: below that, China is like India
FIGURES = """
    with cells as (
      select label, period_start, period_end, lower_bound, upper_bound, kind, release_id,
        published_on, preference, source_url
      from main.measures
      where measure = {measure} and breakdown = {breakdown}
    ),
    months as (
      select release_id, period_start, period_end, published_on, preference, kind,
        max(upper_bound - lower_bound) // 2 as rounding
      from cells where kind in ('exact', 'rounded') group by all
    ),
    labels as (select distinct release_id, label from cells)
    select * from cells
    union all
    select label, period_start, period_end, 0, rounding, kind, release_id, published_on, preference,
      null
    from months inner join labels using (release_id)
    anti join cells using (release_id, label, period_start, period_end)
    order by all
"""


@dataclass(frozen=True)
class Measure:
    """What can be asked about. labels: by breakdown, those that some release has."""

    name: str
    first: date
    last: date
    labels: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Source:
    """Where a release is from. source: a URL, or the path inside a landing folder or the bundle.
    published: when. publisher, landing_page: those of its dataset. page: its own URL, or the page
    that it transcribes, where that is known and not inferred."""

    published: PublicationDate
    release_id: str
    dataset: str
    file_name: str
    source: str
    publisher: str
    landing_page: str
    page: str | None

    @property
    def url(self) -> str:
        """Where the release can be had: its own URL or page, if known, else its dataset's page. An
        inferred URL is no evidence: nobody has followed it."""
        return self.page or self.landing_page

    def precision_of(self, day: date) -> Precision:
        """How exactly a day is known on which a figure of it was published; a statement in a
        transcription has a day of its own."""
        return self.published.precision if day == self.published.on else "day"


@contextmanager
def open_store(published: Path) -> Iterator["Store"]:
    """The measures of a published file, as long as it is open. Raises as `opened` does."""
    with opened(published, "measures") as connection:
        yield Store(connection)


class Store:
    """The measures of a published file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._parts: dict[tuple[str, str], dict[str, list[Published]]] = {}

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """What can be asked about, by name."""
        rows = self._connection.execute(
            "select measure, breakdown, min(period_start), max(period_end),"
            " list(distinct label order by label) from main.measures group by all order by all"
        ).fetchall()
        found: dict[str, Measure] = {}
        for name, breakdown, first, last, labels in rows:
            known = found.get(name, Measure(name, first, last, {}))
            found[name] = Measure(
                name,
                min(first, known.first),
                max(last, known.last),
                known.labels | {breakdown: tuple(labels)},
            )
        return found

    def named(self, name: str, column: str = "measure") -> str:
        """The measure that a name means. column: of the claim, in which it is. Raises InvalidClaim,
        with those that there are."""
        wanted = " ".join(name.split()).casefold()
        for known in (*self.measures, *self._names):
            if known.casefold() == wanted:
                return self._names.get(known, known)
        found = f"{shown(name)}{_nearest(wanted, (*self.measures, *self._names))}"
        listed = ", ".join(self.measures)
        raise InvalidClaim(
            f"{column}: found {found}, expected one of {listed}; "
            "`borderledger measures NAME` has other names of each"
        )

    def other_names(self, measure: str) -> tuple[str, ...]:
        """The names that mean this measure, other than its own."""
        meant = (name for name, one in self._names.items() if one == measure)
        return tuple(name for name in meant if name != measure)

    def series(self, measure: str, part: str, as_of: date, until: date = date.max) -> Series:
        """A measure as it was known on a day. part: the whole, if empty, or a label of a breakdown,
        as `sector=San Diego Sector`. until: without what happened later. Raises InvalidClaim."""
        breakdown, label = self._part(measure, part)
        key = (measure, breakdown)
        if key not in self._parts:
            self._parts[key] = self._read(measure, breakdown)
        found = self._parts[key][label]
        return Series(measure, found, as_of, until, _written_part(breakdown, label))

    def labels(self, measure: str, breakdown: str) -> tuple[str, ...]:
        """The labels of a breakdown of a measure; none if it has no such breakdown."""
        return self.measures[measure].labels.get(breakdown, ())

    def whole_part(self, measure: str, part: str, column: str = "part") -> str:
        """A part as it is written in the published file; empty for the whole. column: of the claim,
        which names it, or its measure. Raises InvalidClaim."""
        breakdown, label = self._part(measure, part, column)
        return _written_part(breakdown, label)

    def siblings(self, measure: str) -> tuple[str, ...]:
        """The other measures of its family, of those that there are."""
        for family in self._kinship["families"]:
            if measure in family:
                return tuple(one for one in family if one != measure and one in self.measures)
        return ()

    def is_counted_among(self, measure: str, whole: str) -> bool:
        """Whether those whom a measure counts, or a part of it, are among those of another one."""
        return measure == whole or whole in self._kinship["counted_among"].get(measure, ())

    def sources(self, releases: set[str]) -> dict[str, Source]:
        """Where these releases are from, by id."""
        if not releases:
            return {}
        listed = ", ".join(map(literal, sorted(releases)))
        rows = self._connection.execute(
            "select published_on, published_precision, release_id, dataset, file_name, source,"
            " publisher, landing_page, case when not source_url_is_inferred then source_url end"
            " from meta.releases"
            f" where release_id in ({listed})"
        ).fetchall()
        found = {}
        for day, precision, release, *about in rows:
            found[release] = Source(PublicationDate(day, precision), release, *about)
        if missing := sorted(releases - set(found)):
            raise UnreadableRow(f"meta.releases lacks the release {missing[0]} of measures")
        return found

    @cached_property
    def _kinship(self) -> dict[str, Any]:
        """How measures are related: see measures.yaml."""
        known: dict[str, Any] = yaml.safe_load(KINSHIP.read_text(encoding="utf-8"))
        return known

    @cached_property
    def _names(self) -> dict[str, str]:
        """By another name, the measure that it means."""
        with NAMES.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return {row["name"]: row["measure"] for row in rows if row["measure"] in self.measures}

    def _read(self, measure: str, breakdown: str) -> dict[str, list[Published]]:
        """The figures of each label. A release has no row for a label of which it counted none in a
        month, or so few that they round to 0: a publisher makes each file anew, with one list of
        labels for all of its months."""
        rows = self._connection.execute(
            FIGURES.format(measure=literal(measure), breakdown=literal(breakdown))
        ).fetchall()
        found: dict[str, list[Published]] = {}
        for label, *figure in rows:
            part = _written_part(breakdown, label)
            found.setdefault(label, []).append(_published(measure, part, *figure))
        return found

    def _part(self, measure: str, part: str, column: str = "part") -> tuple[str, str]:
        """Breakdown and label. column: as in `whole_part`. Raises InvalidClaim."""
        labels = self.measures[measure].labels
        if not part:
            if WHOLE in labels:
                return WHOLE, WHOLE
            if column != "part":
                raise InvalidClaim(
                    f"{column}: found {measure!r}, of which there is no total, expected another one"
                )
            raise InvalidClaim(
                f"{column}: found none, expected one of {measure}, such as {_example(labels)}"
            )
        given, equals, label = (one.strip() for one in part.partition("="))
        parts = {name.casefold(): name for name in labels if name != WHOLE}
        if (breakdown := parts.get(given.casefold())) is None:
            expected = _breakdown_of(labels, given) if parts and not equals else _listed(labels)
            raise InvalidClaim(f"{column}: found {shown(part)}, expected {expected}")
        known = labels[breakdown]
        meant = _spelled(breakdown, label)
        for one in known:
            if fold(one) in meant:
                return breakdown, one
        article = "an" if breakdown[0] in "aeiou" else "a"
        lister = f"those that `borderledger measures '{measure}'` lists"
        listed = ", ".join(known) if len(known) <= LABELS_SHOWN else lister
        raise InvalidClaim(
            f"{column}: found {shown(label)}{_nearest(label, known)}, expected {article} "
            f"{breakdown} of: {listed}"
        )


def _written_part(breakdown: str, label: str) -> str:
    return "" if breakdown == WHOLE else f"{breakdown}={label}"


def _spelled(breakdown: str, label: str) -> set[str]:
    """What a label may be in `measures`, folded: itself, and the label and the category that
    publishers also spell so."""
    vocabulary, folded = load_vocabulary(), fold(label)
    if breakdown not in vocabulary.dimensions:
        return {folded}
    known = (vocabulary.spellings(breakdown), vocabulary.categories(breakdown))
    return {folded} | {fold(labels[folded]) for labels in known if folded in labels}


def _listed(labels: dict[str, tuple[str, ...]]) -> str:
    """The breakdowns that there are."""
    breakdowns = [name for name in labels if name != WHOLE]
    return f"a breakdown of: {', '.join(breakdowns)}" if breakdowns else "none: it has no parts"


def _breakdown_of(labels: dict[str, tuple[str, ...]], given: str) -> str:
    """How a part is written: the one that has this label, or else any."""
    for breakdown, known in labels.items():
        for label in known:
            if breakdown != WHOLE and label.casefold() == given.casefold():
                return f"its breakdown, too: {breakdown}={label}"
    return f"a breakdown and a label, such as {_example(labels)}"


def _example(labels: dict[str, tuple[str, ...]]) -> str:
    """A part; the labels have at least one breakdown."""
    return next(f"{name}={known[0]}" for name, known in labels.items() if name != WHOLE)


def _nearest(wanted: str, names: Sequence[str]) -> str:
    """The name that is most like the one that was given, or else the shortest of those that have
    its words, in brackets; empty if there is none."""
    folded = {name.casefold(): name for name in reversed(names)}
    given = wanted.casefold()
    near = get_close_matches(given, folded, n=1, cutoff=ALIKE)
    near = near or sorted((name for name in folded if f" {given} " in f" {name} "), key=len)
    listed = " or ".join(repr(folded[name]) for name in near[:NEAREST_SHOWN])
    return f" (the nearest is {listed})" if near else ""


def _published(
    measure: str,
    part: str,
    start: date,
    end: date,
    lower: int,
    upper: int | None,
    kind: str,
    release: str,
    published_on: date,
    preference: int,
    page: str | None,
) -> Published:
    try:
        period = Period(start.replace(day=1), end.replace(day=1))
        bounds = Interval(float(lower), inf if upper is None else float(upper))
        known = Kind(kind)
    except (ValueError, TypeError, AttributeError) as error:  # the last two of a NULL
        raise UnreadableRow(f"measures, {measure} of {start}: {error}") from error
    middle = bounds.lower if upper is None else (lower + upper) / 2
    if known is Kind.ROUNDED:  # to 10: of 0 to 5, the bounds of a published 0, the middle is none
        middle = middle // ROUNDED_TO * ROUNDED_TO
    figure = Figure(
        measure,
        period,
        bounds,
        known,
        middle,
        published_on,
        release,
        part,
        first_day=start,
        last_day=end,
        page=page,
    )
    return Published(figure, preference)
