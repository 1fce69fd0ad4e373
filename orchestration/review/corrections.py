"""Corrections applied: which rows of a release each one changes.

What belongs here: finding the rows that a correction names. Raw tables keep what was
published, with the correction beside it; staging applies it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from orchestration.catalogue.categories import spelling
from orchestration.catalogue.corrections import CORRECTIONS, MONTH, Correction
from orchestration.catalogue.dataset import TIMES, Dataset
from orchestration.readers.cells import number
from orchestration.releases.release import Release


class CorrectionError(Exception):
    """A correction that does not find what it expects: the publisher has corrected the figure."""


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


def corrected(
    rows: pl.DataFrame, release: Release, dataset: Dataset, corrections: Sequence[Correction]
) -> tuple[pl.DataFrame, list[Applied]]:
    """The typed rows of a release with its corrections, and the corrections that apply.
    Raises CorrectionError where one does not find what it expects."""
    applied = []
    for correction in corrections:
        if not correction.applies_to(release.dataset, release.published_on):
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
