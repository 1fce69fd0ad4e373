"""Breakdowns that several datasets publish, compared between the datasets at the finest level that
both have.

What belongs here: people who are in other categories at another dataset, though the totals agree.
The totals themselves are the business of `shared_totals`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from orchestration.catalogue.categories import has_labels
from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.releases.release import Release
from orchestration.review.cells import relabelled_too_far
from orchestration.review.current import Counted, Memory
from orchestration.review.finding import Finding, shortened
from orchestration.review.shared_totals import limits_of_both

OTHER = "other"  # its meaning depends on the labels beside it
REMAINDER = "(others)"


class SharedCells:
    """The figures of the releases that were accepted so far, as far as other datasets may have
    them too.

    A release is compared with what another dataset published last before it, and with what it
    published first after it.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._known: dict[str, list[Counted]] = {}

    def add(self, counted: Counted, dataset: Dataset) -> None:
        """Remember an accepted release."""
        if dataset.shared_totals and _breakdown(dataset):
            self._known.setdefault(dataset.name, []).append(counted)

    def findings(self, figures: pl.DataFrame, release: Release, dataset: Dataset) -> list[Finding]:
        """Where a release has people in other categories than the other datasets have. figures: as
        `figures_of` returns them."""
        sentences = []
        for name in self._known:
            other = load_catalogue()[name]
            shared = next((s for s in dataset.shared_totals if s in other.shared_totals), None)
            if name == dataset.name or shared is None:
                continue
            labels = _labels_of_both(dataset, other, shared)
            limits = limits_of_both(dataset, other)
            mine = _shared(figures, dataset, shared)
            for earlier, later in self._sides(mine, release, other, shared) if labels else ():
                both = _in_common_labels(earlier, later, labels)
                far = relabelled_too_far(*both, labels, limits)
                sentences += [_sentence(row, labels, name) for row in far.iter_rows(named=True)]
        return [Finding("datasets_agree", s) for s in shortened(sentences, "months")]

    def _sides(
        self, mine: pl.DataFrame, release: Release, other: Dataset, shared: str
    ) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """What another dataset published last before a release beside it, and the release beside
        what that published first after it; the earlier one first."""
        in_order = sorted(self._known[other.name], key=lambda one: one.release.published_on)
        before = [o for o in in_order if o.release.published_on <= release.published_on]
        after = [o for o in in_order if o.release.published_on > release.published_on]
        if (theirs := self._one_each(before[::-1], other, shared)) is not None:
            yield theirs, mine
        if (theirs := self._one_each(after, other, shared)) is not None:
            yield mine, theirs

    def _one_each(
        self, releases: Iterable[Counted], dataset: Dataset, shared: str
    ) -> pl.DataFrame | None:
        """Each period's figures from the first of the releases that has it; None without any."""
        taken: frozenset[str] = frozenset()
        parts = []
        for one in releases:
            if new := one.shares.get(shared, frozenset()) - taken:
                figures = _shared(self._memory.figures(one), dataset, shared)
                parts.append(figures.filter(pl.col("period").is_in(list(new))))
                taken |= new
        return pl.concat(parts) if parts else None


def _breakdown(dataset: Dataset) -> list[str]:
    """The columns of a dataset whose labels other datasets may have too."""
    return [name for name in dataset.revised_labels if name not in ("series", "table_name")]


def _labels_of_both(dataset: Dataset, other: Dataset, shared: str) -> list[str]:
    """The columns by which both datasets break down what they share."""
    chosen = {*dataset.shared_totals[shared], *other.shared_totals[shared]}
    theirs = _breakdown(other)
    return [n for n in _breakdown(dataset) if n in theirs and n not in chosen]


def _shared(figures: pl.DataFrame, dataset: Dataset, shared: str) -> pl.DataFrame:
    return figures.filter(
        has_labels(dataset.shared_totals[shared], dataset), pl.col("figure").is_not_null()
    )


def _in_common_labels(
    earlier: pl.DataFrame, later: pl.DataFrame, labels: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both, with the labels that only one of them has as one: a dataset may name fewer countries
    and call the rest others."""
    for name in labels:
        both = list((set(earlier[name].unique()) & set(later[name].unique())) - {OTHER})
        label = pl.when(pl.col(name).is_in(both)).then(name).otherwise(pl.lit(REMAINDER))
        earlier, later = (frame.with_columns(label.alias(name)) for frame in (earlier, later))
    return earlier, later


def _sentence(row: dict[str, Any], labels: list[str], name: str) -> str:
    by = ", ".join(label.replace("_", " ") for label in labels)
    return (
        f"{str(row['period']).removesuffix('-01')}: found {row['relabelled']:,} of "
        f"{row['total_before']:,} people in another category, by {by}, than in {name}, expected "
        f"at most {row['relabelled_percent']:g} %"
    )
