"""Which published figure counts, and what is known of a period."""

from dataclasses import replace
from datetime import date
from math import inf

from orchestration.claims.figures import Kind
from orchestration.claims.interval import Interval
from orchestration.claims.periods import Period
from orchestration.claims.series import Series, ShareSeries
from tests.support.claims import months, published, series

NOVEMBER = Period.parse("2024-11")
OLD, NEW = date(2024, 12, 19), date(2025, 1, 20)


def test_the_newest_release_counts_as_of_each_day() -> None:
    found = [published("2024-11", 46612, on=OLD), published("2024-11", 46609, on=NEW)]
    for as_of, count in ((OLD, 46612), (NEW, 46609)):
        figure = series(*found, as_of=as_of).counted(NOVEMBER)
        assert figure is not None
        assert figure.bounds == Interval.exactly(count)
    assert series(*found, as_of=date(2024, 12, 18)).counted(NOVEMBER) is None


def test_an_exact_count_comes_before_a_newer_rounded_one_and_a_late_one_last() -> None:
    found = [
        published("2024-11", 46612, on=OLD),
        published("2024-11", (46605, 46615), Kind.ROUNDED, on=NEW),
        published("2024-11", 46700, on=NEW, preference=11),
    ]
    figure = series(*found).counted(NOVEMBER)
    assert figure is not None
    assert figure.bounds == Interval.exactly(46612)


def test_a_period_is_the_sum_of_its_months_and_as_unsure_as_they_are() -> None:
    found = [
        published("2024-10", 100, release="a"),
        published("2024-11", (45, 55), Kind.ROUNDED, release="b"),
    ]
    figure = series(*found).counted(Period.parse("2024-10/2024-11"))
    assert figure is not None
    assert (figure.bounds, figure.kind) == (Interval(145, 155), Kind.ROUNDED)
    assert (figure.published, [one.release for one in figure.as_published()]) == (150, ["a", "b"])


def test_a_period_is_of_one_list_if_that_is_newer_and_has_all_of_its_months() -> None:
    """CBP's split of FY2025 has October and November 2024 as revised since the last file."""
    file = [published("2024-10", 56526, on=OLD), published("2024-11", 46612, on=OLD)]
    split = [
        published(month, count, on=NEW, preference=11, release="split")
        for month, count in (("2024-10", 56515), ("2024-11", 46609), ("2024-12", 47320))
    ]
    of_both = series(*file, *split)
    for period, count in (("2024-10/2024-12", 150444), ("2024-11/2024-12", 93929)):
        figure = of_both.counted(Period.parse(period))
        assert figure is not None
        assert figure.bounds == Interval.exactly(count)
        assert {one.release for one in figure.as_published()} == {"split"}
    for period, count in (("2024-10/2024-11", 103138), ("2024-11", 46612)):
        figure = of_both.counted(Period.parse(period))
        assert figure is not None
        assert figure.bounds == Interval.exactly(count)


def test_a_period_of_which_the_newest_release_lacks_a_month_is_the_sum_of_several() -> None:
    found = [
        published("2024-10", 56526, on=OLD),
        published("2024-11", 46609, on=NEW, preference=11, release="split"),
    ]
    figure = series(*found).counted(Period.parse("2024-10/2024-11"))
    assert figure is not None
    assert figure.bounds == Interval.exactly(56526 + 46609)


def test_of_a_period_with_unknown_months_only_a_lower_bound_is_known() -> None:
    figure = months("2023-10", *[100.0] * 10).counted(Period.parse("FY2024"))
    assert figure is not None
    assert (figure.bounds, figure.kind) == (Interval(1000, inf), Kind.PARTIAL)


def test_a_published_whole_counts_where_months_are_not_known() -> None:
    found = [published("FY2024", 271484), published("2023-10", 20000)]
    figure = series(*found).counted(Period.parse("FY2024"))
    assert figure is not None
    assert (figure.bounds, figure.kind) == (Interval.exactly(271484), Kind.EXACT)


