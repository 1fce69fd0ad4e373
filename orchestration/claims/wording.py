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
from orchestration.claims.periods import Period
from orchestration.claims.verdicts import Vantage, Verdict

NAMED = 3  # months that contradict a claim
OF_PERCENT = ("percent change", "share of")
MOVES = {"fell every month": "did not fall", "rose every month": "did not rise"}
NAMED_TESTS = {  # the others are clear from what was found
    "percent change": ", change",
    "difference": ", difference",
    "times": ", times",
    "share of": ", share",
    "average per month": ", average of a month",
    "average per day": ", average of a day",
}
BEATS = {"lowest": "as low", "highest": "as high", "first": "past that number before"}


def sentence(claim: Claim, verdict: Verdict, then: Vantage | None, now: Vantage) -> str:
    """One or two sentences that say what was found and why that is the verdict."""
    return " ".join(
        part for part in (_found(claim, then, now), _why(claim, verdict, then, now)) if part
    )


def value(claim: Claim, answer: Answer) -> str | None:
    """What a test found, as text; None if it found nothing."""
    if isinstance(answer.found, date):
        return f"{answer.found:%Y-%m}"
    if isinstance(answer.found, Interval):
        return number(answer.found, claim.test in OF_PERCENT)
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


def _found(claim: Claim, then: Vantage | None, now: Vantage) -> str:
    subject = _subject(claim)
    after = value(claim, now.answer)
    if isinstance(now.answer.found, Interval):
        return _numbers(claim, subject, then, now)
    if after is None and (then is None or value(claim, then.answer) is None):
        return f"{subject}: not known in this archive."
    if then is not None and then.answer.truth is None and now.answer.truth is not None:
        return (
            f"{_looked(claim, now.answer)} Nothing in this archive published by "
            f"{day(_stated_on(claim))} decides it."
        )
    return _looked(claim, now.answer)


def _numbers(claim: Claim, subject: str, then: Vantage | None, now: Vantage) -> str:
    today = value(claim, now.answer)
    before = None if then is None else value(claim, then.answer)
    unsure = f"{_unsure(now.answer.tested)}{_highest_compared(claim, now.answer)}"
    if then is None:
        return f"{subject}: {today}{unsure}."
    when = day(_stated_on(claim))
    if before is None:
        return (
            f"{subject}: {today}{unsure} by today's figures; nothing in this archive published by "
            f"{when} gives it."
        )
    if before == today:
        return f"{subject}: {today}{unsure}, as published by {when} and today."
    return f"{subject}: {before} as published by {when}, {today}{unsure} by today's figures."


def _unsure(figures: Sequence[Figure]) -> str:
    """What makes a figure less than an exact count."""
    kinds = {figure.kind for figure in figures}
    if Kind.PARTIAL in kinds:
        known = sum(figure.published for figure in figures)
        return f" (what is known of the period adds up to {_written(known)})"
    return " (published rounded)" if Kind.ROUNDED in kinds else ""


def _highest_compared(claim: Claim, answer: Answer) -> str:
    """The highest of the years that a year is compared with."""
    if claim.test != "highest fiscal year since" or not answer.compared:
        return ""
    most = max(answer.compared, key=lambda figure: figure.published)
    return f"; {most.period} had {number(most.bounds)}"


def _looked(claim: Claim, answer: Answer) -> str:
    """What was found among the months or years that a claim compares with."""
    subject = _subject(claim)
    if claim.test in MOVES:
        if answer.against:
            return f"{subject}: {_listed(answer.against)} {MOVES[claim.test]}."
        known = "each month did" if answer.truth else "not every month is known"
        return f"{subject}: {known}."
    beats = BEATS[claim.test.partition(" ")[0]]
    if answer.against:
        verb = "was" if len(answer.against) == 1 else "were"
        return f"{subject}: {_listed(answer.against)} {verb} {beats}."
    if answer.truth:
        return f"{subject}: {_scope(claim)} was {beats}."
    return f"{subject}: not every month that it is compared with is known."


def _scope(claim: Claim) -> str:
    """The months, none of which contradicts a claim."""
    match claim.test.partition(" ")[2]:
        case "since":
            return f"no month since {Period.parse(claim.value)}"
        case "in years":
            return f"no month in the {claim.value} years before"
        case "of that month since":
            return f"no {Period.parse(claim.period).last:%B} since {claim.value}"
        case "on record":
            start = f" since {Period.parse(claim.value)}" if claim.value else ""
            return f"no other month on record{start}"
        case "month":
            return f"no other month of {Period.parse(claim.period)}"
    return "no earlier month on record"


def _listed(periods: Sequence[Period]) -> str:
    shown = [str(period) for period in periods[-NAMED:]]
    more = len(periods) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _why(claim: Claim, verdict: Verdict, then: Vantage | None, now: Vantage) -> str:
    """What the verdict follows from beyond the numbers."""
    vantages = [vantage for vantage in (now, then) if vantage is not None]
    if verdict is Verdict.WRONG_MEASURE:
        other = next(one.other_measure for one in vantages if one.other_measure)
        return f"{claim.value} is the number of another measure: {other}."
    if verdict is Verdict.ONLY_STATED:
        return "Only statements of officials bear it out; no published count does."
    if verdict is Verdict.NEARLY:
        return "The number is off by less than 1 %, which rounding does not explain."
    if verdict is Verdict.UNDECIDED:
        return "These releases do not decide it."
    if verdict is Verdict.REVISED:
        return "It was right when it was stated."
    return ""


def _subject(claim: Claim) -> str:
    part = f", {claim.part.partition('=')[2]}" if claim.part else ""
    start, slash, end = claim.period.partition("/")
    period = str(Period.parse(claim.period))
    if claim.test in ("percent change", "difference", "times") and slash:
        period = f"{Period.parse(start)} to {Period.parse(end)}"
    tested = NAMED_TESTS.get(claim.test, "")
    return f"{claim.measure[:1].upper()}{claim.measure[1:]}{part}, {period}{tested}"


def _stated_on(claim: Claim) -> date:
    return claim.stated_on or date.max
