"""Suites: one YAML file per table, with what is particular to it.

What belongs here: a suite's fields, which derived checks they bring, reading the files and
refusing a suite that could not fail.
"""

from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestration.builds.gate_results import Stage
from orchestration.catalogue.dataset import load_catalogue
from orchestration.gates.derived import (
    RAW_COLUMNS_OFTEN_NULL,
    columns_have_values,
    every_release_is_loaded,
    grain_is_unique,
    is_not_empty,
    keys_are_not_null,
    labels_are_listed,
    releases_are_accepted,
)
from orchestration.gates.expectation import ROW_COUNT, Expectation
from orchestration.settings import DBT_PROJECT, EXPECTATIONS, ConfigurationError
from orchestration.yaml_text import read_yaml

STAGES: tuple[Stage, ...] = ("raw", "facts", "marts", "claims")

Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Suite(BaseModel):
    """The checks of one table.

    key: the columns that identify a row: the table's grain. They also name the rows in the
        examples of a failed check.
    not_null: further columns that are filled in every row.
    may_be_null: columns that may be empty in every row; each other one has some value.
    labels: columns whose values are labels of the vocabulary's dimension of the same name,
        or `Not broken down`.
    from_accepted_releases: the table's release_id is always that of an accepted release.
    needs_release_of: with no accepted release of any of these datasets the table is
        rightly empty, and the suite does not apply; `dataset.table` is a table of a workbook,
        which a release may lack.
    may_be_empty: why the table may be empty although its releases are there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = Field(pattern=r"^(main|raw|meta)\.[a-z][a-z0-9_]*$")
    stage: Stage
    key: tuple[Column, ...] = Field(min_length=1)
    not_null: tuple[Column, ...] = ()
    may_be_null: tuple[Column, ...] = ()
    labels: tuple[Column, ...] = ()
    from_accepted_releases: bool = False
    needs_release_of: tuple[str, ...] = ()
    may_be_empty: str | None = None
    expectations: tuple[Expectation, ...] = Field(default=(), min_length=1)

    @model_validator(mode="after")
    def _needs_what_there_is(self) -> "Suite":
        known = {part for dataset in load_catalogue().values() for part in dataset.parts}
        if unknown := sorted(set(self.needs_release_of) - known):
            raise ValueError(f"needs_release_of: found {unknown}, which the catalogue lacks")
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Suite":
        names = [expectation.check_name for expectation in self.expectations]
        if twice := _twice(names):
            raise ValueError(
                f"found the checks {twice} twice; give them a name, and do not write a check "
                "that is derived"
            )
        if twice := _twice([*self.key, *self.not_null, *self.may_be_null]):
            raise ValueError(
                f"found the columns {twice} twice in key, not_null and may_be_null, expected each "
                "in one of them"
            )
        return self

    def with_derived_checks(self) -> "Suite":
        """This suite with the checks that nobody writes. Raises ValidationError where one of
        them is written all the same."""
        derived = [grain_is_unique(self.key), keys_are_not_null((*self.key, *self.not_null))]
        derived += map(labels_are_listed, self.labels)
        if self.from_accepted_releases:
            derived.append(releases_are_accepted())
        may_be_null = self.may_be_null
        if self.dataset:
            may_be_null += RAW_COLUMNS_OFTEN_NULL
            derived.append(every_release_is_loaded(self.dataset))
            if not any(expectation.type == ROW_COUNT for expectation in self.expectations):
                derived.append(is_not_empty())
        derived.append(columns_have_values(may_be_null))
        changes = {"may_be_null": may_be_null, "expectations": (*self.expectations, *derived)}
        return Suite.model_validate(dict(self) | changes)

    @property
    def schema_and_name(self) -> tuple[str, str]:
        schema, _, name = self.table.partition(".")
        return schema, name

    @property
    def dataset(self) -> str | None:
        """The dataset whose rows a raw table holds; None for every other table."""
        schema, name = self.schema_and_name
        return name if schema == "raw" and name in load_catalogue() else None

    def applies(self, released: set[str]) -> bool:
        return not self.needs_release_of or bool(released & set(self.needs_release_of))


DBT_STAGES = ("facts", "marts")
OF_CLAIMS = ("claim_checks", "claim_evidence")  # in main, but not made by dbt


@cache
def load_suites(folder: Path = EXPECTATIONS) -> tuple[Suite, ...]:
    """Every suite with its derived checks, by file name. Raises ConfigurationError that names
    the file and field."""
    suites = tuple(_load(path) for path in sorted(folder.glob("*.yaml")))
    if not suites:
        raise ConfigurationError(f"{folder}: found no suite, expected at least one *.yaml")
    missing = sorted(set(load_catalogue()) - {suite.dataset for suite in suites})
    if folder == EXPECTATIONS and missing:
        raise ConfigurationError(f"{folder}: found no suite raw.{missing[0]}.yaml, expected one")
    return suites


def declared_checks() -> list[tuple[str, str]]:
    """Table and name of every check that the suites declare."""
    return [(suite.table, e.check_name) for suite in load_suites() for e in suite.expectations]


def _load(path: Path) -> Suite:
    try:
        written = Suite.model_validate(read_yaml(path.read_text(encoding="utf-8")))
        suite = written.with_derived_checks()
        for expectation in suite.expectations:
            expectation.resolved_kwargs()
    except KeyError as error:
        raise ConfigurationError(
            f"{path.name}: found the vocabulary {error}, expected a dimension of vocabulary.yaml"
        ) from error
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    if path.stem != suite.table:
        raise ConfigurationError(
            f"{path.name}: found table {suite.table!r}, expected {path.stem!r}"
        )
    _refuse_vacuous(path, suite)
    _refuse_unknown_table(path, suite)
    return suite


def _refuse_unknown_table(path: Path, suite: Suite) -> None:
    """A suite is of a table that a run makes, in the stage that makes it."""
    schema, name = suite.schema_and_name
    is_raw = schema == "raw" and (name == "vocabulary" or name in load_catalogue())
    is_model = schema == "main" and (
        name in OF_CLAIMS or any((DBT_PROJECT / "models").rglob(f"{name}.sql"))
    )
    if not (is_raw or is_model or schema == "meta"):
        known = "a dataset of the catalogue" if schema == "raw" else "a model of the dbt project"
        raise ConfigurationError(f"{path.name}: found table {suite.table!r}, expected {known}")
    stages = ("raw",) if schema != "main" else ("claims",) if name in OF_CLAIMS else DBT_STAGES
    if suite.stage not in stages:
        expected = " or ".join(stages)
        raise ConfigurationError(f"{path.name}: found stage {suite.stage!r}, expected {expected}")


def _refuse_vacuous(path: Path, suite: Suite) -> None:
    """A suite stops the run on an empty table, unless it says why the table may be empty."""
    if not suite.may_be_empty and not any(e.is_floor for e in suite.expectations):
        raise ConfigurationError(
            f"{path.name}: found no critical {ROW_COUNT} with a min_value, expected one, or "
            "may_be_empty with the reason"
        )


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
