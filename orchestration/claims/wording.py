"""The sentences about a claim, in plain English.

What belongs here: words. Whether a claim holds is decided in `verdicts`.
"""

from collections.abc import Sequence
from datetime import date
from math import inf

from orchestration.claims.claim import Claim
from orchestration.claims.comparisons import Answer
from orchestration.claims.figures import Figure, Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period, endpoints
from orchestration.claims.questions import SHARE
from orchestration.claims.verdicts import Vantage, Verdict

NAMED = 3  # months that contradict a claim
OF_PERCENT = ("percent change", SHARE)
OF_TWO = {
    "percent change": "The change of {} from {} to {}",
    "difference": "The difference of {} from {} to {}",
    "times": "The ratio of {} from {} to {}",
}
AVERAGES = {"average per month": "monthly", "average per day": "daily"}
MOVES = {"fell every month": ("fell", "fall"), "rose every month": ("rose", "rise")}
AS = {"lowest": "as low as", "highest": "as high as"}


def sentence(
    claim: Claim,
    verdict: Verdict,
    then: Vantage | None,
    now: Vantage,
    hindsight: Vantage | None = None,
) -> str:
    """Two or three sentences: what was found, why that is the verdict, and what more is to be known
    about the claim."""
    found = _found(claim, then, now, hindsight)
    parts = (found, _why(claim, verdict, then, now), claim.note)
    return " ".join(part for part in parts if part)


def value(answer: Answer) -> str | None:
    """What a test found, as text that a program can read: a number, a month, `true` or `false`;
    None if it found nothing."""
    if isinstance(answer.found, date):
        return f"{answer.found:%Y-%m}"
    if answer.published is not None:
        return _written(answer.published).replace(",", "")
    if isinstance(answer.found, Interval):
        return number(answer.found).replace(",", "")
    return None if answer.truth is None else str(answer.truth).lower()


def number(bounds: Interval, percent: bool = False) -> str:
    """Bounds as text: `46,612`, `46,605 to 46,615`, `at least 674,890`."""
    unit = " %" if percent else ""
    if bounds.upper == inf:
        return f"at least {_written(bounds.lower)}{unit}"
    if bounds.is_exact or _written(bounds.lower) == _written(bounds.upper):
        return f"{_written(bounds.lower)}{unit}"
    return f"{_written(bounds.lower)} to {_written(bounds.upper)}{unit}"


def day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _written(amount: float) -> str:
    return f"{amount:,.0f}" if float(amount).is_integer() else f"{amount:,.2f}"


def _found(claim: Claim, then: Vantage | None, now: Vantage, hindsight: Vantage | None) -> str:
    """What was found then and now."""
    if isinstance(now.answer.found, Interval):
        return _numbers(claim, then, now)
    if value(now.answer) is None and not now.answer.tested:
        return f"{_subject(claim)} {'is' if _is_one(claim) else 'are'} not known in this archive."
    looked = _looked(claim, now.answer)
    if then is None or then.answer.truth is not None or now.answer.truth is None:
        return looked
    if hindsight is not None and hindsight.answer.truth:
        return looked
    return f"{looked} Nothing in this archive published by {_when(claim)} decides it."


def _numbers(claim: Claim, then: Vantage | None, now: Vantage) -> str:
    today = _number_of(claim, now.answer)
    before = None if then is None else _number_of(claim, then.answer)
    unsure = f"{_unsure(now.answer.tested)}{_highest_compared(claim, now.answer)}"
    found = f"{_subject(claim)} {'was' if _is_one(claim) else 'were'}"
    if then is None:
        return f"{found} {today}{unsure}."
    if before is None:
        return (
            f"{found} {today}{unsure} by today's figures; nothing in this archive published by "
            f"{_when(claim)} gives that."
        )
    if before == today:
        return f"{found} {today}{unsure}, as published by {_when(claim)} and today."
    return f"{found} {before} as published by {_when(claim)}, {today}{unsure} by today's figures."


def _number_of(claim: Claim, answer: Answer) -> str | None:
    if answer.published is not None:
        return f"{_written(answer.published)} (published rounded)"
    percent = claim.test in OF_PERCENT
    return number(answer.found, percent) if isinstance(answer.found, Interval) else None


def _unsure(figures: Sequence[Figure]) -> str:
    """What makes a figure less than that of its whole period."""
    kinds = {figure.kind for figure in figures}
    if Kind.PARTIAL not in kinds:
        return ""
    return f" ({' and '.join(_of_part(figure) for figure in figures)})"


