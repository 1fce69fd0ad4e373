"""What a check of the review found outside its limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.catalogue.dataset import Dataset
from orchestration.releases.checks import Check

SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """One thing that a person must see before a release counts.

    sentence: the place, what was found and what was expected.
    table: the table of the release's layout that it is about; None: the release as a whole.
    alone: the table is held alone even if the release cannot do without it.
    """

    check: Check
    sentence: str
    table: str | None = None
    alone: bool = False


def shortened(
    sentences: Sequence[str], what: str, found: int | None = None, shown: int = SHOWN
) -> list[str]:
    """The first sentences, and one with the number of the others.

    what: what is counted. found: how many there are; default: as many as sentences.
    """
    more = (len(sentences) if found is None else found) - shown
    return [*sentences[:shown], *[f"and {more:,} more {what}"] * (more > 0)]


def held_alone(findings: Sequence[Finding], dataset: Dataset) -> tuple[str, ...]:
    """The tables that can be held while the rest of the release counts. Empty if it must be held
    as a whole: if a finding is about all of it or about a table that it cannot do without, or if
    the findings are about half of the tables that facts are made of."""
    others = [finding for finding in findings if not finding.alone]
    alone = {finding.table for finding in findings if finding.alone and finding.table is not None}
    if alone and not others:
        return tuple(sorted(alone))
    if alone:
        held = held_alone(others, dataset)
        return tuple(sorted({*held, *alone})) if held else ()
    tables = {finding.table for finding in findings}
    used = {table.name for table in dataset.tables if table.series or not _names_series(dataset)}
    optional = {table.name for table in dataset.tables if not table.required}
    if not findings or not tables <= optional or len(tables & used) * 2 >= len(used):
        return ()
    return tuple(sorted(table for table in tables if table is not None))


def _names_series(dataset: Dataset) -> bool:
    """Whether the catalogue names the figures that facts are made of; else all are."""
    return any(table.series for table in dataset.tables)
