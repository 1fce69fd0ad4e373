"""A kind of fault: a slip that a careful person would notice in any release, with what it hits
drawn at random, so that no check can be fitted to an instance.

What belongs here: what a kind is, and drawing what it hits.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

import polars as pl

from tests.resilience.kinds.published import Published, people

T = TypeVar("T")

NOTICEABLE_SHARE = 0.01  # of a month's people, and
NOTICEABLE_PEOPLE = 200


@dataclass(frozen=True)
class Drawn:
    """A faulty file, and in words what was drawn."""

    faulty: Published
    about: str


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    draw: alters a sound file, in which `month` is the newest month that the release before does
        not have, or the newest that both have; None if the file has nothing that it could hit.
    in_new_month: the fault is in a month that no release had before.
    """

    name: str
    about: str
    draw: Callable[[Published, str, Random], Drawn | None]
    in_new_month: bool


def count(file: Published) -> str:
    """The only column of figures of a file with one figure a row."""
    [figure] = file.figures
    return figure


def with_counts(file: Published, where: pl.Expr, counts: pl.Expr) -> Published:
    """The file with other counts in some rows, as whole numbers."""
    name = count(file)
    number = pl.when(where).then(counts).otherwise(people(name)).round().cast(pl.Int64)
    text = pl.when(where).then(number.cast(pl.String)).otherwise(pl.col(name))
    return replace(file, frame=file.frame.with_columns(text.alias(name)))


def summed(file: Published) -> Published:
    """The file with one row per cell, where relabelling made two of them."""
    name = count(file)
    key = [column for column in file.frame.columns if column != name]
    merged = file.frame.group_by(key, maintain_order=True).agg(people(name).sum().cast(pl.String))
    return replace(file, frame=merged.select(file.frame.columns))


def in_months(months: list[str]) -> pl.Expr:
    return pl.col("period").is_in(months)


def noticeable(file: Published, months: list[str], column: str) -> dict[str, int]:
    """The labels of a column that are worth a look in these months, with their people."""
    frame = file.frame.filter(in_months(months))
    counted = frame.group_by(column, maintain_order=True).agg(people(count(file)).sum())
    sizes = {label: number for label, number in counted.iter_rows() if label}
    whole = sum(sizes.values())
    fewest = max(NOTICEABLE_PEOPLE, NOTICEABLE_SHARE * whole)
    return {label: number for label, number in sorted(sizes.items()) if number >= fewest}


def with_label(file: Published, where: pl.Expr, column: str, label: str) -> Published:
    """The file with another text in a column of some rows."""
    text = pl.when(where).then(pl.lit(label)).otherwise(column)
    return replace(file, frame=file.frame.with_columns(text.alias(column)))


def rows_at(numbers: list[int]) -> pl.Expr:
    """The rows with these numbers, from 0."""
    return pl.int_range(pl.len()).is_in(numbers)


def drawn_label(file: Published, months: list[str], random: Random) -> tuple[str, str] | None:
    """A column and a noticeable label of it."""
    found = {column: list(noticeable(file, months, column)) for column in file.labels}
    return _drawn(found, random)


def drawn_pair(
    file: Published, months: list[str], random: Random, apart: float
) -> tuple[str, str, str] | None:
    """A column and two noticeable labels of it, which differ by so many times in their people."""
    found = {}
    for column in file.labels:
        sizes = noticeable(file, months, column)
        found[column] = [
            (one, other)
            for one in sizes
            for other in sizes
            if sizes[one] >= apart * sizes[other] and one != other
        ]
    drawn = _drawn(found, random)
    return None if drawn is None else (drawn[0], *drawn[1])


def _drawn(found: dict[str, list[T]], random: Random) -> tuple[str, T] | None:
    """A column, and one of the things found in it."""
    columns = sorted(column for column, things in found.items() if things)
    if not columns:
        return None
    column = random.choice(columns)
    return column, random.choice(found[column])
