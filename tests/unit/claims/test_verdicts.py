"""Verdicts: from what was found then and now."""

from dataclasses import replace
from datetime import date

import pytest

from orchestration.claims.claim import Claim, InvalidClaim
from orchestration.claims.figures import Kind
from orchestration.claims.interval import Interval
from orchestration.claims.question import Question
from orchestration.claims.series import Published, Series
from orchestration.claims.verdicts import Vantage, Verdict, vantage_of, verdict_of
from orchestration.gates.suites import load_suites
from orchestration.report.statements import BAD, GOOD
from tests.support.claims import published, series


def vantage(claim: Claim, *found: Published, others: dict[str, Series] | None = None) -> Vantage:
    """What is found of a claim on the measure `people`; others: those of its family."""
    known = {"people": series(*found)} | (others or {})
    return vantage_of(Question(claim, lambda measure, _: known[measure]), tuple(others or ()))


def number(value: str, test: str = "equals", period: str = "2024-11") -> Claim:
    return Claim(claim_id="c", measure="people", period=period, test=test, value=value)


@pytest.mark.parametrize(
    ("value", "count", "verdict"),
    [
        ("62,707", 62707, Verdict.SUPPORTED),
        ("46,610", 46612, Verdict.ROUNDED),
        ("144,266", 144255, Verdict.NEARLY),
        ("200,000", 249740, Verdict.CONTRADICTED),
        ("2,000,000", 2475669, Verdict.CONTRADICTED),
    ],
)
def test_a_number(value: str, count: float, verdict: Verdict) -> None:
    assert verdict_of(None, vantage(number(value), published("2024-11", count))) == verdict


def test_a_number_that_was_right_and_has_been_revised() -> None:
    then = vantage(number("64,006"), published("2024-11", 64006))
    now = vantage(number("64,006"), published("2024-11", 62707))
    assert verdict_of(then, now) == Verdict.REVISED
    assert verdict_of(now, now) == Verdict.CONTRADICTED


def test_the_number_of_another_measure_of_the_family() -> None:
    others = {"all people": series(published("2024-11", 19940))}
    found = vantage(number("19,940"), published("2024-11", 14519), others=others)
    assert found.other is not None
    assert found.other.found == Interval.exactly(19940)
    assert verdict_of(None, found) == Verdict.WRONG_MEASURE


def test_the_number_of_another_measure_says_nothing_of_one_that_is_not_known() -> None:
    others = {"all people": series(published("2024-11", 19940))}
    assert verdict_of(None, vantage(number("19,940"), others=others)) == Verdict.UNDECIDED


def test_a_statement_alone_bears_nothing_out_and_contradicts_nothing() -> None:
    stated = published("FY2024", (700_001, None), Kind.STATED)
    part = published("FY2024", (674_890, None), Kind.PARTIAL)
    claim = number("700,000", "more than", "FY2024")
    assert verdict_of(None, vantage(claim, stated, part)) == Verdict.ONLY_STATED
    assert verdict_of(None, vantage(claim, part)) == Verdict.UNDECIDED
    counted = published("FY2024", 690_000)
    assert verdict_of(None, vantage(claim, stated, counted)) == Verdict.CONTRADICTED


def test_a_statement_about_some_days_is_a_lower_bound_of_their_month_and_nothing_else() -> None:
    days = published("2024-11", 2300, Kind.STATED)
    days = replace(days, figure=replace(days.figure, last_day=date(2024, 11, 18)))
    for test, verdict in (
        ("more than", Verdict.ONLY_STATED),
        ("fewer than", Verdict.UNDECIDED),
        ("up to", Verdict.UNDECIDED),
        ("equals", Verdict.UNDECIDED),
    ):
        value = "2,000" if test == "more than" else "3,000" if test == "fewer than" else "2,300"
        assert verdict_of(None, vantage(number(value, test), days)) == verdict


def test_what_was_right_then_and_cannot_be_decided_now_was_not_revised() -> None:
    claim = number("", "lowest on record", "2024-11")
    then = vantage(claim, published("2024-11", 5), published("2024-10", 6))
    now = vantage(claim, published("2024-11", 5), published("2024-08", 6))
    assert verdict_of(then, now, None) == Verdict.UNDECIDED


