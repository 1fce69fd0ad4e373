"""Corrections: the publishers' known errors, as `corrections.yaml` lists them.

What belongs here: the model and its validation. `review` decides which rows a correction
changes.
"""

import re
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.catalogue.vocabulary import fold, load_vocabulary
from orchestration.settings import PROJECT, ConfigurationError
from orchestration.yaml_text import read_yaml

CORRECTIONS = PROJECT / "orchestration" / "catalogue" / "corrections.yaml"
MONTH = "month"


class Correction(BaseModel):
    """One known error; corrections.yaml describes each field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    dataset: str
    cells: dict[str, str] = Field(min_length=1)
    column: str | None = None
    expects: int | None = None
    replaces: str | None = None
    use: int | None = Field(default=None, ge=0)
    leave_out: bool = False
    reason: str = Field(min_length=1)
    source: str = Field(min_length=1)
    since: date
    until: date | None = None

    @model_validator(mode="after")
    def _refers_to_the_catalogue(self) -> "Correction":
        if (self.use is None) != self.leave_out:
            raise ValueError(f"{self.name}: expected either use or leave_out: true")
        if (self.expects is None) == (self.replaces is None):
            raise ValueError(f"{self.name}: expected either expects or replaces")
        if self.replaces is not None and self.use is None:
            raise ValueError(f"{self.name}: found replaces without use, expected the figure")
        dataset = load_catalogue().get(self.dataset)
        if dataset is None:
            raise ValueError(f"{self.name}: found no dataset {self.dataset!r}")
        if unknown := sorted(set(self.cells) - {MONTH} - set(dataset.columns)):
            raise ValueError(f"{self.name}: found cells {unknown}, which {self.dataset} lacks")
        for name, label in self.cells.items():
            if not _is_known(name, label, dataset):
                raise ValueError(
                    f"{self.name}: found {name} {label!r}, expected a month such as 2024-03, or a "
                    "label of the vocabulary"
                )
        if self.column is None and len(dataset.figures) != 1:
            raise ValueError(f"{self.name}: expected column, one of {list(dataset.figures)}")
        if self.column is not None and self.column not in dataset.figures:
            raise ValueError(
                f"{self.name}: found column {self.column!r}, expected one of "
                f"{list(dataset.figures)}"
            )
        return self

    @property
    def figure(self) -> str:
        return self.column or load_catalogue()[self.dataset].figures[0]

    def applies_to(self, dataset: str, published_on: date) -> bool:
        """Whether a release of this dataset, published on this day, has the error."""
        return (
            dataset == self.dataset
            and self.since <= published_on
            and (self.until is None or published_on < self.until)
        )


@cache
def load_corrections(path: Path = CORRECTIONS) -> tuple[Correction, ...]:
    """Read and validate the corrections. Raises ConfigurationError."""
    try:
        content = read_yaml(path.read_text(encoding="utf-8")) or []
        corrections = TypeAdapter(tuple[Correction, ...]).validate_python(content)
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    names = [correction.name for correction in corrections]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"{path.name}: found {twice} twice, expected each name once")
    return corrections


def _is_known(name: str, label: str, dataset: Dataset) -> bool:
    """Whether a release may have the label: a month as YYYY-MM, or a label of the vocabulary."""
    if name == MONTH:
        return re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", label) is not None
    column = dataset.columns[name]
    if column.vocabulary is None or (column.optional and not label):
        return True
    return fold(label) in load_vocabulary().spellings(column.vocabulary)
