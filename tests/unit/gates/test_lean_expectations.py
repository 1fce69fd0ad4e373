"""Great Expectations' own expectations without what no result shows: they say the same."""

from typing import Any

import pytest

from orchestration.gates.suites import load_suites
from orchestration.gates.validation import lean_import

with lean_import():
    from great_expectations.expectations import core

    from orchestration.gates import lean_expectations

RANGE: dict[str, Any] = {"column": "people", "min_value": 0}


def test_every_type_that_a_suite_uses_is_lean() -> None:
    used = {rule.type for suite in load_suites() for rule in suite.expectations}
    used.remove("expect_table_row_count_to_be_between")  # about no rows
    lean = {
        kind.__name__
        for kind in vars(lean_expectations).values()
        if isinstance(kind, type) and kind.__module__ == lean_expectations.__name__
    }
    assert {"".join(word.title() for word in name.split("_")) for name in used} <= lean


def test_the_configuration_is_great_expectations_own() -> None:
    lean = lean_expectations.ExpectColumnValuesToBeBetween(**RANGE)
    own = core.ExpectColumnValuesToBeBetween(**RANGE)
    assert lean.configuration == own.configuration
    assert lean.configuration.to_json_dict() == own.configuration.to_json_dict()


@pytest.mark.parametrize(("field", "value"), [("max_value", 7), ("mostly", 0.5)])
def test_the_configuration_follows_a_field(field: str, value: object) -> None:
    lean = lean_expectations.ExpectColumnValuesToBeBetween(**RANGE)
    before = lean.configuration
    setattr(lean, field, value)
    assert field not in before.kwargs
    assert lean.configuration.kwargs[field] == value
    assert lean.copy(update={field: None}).configuration.kwargs.get(field) is None
