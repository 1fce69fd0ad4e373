"""What was found, where that is a number: then and now, and what is known of it.

What belongs here: words about numbers and changes. Those about records are in `record_words`.
"""

from dataclasses import dataclass
from math import inf

from orchestration.claims import phrases
from orchestration.claims.amounts import amount, day, during, listed, ordinal, span, written
from orchestration.claims.answers import Answer
from orchestration.claims.claim import Claim
from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period, endpoints
from orchestration.claims.phrases import CHANGES, IN_PERCENT, OF_TWO
from orchestration.claims.question import SHARE
from orchestration.claims.stated import StatedNumber
from orchestration.claims.verdicts import Vantage

ONE_ROUNDING = 10  # of one number: its bounds are 5 to each side


@dataclass(frozen=True)
class Finding:
    """A number in words: `encounters in May 2019` `were` `144,255`, and what follows."""

    subject: str
    verb: str
    amount: str
    tail: str = ""


def then_and_now(claim: Claim, then: Vantage | None, now: Vantage) -> str:
    """The number then and now."""
    today = finding(claim, now.answer)
    assert today is not None  # the caller has seen a number
    unsure = f"{_unsure(claim, now.answer)}{_best_compared(claim, now.answer)}"
    found = f"{today.subject} {today.verb} {today.amount}{today.tail}{unsure}"
    if then is None:
        return f"{found}."
    before = finding(claim, then.answer)
    if before is None:
        nothing = f"nothing in this archive published by {phrases.day_stated(claim)} gives that"
        return f"{found} by today's figures; {nothing}."
    if before == today:
        return f"{found}, as published by {phrases.day_stated(claim)} and today."
    verb = "" if before.verb == today.verb else f"{today.verb} "
    unsure_then = _unsure(claim, then.answer)
    return (
        f"{before.subject} {before.verb} {before.amount}{before.tail}{unsure_then} as published by "
        f"{phrases.day_stated(claim)}, and {verb}{today.amount}{unsure} by today's figures."
    )


def of_two(claim: Claim, answer: Answer) -> str:
    """The two figures of a test that compares two, of which no number was found."""
    found = (*answer.compared, *answer.tested)
    other = "; the other number is not known in this archive" if len(found) == 1 else ""
    if claim.test == SHARE:
        named = [f"{_named(one)} were {amount(one.bounds)}" for one in found]
        known = phrases.capital(" and ".join(named) or "both numbers are not known")
        return f"{known} {phrases.when_counted(claim)}{other}."
    unit = "%" if claim.of else ""  # that of the figures, not of their change
    named = [f"{amount(one.bounds, unit)} {during(one.period)}" for one in found]
    is_, was = ("is", "was") if phrases.is_one(claim) else ("are", "were")
    measure = phrases.capital(phrases.measure(claim))
    if not named:
        return f"{measure} {is_} not known in this archive."
    return f"{measure} {was} {' and '.join(named)}{other}."


def _named(figure: Figure) -> str:
    label = figure.part.partition("=")[2]
    return f"{figure.measure} ({label})" if label else figure.measure


def finding(claim: Claim, answer: Answer) -> Finding | None:
    """What was found, if that is a number."""
    found = answer.found
    if not isinstance(found, Interval):
        return None
    if claim.test in CHANGES:
        return _change(claim, found)
    if claim.test == "times":
        before, after = endpoints(claim.period)
        tail = f" as many {during(after)} as {during(before)}"
        if claim.of:
            tail = tail.replace("as many", "as high")
        verb = "was" if phrases.is_one(claim) else "were"
        subject = phrases.capital(phrases.measure(claim))
        return Finding(subject, verb, f"{amount(found)} times", tail)
    if claim.test == "rank":
        return _place(claim, found, len(answer.compared), answer.unknown_others)
    number = amount(found, phrases.unit(claim))
    if answer.published is not None:
        number = f"{written(answer.published)} ({_rounded(found)})"
    return Finding(phrases.subject(claim), "was" if phrases.is_one(claim) else "were", number)


def _rounded(bounds: Interval) -> str:
    """What the rounding of a number leaves open."""
    if bounds.upper - bounds.lower > ONE_ROUNDING:
        return f"{written(bounds.lower)} to {written(bounds.upper)}, as its parts are rounded"
    return "published rounded"


