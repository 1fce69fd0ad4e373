"""The sentences about a claim, in plain English.

What belongs here: what was found, why that is the verdict, and in which order it is said. Whether a
claim holds is decided in `verdicts`.
"""

from collections.abc import Sequence
from datetime import date
from math import inf

from orchestration.claims import number_words, phrases, record_words
from orchestration.claims.amounts import amount, day, listed, written
from orchestration.claims.answers import Answer
from orchestration.claims.bound import Bound
from orchestration.claims.claim import Claim
from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval
from orchestration.claims.phrases import CHANGES, OF_TWO
from orchestration.claims.question import SHARE
from orchestration.claims.record_words import MOVES
from orchestration.claims.stated import StatedNumber
from orchestration.claims.verdicts import (
    Vantage,
    Verdict,
    contradicted_by_what_was_not_seen,
)

BY_FAR = 0.05  # what is off by more is no rounding


def sentence(
    claim: Claim,
    verdict: Verdict,
    then: Vantage | None,
    now: Vantage,
    hindsight: Vantage | None = None,
    *,
    divides: bool = False,
) -> str:
    """Two or three sentences: what was found, why that is the verdict, and what more is to be known
    about the claim. divides: its share is none of a part in a whole."""
    parts = (
        _found(claim, then, now, hindsight),
        number_words.needed(claim, now.answer),
        _why(claim, verdict, then, now),
        claim.note,
        _divided(claim) if divides else "",
    )
    return " ".join(part for part in parts if part)


def value(answer: Answer) -> str | None:
    """What a test found, as text that a program can read: a number, a month, `true` or `false`;
    None if it found nothing."""
    if isinstance(answer.found, date):
        return f"{answer.found:%Y-%m}"
    if answer.published is not None:
        return written(answer.published).replace(",", "")
    if isinstance(answer.found, Interval):
        return amount(answer.found).replace(",", "")
    return None if answer.truth is None else str(answer.truth).lower()


def _found(claim: Claim, then: Vantage | None, now: Vantage, hindsight: Vantage | None) -> str:
    """What was found then and now."""
    if number_words.finding(claim, now.answer) is not None:
        return number_words.then_and_now(claim, then, now)
    if claim.test in OF_TWO:
        return number_words.of_two(claim, now.answer)
    if not now.answer.tested and not (claim.test in MOVES and now.answer.unknown):
        verb = "is" if phrases.is_one(claim) else "are"
        return f"{phrases.subject(claim)} {verb} not known in this archive."
    if hindsight is not None and hindsight.answer.truth is None and hindsight.answer.tested:
        since = f"Since then, {listed(now.answer.against)} had."
        return f"{record_words.looked(claim, hindsight.answer)} {since}"
    looked = record_words.looked(claim, now.answer)
    if then is None or then.answer.truth is not None or now.answer.truth is None:
        return looked
    if hindsight is not None and hindsight.answer.truth:
        return looked
    return f"{looked} Nothing in this archive published by {phrases.day_stated(claim)} decides it."


def _divided(claim: Claim) -> str:
    return (
        f"No release counts {claim.measure} among {claim.of}: they are not known to be the same "
        "people, and this divides the one count by the other."
    )


def _why(claim: Claim, verdict: Verdict, then: Vantage | None, now: Vantage) -> str:
    """What the verdict follows from beyond the numbers."""
    vantages = [vantage for vantage in (now, then) if vantage is not None]
    match verdict:
        case Verdict.WRONG_MEASURE:
            other = next(one.other for one in vantages if one.other)
            number = written(StatedNumber.parse(claim.value).value)
            return f"{number} is the number of another measure, {other.tested[0].measure}."
        case Verdict.ONLY_STATED:
            said = next(one.stated for one in vantages if one.stated).tested[0]
            return f"{_stated(said)}; no published count bears it out."
        case Verdict.NEARLY:
            off = "The number is off by less than 1 %, which rounding does not explain."
            return f"{off}{_quoted(claim, vantages)}"
        case Verdict.CONTRADICTED:
            unseen = _unseen(claim, then, now)
            return f"{unseen}{_off(claim, now.answer)}{_quoted(claim, vantages)}".strip()
        case Verdict.UNDECIDED:
            return _open(claim, now, vantages)
        case Verdict.REVISED if then is not None and then.answer.truth:
            return "It was right when it was stated."
        case Verdict.REVISED:
            return "By today's figures of the time before, it was right when it was stated."
        case _:
            return ""


def _open(claim: Claim, now: Vantage, vantages: Sequence[Vantage]) -> str:
    """Why a claim is undecided, and what was said all the same."""
    said = next((one.said.tested[0] for one in vantages if one.said), None)
    stated = f"{_stated(said)}. " if said else ""
    if now.answer.unknown:
        unknown = phrases.capital(listed(now.answer.unknown))
        return f"{stated}{unknown} would have to be known to decide it."
    partial = [one.period for one in now.answer.compared if one.kind is Kind.PARTIAL]
    if partial and claim.test not in OF_TWO:
        return f"{stated}Of {listed(partial)} only a part is known."
    if claim.test.endswith("ever") or claim.test.startswith("first ever"):
        return f"{stated}As records begin somewhere, they cannot show what never was."
    if not now.answer.tested:
        return stated.strip()
    return f"{stated}These releases do not decide it."


def _off(claim: Claim, answer: Answer) -> str:
    """How far a number is off, where somebody may take it for rounded or for one with another
    sign."""
    middle = answer.found.middle if isinstance(answer.found, Interval) else None
    if middle is None or claim.test not in (*CHANGES, "equals", SHARE) or not claim.value:
        return ""
    bound = Bound.parse(claim.value, StatedNumber.parse_share)
    stated = bound.number.value
    if claim.test in ("percent change", "difference") and middle * stated < 0:
        return f"It was stated as a {'rise' if stated > 0 else 'fall'}; a fall is written with a -."
    off = abs(middle - stated) / abs(stated) if stated else 0
    if bound.words or not 0 < off < BY_FAR:
        return ""
    return f"It is off by {written(100 * off, 1)} %, more than is taken for rounding."


def _unseen(claim: Claim, then: Vantage | None, now: Vantage) -> str:
    """That nothing of its time contradicts a record, as the releases of then begin later."""
    if not contradicted_by_what_was_not_seen(then, now):
        return ""
    return f"Nothing in this archive published by {phrases.day_stated(claim)} goes back that far."


def _quoted(claim: Claim, vantages: Sequence[Vantage]) -> str:
    """That somebody stated the number all the same."""
    said = next((one.stated.tested[0] for one in vantages if one.stated), None)
    return f" {_stated(said)}." if said else ""


def _stated(figure: Figure) -> str:
    """What somebody stated, and when."""
    bounds = figure.bounds
    number = f"more than {written(bounds.lower - 1)}" if bounds.upper == inf else amount(bounds)
    first, last = map(day, figure.days)
    days = f" from {first} to {last}" if first != last else f" on {first}"
    window = "" if figure.is_of_whole_months else days
    return f"Officials stated {number}{window} ({day(figure.published_on)})"
