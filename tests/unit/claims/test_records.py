"""Records: the lowest since, the highest year, the first month above."""

from datetime import date

import pytest

from orchestration.claims import records
from orchestration.claims.answers import Answer
from orchestration.claims.figures import Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period
from orchestration.claims.stated import StatedNumber
from tests.support.claims import months, published, series

YEAR = Period.parse("FY2024")


def stated(text: str) -> StatedNumber:
    return StatedNumber.parse(text)


class TestTheLowestSince:
    JULY, NOVEMBER = date(2020, 7, 1), date(2020, 11, 1)

    def ask(self, *counts: float | None) -> Answer:
        """July to November, of which November is the lowest since July."""
        others = records.since(self.NOVEMBER, self.JULY)
        return records.lowest(months("2020-07", *counts), self.NOVEMBER, others)

    def test_holds_if_each_month_after_the_named_one_was_higher(self) -> None:
        assert self.ask(4, 7, 8, 9, 5).truth is True

    def test_holds_if_the_named_one_was_higher_too_or_is_not_known(self) -> None:
        assert self.ask(9, 7, 8, 9, 5).truth is True
        assert self.ask(None, 7, 8, 9, 5).truth is True

    def test_a_month_that_was_as_low_contradicts_it(self) -> None:
        answer = self.ask(4, 7, 5, 9, 5)
        assert (answer.truth, answer.against) == (False, (Period.parse("2020-09"),))

    def test_an_unknown_month_leaves_it_open_unless_another_contradicts_it(self) -> None:
        assert self.ask(4, None, 8, 9, 5).truth is None
        assert self.ask(4, None, 3, 9, 5).truth is False


def test_the_lowest_in_four_years_looks_at_48_months() -> None:
    others = records.in_years(date(2024, 11, 1), 4)
    assert (others[0], others[-1], len(others)) == (date(2020, 11, 1), date(2024, 10, 1), 48)


def test_the_highest_november_since_2019() -> None:
    others = records.of_calendar_month(date(2022, 11, 1), 2019)
    assert others == [date(2020, 11, 1), date(2021, 11, 1)]


def test_a_record_is_broken_by_a_later_month_as_by_an_earlier_one() -> None:
    month = date(2017, 4, 1)
    held = months("2017-03", 12, 11, 13)
    assert records.lowest(held, month, records.on_record(held, month)).truth is True
    broken = months("2017-03", 12, 11, 13, 6)
    answer = records.lowest(broken, month, records.on_record(broken, month))
    assert (answer.truth, answer.against) == (False, (Period.parse("2017-06"),))


def test_a_record_since_a_month_needs_the_months_from_then_on() -> None:
    known = months("2017-03", 12, 11, 13)
    month = date(2017, 4, 1)
    since = records.on_record(known, month, date(2017, 1, 1))
    assert records.lowest(known, month, since).truth is None


@pytest.mark.parametrize(
    ("known", "unbounded", "truth"), [(700, False, True), (400, False, False), (400, True, None)]
)
def test_a_floor_contradicts_no_year(known: float, unbounded: bool, truth: bool | None) -> None:
    kind = Kind.PARTIAL if unbounded else Kind.EXACT
    found = published("FY2024", (known, None) if unbounded else known, kind)
    asked = series(found, published("FY2023", 500))
    assert records.highest_year(asked, YEAR, [YEAR.years_later(-1)]).truth is truth
    assert records.highest_year(
        asked, YEAR, [YEAR.years_later(-2), YEAR.years_later(-1)]
    ).truth is (False if truth is False else None)


def test_the_first_month_above_a_number_on_record() -> None:
    known = months("2024-09", 40, 50, 51)
    assert records.first_above(known, date(2024, 11, 1), stated("50")).truth is True
    earlier = months("2024-09", 60, 50, 51)
    answer = records.first_above(earlier, date(2024, 11, 1), stated("50"))
    assert (answer.truth, answer.found) == (False, date(2024, 9, 1))
    gap = months("2024-08", 40, None, 40, 51)
    answer = records.first_above(gap, date(2024, 11, 1), stated("50"))
    assert (answer.truth, answer.unknown) == (None, (Period.parse("2024-09"),))


def test_the_first_month_below_a_number_since_one_that_was() -> None:
    known = months("2024-07", 40, 60, 70, 65, 51)
    november = date(2024, 11, 1)
    assert records.first_below(known, november, stated("55")).truth is False
    assert records.first_below(known, november, stated("55"), date(2024, 7, 1)).truth is True
    assert records.first_below(known, november, stated("50"), date(2024, 7, 1)).truth is False


def test_records_begin_somewhere_so_that_they_never_show_what_never_was() -> None:
    known = months("2024-09", 40, 50, 51)
    november = date(2024, 11, 1)
    record = records.highest(known, november, records.on_record(known, november))
    assert (record.truth, records.ever(record).truth) == (True, None)
    broken = records.lowest(known, november, records.on_record(known, november))
    assert (broken.truth, records.ever(broken).truth) == (False, False)


def test_the_years_on_record_lie_whole_within_it() -> None:
    known = months("2020-01", *[1.0] * 40)  # to April 2023
    for text, years in (
        ("FY2022", ["fiscal year 2021"]),
        ("CY2022", ["2020", "2021"]),
        ("FY2023", ["fiscal year 2021", "fiscal year 2022"]),
    ):
        found = records.years_on_record(known, Period.parse(text))
        assert [str(year) for year in found] == years


def test_a_year_that_was_published_as_one_is_on_record() -> None:
    known = series(published("FY2011", 715), published("FY2013", 600))
    others = records.years_on_record(known, Period.parse("FY2013"))
    assert [year.last.year for year in others] == [2011, 2012]
    answer = records.highest_year(known, Period.parse("FY2013"), others)
    assert (answer.truth, answer.unknown) == (False, (Period.parse("FY2012"),))


def test_a_month_since_which_none_was_above_was_above_itself() -> None:
    known = months("2024-08", 40, 30, 60)
    october = date(2024, 10, 1)
    assert records.first_above(known, october, stated("50"), date(2024, 8, 1)).truth is False
    assert records.first_above(known, october, stated("35"), date(2024, 8, 1)).truth is True
    assert records.first_above(known, october, stated("35"), date(2024, 7, 1)).truth is False


def test_a_month_that_does_not_pass_itself_is_no_first() -> None:
    answer = records.first_above(months("2024-08", 40, 30), date(2024, 9, 1), stated("50"))
    assert (answer.truth, answer.found) == (False, None)


def test_the_lowest_year() -> None:
    known = series(published("FY2022", 30), published("FY2023", 20), published("FY2024", 10))
    others = [YEAR.years_later(-1), YEAR.years_later(-2)]
    answer = records.lowest_year(known, YEAR, others)
    assert (answer.truth, answer.found) == (True, Interval.exactly(10))
    answer = records.lowest_year(known, others[0], [others[1], YEAR])
    assert (answer.truth, answer.against) == (False, (YEAR,))


def test_the_peak_of_a_period_needs_every_month_of_it() -> None:
    year = Period.parse("2024-01/2024-03")
    assert records.peak(months("2024-01", 1, 3, 2), year, date(2024, 2, 1)).truth is True
    assert records.peak(months("2024-01", 1, 3), year, date(2024, 2, 1)).truth is None
    assert records.peak(months("2024-01", 4, 3), year, date(2024, 2, 1)).truth is False
