"""The sentences about a claim, in plain English.

What belongs here: words. Whether a claim holds is decided in `verdicts`; how numbers are written is
in `amounts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import inf

from orchestration.claims.amounts import amount, day, listed, ordinal, span, written
from orchestration.claims.answers import Answer
from orchestration.claims.claim import Claim
from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period, endpoints
from orchestration.claims.question import SHARE, SINCE
from orchestration.claims.stated import WORDS, StatedNumber
from orchestration.claims.verdicts import Vantage, Verdict

CHANGES = ("percent change", "difference", "rose", "fell")
IN_PERCENT = ("percent change", "rose", "fell", SHARE)
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
    if isinstance(now.answer.found, Interval):
        return _numbers(claim, then, now)
    if value(now.answer) is None and not now.answer.tested:
        verb = "is" if claim.test in AVERAGES or claim.test == SHARE else "are"
        return f"{_subject(claim)} {verb} not known in this archive."
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
    unsure = f"{_unsure(now.answer.tested)}{_best_compared(claim, now.answer)}"
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
        f"{_when(claim)}, {verb}{today.amount}{unsure} by today's figures."
    )


def _finding(claim: Claim, answer: Answer) -> Finding | None:
    """What was found, if that is a number."""
    found = answer.found
    if not isinstance(found, Interval):
        return None
    if claim.test in CHANGES:
        return _change(claim, found)
    if claim.test == "times":
        before, after = endpoints(claim.period)
        tail = f" as many in {after} as in {before}"
        return Finding(_capital(_measure(claim)), "were", f"{amount(found)} times", tail)
    if claim.test == "rank":
        return _place(claim, found, len(answer.compared))
    number = amount(found, percent=claim.test in IN_PERCENT)
    if answer.published is not None:
        number = f"{written(answer.published)} (published rounded)"
    is_one = claim.test in AVERAGES or claim.test == SHARE
    return Finding(_subject(claim), "was" if is_one else "were", number)


def _change(claim: Claim, found: Interval) -> Finding:
    """From one period to another: `fell by` `60.5 %`."""
    before, after = endpoints(claim.period)
    percent = claim.test in IN_PERCENT
    subject, tail = _capital(_measure(claim)), f" {span(before, after)}"
    if found.upper <= 0 and found.lower < 0:
        return Finding(subject, "fell by", amount(found.negated, percent), tail)
    if found.lower >= 0:
        return Finding(subject, "rose by", amount(found, percent), tail)
    return Finding(subject, "changed by", amount(found, percent), tail)


def _place(claim: Claim, found: Interval, others: int) -> Finding:
    breakdown, _, label = claim.part.partition("=")
    places = [ordinal(int(place)) for place in dict.fromkeys((found.lower, found.upper))]
    most = "most" if places == ["first"] else f"{' to '.join(places)} most"
    tail = f" {claim.measure} in {_period(claim)}, of {others + 1} by {breakdown}"
    return Finding(label, "had", f"the {most}", tail)


def _unsure(figures: Sequence[Figure]) -> str:
    """What makes a figure less than that of its whole period."""
    kinds = {figure.kind for figure in figures}
    if Kind.PARTIAL not in kinds:
        return ""
    return f" ({' and '.join(_of_part(figure) for figure in figures)})"


def _of_part(figure: Figure) -> str:
    """What is known of a period of which only a part is."""
    published = written(figure.published)
    if not figure.known:
        return f"{published} in the year to date"
    part = Period(figure.known[0], figure.known[-1])
    if len(part.months) == len(figure.known):
        return f"{published} in {part}, the only months known"
    return f"{published} in the {len(figure.known)} months known of {len(figure.period.months)}"


def _best_compared(claim: Claim, answer: Answer) -> str:
    """The highest, or lowest, of the years that a year is compared with."""
    if " year " not in claim.test or not answer.compared:
        return ""
    choose = max if claim.test.startswith("highest") else min
    best = choose(answer.compared, key=lambda figure: figure.published)
    return f", and in {best.period} {amount(best.bounds)}"


def _needed(claim: Claim, answer: Answer) -> str:
    """What the unknown months of a period would need for the claim to hold."""
    limit = _limit(claim, answer)
    if answer.truth is not None or limit is None or not answer.tested:
        return ""
    figure = answer.tested[0]
    lacking = limit - figure.published
    unknown = [Period.month(month) for month in figure.period.months if month not in figure.known]
    if figure.kind is not Kind.PARTIAL or not figure.known or lacking <= 0:
        return ""
    return f"{listed(unknown)} would need {written(lacking)} to reach {written(limit)}."


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
    if answer.against:
        return f"{listed(answer.against)} had {_beats(claim, answer, against=True)}."
    had = "had" if answer.truth else "is known to have had"
    return f"No {_scope(claim, answer)} {had} {_beats(claim, answer)}."


def _beats(claim: Claim, answer: Answer, against: bool = False) -> str:
    """What a month would need to beat the one that the claim is about."""
    if claim.test.startswith("first"):
        stated = found[1] if (found := SINCE.fullmatch(claim.value)) else claim.value
        number = written(StatedNumber.parse(stated).value)
        past = PAST[claim.test.rpartition(" ")[2]]
        mine = amount(answer.tested[0].bounds, percent=bool(claim.of))
        but = f", but {_period(claim)} had {mine}" if not against else ""
        if claim.of:
            return f"a {_measure(claim)} of {past.replace('fewer', 'less')} {number} %{but}"
        return f"{past} {number} {_measure(claim)}{but}"
    kind = claim.test.partition(" ")[0]
    few, fewer = (AS_SHARE if claim.of else AS)[kind]
    or_less = f" or {fewer}" if against else ""
    count = f" ({amount(answer.tested[0].bounds, percent=bool(claim.of))})"
    return f"{few} {_measure(claim)} as {_period(claim)}{count}{or_less}"


def _moved(claim: Claim, answer: Answer) -> str:
    past, present = MOVES[claim.test]
    measure, period = _capital(_measure(claim)), Period.parse(claim.period)
    if answer.against:
        return f"{measure} did not {present} in {listed(answer.against)}."
    if answer.truth:
        return f"{measure} {past} in each month from {Period(period.months[1], period.last)}."
    return f"{measure} are not known to have {past} in each month of {period}."


def _scope(claim: Claim, answer: Answer) -> str:
    """The months, none of which contradicts a claim."""
    match claim.test.partition(" ")[2]:
        case "since":
            return f"month since {Period.parse(claim.value)}"
        case "in years":
            return f"month of the {_years(claim.value)} before"
        case "of that month since":
            return f"{Period.parse(claim.period).last:%B} since {claim.value}"
        case "on record" | "ever":
            start = f" since {Period.parse(claim.value)}" if claim.value else ""
            return f"other month on record{start}"
        case "month":
            return f"other month of {Period.parse(claim.period)}"
    if found := SINCE.fullmatch(claim.value):
        return f"month since {Period.parse(found[2])}"
    start = min((str(one.period) for one in answer.compared[:1]), default="that month")
    return f"earlier month on record, which begins in {start},"


def _said(vantages: Sequence[Vantage]) -> str:
    """That somebody stated the number all the same."""
    said = next((one.stated.tested[0] for one in vantages if one.stated), None)
    return f" A statement of {day(said.published_on)} has it." if said else ""


def _number(claim: Claim) -> str:
    return written(StatedNumber.parse(claim.value).value)


def _years(number: str) -> str:
    """How many years, in a word where there is one."""
    years = int(StatedNumber.parse(number).value)
    word = WORDS[years - 1] if years <= len(WORDS) else str(years)
    return f"{word} year{'' if years == 1 else 's'}"


def _why(claim: Claim, verdict: Verdict, then: Vantage | None, now: Vantage) -> str:
    """What the verdict follows from beyond the numbers."""
    vantages = [vantage for vantage in (now, then) if vantage is not None]
    match verdict:
        case Verdict.WRONG_MEASURE:
            other = next(one.other for one in vantages if one.other)
            return f"{_number(claim)} is the number of another measure, {other.tested[0].measure}."
        case Verdict.ONLY_STATED:
            said = next(one.stated for one in vantages if one.stated).tested[0]
            return (
                f"Officials stated {_stated(said.bounds)} ({day(said.published_on)}); no published "
                "count bears it out."
            )
        case Verdict.NEARLY:
            off = "The number is off by less than 1 %, which rounding does not explain."
            return f"{off}{_said(vantages)}"
        case Verdict.CONTRADICTED:
            return _said(vantages).strip()
        case Verdict.UNDECIDED if now.answer.unknown:
            return f"{_capital(listed(now.answer.unknown))} would have to be known to decide it."
        case Verdict.UNDECIDED if " ever" in claim.test:
            return "As records begin somewhere, they cannot show what never was."
        case Verdict.UNDECIDED:
            return "These releases do not decide it."
        case Verdict.REVISED if then is not None and then.answer.truth:
            return "It was right when it was stated."
        case Verdict.REVISED:
            return "By today's figures of the time before, it was right when it was stated."
    return ""


def _stated(bounds: Interval) -> str:
    return f"more than {written(bounds.lower - 1)}" if bounds.upper == inf else amount(bounds)


def _subject(claim: Claim) -> str:
    """What a number is of, at the beginning of a sentence."""
    measure = _measure(claim)
    if claim.test == SHARE:
        return f"The share of {measure} among {claim.of} in {_period(claim)}"
    if claim.test in AVERAGES:
        return f"The {AVERAGES[claim.test]} average of {measure} in {_period(claim)}"
    return f"{_capital(measure)} in {_period(claim)}"


def _measure(claim: Claim) -> str:
    """What is counted, with the part and the whole that the claim names."""
    part = f" ({claim.part.partition('=')[2]})" if claim.part else ""
    if claim.of and claim.test != SHARE:
        return f"share of {claim.measure}{part} among {claim.of}"
    return f"{claim.measure}{part}"


def _period(claim: Claim) -> str:
    """The period that a claim is about; of a change, both."""
    if claim.test in ("highest month", "lowest month"):
        return str(Period.parse(claim.value))
    if claim.test in (*CHANGES, "times"):
        return " and ".join(map(str, endpoints(claim.period)))
    return str(Period.parse(claim.period))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _when(claim: Claim) -> str:
    return day(claim.stated_on or date.max)
