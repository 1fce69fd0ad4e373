"""Faults in the first release of a dataset, which has no release before it: what another dataset
publishes must show them. They run through all months alike, so that no month stands out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

import polars as pl

from tests.resilience.kinds.kind import Drawn, count, drawn_pair, with_counts
from tests.resilience.kinds.published import Published, people

DRAWS = 20  # until one is of a shared column


@dataclass(frozen=True)
class FirstReleaseKind:
    """One kind of fault in a first release. draw: alters a sound one in its columns `labels`,
    which another dataset has too; None if it cannot."""

    name: str
    about: str
    draw: Callable[[Published, list[str], Random], Drawn | None]


def _exchanged(file: Published, labels: list[str], random: Random) -> Drawn | None:
    pair = _pair(file, labels, random, 1.05)
    if pair is None:
        return None
    column, one, other = pair
    swapped = pl.col(column).replace({one: other, other: one})
    frame = file.frame.with_columns(swapped.alias(column))
    return Drawn(replace(file, frame=frame), f"{one} and {other}")


def _scaled(file: Published, labels: list[str], random: Random) -> Drawn | None:
    del labels
    factor = random.choice([0.1, 0.5, 0.9, 1.1, 2, 10])
    counts = people(count(file)) * factor
    return Drawn(with_counts(file, pl.lit(value=True), counts), f"times {factor:g}")


def _label_scaled(file: Published, labels: list[str], random: Random) -> Drawn | None:
    pair = _pair(file, labels, random, 1)
    if pair is None:
        return None
    column, label, _ = pair
    factor = random.choice([0.5, 0.9, 1.1, 2])
    counts = people(count(file)) * factor
    return Drawn(with_counts(file, pl.col(column) == label, counts), f"{label} times {factor:g}")


def _pair(
    file: Published, labels: list[str], random: Random, apart: float
) -> tuple[str, str, str] | None:
    """A column that another dataset has too, and two labels of it at the southwest border."""
    shared = replace(file, frame=_at_the_southwest_border(file))
    pairs = [drawn_pair(shared, file.months, random, apart) for _ in range(DRAWS)]
    return next((pair for pair in pairs if pair is not None and pair[0] in labels), None)


def _at_the_southwest_border(file: Published) -> pl.DataFrame:
    if "land_border_region" not in file.frame.columns:
        return file.frame
    return file.frame.filter(pl.col("land_border_region") == "Southwest Land Border")


FIRST_RELEASE_KINDS = (
    FirstReleaseKind(
        "labels exchanged throughout a first release",
        "Two labels stand for each other in every month.",
        _exchanged,
    ),
    FirstReleaseKind(
        "first release in another unit",
        "Every count is too large, or too small, by one factor.",
        _scaled,
    ),
    FirstReleaseKind(
        "label scaled throughout a first release",
        "A label has too many people, or too few, in every month.",
        _label_scaled,
    ),
)
