"""Corrections: known errors of the publishers, what is expected in their place, and why.

What belongs here: finding the rows that a correction speaks of. Raw tables keep what was
published, with the correction beside it; staging applies it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from orchestration.readers.cells import number
from orchestration.releases.archive import Release
from orchestration.releases.catalogue import TIMES, Dataset, load_catalogue
from orchestration.releases.categories import spelling
from orchestration.releases.vocabulary import fold, load_vocabulary
from orchestration.settings import PROJECT, ConfigurationError

CORRECTIONS = PROJECT / "orchestration" / "vintages" / "corrections.yaml"
MONTH = "month"


class CorrectionError(Exception):
    """A correction that does not find what it expects: the publisher has mended it."""


class Correction(BaseModel):
    """One known error; corrections.yaml says what each field holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    dataset: str
    cells: dict[str, str] = Field(min_length=1)
    column: str | None = None
    expects: int
    use: int | None = Field(default=None, ge=0)
    leave_out: bool = False
    reason: str = Field(min_length=1)
    source: str = Field(min_length=1)
    since: date
    until: date | None = None

    @model_validator(mode="after")
    def _speaks_of_the_catalogue(self) -> "Correction":
        if (self.use is None) != self.leave_out:
            raise ValueError(f"{self.name}: expected either use or leave_out: true")
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
            raise ValueError(f"{self.name}: found column {self.column!r}, which is no figure")
        return self

    @property
    def figure(self) -> str:
        return self.column or load_catalogue()[self.dataset].figures[0]

    def speaks_of(self, release: Release) -> bool:
        """Whether the release is one of those that show the error."""
        return (
            release.dataset == self.dataset
            and self.since <= release.published_on
            and (self.until is None or release.published_on < self.until)
        )


@dataclass(frozen=True)
class Applied:
    """A correction as it applies to one release.

    texts: for each column of its cells, how the release spells the label.
    rows: how many rows it changes or leaves out.
    """

    correction: Correction
    release_id: str
    texts: dict[str, tuple[str, ...]]
    rows: int


@cache
def load_corrections(path: Path = CORRECTIONS) -> tuple[Correction, ...]:
    """Read and validate the corrections. Raises ConfigurationError."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        corrections = TypeAdapter(tuple[Correction, ...]).validate_python(content)
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    names = [correction.name for correction in corrections]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"{path.name}: found {twice} twice, expected each name once")
    return corrections


def corrected(
    rows: pl.DataFrame, release: Release, dataset: Dataset, corrections: Sequence[Correction]
) -> tuple[pl.DataFrame, list[Applied]]:
    """The typed rows of a release with its corrections, and the corrections that apply.
    Raises CorrectionError where one does not find what it expects."""
    applied = []
    for correction in corrections:
        if not correction.speaks_of(release):
            continue
        texts = _texts(rows, dataset, correction)
        period = {name: texts[name] for name in texts if _is_time(name, dataset)}
        if rows.filter(_matching(period)).is_empty():
            continue  # the release does not tell the month or year at all
        here = _matching(texts)
        found = rows.filter(here)
        _check(correction, release, found)
        applied.append(Applied(correction, release.release_id, texts, len(found)))
        if correction.leave_out:
            rows = rows.filter(~here)
        else:
            instead = pl.when(here).then(pl.lit(str(correction.use)))
            rows = rows.with_columns(instead.otherwise(correction.figure).alias(correction.figure))
    return rows, applied


def _is_known(name: str, label: str, dataset: Dataset) -> bool:
    """Whether a release may have the label: a month as it is written, one of the vocabulary."""
    if name == MONTH:
        return re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", label) is not None
    column = dataset.columns[name]
    if column.vocabulary is None or (column.optional and not label):
        return True
    return fold(label) in load_vocabulary().spellings(column.vocabulary)


def _texts(
    rows: pl.DataFrame, dataset: Dataset, correction: Correction
) -> dict[str, tuple[str, ...]]:
    texts: dict[str, tuple[str, ...]] = {}
    for name, label in correction.cells.items():
        if name == MONTH:
            texts["month_start"] = (f"{label}-01",)
            continue
        column = dataset.columns[name]
        meant = spelling([label], column)[label]
        spelled = spelling(rows[name].unique().to_list(), column)
        texts[name] = tuple(sorted(text for text, category in spelled.items() if category == meant))
    return texts


def _is_time(name: str, dataset: Dataset) -> bool:
    return name in ("month_start", "month_name") or dataset.columns[name].kind in TIMES


def _matching(texts: dict[str, tuple[str, ...]]) -> pl.Expr:
    told = (pl.col(name).is_in(list(spelled)) for name, spelled in texts.items())
    # a row may tell no month, as a fiscal year's total does
    return pl.all_horizontal(pl.lit(value=True), *told).fill_null(value=False)


def _check(correction: Correction, release: Release, found: pl.DataFrame) -> None:
    total = int(found.select(number(correction.figure).sum()).item())
    where = f"{CORRECTIONS.name}: {correction.name}: release {release.describe()}"
    if total != correction.expects or found.is_empty():
        raise CorrectionError(
            f"{where}: found {total:,} in {correction.cells}, expected {correction.expects:,}: "
            f"the publisher has mended it; end the correction with `until: {release.published_on}`"
        )
    if correction.use is not None and len(found) != 1:
        raise CorrectionError(
            f"{where}: found {len(found)} rows for {correction.cells}, expected one to put "
            f"{correction.use:,} into"
        )
