"""Which release a failed check is about: the one that all of its failing rows name."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.gates.attribution import with_releases_at_fault
from orchestration.gates.expectation import Expectation
from orchestration.gates.suites import Suite
from tests.support.builds import gate_result

ROWS = """\
create table main.figures as from (values
  ('first', 1, date '2024-01-01', 'plain'),
  ('first', 2, date '2024-02-01', 'plain'),
  ('second', 5, date '2024-03-01', 'odd'),
  ('third', 9, date '2024-04-01', null)
) as figures (release_id, people, month, label)"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("attribution") / "border.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS)
    return path


def at_fault(database: Path, kind: str, **kwargs: Any) -> str | None:
    """The release that a failed check of this kind is attributed to."""
    check = Expectation(type=kind, kwargs=kwargs, notes="A test.")
    suite = Suite(table="main.figures", stage="facts", key=("release_id",), expectations=(check,))
    failed = gate_result(
        table=suite.table, check=check.check_name, expectation=kind, status="failed"
    )
    [result] = with_releases_at_fault(database, [suite], [failed])
    return result.release_id


@pytest.mark.parametrize(
    ("kwargs", "release"),
    [
        ({"column": "people", "max_value": 8}, "third"),
        ({"column": "people", "max_value": 5}, "third"),
        ({"column": "people", "min_value": 2.5}, "first"),
        ({"column": "people", "min_value": 2, "max_value": 4}, None),
        ({"column": "people", "max_value": 9, "strict_max": True}, "third"),
        ({"column": "people", "min_value": 2, "strict_min": True}, "first"),
        ({"column": "month", "min_value": "2024-02-15"}, "first"),
        ({"column": "month", "max_value": date(2024, 3, 15)}, "third"),
    ],
)
def test_values_outside_of_a_range(
    kwargs: dict[str, Any], release: str | None, database: Path
) -> None:
    kind = "expect_column_values_to_be_between"
    assert at_fault(database, kind, **kwargs) == release


def test_values_outside_of_a_set(database: Path) -> None:
    kind = "expect_column_values_to_be_in_set"
    assert at_fault(database, kind, column="label", value_set=["plain"]) == "second"
    assert at_fault(database, kind, column="label", value_set=["even"]) is None


def test_missing_values(database: Path) -> None:
    assert at_fault(database, "expect_column_values_to_not_be_null", column="label") == "third"
