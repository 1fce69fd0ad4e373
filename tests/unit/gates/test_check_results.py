"""What Dagster shows of a check: its rule in words, what was found, and the suite's file."""

import json
import re
from typing import Any

import dagster as dg
import pytest

from orchestration.gates.check_results import (
    CODE_REFERENCES,
    as_check_result,
    check_description,
    check_metadata,
    example_rows,
    rule_of,
)
from orchestration.gates.expectation import ROW_COUNT, UNEXPECTED_ROWS, Expectation
from orchestration.gates.suites import Suite, load_suites
from orchestration.settings import PROJECT
from tests.support.builds import gate_result

BETWEEN, IN_SET = "expect_column_values_to_be_between", "expect_column_values_to_be_in_set"
FIGURES = Expectation(
    type=BETWEEN, name="figures", kwargs={"column": "i", "min_value": 0}, notes="Counts."
)


def suite_with(*expectations: Expectation) -> Suite:
    written = {"table": "main.t", "stage": "facts", "key": ["i"], "expectations": expectations}
    return Suite.model_validate(written)


def shown(**result: Any) -> dg.AssetCheckResult:
    """How a result of the check on figures is shown."""
    found = gate_result(check="figures", expectation=BETWEEN, **result)
    return as_check_result(suite_with(FIGURES), found)


def table_of(value: object) -> list[dict[str, object]]:
    assert isinstance(value, dg.TableMetadataValue)
    names = [column.name for column in value.schema.columns]
    return [{name: record.data[name] for name in names} for record in value.records]


@pytest.mark.parametrize(
    ("kind", "kwargs", "rule"),
    [
        (ROW_COUNT, {"min_value": 1}, "at least 1 row."),
        (ROW_COUNT, {"min_value": 2900}, "at least 2900 rows."),
        (
            BETWEEN,
            {"column": "people", "min_value": 0, "max_value": 300_000},
            "`people` is between 0 and 300,000.",
        ),
        (BETWEEN, {"column": "people", "max_value": 150_000}, "`people` is at most 150,000."),
        (
            BETWEEN,
            {"column": "year", "min_value": 2000, "max_value": 2100},
            "`year` is between 2000 and 2100.",
        ),
        (IN_SET, {"column": "a", "value_set": ["x", "y"]}, "`a` is one of `x`, `y`."),
        (
            IN_SET,
            {"column": "a", "value_set": list("abcdefghijklmnop")},
            "`a` is one of `a`, `b`, `c`, `d`, `e`, `f`, `g`, `h`, `i`, `j`, `k`, `l` and 4 more.",
        ),
        (
            "expect_column_values_to_not_be_null",
            {"column": "a", "mostly": 0.9},
            "`a` has a value in at least 90% of the rows.",
        ),
        (
            "expect_compound_columns_to_be_unique",
            {"column_list": ["a", "b"]},
            "no two rows have the same `a`, `b`.",
        ),
        (
            UNEXPECTED_ROWS,
            {"unexpected_rows_query": "select i from {batch}\n"},
            "this query finds no row.\n\n```sql\nselect i from main.t\n```",
        ),
        ("expect_other", {"column": "a"}, '`expect_other` with `{"column": "a"}`.'),
    ],
)
def test_a_rule_is_a_sentence(kind: str, kwargs: dict[str, Any], rule: str) -> None:
    expectation = Expectation(type=kind, kwargs=kwargs, notes="Made for a test.", name="made")
    assert rule_of(suite_with(expectation), expectation) == rule


def test_every_check_of_the_project_has_a_rule_in_words_and_names_a_file_that_exists() -> None:
    for suite in load_suites():
        for expectation in suite.expectations:
            description = check_description(suite, expectation)
            assert description.startswith(expectation.notes)
            assert f"`{expectation.type}` with" not in description
            [file] = re.findall(r"Suite: `(.+)`", description)
            assert (PROJECT / file).is_file()


def test_a_definition_has_its_rule_its_severity_and_a_reference_to_the_suite() -> None:
    metadata = check_metadata(suite_with(FIGURES), FIGURES)
    assert metadata["rule"].value == "i is at least 0."
    assert metadata["severity"].value == "critical"
    assert metadata["suite"].value == "expectations/main.t.yaml"
    references = metadata[CODE_REFERENCES]
    assert isinstance(references, dg.CodeReferencesMetadataValue)
    assert [r.source for r in references.code_references] == ["expectations/main.t.yaml"]


def test_a_failed_check_shows_its_count_and_its_rows_as_a_table() -> None:
    rows = json.dumps([{"month": "2024-12-01", "i": -1}, {"month": None, "i": -2, "names": ["a"]}])
    result = shown(status="failed", unexpected_count=12_345, examples=rows, release_id="abc")
    assert not result.passed
    assert result.description == "Failed. Rows that break the rule: 12,345."
    assert result.metadata["unexpected count"].value == 12_345
    assert result.metadata["all these rows are of release"].value == "abc"
    assert table_of(result.metadata["example rows"]) == [
        {"month": "2024-12-01", "i": -1, "names": "NULL"},
        {"month": "NULL", "i": -2, "names": '["a"]'},
    ]


def test_examples_that_are_values_stand_under_the_name_of_their_column() -> None:
    result = shown(status="failed", severity="warning", unexpected_count=1, examples="[-1]")
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert table_of(result.metadata["example rows"]) == [{"i": -1}]


def test_a_passed_check_shows_its_rule_and_the_observed_value() -> None:
    result = shown(observed="2944")
    assert result.passed
    assert result.description == "Passed: observed 2944."
    assert result.metadata["observed value"].value == "2944"
    assert result.metadata["rule"].value == "i is at least 0."
    assert "example rows" not in result.metadata


def test_a_check_that_does_not_apply_says_why() -> None:
    result = shown(status="not applicable", observed="no release of cbp_x")
    assert result.passed
    assert result.description == "Not applicable: no release of cbp_x."


def test_example_rows_have_each_field_once() -> None:
    shown_rows = example_rows('[{"b": 1}, {"a": true, "b": 2.5}]')
    assert table_of(shown_rows) == [{"b": 1, "a": "NULL"}, {"b": 2.5, "a": True}]
