"""Parts of the sentences about a claim: what is counted, when, in what.

What belongs here: words that do not depend on what was found.
"""

from datetime import date

from orchestration.claims.amounts import day, during
from orchestration.claims.claim import Claim
from orchestration.claims.periods import Period
from orchestration.claims.question import SHARE

CHANGES = ("percent change", "difference", "rose", "fell")
IN_PERCENT = ("percent change", "rose", "fell", SHARE)
OF_TWO = (*CHANGES, "times", SHARE)
OF_A_MONTH = ("highest month", "lowest month")  # that the value names
AVERAGES = {"average per month": "monthly", "average per day": "daily"}


def subject(claim: Claim) -> str:
    """What a number is of, at the beginning of a sentence."""
    counted = measure(claim)
    if claim.test == SHARE:
        return f"The share of {counted} among {claim.of} {when_counted(claim)}"
    if claim.test in AVERAGES:
        return f"The {AVERAGES[claim.test]} average of {counted} {when_counted(claim)}"
    return f"{capital(counted)} {when_counted(claim)}"


def is_one(claim: Claim) -> bool:
    return claim.test in AVERAGES or claim.test == SHARE or bool(claim.of)


def unit(claim: Claim) -> str:
    return "%" if claim.test in IN_PERCENT or claim.of else ""


def measure(claim: Claim) -> str:
    """What is counted, with the part and the whole that the claim names."""
    part = f" ({claim.part.partition('=')[2]})" if claim.part else ""
    if claim.of and claim.test != SHARE:
        return f"share of {claim.measure}{part} among {claim.of}"
    return f"{claim.measure}{part}"


def period_of(claim: Claim) -> Period:
    """What a claim is about, that has one period."""
    return Period.parse(claim.value if claim.test in OF_A_MONTH else claim.period)


def month_or_year(claim: Claim) -> str:
    """The month or year that a record is of."""
    return str(period_of(claim))


def when_counted(claim: Claim) -> str:
    """When what a claim is about was counted."""
    return during(period_of(claim))


def capital(text: str) -> str:
    """How a text begins a sentence."""
    if text.startswith("share of"):
        return f"The {text}"
    return f"{text[:1].upper()}{text[1:]}"


def day_stated(claim: Claim) -> str:
    return day(claim.stated_on or date.max)
