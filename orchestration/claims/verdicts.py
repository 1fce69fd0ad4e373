"""The verdict on a claim, from what its test found on the day of the statement and today.

What belongs here: the rules, in the order in which they are asked. How a verdict is worded is in
`wording`.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

from orchestration.claims import questions
from orchestration.claims.answers import Answer
from orchestration.claims.claim import InvalidClaim
from orchestration.claims.interval import Interval
from orchestration.claims.question import Question

NEARLY = 0.01  # of the stated number
EXACTLY = 0.005  # of what is computed, and has decimals
EQUALITIES = (
    *("equals", "percent change", "difference", "times"),
    *("share of", "average per month", "average per day"),
)


class Verdict(StrEnum):
    """Whether a claim holds. The docs define each, with an example."""

    SUPPORTED = "supported"
    ROUNDED = "supported after rounding"
    NEARLY = "nearly right"
    REVISED = "supported when stated, revised since"
    WRONG_MEASURE = "right number, wrong measure"
    ONLY_STATED = "only stated"
    UNDECIDED = "undecided"
    CONTRADICTED = "contradicted"
    NOT_MEASURABLE = "not measurable"
    INVALID = "invalid"


@dataclass(frozen=True)
class Vantage:
    """What was found as of a day.

    answer: by what had been counted. is_exact: the number is the stated one, to its last digit.
    is_near: the number is off by less than 1 %. stated: what an official said, if that bears the
    claim out. said: what officials said last, whether or not it does. other: what was found of
    another measure of the family, which has the stated number.
    """

    answer: Answer
    is_exact: bool = True
    is_near: bool = False
    stated: Answer | None = None
    said: Answer | None = None
    other: Answer | None = None


def vantage_of(question: Question, siblings: tuple[str, ...]) -> Vantage:
    """Test a claim by the series of one day. siblings: the other measures of its family. Raises
    InvalidClaim."""
    answer = questions.run(question)
    if answer.truth:
        return Vantage(answer, _is_exact(question, answer))
    said = questions.by_statements(question)
    return Vantage(
        answer,
        is_near=answer.truth is False and _is_near(question, answer),
        stated=next((one for one in said if one.truth), None),
        said=next(iter(said), None),
        other=_of_another(question, siblings),
    )


def verdict_of(then: Vantage | None, now: Vantage, hindsight: Vantage | None = None) -> Verdict:
    """The verdict. then: as of the day of the statement; None if that day is not known. hindsight:
    by today's figures of what had happened by that day, where what was published by then does not
    decide it."""
    if now.answer.truth:
        return Verdict.SUPPORTED if now.is_exact else Verdict.ROUNDED
    vantages = [vantage for vantage in (now, then) if vantage is not None]
    if now.answer.truth is False:
        if contradicted_by_what_was_not_seen(then, now):
            return Verdict.CONTRADICTED
        if any(vantage and vantage.answer.truth for vantage in (then, hindsight)):
            return Verdict.REVISED
        if any(vantage.other for vantage in vantages):
            return Verdict.WRONG_MEASURE
        if any(vantage.is_near for vantage in vantages):
            return Verdict.NEARLY
        # what happened since makes no statement wrong that nothing of its time does
        if hindsight is None or hindsight.answer.truth is False:
            return Verdict.CONTRADICTED
    elif any(vantage.stated for vantage in vantages):
        return Verdict.ONLY_STATED
    return Verdict.UNDECIDED


def contradicted_by_what_was_not_seen(then: Vantage | None, now: Vantage) -> bool:
    """Whether a month or year before the one of a record contradicts it, of which nothing was known
    when it was said: no figure has been revised, and none has been counted since."""
    if then is None or not then.answer.truth or not now.answer.tested:
        return False
    seen = {figure.period for figure in then.answer.compared}
    of_record = now.answer.tested[0].period
    return any(one < of_record and one not in seen for one in now.answer.against)


def _is_exact(question: Question, answer: Answer) -> bool:
    if question.claim.test not in EQUALITIES or not isinstance(answer.found, Interval):
        return True
    bound = question.bound
    if bound.words:
        return bound.words != "about"
    if answer.published is not None:
        return answer.published == bound.number.value
    middle = answer.found.middle
    if middle is None:
        return False
    is_count = question.claim.test in ("equals", "difference") and not question.claim.of
    computed = 0 if is_count else EXACTLY
    off = abs(middle - bound.number.value)
    return off == 0 or off < computed


def _is_near(question: Question, answer: Answer) -> bool:
    if question.claim.test not in EQUALITIES or not isinstance(answer.found, Interval):
        return False
    if question.bound.words:
        return False
    stated = question.bound.number.value
    off = max(answer.found.lower - stated, stated - answer.found.upper)
    return off < abs(stated) * NEARLY


def _of_another(question: Question, siblings: tuple[str, ...]) -> Answer | None:
    """What is found of the other measure that has just the stated number."""
    if question.claim.test != "equals":
        return None
    for measure in siblings:
        other = replace(question, claim=question.claim.model_copy(update={"measure": measure}))
        with suppress(InvalidClaim):  # it lacks the part that is asked about
            answer = questions.run(other)
            if answer.truth and _is_exact(other, answer):
                return answer
    return None
