"""Applying corrections: which rows of a release each one changes.

What belongs here: finding the rows that a correction names. Raw tables keep what was
published, with the correction in columns beside it; staging applies it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from orchestration.catalogue.categories import spelling
from orchestration.catalogue.corrections import CORRECTIONS, MONTH, Correction
from orchestration.catalogue.dataset import TIMES, Dataset
from orchestration.readers.cells import PADDING, number
from orchestration.releases.release import Release


class CorrectionError(Exception):
    """A correction that does not find the figure it expects, because the publisher has corrected
    it."""


@dataclass(frozen=True)
class Applied:
    """A correction as it applies to one release.

    texts: for each column of its cells, the label in the release's spellings.
    rows: the number of rows it changes or leaves out.
    """

    correction: Correction
    release_id: str
    texts: dict[str, tuple[str, ...]]
    rows: int


def repaired(
    rows: pl.DataFrame, release: Release, dataset: Dataset, corrections: Sequence[Correction]
) -> tuple[pl.DataFrame, list[Applied]]:
    """The rows of a release, rejected ones as well, of which those that corrections make typed
    have the figure to use and no problem; and the corrections that apply. Raises CorrectionError
    if one does not find the cell that it replaces."""
    applied = []
    for correction in corrections:
        if correction.replaces is None or not correction.applies_to(
            release.dataset, release.published_on
        ):
            continue
        texts = _texts(rows, dataset, correction)
        if _is_not_covered(rows, texts, dataset):
            continue
        text = pl.col(correction.figure).str.strip_chars(PADDING)
        matches = _matching(texts) & pl.col("problem").is_not_null() & (text == correction.replaces)
        if (found := rows.filter(matches).height) != 1:
            raise CorrectionError(
                f"{CORRECTIONS.name}: {correction.name}: release {release.describe()}: found "
                f"{found} rejected rows with {correction.replaces!r} in {correction.cells}, "
                "expected one: the publisher has corrected it; end the correction with "
                f"`until: {release.published_on}`"
            )
        applied.append(Applied(correction, release.release_id, texts, found))
        used = pl.when(matches).then(pl.lit(str(correction.use)))
        problem = pl.when(~matches).then("problem")
        rows = rows.with_columns(
            used.otherwise(correction.figure).alias(correction.figure), problem.alias("problem")
        )
    return rows, applied


def corrected(
    rows: pl.DataFrame, release: Release, dataset: Dataset, corrections: Sequence[Correction]
) -> tuple[pl.DataFrame, list[Applied]]:
    """The typed rows of a release with its corrections, and the corrections that apply.
    Raises CorrectionError if one does not find the figure it expects."""
    applied = []
    for correction in corrections:
        if correction.replaces is not None or not correction.applies_to(
            release.dataset, release.published_on
        ):
            continue
        texts = _texts(rows, dataset, correction)
        if _is_not_covered(rows, texts, dataset):
            continue
        matches = _matching(texts)
        found = rows.filter(matches)
        _check(correction, release, found)
        applied.append(Applied(correction, release.release_id, texts, len(found)))
        if correction.leave_out:
            rows = rows.filter(~matches)
        else:
            used = pl.when(matches).then(pl.lit(str(correction.use)))
            rows = rows.with_columns(used.otherwise(correction.figure).alias(correction.figure))
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
        wanted = spelling([label], column)[label]
        categories = spelling(rows[name].unique().to_list(), column)
        texts[name] = tuple(sorted(text for text, known in categories.items() if known == wanted))
    return texts


def _is_not_covered(
    rows: pl.DataFrame, texts: dict[str, tuple[str, ...]], dataset: Dataset
) -> bool:
    """Whether a release does not cover the month or year of a correction."""
    period = {name: texts[name] for name in texts if _is_time(name, dataset)}
    return rows.filter(_matching(period)).is_empty()


def _is_time(name: str, dataset: Dataset) -> bool:
    return name in ("month_start", "month_name") or dataset.columns[name].kind in TIMES


def _matching(texts: dict[str, tuple[str, ...]]) -> pl.Expr:
    conditions = (pl.col(name).is_in(list(spellings)) for name, spellings in texts.items())
    # the month is null in some rows, such as the total of a fiscal year
    return pl.all_horizontal(pl.lit(value=True), *conditions).fill_null(value=False)


def _check(correction: Correction, release: Release, found: pl.DataFrame) -> None:
    total = int(found.select(number(correction.figure).sum()).item())
    assert correction.expects is not None  # else it is not one of typed rows
    where = f"{CORRECTIONS.name}: {correction.name}: release {release.describe()}"
    if total != correction.expects or found.is_empty():
        raise CorrectionError(
            f"{where}: found {total:,} in {correction.cells}, expected {correction.expects:,}: "
            "the publisher has corrected it; end the correction with "
            f"`until: {release.published_on}`"
        )
    if correction.use is not None and len(found) != 1:
        raise CorrectionError(
            f"{where}: found {len(found)} rows for {correction.cells}, expected one row to set to "
            f"{correction.use:,}"
        )
