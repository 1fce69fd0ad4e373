"""What was found among the months that a claim compares with: records, firsts, moves.

What belongs here: words about months. Those about numbers are in `number_words`.
"""

from orchestration.claims import phrases
from orchestration.claims.amounts import amount, during, listed, written
from orchestration.claims.answers import Answer
from orchestration.claims.claim import Claim
from orchestration.claims.periods import Period, month_after
from orchestration.claims.question import SINCE
from orchestration.claims.stated import WORDS, StatedNumber

MOVES = {"fell every month": ("fell", "fall"), "rose every month": ("rose", "rise")}
AS = {"lowest": ("as few", "fewer"), "highest": ("as many", "more")}
AS_SHARE = {"lowest": ("as low a", "a lower one"), "highest": ("as high a", "a higher one")}
PAST = {"above": "more than", "below": "fewer than"}


def looked(claim: Claim, answer: Answer) -> str:
    """What was found among the months that a claim compares with."""
    if claim.test in MOVES:
        return _moved(claim, answer)
    if claim.test.startswith("first"):
        return _first(claim, answer)
    if answer.against:
        had = f"had {_beats(claim, answer)} or {_less(claim)}"
        return f"{phrases.capital(listed(answer.against))} {had}."
    had = "had" if answer.truth or not answer.unknown else "is known to have had"
    return f"No {_scope(claim, answer)} {had} {_beats(claim, answer)}."


def _first(claim: Claim, answer: Answer) -> str:
    """What was found of the first month past a number."""
    stated = found[1] if (found := SINCE.fullmatch(claim.value)) else claim.value
    past = PAST[claim.test.rpartition(" ")[2]]
    number = f"{past} {written(StatedNumber.parse(stated).value)}"
    mine = (
        f"{phrases.month_or_year(claim)} had {amount(answer.tested[0].bounds, phrases.unit(claim))}"
    )
    passed = number if not claim.of else f"{number.replace('fewer', 'less')} %"
    what = (
        f"{passed} {phrases.measure(claim)}"
        if not claim.of
        else f"a {phrases.measure(claim)} of {passed}"
    )
    if answer.against:
        return f"{phrases.capital(listed(answer.against))} had {what}."
    if answer.truth is False and answer.found is None:
        return f"{mine}, not {passed}."
    if answer.truth is False and found:
        return f"{Period.parse(found[2])} did not have {what}."
    had = "had" if answer.truth else "is known to have had"
    return f"No {_scope(claim, answer)} {had} {what}; {mine}."


def _beats(claim: Claim, answer: Answer) -> str:
    """What a month would need to beat the one that the claim is about."""
    few, _ = (AS_SHARE if claim.of else AS)[claim.test.partition(" ")[0]]
    count = f" ({amount(answer.tested[0].bounds, phrases.unit(claim))})"
    return f"{few} {phrases.measure(claim)} as {phrases.month_or_year(claim)}{count}"


def _less(claim: Claim) -> str:
    return (AS_SHARE if claim.of else AS)[claim.test.partition(" ")[0]][1]


def _moved(claim: Claim, answer: Answer) -> str:
    past, present = MOVES[claim.test]
    measure, period = phrases.capital(phrases.measure(claim)), Period.parse(claim.period)
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
            return f"month {_after(claim.value, claim)}"
        case "in years":
            return f"month of the {_years(claim.value)} before"
        case "of that month since":
            month = Period.parse(claim.period).last
            first, last = int(claim.value[-4:]) + 1, month.year - 1  # it may be CY2019
            return f"{month:%B} {f'from {first} to' if first < last else 'of'} {last}"
        case "on record" | "ever":
            if claim.value:
                return f"other month since {Period.parse(claim.value)}"
            return f"other month {record}"
        case "month":
            return f"other month of {Period.parse(claim.period)}"
    if found := SINCE.fullmatch(claim.value):
        return f"month {_after(found[2], claim)}"
    return f"earlier month {record}"


def _after(month: str, claim: Claim) -> str:
    """The months between a named one and that of the claim: later ones may be lower by now."""
    first, last = Period.parse(month).last, Period.parse(claim.period).first
    return during(Period(month_after(first), month_after(last, -1)))


def _years(number: str) -> str:
    """How many years, in a word where there is one."""
    years = int(number)
    if years == 1:
        return "year"
    return f"{WORDS[years - 1] if years <= len(WORDS) else years} years"