def test_a_year_to_date_is_a_lower_bound_of_the_year() -> None:
    found = [published("2025-10/2026-01", (90000, None), Kind.PARTIAL)]
    figure = series(*found).counted(Period.parse("FY2026"))
    assert figure is not None
    assert figure.bounds == Interval(90000, inf)


def test_what_was_only_stated_was_not_counted() -> None:
    only = series(
        published("FY2024", (650001, None), Kind.STATED, on=OLD),
        published("FY2024", (700001, None), Kind.STATED, on=NEW),
        published("FY2023", (600001, None), Kind.STATED, on=NEW),
    )
    year = Period.parse("FY2024")
    assert only.counted(year) is None
    assert only.last is None
    assert [stated.published for stated in only.statements(year)] == [700001, 650001]


def test_a_later_release_never_changes_what_was_known_on_a_day() -> None:
    found = [published("2024-10", 100, on=OLD), published("2024-11", 46612, on=OLD)]
    later = [published("2024-10", 7, on=NEW), published("FY2025", 5, on=NEW, preference=0)]
    for period in ("2024-10", "2024-11", "2024-10/2024-11", "FY2025", "CY2024"):
        asked = Period.parse(period)
        before = series(*found, as_of=OLD).counted(asked)
        assert series(*found, *later, as_of=OLD).counted(asked) == before


def test_what_happened_later_can_be_left_out() -> None:
    found = [published("2024-10", 100), published("2024-11", 46612)]
    assert list(Series("people", found, date.max, until=date(2024, 11, 5)).months) == [
        date(2024, 10, 1)
    ]


def test_the_last_month_is_that_of_any_count() -> None:
    assert months("2024-10", 1, 2).last == date(2024, 11, 1)
    assert series(published("2025-10/2026-01", (9, None), Kind.PARTIAL)).last == date(2026, 1, 1)


def test_a_total_published_later_or_exactly_counts_before_the_sum_of_its_months() -> None:
    year = Period.parse("CY2023")
    months_ = [published(f"2023-{month:02}", 100, on=OLD) for month in range(1, 13)]
    whole = series(*months_, published("CY2023", 1500, on=NEW)).counted(year)
    earlier = series(*months_, published("CY2023", 1500, on=date(2024, 1, 1))).counted(year)
    rounded = [published(f"2023-{n:02}", (95, 105), Kind.ROUNDED, on=NEW) for n in range(1, 13)]
    exact = series(*rounded, published("CY2023", 1210, on=OLD)).counted(year)
    assert [figure.bounds.lower for figure in (whole, earlier, exact) if figure] == [
        1500,
        1200,
        1210,
    ]


def test_years_that_make_up_a_period_are_added() -> None:
    found = [published("FY2023", 142580), published("FY2024", 271484), published("2023-10", 20000)]
    both = series(*found).counted(Period.parse("2022-10/2024-09"))
    assert both is not None
    assert (both.bounds, both.kind) == (Interval.exactly(414064), Kind.EXACT)
    longer = series(*found).counted(Period.parse("2022-10/2024-11"))
    assert longer is not None
    assert (longer.bounds, longer.known[-1]) == (Interval(414064, inf), date(2024, 9, 1))


def test_a_share_of_a_period_is_a_ratio_of_sums_and_of_a_record_too() -> None:
    share = ShareSeries(months("2023-10", 10, 30), months("2023-10", 100, 100, 100))
    both = share.counted(Period.parse("2023-10/2023-11"))
    assert both is not None
    assert (both.bounds, both.published) == (Interval.exactly(20), 20)
    assert [figure.published for figure in share.months.values()] == [10, 30]
    assert len(list(both.as_published())) == 4
    assert share.counted(Period.parse("2023-12")) is None


def test_a_statement_about_some_days_of_a_period_has_those_days() -> None:
    few = published("2023-09", 2300, Kind.STATED)
    few = replace(few, figure=replace(few.figure, last_day=date(2023, 9, 18)))
    [said] = series(few).statements(Period.parse("2023-09"))
    assert said.days == (date(2023, 9, 1), date(2023, 9, 18))
    assert not said.is_of_whole_months
