"""Suites as they are written: one YAML file a table, in Great Expectations' own terms."""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestration.builds.gate_results import Stage
from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.settings import EXPECTATIONS, ConfigurationError

STAGES: tuple[Stage, ...] = ("raw", "facts", "marts")
ROW_COUNT = "expect_table_row_count_to_be_between"
STRUCTURE = {"grain_is_unique", "keys_are_not_null"}
COLUMNS_HAVE_VALUES = "columns_have_values"
EMPTY_COLUMNS = """
select empty_column
from (
  unpivot (select count(columns(*)) from {{batch}})
  on columns(*) into name empty_column value filled
)
where filled = 0
  and (select count(*) from {{batch}}) > 0
  and empty_column not in ({spared})
"""


class Expectation(BaseModel):
    """One expectation: Great Expectations' type and kwargs, how grave a failure is, why.

    name: only where the type and its columns do not tell checks of one suite apart.
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

    def resolved_kwargs(self) -> dict[str, Any]:
        """The kwargs, with `{vocabulary: <dimension>, also: […]}` replaced by its labels."""
        return {name: _resolve(value) for name, value in self.kwargs.items()}


class Suite(BaseModel):
    """The expectations of one table.

    key: the columns that name a row in the examples of a failed check.
    needs_release_of: with no accepted release of any of these datasets the table is
        rightly empty, and the suite does not apply.
    may_be_empty: why the table may rightly be empty although its releases are there.
    may_be_null: columns of which no row need have a value; of every other one some row has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = Field(pattern=r"^(main|raw|meta)\.[a-z][a-z0-9_]*$")
    stage: Stage
    key: tuple[str, ...] = ()
    needs_release_of: tuple[str, ...] = ()
    may_be_empty: str | None = None
    may_be_null: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], ...] = ()
    expectations: tuple[Expectation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Suite":
        names = [expectation.check_name for expectation in self.expectations]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"found the checks {twice} twice; give them a name")
        return self

    def with_rule_of_columns(self) -> "Suite":
        """This suite with the rule that all suites share: no column is without any value."""
        spared = ", ".join(f"'{column}'" for column in ("", *self.may_be_null))
        rule = Expectation(
            type="unexpected_rows_expectation",
            name=COLUMNS_HAVE_VALUES,
            kwargs={"unexpected_rows_query": EMPTY_COLUMNS.format(spared=spared)},
            notes="No column is without any value, but for those that may_be_null names.",
        )
        return self.model_copy(update={"expectations": (*self.expectations, rule)})

    @property
    def schema_and_name(self) -> tuple[str, str]:
        schema, _, name = self.table.partition(".")
        return schema, name

    def applies(self, released: set[str]) -> bool:
        return not self.needs_release_of or bool(released & set(self.needs_release_of))


@cache
def load_suites(folder: Path = EXPECTATIONS) -> tuple[Suite, ...]:
    """Every suite, by file name. Raises ConfigurationError that names the file and field."""
    suites = tuple(_load(path) for path in sorted(folder.glob("*.yaml")))
    if not suites:
        raise ConfigurationError(f"{folder}: found no suite, expected at least one *.yaml")
    return suites


def _load(path: Path) -> Suite:
    try:
        written = Suite.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        suite = written.with_rule_of_columns()
        for expectation in suite.expectations:
            expectation.resolved_kwargs()
    except (yaml.YAMLError, ValidationError, KeyError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    if path.stem != suite.table:
        raise ConfigurationError(
            f"{path.name}: found table {suite.table!r}, expected {path.stem!r}"
        )
    _refuse_vacuous(path, suite)
    return suite


def _refuse_vacuous(path: Path, suite: Suite) -> None:
    """A suite stops the run on an empty table, on an empty key and on a row that stands twice."""
    stopping = [e for e in suite.expectations if e.severity == "critical"]
    names = {expectation.check_name for expectation in stopping}
    if not suite.may_be_empty and not any(_is_floor(expectation) for expectation in stopping):
        raise ConfigurationError(
            f"{path.name}: found no critical {ROW_COUNT} with a min_value, expected one, or "
            "may_be_empty with the reason"
        )
    if missing := sorted(STRUCTURE - names):
        raise ConfigurationError(
            f"{path.name}: found no critical {' and no critical '.join(missing)}, expected both "
            "in every suite"
        )


def _is_floor(expectation: Expectation) -> bool:
    return expectation.type == ROW_COUNT and expectation.kwargs.get("min_value", 0) >= 1


def _resolve(value: Any) -> Any:
    if isinstance(value, dict) and "vocabulary" in value:
        return [*load_vocabulary().labels(value["vocabulary"]), *value.get("also", [])]
    return value
