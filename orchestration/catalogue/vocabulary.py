"""The vocabulary: every label that a publisher may use, dimension by dimension.

Readers refuse a label that is not listed; staging writes each one in its listed form. A label
that the publisher has renamed gives its successor in `renamed_to`: both are one category,
shown under the newer name.
"""

import unicodedata
from functools import cache, cached_property, lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from orchestration.settings import PROJECT, ConfigurationError
from orchestration.yaml_text import read_yaml

VOCABULARY = PROJECT / "orchestration" / "catalogue" / "vocabulary.yaml"
ABBREVIATION = ".abbreviation"  # after the name of a dimension: the abbreviations of its labels
# folded labels that are kept, as a release has the same few in every row, and the longest of them:
# a hostile file has many, and each may be as long as a line
FOLDED, LONGEST_FOLDED = 8_192, 200


class Label(BaseModel):
    """One label of a dimension.

    label: as published.
    spellings: other spellings of it; abbreviation: CBP's.
    renamed_to: the label that replaced it.
    component: the only component whose rows have it.
    regions: the only regions whose rows have it.
    meaning: what it covers, where the label alone does not say so.
    ended: the last month, YYYY-MM, in which something could be counted under it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    spellings: tuple[str, ...] = ()
    abbreviation: str | None = None
    renamed_to: str | None = None
    component: str | None = None
    regions: tuple[str, ...] = ()
    meaning: str | None = None
    ended: str | None = Field(default=None, pattern=r"^\d{4}-\d\d$")


class Vocabulary(BaseModel):
    """The labels of every dimension."""

    model_config = ConfigDict(frozen=True)

    dimensions: dict[str, tuple[Label, ...]]

    def labels(self, dimension: str) -> list[str]:
        """Return the labels that a column may have, in listed form. A dimension such as
        `area_of_responsibility.abbreviation` means the abbreviations of its labels."""
        return [text for entry in self._entries(dimension) for text in _written(entry, dimension)]

    def spellings(self, dimension: str) -> dict[str, str]:
        """Return the label of every accepted spelling, folded. Not to be changed."""
        return self._spellings[dimension]

    def categories(self, dimension: str) -> dict[str, str]:
        """Return the category of every accepted spelling, folded; of an abbreviation, the
        category that it stands for. Not to be changed."""
        return self._categories[dimension]

    def components(self, dimension: str) -> dict[str, str]:
        """Return the categories that only one component's rows have, with that component."""
        return {
            self._category(dimension, entry.label): entry.component
            for entry in self.dimensions.get(dimension, ())
            if entry.component is not None
        }

    def regions(self, dimension: str) -> dict[str, tuple[str, ...]]:
        """Return the categories that only some regions' rows have, with those regions."""
        return {
            self._category(dimension, entry.label): entry.regions
            for entry in self.dimensions.get(dimension, ())
            if entry.regions
        }

    def ended(self, dimension: str) -> dict[str, str]:
        """Return the categories that have ended, with their last month, YYYY-MM."""
        return {
            self._category(dimension, entry.label): entry.ended
            for entry in self.dimensions.get(dimension, ())
            if entry.ended is not None
        }

    def month_numbers(self) -> dict[str, int]:
        """Return the number of every accepted spelling of a month, folded: 1 is January."""
        numbers = {label: i + 1 for i, label in enumerate(self.labels("month_name"))}
        return {text: numbers[label] for text, label in self.spellings("month_name").items()}

    def rows(self) -> list[dict[str, str | None]]:
        """Return one row per spelling: dimension, spelling (folded), label, category (the newest
        name of the label), abbreviation, meaning."""
        return [
            {
                "dimension": dimension,
                "spelling": spelling,
                "label": entry.label,
                "category": self._category(dimension, entry.label),
                "abbreviation": entry.abbreviation,
                "meaning": entry.meaning,
            }
            for dimension, entries in self.dimensions.items()
            for entry in entries
            for spelling in sorted({fold(text) for text in (entry.label, *entry.spellings)})
        ]

    @cached_property
    def _spellings(self) -> dict[str, dict[str, str]]:
        """By dimension. Made once, since a review asks for each some thousand times."""
        abbreviations = (f"{dimension}{ABBREVIATION}" for dimension in self.dimensions)
        return {
            dimension: {
                fold(text): entry.label
                for entry in self._entries(dimension)
                for text in _accepted(entry, dimension)
            }
            for dimension in (*self.dimensions, *abbreviations)
        }

    @cached_property
    def _categories(self) -> dict[str, dict[str, str]]:
        """By dimension, as `_spellings`."""
        return {
            dimension: {
                spelling: self._category(dimension.removesuffix(ABBREVIATION), label)
                for spelling, label in spellings.items()
            }
            for dimension, spellings in self._spellings.items()
        }

    def _entries(self, dimension: str) -> tuple[Label, ...]:
        return self.dimensions[dimension.removesuffix(ABBREVIATION)]

    def _category(self, dimension: str, label: str) -> str:
        successors = {entry.label: entry.renamed_to for entry in self.dimensions[dimension]}
        while (successor := successors.get(label)) is not None:
            label = successor
        return label


def _written(entry: Label, dimension: str) -> list[str]:
    text = entry.abbreviation if dimension.endswith(ABBREVIATION) else entry.label
    return [] if text is None else [text]


def _accepted(entry: Label, dimension: str) -> tuple[str, ...]:
    """The label or its abbreviation, and the other spellings of the label."""
    others = () if dimension.endswith(ABBREVIATION) else entry.spellings
    return *_written(entry, dimension), *others


def fold(text: str) -> str:
    """Return a label without what publishers vary: letter case, white space, and whether an
    accent is a character of its own."""
    return _folded(text) if len(text) <= LONGEST_FOLDED else _fold(text)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).lower()


_folded = lru_cache(maxsize=FOLDED)(_fold)


@cache
def load_vocabulary(path: Path = VOCABULARY) -> Vocabulary:
    """Read and validate the vocabulary. Raises ConfigurationError."""
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
        dimensions = TypeAdapter(dict[str, tuple[Label, ...]]).validate_python(content)
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    for dimension, entries in dimensions.items():
        _check_renames(f"{path.name}: {dimension}", entries)
    return Vocabulary(dimensions=dimensions)


def _check_renames(where: str, entries: tuple[Label, ...]) -> None:
    successors = {entry.label: entry.renamed_to for entry in entries}
    for entry in entries:
        seen, label = {entry.label}, entry.renamed_to
        while label is not None:
            if label not in successors:
                raise ConfigurationError(
                    f"{where}: {entry.label!r} is renamed to {label!r}, which is not listed"
                )
            if label in seen:
                raise ConfigurationError(f"{where}: {entry.label!r} is renamed in a circle")
            seen.add(label)
            label = successors[label]
