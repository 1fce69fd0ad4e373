"""Great Expectations' own expectations, without the queries whose answers no result shows.

What belongs here: what is left out, for each type that suites use. Importing this module registers
them under Great Expectations' own names, and imports it, which takes seconds.
"""

from typing import Any

from great_expectations.core.result_format import ResultFormat
from great_expectations.expectations import core
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.validator.validator import ValidationDependencies

ROWS_OF_QUERY = "unexpected_rows_query.table"


class _Lean(BatchExpectation):  # type: ignore[misc]
    """The rows that break the rule are fetched only where the result shows them: where it is
    complete. Otherwise they are counted, for which DuckDB reads no column that the rule is not
    about. And the configuration, which is read sixty times a check, is made once."""

    __slots__ = ("_made",)  # not a field, which would be a part of the configuration

    @property
    def configuration(self) -> ExpectationConfiguration:
        made: ExpectationConfiguration | None = getattr(self, "_made", None)
        if made is None:
            made = super().configuration
            object.__setattr__(self, "_made", made)
        return made

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        object.__setattr__(self, "_made", None)  # pyrefly: ignore[implicit-any-attribute]

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: dict[str, Any] | None = None
    ) -> ValidationDependencies:
        dependencies = super().get_validation_dependencies(execution_engine, runtime_configuration)
        if dependencies.result_format["result_format"] != ResultFormat.COMPLETE:
            dependencies.remove_metric_configuration(self._rows())
        return dependencies

    def _rows(self) -> str:
        """The name of the metric that is the rows, or the values in them."""
        return f"{self.map_metric}.unexpected_values"


class UnexpectedRowsExpectation(_Lean, core.UnexpectedRowsExpectation):  # type: ignore[misc]
    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> Any:
        metrics = {ROWS_OF_QUERY: [], **metrics}
        return super()._validate(metrics, runtime_configuration, execution_engine)

    def _rows(self) -> str:
        return ROWS_OF_QUERY


class ExpectColumnValuesToNotBeNull(_Lean, core.ExpectColumnValuesToNotBeNull):  # type: ignore[misc]
    pass


class ExpectColumnValuesToBeInSet(_Lean, core.ExpectColumnValuesToBeInSet):  # type: ignore[misc]
    pass


class ExpectColumnValuesToBeBetween(_Lean, core.ExpectColumnValuesToBeBetween):  # type: ignore[misc]
    pass


class ExpectColumnValuesToBeUnique(_Lean, core.ExpectColumnValuesToBeUnique):  # type: ignore[misc]
    pass


class ExpectCompoundColumnsToBeUnique(_Lean, core.ExpectCompoundColumnsToBeUnique):  # type: ignore[misc]
    pass
