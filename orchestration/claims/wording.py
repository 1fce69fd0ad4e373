"""The sentences about a claim, in plain English.

What belongs here: words. Whether a claim holds is decided in `verdicts`; how numbers are written is
in `amounts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import inf

from orchestration.claims.amounts import amount, day, during, listed, ordinal, span, written
from orchestration.claims.answers import Answer
from orchestration.claims.bound import Bound
from orchestration.claims.claim import Claim
from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period, endpoints
from orchestration.claims.question import SHARE, SINCE
from orchestration.claims.stated import WORDS, StatedNumber
from orchestration.claims.verdicts import Vantage, Verdict

CHANGES = ("percent change", "difference", "rose", "fell")
IN_PERCENT = ("percent change", "rose", "fell", SHARE)
OF_TWO = (*CHANGES, "times", SHARE)
ONE_ROUNDING = 10  # of one number: its bounds are 5 to each side
BY_FAR = 0.05  # what is off by more is no rounding
AVERAGES = {"average per month": "monthly", "average per day": "daily"}
MOVES = {"fell every month": ("fell", "fall"), "rose every month": ("rose", "rise")}
AS = {"lowest": ("as few", "fewer"), "highest": ("as many", "more")}
AS_SHARE = {"lowest": ("as low a", "a lower one"), "highest": ("as high a", "a higher one")}
PAST = {"above": "more than", "below": "fewer than"}


@dataclass(frozen=True)
class Finding:
    """A number in words: `encounters in May 2019` `were` `144,255`, and what follows."""

    subject: str
    verb: str
    amount: str
    tail: str = ""


def sentence(
    claim: Claim,
    verdict: Verdict,
    then: Vantage | None,
    now: Vantage,
    hindsight: Vantage | None = None,
) -> str:
    """Two or three sentences: what was found, why that is the verdict, and what more is to be known
    about the claim."""
    parts = (
        _found(claim, then, now, hindsight),
        _needed(claim, now.answer),
        _why(claim, verdict, then, now),
        claim.note,
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
    if _finding(claim, now.answer) is not None:
        return _numbers(claim, then, now)
    if claim.test in OF_TWO:
        return _both(claim, now.answer)
    if not now.answer.tested and not (claim.test in MOVES and now.answer.unknown):
        verb = "is" if _is_one(claim) else "are"
        return f"{_subject(claim)} {verb} not known in this archive."
    if hindsight is not None and hindsight.answer.truth is None and now.answer.against:
        since = f"Since then, {listed(now.answer.against)} had."
        return f"{_looked(claim, hindsight.answer)} {since}"
    looked = _looked(claim, now.answer)
    if then is None or then.answer.truth is not None or now.answer.truth is None:
        return looked
    if hindsight is not None and hindsight.answer.truth:
        return looked
    return f"{looked} Nothing in this archive published by {_when(claim)} decides it."


def _numbers(claim: Claim, then: Vantage | None, now: Vantage) -> str:
    """The number then and now."""
    today = _finding(claim, now.answer)
    assert today is not None  # the caller has seen a number
    unsure = f"{_unsure(claim, now.answer)}{_best_compared(claim, now.answer)}"
    found = f"{today.subject} {today.verb} {today.amount}{today.tail}{unsure}"
    if then is None:
        return f"{found}."
    before = _finding(claim, then.answer)
    if before is None:
        return (
            f"{found} by today's figures; nothing in this archive published by {_when(claim)} "
            "gives that."
        )
    if before == today:
        return f"{found}, as published by {_when(claim)} and today."
    verb = "" if before.verb == today.verb else f"{today.verb} "
    return (
        f"{before.subject} {before.verb} {before.amount}{before.tail} as published by "
        f"{_when(claim)}, and {verb}{today.amount}{unsure} by today's figures."
    )


def _both(claim: Claim, answer: Answer) -> str:
    """The two figures of a test that compares two, of which no number was found."""
    found = (*answer.compared, *answer.tested)
    if claim.test == SHARE:
        named = [f"{one.measure} were {amount(one.bounds)}" for one in found]
        return f"{_capital(', '.join(named) or 'both numbers are not known')} {_period_of(claim)}."
    named = [f"{amount(one.bounds)} {during(one.period)}" for one in found]
    measure = _capital(_measure(claim))
    match named:
        case []:
            return f"{measure} are not known in this archive."
        case [known]:
            return f"{measure} were {known}; the other number is not known in this archive."
    return f"{measure} were {' and '.join(named)}."


def _finding(claim: Claim, answer: Answer) -> Finding | None:
    """What was found, if that is a number."""
    found = answer.found
    if not isinstance(found, Interval):
        return None
    if claim.test in CHANGES:
        return _change(claim, found)
    if claim.test == "times":
        before, after = endpoints(claim.period)
        tail = f" as many {during(after)} as {during(before)}"
        return Finding(_capital(_measure(claim)), "were", f"{amount(found)} times", tail)
    if claim.test == "rank":
        return _place(claim, found, len(answer.compared))
    number = amount(found, _unit(claim))
    if answer.published is not None:
        number = f"{written(answer.published)} ({_rounded(found)})"
    return Finding(_subject(claim), "was" if _is_one(claim) else "were", number)


def _rounded(bounds: Interval) -> str:
    """What the rounding of a number leaves open."""
    if bounds.upper - bounds.lower > ONE_ROUNDING:
        return f"{written(bounds.lower)} to {written(bounds.upper)}, as its parts are rounded"
    return "published rounded"


def _change(claim: Claim, found: Interval) -> Finding:
    """From one period to another: `fell by` `60.5 %`."""
    before, after = endpoints(claim.period)
    unit = "%" if claim.test in IN_PERCENT else "percentage points" if claim.of else ""
    subject, tail = _capital(_measure(claim)), f" {span(before, after)}"
    if found == Interval.exactly(0):
        return Finding(subject, "did", "not change", tail)
    if found.upper <= 0:
        return Finding(subject, "fell by", amount(found.negated, unit), tail)
    if found.lower >= 0:
        return Finding(subject, "rose by", amount(found, unit), tail)
    return Finding(subject, "changed by", amount(found, unit), tail)


def _place(claim: Claim, found: Interval, others: int) -> Finding:
    breakdown, _, label = claim.part.partition("=")
    places = [ordinal(int(place)) for place in dict.fromkeys((found.lower, found.upper))]
    most = "most" if places == ["first"] else f"{' to '.join(places)} most"
    if found == Interval.exactly(others + 1):
        most = "fewest"
    period = during(Period.parse(claim.period))
    tail = f" {claim.measure} {period}, of {others + 1} by {breakdown}"
    return Finding(_capital(label), "had", f"the {most}", tail)


def _unsure(claim: Claim, answer: Answer) -> str:
    """What makes a figure less than that of its whole period."""
    figures = (*answer.compared, *answer.tested) if claim.test in OF_TWO else answer.tested
    partial = [one for one in figures if one.kind is Kind.PARTIAL]
    parts = [part for part in map(_of_part, partial) if part]
    return f" ({' and '.join(parts)})" if parts else ""


def _of_part(figure: Figure) -> str:
    """What is known of a period of which only a part is."""
    published = written(figure.published)
    if not figure.known:
        return f"{published} in the year to date"
    part = Period(figure.known[0], figure.known[-1])
    if len(part.months) == len(figure.known):
        return f"{published} {during(part)}, the only part known"
    return f"{published} in the {len(figure.known)} months known of {len(figure.period.months)}"


def _best_compared(claim: Claim, answer: Answer) -> str:
    """The highest, or lowest, of the years that a year is compared with."""
    if " year " not in claim.test or not answer.compared:
        return ""
    choose = max if claim.test.startswith("highest") else min
    whole = [one for one in answer.compared if one.kind is not Kind.PARTIAL] or answer.compared
    best = choose(whole, key=lambda figure: figure.published)
    kind = claim.test.partition(" ")[0]
    return f"; the {kind} of the others was {amount(best.bounds, _unit(claim))}, in {best.period}"


def _needed(claim: Claim, answer: Answer) -> str:
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


def _looked(claim: Claim, answer: Answer) -> str:
    """What was found among the months that a claim compares with."""
    if claim.test in MOVES:
        return _moved(claim, answer)
    if claim.test.startswith("first"):
        return _first(claim, answer)
    if answer.against:
        had = f"had {_beats(claim, answer)} or {_less(claim)}"
        return f"{_capital(listed(answer.against))} {had}."
    had = "had" if answer.truth or not answer.unknown else "is known to have had"
    return f"No {_scope(claim, answer)} {had} {_beats(claim, answer)}."


def _first(claim: Claim, answer: Answer) -> str:
    """What was found of the first month past a number."""
    stated = found[1] if (found := SINCE.fullmatch(claim.value)) else claim.value
    past = PAST[claim.test.rpartition(" ")[2]]
    number = f"{past} {written(StatedNumber.parse(stated).value)}"
    mine = f"{_period(claim)} had {amount(answer.tested[0].bounds, _unit(claim))}"
    passed = number if not claim.of else f"{number.replace('fewer', 'less')} %"
    what = f"{passed} {_measure(claim)}" if not claim.of else f"a {_measure(claim)} of {passed}"
    if answer.against:
        return f"{listed(answer.against)} had {what}."
    if answer.truth is False and answer.found is None:
        return f"{mine}, not {passed}."
    if answer.truth is False and found:
        return f"{Period.parse(found[2])} did not have {what}."
    had = "had" if answer.truth else "is known to have had"
    return f"No {_scope(claim, answer)} {had} {what}; {mine}."


def _beats(claim: Claim, answer: Answer) -> str:
    """What a month would need to beat the one that the claim is about."""
    few, _ = (AS_SHARE if claim.of else AS)[claim.test.partition(" ")[0]]
    count = f" ({amount(answer.tested[0].bounds, _unit(claim))})"
    return f"{few} {_measure(claim)} as {_period(claim)}{count}"


def _less(claim: Claim) -> str:
    return (AS_SHARE if claim.of else AS)[claim.test.partition(" ")[0]][1]


def _moved(claim: Claim, answer: Answer) -> str:
    past, present = MOVES[claim.test]
    measure, period = _capital(_measure(claim)), Period.parse(claim.period)
    if answer.against:
        return f"{measure} did not {present} in {listed(answer.against)}."
    if answer.truth:
        return f"{measure} {past} in each month of {Period(period.months[1], period.last)}."
    return f"{measure} are not known to have {past} in each month of {period}."


def _scope(claim: Claim, answer: Answer) -> str:
    """The months, none of which contradicts a claim."""
    begins = min((one.period for one in answer.compared), default=None)
    record = f"on record, which begins in {begins}," if begins else "on record"
    match claim.test.partition(" ")[2]:
        case "since":
            return f"month since {Period.parse(claim.value)}"
        case "in years":
            return f"month of the {_years(claim.value)} before"
        case "of that month since":
            return f"{Period.parse(claim.period).last:%B} since {claim.value}"
        case "on record" | "ever":
            if claim.value:
                return f"other month since {Period.parse(claim.value)}"
            return f"other month {record}"
        case "month":
            return f"other month of {Period.parse(claim.period)}"
    if found := SINCE.fullmatch(claim.value):
        return f"month since {Period.parse(found[2])}"
    return f"earlier month {record}"


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
            return f"{_off(claim, now.answer)}{_quoted(claim, vantages)}".strip()
        case Verdict.UNDECIDED:
            return _open(claim, now, vantages)
        case Verdict.REVISED if then is not None and then.answer.truth:
            return "It was right when it was stated."
        case Verdict.REVISED:
            return "By today's figures of the time before, it was right when it was stated."
    return ""


def _open(claim: Claim, now: Vantage, vantages: Sequence[Vantage]) -> str:
    """Why a claim is undecided, and what was said all the same."""
    said = next((one.said.tested[0] for one in vantages if one.said), None)
    stated = f"{_stated(said)}. " if said else ""
    if now.answer.unknown:
        return (
            f"{stated}{_capital(listed(now.answer.unknown))} would have to be known to decide it."
        )
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


def _quoted(claim: Claim, vantages: Sequence[Vantage]) -> str:
    """That somebody stated the number all the same."""
    said = next((one.stated.tested[0] for one in vantages if one.stated), None)
    return f" {_stated(said)}." if said else ""


def _stated(figure: Figure) -> str:
    """What somebody stated, and when."""
    bounds = figure.bounds
    number = f"more than {written(bounds.lower - 1)}" if bounds.upper == inf else amount(bounds)
    window = (
        "" if figure.is_of_whole_months else f" from {day(figure.days[0])} to {day(figure.days[1])}"
    )
    return f"Officials stated {number}{window} ({day(figure.published_on)})"


def _years(number: str) -> str:
    """How many years, in a word where there is one."""
    years = int(number)
    if years == 1:
        return "year"
    return f"{WORDS[years - 1] if years <= len(WORDS) else years} years"


def _subject(claim: Claim) -> str:
    """What a number is of, at the beginning of a sentence."""
    measure = _measure(claim)
    if claim.test == SHARE:
        return f"The share of {measure} among {claim.of} {_period_of(claim)}"
    if claim.test in AVERAGES:
        return f"The {AVERAGES[claim.test]} average of {measure} {_period_of(claim)}"
    return f"{_capital(measure)} {_period_of(claim)}"


def _is_one(claim: Claim) -> bool:
    return claim.test in AVERAGES or claim.test == SHARE or bool(claim.of)


def _unit(claim: Claim) -> str:
    return "%" if claim.test in IN_PERCENT or claim.of else ""


def _measure(claim: Claim) -> str:
    """What is counted, with the part and the whole that the claim names."""
    part = f" ({claim.part.partition('=')[2]})" if claim.part else ""
    if claim.of and claim.test != SHARE:
        return f"share of {claim.measure}{part} among {claim.of}"
    return f"{claim.measure}{part}"


def _period(claim: Claim) -> str:
    """The month or year that a record is of."""
    if claim.test in ("highest month", "lowest month"):
        return str(Period.parse(claim.value))
    return str(Period.parse(claim.period))


def _period_of(claim: Claim) -> str:
    """When what a claim is about was counted."""
    if claim.test in ("highest month", "lowest month"):
        return during(Period.parse(claim.value))
    return during(Period.parse(claim.period))


def _capital(text: str) -> str:
    """How a text begins a sentence."""
    if text.startswith("share of"):
        return f"The {text}"
    return f"{text[:1].upper()}{text[1:]}"


def _when(claim: Claim) -> str:
    return day(claim.stated_on or date.max)
