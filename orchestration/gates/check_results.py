"""What a person sees of a check in Dagster: its rule, and what it found.

What belongs here: the words and the metadata of one check. Which checks there are and when they
run is in `checks`.
"""

import json
import warnings
from collections.abc import Callable
from typing import Any

import dagster as dg

from orchestration.builds.gate_results import GateResult
from orchestration.gates.expectation import ROW_COUNT, UNEXPECTED_ROWS, Expectation
from orchestration.gates.suites import Suite
from orchestration.settings import EXPECTATIONS, PROJECT

VALUES_SHOWN = 12
CODE_REFERENCES = "dagster/code_references"

Metadata = dict[str, dg.MetadataValue]


def asset_key_of(table: str) -> dg.AssetKey:
    """The asset of a table: `main` is left out, as dagster-dbt does."""
    schema, _, name = table.partition(".")
    return dg.AssetKey([name] if schema == "main" else [schema, name])


def check_description(suite: Suite, expectation: Expectation) -> str:
    """A check's description as Markdown: why the rule holds, the rule, and where it is written.
    Dagster's UI shows no other part of a check's definition."""
    effect = "stops the run" if expectation.severity == "critical" else "warns"
    return (
        f"{expectation.notes}\n\nRule: {rule_of(suite, expectation)}\n\n"
        f"A failure {effect}. Suite: `{suite_file(suite)}`"
    )


def check_metadata(suite: Suite, expectation: Expectation) -> Metadata:
    """A check's rule, type, severity and suite, with a code reference to the suite's file."""
    return {
        "rule": _shown(rule_of(suite, expectation)),
        "expectation": dg.MetadataValue.text(expectation.type),
        "severity": dg.MetadataValue.text(expectation.severity),
        "suite": dg.MetadataValue.text(suite_file(suite)),
        CODE_REFERENCES: code_references(suite_file(suite)),
    }


def as_check_result(suite: Suite, result: GateResult) -> dg.AssetCheckResult:
    """A result of one of the suite's checks as the UI shows it: what was found first, as observed
    value, count and example rows; then the rule and its suite."""
    [expectation] = (e for e in suite.expectations if e.check_name == result.check)
    found: Metadata = {"status": dg.MetadataValue.text(result.status)}
    if result.observed is not None:
        found["observed value"] = dg.MetadataValue.text(result.observed)
    if result.unexpected_count is not None:
        found["unexpected count"] = dg.MetadataValue.int(result.unexpected_count)
    if result.release_id is not None:
        found["all these rows are of release"] = dg.MetadataValue.text(result.release_id)
    if result.examples is not None:
        column = expectation.kwargs.get("column", "value")
        found["example rows"] = example_rows(result.examples, str(column))
    return dg.AssetCheckResult(
        asset_key=asset_key_of(result.table),
        check_name=result.check,
        passed=result.status != "failed",
        severity=(
            dg.AssetCheckSeverity.ERROR
            if result.severity == "critical"
            else dg.AssetCheckSeverity.WARN
        ),
        description=_outcome(result),
        metadata=found | check_metadata(suite, expectation),
    )


def _shown(rule: str) -> dg.MetadataValue:
    """A rule as text, which the UI shows at once; one with a query as Markdown, in a dialog."""
    is_query = "```" in rule
    return dg.MetadataValue.md(rule) if is_query else dg.MetadataValue.text(rule.replace("`", ""))


def suite_file(suite: Suite) -> str:
    """The path of the suite's file, from the project's folder."""
    return (EXPECTATIONS / f"{suite.table}.yaml").relative_to(PROJECT).as_posix()