def _of_part(figure: Figure) -> str:
    """What is known of a period of which only a part is."""
    published = _written(figure.published)
    if not figure.known:
        return f"{published} in the year to date"
    part = Period(figure.known[0], figure.known[-1])
    if len(part.months) == len(figure.known):
        return f"{published} in {part}, the only months known"
    return f"{published} in the {len(figure.known)} months known of {len(figure.period.months)}"


def _highest_compared(claim: Claim, answer: Answer) -> str:
    """The highest of the years that a year is compared with."""
    if not claim.test.startswith("highest fiscal year") or not answer.compared:
        return ""
    most = max(answer.compared, key=lambda figure: figure.published)
    return f", and in {most.period} {number(most.bounds)}"


def _looked(claim: Claim, answer: Answer) -> str:
    """What was found among the months that a claim compares with."""
    if claim.test in MOVES:
        return _moved(claim, answer)
    kind = claim.test.partition(" ")[0]
    beats = f"{AS[kind]} {_period(claim)}" if kind in AS else f"past {claim.value} before"
    if answer.against:
        return f"{_listed(answer.against)} had {_measure(claim)} {beats}."
    if answer.truth or claim.test == "first ever above":
        return f"No {_scope(claim, answer)} had {_measure(claim)} {beats}."
    return f"Not every month that {_period(claim)} is compared with is known."


def _moved(claim: Claim, answer: Answer) -> str:
    past, present = MOVES[claim.test]
    measure = _capital(_measure(claim))
    if answer.against:
        return f"{measure} did not {present} in {_listed(answer.against)}."
    if answer.truth:
        return f"{measure} {past} in every month of {_period(claim)} after the first."
    return f"Not every month of {_period(claim)} is known."


def _scope(claim: Claim, answer: Answer) -> str:
    """The months, none of which contradicts a claim."""
    match claim.test.partition(" ")[2]:
        case "since":
            return f"month since {Period.parse(claim.value)}"
        case "in years":
            return f"month of the {claim.value} years before"
        case "of that month since":
            return f"{Period.parse(claim.period).last:%B} since {claim.value}"
        case "on record":
            start = f" since {Period.parse(claim.value)}" if claim.value else ""
            return f"other month on record{start}"
        case "month":
            return f"other month of {Period.parse(claim.period)}"
    start = min((str(one.period) for one in answer.compared[:1]), default="that month")
    return f"earlier month on record, which begins in {start},"


def _listed(periods: Sequence[Period]) -> str:
    shown = [str(period) for period in periods[-NAMED:]]
    more = len(periods) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more months"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _why(claim: Claim, verdict: Verdict, then: Vantage | None, now: Vantage) -> str:
    """What the verdict follows from beyond the numbers."""
    vantages = [vantage for vantage in (now, then) if vantage is not None]
    match verdict:
        case Verdict.WRONG_MEASURE:
            other = next(one.other_measure for one in vantages if one.other_measure)
            stated = _written(float(claim.value.replace(",", "")))
            return f"{stated} is the number of another measure, {other}."
        case Verdict.ONLY_STATED:
            return "Only statements of officials bear it out; no published count does."
        case Verdict.NEARLY:
            return "The number is off by less than 1 %, which rounding does not explain."
        case Verdict.UNDECIDED:
            return "These releases do not decide it."
        case Verdict.REVISED if then is not None and then.answer.truth:
            return "It was right when it was stated."
        case Verdict.REVISED:
            return "By today's figures of the time before, it was right when it was stated."
    return ""


def _subject(claim: Claim) -> str:
    """What a number is of, at the beginning of a sentence."""
    measure = _measure(claim)
    if claim.test in OF_TWO:
        return OF_TWO[claim.test].format(measure, *endpoints(claim.period))
    if claim.test == SHARE:
        return f"The share of {measure} in {claim.of} in {_period(claim)}"
    if claim.test in AVERAGES:
        return f"The {AVERAGES[claim.test]} average of {measure} in {_period(claim)}"
    return f"{_capital(measure)} in {_period(claim)}"


def _is_one(claim: Claim) -> bool:
    return claim.test in OF_TWO or claim.test in AVERAGES or claim.test == SHARE


def _measure(claim: Claim) -> str:
    """What is counted, with the part and the whole that the claim names."""
    part = f" ({claim.part.partition('=')[2]})" if claim.part else ""
    whole = f" in percent of {claim.of}" if claim.of and claim.test != SHARE else ""
    return f"{claim.measure}{part}{whole}"


def _period(claim: Claim) -> str:
    if claim.test in ("highest month", "lowest month"):
        return str(Period.parse(claim.value))
    return str(Period.parse(claim.period))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _when(claim: Claim) -> str:
    return day(claim.stated_on or date.max)