def test_what_happened_since_contradicts_no_statement() -> None:
    claim = number("", "lowest ever", "2024-11")
    of_its_time = vantage(claim, published("2024-11", 5), published("2024-10", 6))
    broken = vantage(claim, published("2024-11", 5), published("2024-12", 4))
    assert verdict_of(vantage(claim), broken, hindsight=of_its_time) == Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("178,000", Verdict.ROUNDED),
        ("177,500", Verdict.NEARLY),
        ("about 170,000", Verdict.ROUNDED),
        ("more than 177,000", Verdict.SUPPORTED),
        ("less than 177,000", Verdict.CONTRADICTED),
    ],
)
def test_an_average_is_no_count(value: str, verdict: Verdict) -> None:
    claim = number(value, "average per month", "2024-10/2024-11")
    found = vantage(claim, published("2024-10", 177_917), published("2024-11", 177_918))
    assert verdict_of(None, found) == verdict


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("more than -50", Verdict.SUPPORTED),
        ("at least -60", Verdict.SUPPORTED),
        ("less than -50", Verdict.CONTRADICTED),
        ("about -62", Verdict.ROUNDED),
        ("nearly -62 percent", Verdict.ROUNDED),
        ("more than 50", Verdict.CONTRADICTED),
    ],
)
def test_a_fall_by_more_than(value: str, verdict: Verdict) -> None:
    claim = number(value, "percent change", "2024-10/2024-11")
    found = vantage(claim, published("2024-10", 100), published("2024-11", 40))
    assert verdict_of(None, found) == verdict


@pytest.mark.parametrize(
    ("value", "times", "verdict"),
    [
        ("2", 1.92, Verdict.ROUNDED),
        ("2", 1.88, Verdict.CONTRADICTED),
        ("1.74", 1.744, Verdict.SUPPORTED),
        ("1.74", 1.78, Verdict.CONTRADICTED),
        ("0.5", 0.48, Verdict.ROUNDED),
        ("about 1.74", 1.78, Verdict.ROUNDED),
        ("more than 3", 3.2, Verdict.SUPPORTED),
    ],
)
def test_a_factor_is_as_exact_as_it_was_said(value: str, times: float, verdict: Verdict) -> None:
    claim = number(value, "times", "2024-10/2024-11")
    found = vantage(claim, published("2024-10", 1000), published("2024-11", 1000 * times))
    assert verdict_of(None, found) == verdict


def test_the_sum_of_what_was_published_rounded_is_what_was_published() -> None:
    months = [published(f"2024-{m}", (9_995, 10_005), Kind.ROUNDED) for m in ("10", "11", "12")]
    claim = number("30,000", period="2024-10/2024-12")
    assert verdict_of(None, vantage(claim, *months)) == Verdict.SUPPORTED
    assert verdict_of(None, vantage(number("30,010", period=claim.period), *months)) == (
        Verdict.UNDECIDED
    )


def test_a_record_that_has_been_broken_since() -> None:
    claim = number("", "lowest on record", "2024-11")
    standing = vantage(claim, published("2024-11", 5), published("2024-10", 6))
    broken = vantage(
        claim, published("2024-11", 5), published("2024-10", 6), published("2024-12", 4)
    )
    nothing = vantage(claim)
    assert verdict_of(nothing, broken, hindsight=standing) == Verdict.REVISED
    assert verdict_of(nothing, broken, hindsight=broken) == Verdict.CONTRADICTED


