"""Great Expectations' check that a query finds no row, without running its query twice.

What belongs here: the one change to that expectation. Importing this module registers it, and
imports Great Expectations, which takes seconds.
"""

from typing import Any

from great_expectations.core.result_format import ResultFormat
from great_expectations.expectations import core
from great_expectations.validator.validator import ValidationDependencies

ROWS = "unexpected_rows_query.table"


class UnexpectedRowsExpectation(core.UnexpectedRowsExpectation):  # type: ignore[misc]
    """Great Expectations' own, under its own name, except that the rows are fetched only where the
    result shows them. Otherwise they are counted, for which DuckDB makes no column that the query
    does not need."""

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: dict[str, Any] | None = None
    ) -> ValidationDependencies:
        dependencies = super().get_validation_dependencies(execution_engine, runtime_configuration)
        if not self._shows_rows(runtime_configuration):
            dependencies.remove_metric_configuration(ROWS)
        return dependencies

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> Any:
        return super()._validate({ROWS: [], **metrics}, runtime_configuration, execution_engine)

    def _shows_rows(self, runtime_configuration: dict[str, Any] | None) -> bool:
        wanted = self._get_result_format(runtime_configuration=runtime_configuration)
        name = wanted.get("result_format") if isinstance(wanted, dict) else wanted
        return bool(name == ResultFormat.COMPLETE)