def _change(claim: Claim, found: Interval) -> Finding:
    """From one period to another: `fell by` `60.5 %`."""
    before, after = endpoints(claim.period)
    unit = "%" if claim.test in IN_PERCENT else "percentage points" if claim.of else ""
    subject, tail = phrases.capital(phrases.measure(claim)), f" {span(before, after)}"
    if found == Interval.exactly(0):
        return Finding(subject, "did", "not change", tail)
    if found.lower == -inf:
        least = "by an unknown number" if found.upper == inf else f"rose by {amount(found, unit)}"
        return Finding(subject, "fell or", least, tail)
    if found.upper <= 0:
        return Finding(subject, "fell by", amount(found.negated, unit), tail)
    if found.lower >= 0:
        return Finding(subject, "rose by", amount(found, unit), tail)
    if found.upper == inf:
        most = amount(Interval.exactly(-found.lower), unit)
        return Finding(subject, "fell by at most", f"{most} or rose", tail)
    return Finding(subject, "changed by", amount(found, unit), tail)


def _place(claim: Claim, found: Interval, known: int, unknown: int) -> Finding:
    """The place among all of a breakdown. known, unknown: how many of the others are."""
    breakdown, _, label = claim.part.partition("=")
    places = [ordinal(int(place)) for place in dict.fromkeys((found.lower, found.upper))]
    most = "most" if places == ["first"] else f"{' to '.join(places)} most"
    if found == Interval.exactly(known + unknown + 1):
        most = "fewest"
    period = during(Period.parse(claim.period))
    of_which = (
        f", of which {unknown} {'is' if unknown == 1 else 'are'} not known" if unknown else ""
    )
    tail = f" {claim.measure} {period}, of {known + unknown + 1} by {breakdown}{of_which}"
    return Finding(phrases.capital(label), "had", f"the {most}", tail)


def _unsure(claim: Claim, answer: Answer) -> str:
    """What makes a figure less than that of its whole period."""
    figures = (*answer.compared, *answer.tested) if claim.test in OF_TWO else answer.tested
    partial = [one for one in figures if one.kind is Kind.PARTIAL]
    is_found = isinstance(answer.found, Interval) and answer.found.upper < inf
    parts = [part for one in partial if (part := _of_part(one, is_found))]
    return f" ({' and '.join(parts)})" if parts else ""


def _of_part(figure: Figure, is_found: bool) -> str:
    """What is known of a period of which only a part is. is_found: its number is said already."""
    published = written(figure.published)
    if figure.is_share:
        return ""
    if not figure.known:
        through = f"through {day(figure.last_known_day)}"
        return through if is_found else f"{published} {through}"
    part = Period(figure.known[0], figure.known[-1])
    if part.length == len(figure.known):
        return f"{published} {during(part)}, the only part known"
    return f"{published} in the {len(figure.known)} months known of {figure.period.length}"


def _best_compared(claim: Claim, answer: Answer) -> str:
    """The highest, or lowest, of the years that a year is compared with."""
    if " year " not in claim.test or not answer.compared:
        return ""
    choose = max if claim.test.startswith("highest") else min
    whole = [one for one in answer.compared if one.kind is not Kind.PARTIAL] or answer.compared
    best = choose(whole, key=lambda figure: figure.published)
    kind = claim.test.partition(" ")[0]
    number = amount(best.bounds, phrases.unit(claim))
    begins = min(one.period for one in (*answer.compared, *answer.tested))
    record = "" if claim.test.endswith("since") else f" on record, which begins in {begins},"
    return f"; the {kind} of the others{record} was {number}, in {best.period}"


def needed(claim: Claim, answer: Answer) -> str:
    """What the unknown months of a period would need for the claim to hold."""
    limit = _limit(claim, answer)
    if answer.truth is not None or limit is None or not answer.tested or claim.of:
        return ""
    figure = answer.tested[0]
    lacking = limit - figure.published
    unknown = [Period.month(month) for month in figure.period.months if month not in figure.known]
    if figure.kind is not Kind.PARTIAL or not figure.known or lacking <= 0:
        return ""
    needed = (
        f"{written(lacking)} to reach {written(limit)}"
        if claim.test == "at least"
        else f"more than {written(lacking)} to pass {written(limit)}"
    )
    return f"{listed(unknown)} would need {needed}."


def _limit(claim: Claim, answer: Answer) -> float | None:
    """What a sum of known months has to reach."""
    if claim.test in ("more than", "at least"):
        return StatedNumber.parse(claim.value).value
    if claim.test.startswith("highest") and " year " in claim.test and answer.compared:
        return max(figure.published for figure in answer.compared)
    return None