@pytest.mark.parametrize(
    ("claim", "problem"),
    [
        (number("1", "is like"), "test: found 'is like', expected one such as equals, about"),
        (number("many"), "value: found 'many', expected a number such as"),
        (number("1", period="2024"), "period: found '2024', expected a month"),
        (number("1", "percent change"), "period: found '2024-11', expected two periods"),
        (number("2010", "highest fiscal year since"), "period: found '2024-11', expected one such"),
        (number("ten", "highest fiscal year since", "FY2024"), "value: found 'ten', expected a"),
        (number("5", "between"), "value: found '5', expected 125,000 to 154,000"),
        (number("then", "lowest since"), "value: found 'then', expected a month"),
        (number("2025-01", "lowest since"), "value: found '2025-01', which leaves nothing to"),
        (number("2024-10", "lowest since"), "value: found '2024-10', which leaves nothing to"),
        (number("9999", "lowest in years"), "value: found '9999', expected a whole"),
        (number("9" * 30), "value: found '9999"),
        (number("0", "lowest in years"), "value: found '0', expected a whole number such as 4"),
        (number("2024", "highest of that month since"), "value: found '2024', which leaves nothi"),
        (number("FY2023", "highest fiscal year since", "FY2024"), "value: found 'FY2023', which"),
        (number("FY2020", "lowest since"), "value: found 'FY2020', expected a month, as 2020-07"),
        (number("2020-07", "lowest since", "FY2024"), "period: found 'FY2024', expected a month"),
        (number("", "fell every month"), "period: found '2024-11', expected several months"),
        (number("2", "times", "2024-10-05/2024-11-05"), "period: found '2024-10-05', a day, exp"),
        (
            number("100", period="2024-11-05"),
            "period: found '2024-11-05', a day, expected its mont",
        ),
        (number("2023-01", "highest month", "FY2024"), "value: found '2023-01', expected a month "),
        (number("9 to 5", "between"), "value: found '9 to 5', expected the lower number first"),
        (number("0", "times", "2024-10/2024-11"), "value: found '0', expected a factor, such as 2"),
        (
            number("1", "rose", "FY2023/2024-09"),
            "period: found 'FY2023/2024-09', expected two",
        ),
        (
            number("1", "rose", "2024-11/2024-11"),
            "period: found '2024-11/2024-11', expected two",
        ),
        (
            number("1", "rose", "2024-11/2024-10"),
            "period: found '2024-11/2024-10', expected two",
        ),
        (number("2025-01", "lowest on record"), "value: found '2025-01', which leaves nothing to"),
        (
            number("5 since 2025-01", "first month above"),
            "value: found '5 since 2025-01', which",
        ),
        (
            number("FY2010", "highest calendar year since", "CY2024"),
            "value: found 'FY2010', expect",
        ),
        (number("5", "share of"), "of: found none, expected the measure of the whole"),
        (number("1", "rank"), "part: found none, expected one of several, as sector=San Diego"),
        (number("5 since then", "first month above"), "value: found 'then', expected a month"),
        (number("x since 2024-01", "first month above"), "value: found 'x', expected a number"),
        (number("two in one", "share of").model_copy(update={"of": "people"}), "value: found 'two"),
        (number("", "highest calendar year on record", "FY2024"), "period: found 'FY2024', expect"),
    ],
)
def test_what_cannot_be_tested_says_what_can(claim: Claim, problem: str) -> None:
    with pytest.raises(InvalidClaim) as refused:
        vantage(claim, published("2024-11", 5), published("FY2024", 5))
    assert str(refused.value).startswith(problem)


def test_a_month_alone_is_no_record_and_no_first() -> None:
    for claim in (number("", "lowest on record"), number("4", "first month above")):
        assert vantage(claim, published("2024-11", 5)).answer.truth is None


def test_a_measure_of_the_family_without_the_part_is_passed_over() -> None:
    def series_of(measure: str, _: str) -> Series:
        if measure == "lacks it":
            raise InvalidClaim("part: found none of these")
        return series(published("2024-11", 5 if measure == "people" else 7))

    found = vantage_of(Question(number("7"), series_of), ("lacks it", "all people"))
    assert found.other is not None
    assert found.other.found == Interval.exactly(7)


def test_the_suite_and_the_report_know_the_same_verdicts() -> None:
    """They cannot import them."""
    [suite] = [suite for suite in load_suites() if suite.table == "main.claim_checks"]
    [allowed] = [
        rule.kwargs["value_set"]
        for rule in suite.expectations
        if rule.kwargs.get("column") == "verdict" and "value_set" in rule.kwargs
    ]
    assert allowed == [verdict.value for verdict in Verdict]
    assert set(allowed) > GOOD | BAD
    assert GOOD.isdisjoint(BAD)
