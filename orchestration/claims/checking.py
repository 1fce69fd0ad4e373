"""Checking a claim against a published file: verdict, sentence, evidence."""

from collections.abc import Iterator
from datetime import date
from math import inf
from typing import Literal

from pydantic import BaseModel, ConfigDict

from orchestration.claims import wording
from orchestration.claims.claim import Claim, InvalidClaim, shown
from orchestration.claims.figures import Figure
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period, dated, month_after
from orchestration.claims.phrases import period_of
from orchestration.claims.question import Question
from orchestration.claims.questions import NOT_MEASURABLE
from orchestration.claims.series import Series
from orchestration.claims.store import Store
from orchestration.claims.verdicts import Vantage, Verdict, vantage_of, verdict_of
from orchestration.releases.publication import Precision

NO_CUTOFF = date.max  # everything that is published
CBP_PUBLISHES_BY = 19  # the day by which CBP has published the month before
Role = Literal["figure tested", "compared with", "context"]


class Evidence(BaseModel):
    """A published figure that bears on a claim, or a part of one that does.

    vantage: `then`, the day of the statement, or `now`. role: what was tested, what it was compared
    with, or what else explains the verdict. published_on: if only the month is known, its last day,
    as published_precision says. source: where the release was found, a URL or the path
    inside a landing folder or the bundle. url: the page of a statement, else the URL that the
    file was fetched from or the page that it transcribes, else the page of its dataset.
    """

    model_config = ConfigDict(frozen=True)

    vantage: Literal["then", "now"]
    role: Role
    measure: str
    part: str
    period_start: date
    period_end: date
    lower_bound: float
    upper_bound: float | None
    kind: str
    published_on: date
    published_precision: Precision
    release_id: str
    dataset: str
    file_name: str
    publisher: str
    source: str
    url: str


class Checked(BaseModel):
    """A claim and what was found. value: as text; found: as bounds or a month, if it is that."""

    model_config = ConfigDict(frozen=True)

    claim: Claim
    verdict: Verdict
    value_then: str | None
    value_now: str | None
    found_then: Interval | date | None
    found_now: Interval | date | None
    sentence: str
    evidence: tuple[Evidence, ...]


def check(claim: Claim, store: Store) -> Checked:
    """Test a claim as of the day of its statement and as of today. One that cannot be tested gets
    the verdict `invalid`, and the reason as its sentence; also if its test fails in a way that
    nobody foresaw, since no claim may keep the others from being shown and published."""
    try:
        return _tested(claim, store)
    except InvalidClaim as problem:
        return _without(claim, Verdict.INVALID, str(problem))
    except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
        why = f"found a claim that cannot be tested ({type(error).__name__}: {error})"
        return _without(claim, Verdict.INVALID, why)


def _tested(claim: Claim, store: Store) -> Checked:
    if claim.problem:
        raise InvalidClaim(claim.problem)
    if claim.test == NOT_MEASURABLE:
        return _without(
            claim, Verdict.NOT_MEASURABLE, f"None of these releases counts it. {claim.note}".strip()
        )
    asked = _named(claim, store)
    now = _vantage(asked, store, NO_CUTOFF)
    then = None if asked.stated_on is None else _vantage(asked, store, asked.stated_on)
    hindsight = _hindsight(asked, store, then, now)
    verdict = verdict_of(then, now, hindsight)
    divides = bool(asked.of) and not store.is_counted_among(asked.measure, asked.of)
    return Checked(
        claim=asked,
        verdict=verdict,
        value_then=None if then is None else wording.value(then.answer),
        value_now=wording.value(now.answer),
        found_then=None if then is None else then.answer.found,
        found_now=now.answer.found,
        sentence=wording.sentence(asked, verdict, then, now, hindsight, divides=divides),
        evidence=tuple(dict.fromkeys(_evidence(store, then, now))),
    )


