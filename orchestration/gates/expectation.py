"""One expectation of a suite: Great Expectations' type and arguments, a severity, a reason."""

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from orchestration.catalogue.vocabulary import load_vocabulary

ROW_COUNT = "expect_table_row_count_to_be_between"
UNEXPECTED_ROWS = "unexpected_rows_expectation"


class Expectation(BaseModel):
    """One check of a table.

    type, kwargs: as Great Expectations names them.
    notes: why the rule holds; shown beside the check and in the log of a failed one.
    name: the check's name; needed only where two checks of a suite would share the name
        made of columns and type.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    kwargs: dict[str, Any] = Field(default_factory=dict)
    severity: Literal["critical", "warning"] = "critical"
    notes: str
    name: str | None = None

    @property
    def check_name(self) -> str:
        columns = self.kwargs.get("column_list") or self.kwargs.get("column")
        listed = "_".join(columns) if isinstance(columns, list) else columns
        plain = re.sub(
            r"^expect_(column_values_|column_|compound_columns_|table_)?(to_)?", "", self.type
        )
        return self.name or "__".join(part for part in (listed, plain) if part)

    @property
    def is_floor(self) -> bool:
        """Whether this check stops the run on an empty table."""
        return (
            self.type == ROW_COUNT
            and self.severity == "critical"
            and self.kwargs.get("min_value", 0) >= 1
        )

    def resolved_kwargs(self) -> dict[str, Any]:
        """The kwargs, with `{vocabulary: <dimension>, also: […]}` replaced by its labels.
        Raises KeyError for an unknown dimension."""
        return {name: _resolve(value) for name, value in self.kwargs.items()}


def _resolve(value: Any) -> Any:
    if isinstance(value, dict) and "vocabulary" in value:
        return [*load_vocabulary().labels(value["vocabulary"]), *value.get("also", [])]
    return value
