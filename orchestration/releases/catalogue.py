"""The catalogue: one YAML file a dataset, validated when it is loaded.

What belongs here: what is known of a dataset before any of its releases is opened.
"""

import re
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestration.settings import DATASETS, ConfigurationError

Cut = Literal["southwest", "area", "state"]
Kind = Literal["fiscal_year", "month_name", "month", "published_on", "count", "label", "text"]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Column(BaseModel):
    """One column of a release, and what its cells may hold.

    headers: the names that publishers have given it.
    vocabulary: for `label` and `month_name` cells, the dimension of the vocabulary that lists them.
    optional: the cell may be empty, which reads `Not broken down` downstream.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    headers: tuple[str, ...] = Field(min_length=1)
    kind: Kind
    vocabulary: str | None = None
    optional: bool = False
    description: str

    @model_validator(mode="after")
    def _labels_have_a_vocabulary(self) -> "Column":
        if (self.kind in ("label", "month_name")) != (self.vocabulary is not None):
            raise ValueError("a vocabulary goes with kind label or month_name, and only with them")
        return self


class Dataset(BaseModel):
    """What the catalogue says of one dataset. See docs/add-a-dataset.md for each field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    publisher: str
    landing_page: str = Field(pattern=r"^https://")
    file_pattern: str
    file_examples: tuple[str, ...] = Field(min_length=1)
    cut: Cut | None = None
    reader: Literal["cbp_encounters", "monthly_figures"]
    bundled: bool = False
    cadence: str
    licence: str
    meaning: str
    traps: tuple[str, ...]
    columns: dict[str, Column]
    cell: tuple[str, ...] = Field(min_length=1)
    complete_by: tuple[str, ...] = ()
    rows_against_previous: float | None = Field(default=0.5, gt=0, le=1)

    @model_validator(mode="after")
    def _refers_to_itself(self) -> "Dataset":
        for name in (*self.cell, *self.complete_by):
            if name not in self.columns:
                raise ValueError(f"cell and complete_by name {name!r}, which columns lacks")
        for example in self.file_examples:
            try:
                fits = re.fullmatch(self.file_pattern, example, re.IGNORECASE)
            except re.error as error:
                raise ValueError(f"file_pattern {self.file_pattern!r}: {error}") from error
            if not fits:
                raise ValueError(f"file_pattern does not match its example {example!r}")
        return self

    @property
    def count_column(self) -> str:
        """The first counted column: the one whose sum is the release's total."""
        return next(name for name, column in self.columns.items() if column.kind == "count")

    def span_promised(self, file_name: str) -> tuple[int, int | None] | None:
        """What a name such as `…-fy22-fy25-nov.csv` promises: the last fiscal year and, where
        it is named, the last month (1 to 12). None where the name tells nothing."""
        found = re.fullmatch(self.file_pattern, file_name, re.IGNORECASE)
        groups = found.groupdict() if found else {}
        if not groups.get("last"):
            return None
        month = (groups.get("month") or "").lower()[:3]
        return 2000 + int(groups["last"]), MONTHS.index(month) + 1 if month in MONTHS else None


@cache
def load_catalogue(folder: Path = DATASETS) -> dict[str, Dataset]:
    """Every dataset by name, in the order of the names. Raises ConfigurationError that
    names the file and the field."""
    return {dataset.name: dataset for dataset in map(_load, sorted(folder.glob("*.yaml")))}


def _load(path: Path) -> Dataset:
    try:
        dataset = Dataset.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    if dataset.name != path.stem:
        raise ConfigurationError(
            f"{path.name}: found name {dataset.name!r}, expected {path.stem!r}"
        )
    return dataset
