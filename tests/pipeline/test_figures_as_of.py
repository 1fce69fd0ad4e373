"""The macros `figures_as_of` and `figures_changed_between` of the published file."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.claims.periods import Period
from orchestration.claims.store import Store

DAYS = ("2019-09-06", "2023-11-30", "2024-08-31", "2024-12-20", "2026-11-27")
MONTHS = """
    select measure, breakdown, label, period_start, lower_bound, upper_bound, release_id
    from figures_as_of('{day}')
    where period_start = date_trunc('month', period_start)
      and period_end = last_day(period_start)
"""


@pytest.fixture
def published(any_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(any_home / "border.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture
def bundle(bundle_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(bundle_home / "border.duckdb"), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("day", DAYS)
def test_the_months_of_a_day_are_those_that_statements_are_tested_against(
    published: duckdb.DuckDBPyConnection, day: str
) -> None:
    found: dict[tuple[str, str], dict[date, tuple[float, float, str]]] = {}
    for row in published.execute(MONTHS.format(day=day)).fetchall():
        measure, breakdown, label, month, lower, upper, release = row
        part = "" if breakdown == "All" else f"{breakdown}={label}"
        found.setdefault((measure, part), {})[month] = (lower, upper, release)
    assert found
    store = Store(published)
    for (measure, part), figures in found.items():
        series = store.series(measure, part, date.fromisoformat(day))
        counted = ((month, series.counted(Period.month(month))) for month in figures)
        expected = {
            month: (one.bounds.lower, one.bounds.upper, one.release)
            for month, one in counted
            if one
        }
        assert figures == expected, f"{measure} {part}"
        assert set(series.months) == set(figures), f"{measure} {part}"


def test_a_figure_that_a_later_release_moved_is_revised(bundle: duckdb.DuckDBPyConnection) -> None:
    """CBP counted 64,006 in August 2019 on 9 September, 62,707 once the year was closed."""
    changes = bundle.execute(
        "select change, lower_before, upper_before, lower_after, upper_after"
        " from figures_changed_between('2019-09-09', '2024-12-31')"
        " where measure = 'southwest encounters' and breakdown = 'All'"
        " and period_start in ('2019-08-01', '2019-05-01', '2024-11-01') order by period_start"
    ).fetchall()
    assert changes == [
        ("revised", 144255, 144255, 144116, 144116),
        ("revised", 64006, 64006, 62707, 62707),
        ("added", None, None, 94190, 94190),
    ]


def test_a_figure_that_no_release_moved_is_not_listed(bundle: duckdb.DuckDBPyConnection) -> None:
    known, listed = (
        bundle.execute(
            f"select period_start from {macro}"
            " where measure = 'southwest encounters between ports' and breakdown = 'All'"
            " and period_start between '2018-04-01' and '2018-06-01' order by period_start"
        ).fetchall()
        for macro in (
            "figures_as_of('2018-07-31')",
            "figures_changed_between('2018-07-31', '2024-12-31')",
        )
    )
    assert known == [(date(2018, month, 1),) for month in (4, 5, 6)]
    assert listed == [(date(2018, month, 1),) for month in (5, 6)]


def test_a_rounded_figure_that_gives_way_to_an_exact_one_within_its_bounds_is_no_revision(
    bundle: duckdb.DuckDBPyConnection,
) -> None:
    months = (
        "select period_start, kind, lower_bound from figures_as_of('{day}')"
        " where measure = 'southwest encounters between ports' and breakdown = 'All'"
    )
    moved = bundle.execute(
        f"select period_start from ({months.format(day='2024-12-20')}) as earlier"
        f" inner join ({months.format(day='2026-12-31')}) as later using (period_start)"
        " where earlier.kind = 'rounded' and later.kind = 'exact'"
    ).fetchall()
    listed = bundle.execute(
        "select period_start from figures_changed_between('2024-12-20', '2026-12-31')"
        " where measure = 'southwest encounters between ports' and breakdown = 'All'"
        " and change = 'revised'"
    ).fetchall()
    assert moved
    assert not set(moved) & set(listed)


def test_nothing_is_known_before_the_first_release(bundle: duckdb.DuckDBPyConnection) -> None:
    assert bundle.execute("from figures_as_of('2000-01-01')").fetchall() == []