def _named(claim: Claim, store: Store) -> Claim:
    """A claim with the names of the published file, and with a period that has an end. Raises
    InvalidClaim."""
    measure = store.named(claim.measure)
    of = store.named(claim.of, "of") if claim.of else ""
    part = store.whole_part(measure, claim.part)
    if of:
        store.whole_part(of, "", "of")
    last = store.series(measure, part, claim.stated_on or NO_CUTOFF).last or date.min
    try:
        period = dated(claim.period, max(last, _counted_by(claim.stated_on)))
        starts = [Period.parse(one).first for one in period.split("/")]
    except ValueError as error:
        whole = f" in {shown(claim.period)}" if "/" in claim.period else ""
        raise InvalidClaim(f"period: {error}{whole}") from None
    if claim.stated_on is not None and max(starts) > claim.stated_on:
        raise InvalidClaim(
            f"period: found {claim.period!r}, expected none that begins after the day of the "
            f"statement, {claim.stated_on}"
        )
    return claim.model_copy(update={"measure": measure, "of": of, "part": part, "period": period})


def _counted_by(stated_on: date | None) -> date:
    """The last month that CBP had counted by a day, as it publishes: this archive may lack that."""
    if stated_on is None:
        return date.min
    return month_after(stated_on, -1 if stated_on.day >= CBP_PUBLISHES_BY else -2)


def _without(claim: Claim, verdict: Verdict, why: str) -> Checked:
    return Checked(
        claim=claim,
        verdict=verdict,
        value_then=None,
        value_now=None,
        found_then=None,
        found_now=None,
        sentence=why,
        evidence=(),
    )


def _hindsight(claim: Claim, store: Store, then: Vantage | None, now: Vantage) -> Vantage | None:
    """What today's figures say of the months before the statement: a record may have been broken
    since. None where that is not asked for."""
    if then is None or then.answer.truth is not None or not now.answer.against:
        return None
    until = max(claim.stated_on or NO_CUTOFF, period_of(claim).end)  # which may not be over yet
    return _vantage(claim, store, NO_CUTOFF, until)


def _vantage(claim: Claim, store: Store, as_of: date, until: date = NO_CUTOFF) -> Vantage:
    def series_of(measure: str, part: str) -> Series:
        return store.series(measure, part, as_of, until)

    return vantage_of(Question(claim, series_of, store.labels), store.siblings(claim.measure))


def _evidence(store: Store, then: Vantage | None, now: Vantage) -> Iterator[Evidence]:
    vantages: list[tuple[Literal["then", "now"], Vantage]] = [("now", now)]
    if then is not None:
        vantages.insert(0, ("then", then))
    figures = [
        (name, role, figure) for name, vantage in vantages for role, figure in _figures(vantage)
    ]
    sources = store.sources({figure.release for _, _, figure in figures})
    for name, role, figure in figures:
        source, (first_day, last_day) = sources[figure.release], figure.days
        yield Evidence(
            vantage=name,
            role=role,
            measure=figure.measure,
            part=figure.part,
            period_start=first_day,
            period_end=last_day,
            lower_bound=figure.bounds.lower,
            upper_bound=None if figure.bounds.upper == inf else figure.bounds.upper,
            kind=figure.kind,
            published_on=figure.published_on,
            published_precision=source.precision_of(figure.published_on),
            release_id=figure.release,
            dataset=source.dataset,
            file_name=source.file_name,
            publisher=source.publisher,
            source=source.source,
            url=figure.page or source.url,
        )


def _figures(vantage: Vantage) -> Iterator[tuple[Role, Figure]]:
    """The published figures that a vantage rests on."""
    answer = vantage.answer
    roles: list[tuple[Role, tuple[Figure, ...]]] = [
        ("figure tested", answer.tested),
        ("compared with", answer.compared),
    ]
    for context in (vantage.other, vantage.stated, vantage.said):
        roles.append(("context", () if context is None else context.tested))
    for role, figures in roles:
        for figure in figures:
            yield from ((role, one) for one in figure.as_published())
