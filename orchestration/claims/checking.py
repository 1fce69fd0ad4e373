"""Checking a claim against a published file: verdict, sentence, evidence."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from orchestration.claims import wording
from orchestration.claims.claim import Claim, InvalidClaim
from orchestration.claims.figures import Figure
from orchestration.claims.interval import Interval
from orchestration.claims.periods import dated, month_after
from orchestration.claims.question import Question
from orchestration.claims.questions import NOT_MEASURABLE
from orchestration.claims.series import Series
from orchestration.claims.store import Store
from orchestration.claims.verdicts import Vantage, Verdict, vantage_of, verdict_of

TODAY = date.max  # everything that is published
LATEST = 2  # months after which a publisher has counted a month
Role = Literal["figure tested", "compared with", "context"]


class Evidence(BaseModel):
    """A figure that bears on a claim. vantage: `then`, the day of the statement, or `now`. role:
    what was tested, what it was compared with, or what else explains the verdict. source: where the
    release was found, a URL or the path inside a landing folder or the bundle. url: the page of a
    statement, else the file's own, else that of its dataset."""

    model_config = ConfigDict(frozen=True)

    vantage: Literal["then", "now"]
    role: Role
    measure: str
    period_start: date
    period_end: date
    lower_bound: float
    upper_bound: float | None
    kind: str
    published_on: date
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
    the verdict `invalid`, and the reason as its sentence."""
    if claim.problem:
        return _without(claim, Verdict.INVALID, claim.problem)
    if claim.test == NOT_MEASURABLE:
        return _without(
            claim, Verdict.NOT_MEASURABLE, f"None of these releases counts it. {claim.note}".strip()
        )
    try:
        asked = _named(claim, store)
        now = _vantage(asked, store, TODAY)
        then = None if asked.stated_on is None else _vantage(asked, store, asked.stated_on)
        hindsight = _hindsight(asked, store, then, now)
    except InvalidClaim as problem:
        return _without(claim, Verdict.INVALID, str(problem))
    verdict = verdict_of(then, now, hindsight)
    return Checked(
        claim=asked,
        verdict=verdict,
        value_then=None if then is None else wording.value(then.answer),
        value_now=wording.value(now.answer),
        found_then=None if then is None else then.answer.found,
        found_now=now.answer.found,
        sentence=wording.sentence(asked, verdict, then, now, hindsight),
        evidence=tuple(_evidence(store, then, now)),
    )


def _named(claim: Claim, store: Store) -> Claim:
    """A claim with the names of the published file, and with a period that has an end. Raises
    InvalidClaim."""
    measure = store.named(claim.measure)
    of = store.named(claim.of) if claim.of else ""
    part = store.whole_part(measure, claim.part)
    last = store.series(measure, part, claim.stated_on or TODAY).last or date.min
    if claim.stated_on is not None and last < month_after(claim.stated_on, -LATEST):
        last = month_after(claim.stated_on, -1)  # the publisher had counted on, unlike this archive
    try:
        period = dated(claim.period, last)
    except ValueError as error:
        raise InvalidClaim(f"period: {error}") from None
    return claim.model_copy(update={"measure": measure, "of": of, "part": part, "period": period})


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
    if then is None or then.answer.truth is not None or now.answer.truth is not False:
        return None
    return _vantage(claim, store, TODAY, claim.stated_on or TODAY)


def _vantage(claim: Claim, store: Store, as_of: date, until: date = TODAY) -> Vantage:
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
    sources = store.sources({release for _, _, figure in figures for release in figure.releases})
    for name, role, figure in figures:
        for release in figure.releases:
            source = sources[release]
            upper = figure.bounds.upper
            yield Evidence(
                vantage=name,
                role=role,
                measure=figure.measure,
                period_start=figure.period.first,
                period_end=figure.period.end,
                lower_bound=figure.bounds.lower,
                upper_bound=None if upper == float("inf") else upper,
                kind=figure.kind,
                published_on=figure.published_on,
                release_id=release,
                dataset=source.dataset,
                file_name=source.file_name,
                publisher=source.publisher,
                source=source.source,
                url=figure.page or source.url,
            )


def _figures(vantage: Vantage) -> Iterator[tuple[Role, Figure]]:
    answer = vantage.answer
    yield from (("figure tested", figure) for figure in answer.tested)
    yield from (("compared with", figure) for figure in answer.compared)
    for context in (vantage.other, vantage.stated):
        if context is not None:
            yield from (("context", figure) for figure in context.tested)