def code_references(*files: str) -> dg.CodeReferencesMetadataValue:
    """References to files of the project. Their paths begin at its folder, so that the UI does not
    show where on the machine it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.CodeReferencesMetadataValue(
            code_references=[
                dg.LocalFileCodeReference(file_path=file, label=file) for file in files
            ]
        )


def example_rows(examples: str, column: str = "value") -> dg.MetadataValue:
    """Rows as a table, one column for each field that one of them has.

    examples: a JSON list of objects, or of values. column: the heading of such values.
    """
    rows = [row if isinstance(row, dict) else {column: row} for row in json.loads(examples)]
    fields = list(dict.fromkeys(field for row in rows for field in row))
    records = [dg.TableRecord({field: _cell(row.get(field)) for field in fields}) for row in rows]
    schema = dg.TableSchema([dg.TableColumn(field, type="") for field in fields])
    return dg.MetadataValue.table(records=records, schema=schema)


def rule_of(suite: Suite, expectation: Expectation) -> str:
    """The rule of a check as Markdown; the type and its arguments if it has no sentence here."""
    sentence = SENTENCES.get(expectation.type)
    if sentence is None:
        return f"`{expectation.type}` with `{json.dumps(expectation.kwargs, default=str)}`."
    return sentence(suite, expectation)


def _rows_are_between(_: Suite, expectation: Expectation) -> str:
    bounds = _bounds(expectation.kwargs)
    return f"{bounds} row." if bounds == "at least 1" else f"{bounds} rows."


def _values_are_between(_: Suite, expectation: Expectation) -> str:
    return f"{_column(expectation)} is {_bounds(expectation.kwargs)}."


def _values_are_listed(_: Suite, expectation: Expectation) -> str:
    values = expectation.resolved_kwargs()["value_set"]
    listed = ", ".join(f"`{value}`" for value in values[:VALUES_SHOWN])
    more = len(values) - VALUES_SHOWN
    others = f" and {more:,} more" if more > 0 else ""
    return f"{_column(expectation)} is one of {listed}{others}."


def _values_are_filled(_: Suite, expectation: Expectation) -> str:
    share = float(expectation.kwargs.get("mostly", 1))
    rows = "every row" if share == 1 else f"at least {share:.0%} of the rows"
    return f"{_column(expectation)} has a value in {rows}."


def _values_are_unique(_: Suite, expectation: Expectation) -> str:
    columns = expectation.kwargs.get("column_list") or [expectation.kwargs["column"]]
    return f"no two rows have the same {', '.join(f'`{column}`' for column in columns)}."


def _query_finds_nothing(suite: Suite, expectation: Expectation) -> str:
    query = str(expectation.kwargs["unexpected_rows_query"]).format(batch=suite.table).strip()
    return f"this query finds no row.\n\n```sql\n{query}\n```"


SENTENCES: dict[str, Callable[[Suite, Expectation], str]] = {
    ROW_COUNT: _rows_are_between,
    UNEXPECTED_ROWS: _query_finds_nothing,
    "expect_column_values_to_be_between": _values_are_between,
    "expect_column_values_to_be_in_set": _values_are_listed,
    "expect_column_values_to_not_be_null": _values_are_filled,
    "expect_column_values_to_be_unique": _values_are_unique,
    "expect_compound_columns_to_be_unique": _values_are_unique,
}


def _column(expectation: Expectation) -> str:
    return f"`{expectation.kwargs['column']}`"


def _bounds(kwargs: dict[str, Any]) -> str:
    """The bounds of a rule in words."""
    least, most = kwargs.get("min_value"), kwargs.get("max_value")
    if least is None:
        return "not bounded" if most is None else f"at most {_number(most)}"
    if most is None:
        return f"at least {_number(least)}"
    return f"between {_number(least)} and {_number(most)}"


def _number(value: object) -> str:
    """A bound with commas, except a short one, which may be a year."""
    return f"{value:,}" if isinstance(value, int | float) and abs(value) >= 10_000 else str(value)


def _cell(value: object) -> str | int | float | bool:
    if value is None:
        return "NULL"
    return value if isinstance(value, str | int | float | bool) else json.dumps(value)


def _outcome(result: GateResult) -> str:
    """The outcome of the check in one line; its definition has the reason for it."""
    status = result.status.capitalize()
    if result.status == "not applicable":
        return f"{status}: {result.observed}."
    if result.unexpected_count is not None:
        return f"{status}. Rows that break the rule: {result.unexpected_count:,}."
    return f"{status}." if result.observed is None else f"{status}: observed {result.observed}."
