"""The vocabulary: every label that a publisher may use, dimension by dimension.

Readers refuse a label that is not listed; staging writes each one in its listed form.
A label that the publisher renamed names its successor in `renamed_to`: both are one
category, shown under the name that the newest release uses.
"""

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from orchestration.settings import PROJECT, ConfigurationError

VOCABULARY = PROJECT / "orchestration" / "releases" / "vocabulary.yaml"


class Label(BaseModel):
    """A label as published, other spellings of it, and the name that replaced it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    spellings: tuple[str, ...] = ()
    renamed_to: str | None = None


class Vocabulary(BaseModel):
    """The labels of every dimension."""

    model_config = ConfigDict(frozen=True)

    dimensions: dict[str, tuple[Label, ...]]

    def labels(self, dimension: str) -> list[str]:
        """The labels that a release may carry, in listed form."""
        return [entry.label for entry in self.dimensions[dimension]]

    def spellings(self, dimension: str) -> dict[str, str]:
        """Every accepted spelling, folded, with the label that it stands for."""
        return {
            fold(text): entry.label
            for entry in self.dimensions[dimension]
            for text in (entry.label, *entry.spellings)
        }

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(dimension, folded spelling, label, category) of every spelling; the category is
        the last name that the label was given."""
        return [
            (dimension, spelling, label, self._category(dimension, label))
            for dimension in self.dimensions
            for spelling, label in self.spellings(dimension).items()
        ]

    def _category(self, dimension: str, label: str) -> str:
        successors = {entry.label: entry.renamed_to for entry in self.dimensions[dimension]}
        while (successor := successors.get(label)) is not None:
            label = successor
        return label


def fold(text: str) -> str:
    """A label without what publishers vary: letter case and white space."""
    return " ".join(text.split()).lower()


@cache
def load_vocabulary(path: Path = VOCABULARY) -> Vocabulary:
    """Read and validate the vocabulary. Raises ConfigurationError."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        dimensions = TypeAdapter(dict[str, tuple[Label, ...]]).validate_python(content)
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    for dimension, entries in dimensions.items():
        known = {entry.label for entry in entries}
        for entry in entries:
            if entry.renamed_to is not None and entry.renamed_to not in known:
                raise ConfigurationError(
                    f"{path.name}: {dimension}: {entry.label!r} is renamed to "
                    f"{entry.renamed_to!r}, which is not listed"
                )
    return Vocabulary(dimensions=dimensions)
