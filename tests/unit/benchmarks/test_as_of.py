"""The benchmark of as-of macros: which it measures, and when an aim is met."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.as_of import AsOf, measure_as_of

SERIES = "select date '2024-05-01' as month, 2024::bigint as fiscal_year, 'US' as place, 3::bigint"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A file with a fact, a series and their macros, and a macro without a current table."""
    path = tmp_path / "border.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table dim_release as select date '2024-12-31' as published_on;"
            f"create table fct_arrests as {SERIES} as people;"
            f"create view southwest_border_monthly as {SERIES} as total;"
            "create macro arrests_as_of(day) as table from fct_arrests where month <= day::date;"
            "create macro southwest_border_monthly_as_of(day) as table from fct_arrests;"
            "create macro figures_as_of(day) as table from fct_arrests;"
            "create macro changed_between(day) as table from fct_arrests"
        )
    return path


def test_each_macro_with_a_current_table_is_measured(published: Path) -> None:
    measured = measure_as_of(published, rounds=1)
    assert [found.macro for found in measured] == [
        "arrests_as_of",
        "southwest_border_monthly_as_of",
    ]
    assert all(found.ratio > 0 for found in measured)


@pytest.mark.parametrize(
    ("macro", "milliseconds", "met"),
    [
        ("encounters_as_of", 19.9, True),
        ("encounters_as_of", 20.0, False),
        ("southwest_border_monthly_as_of", 49.9, True),
        ("southwest_border_monthly_as_of", 50.0, False),
    ],
)
def test_an_aim_is_met_below_its_ratio(macro: str, milliseconds: float, met: bool) -> None:
    assert AsOf(macro, milliseconds, 10.0).met is met
