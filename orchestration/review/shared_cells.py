"""Breakdowns that several datasets publish, compared between the datasets at the finest level that
both have.

What belongs here: people who are in other categories at another dataset, though the totals agree.
The totals themselves are the business of `shared_totals`.
"""

from typing import Any

import polars as pl

from orchestration.catalogue.categories import has_labels
from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.releases.release import Release
from orchestration.review.comparison import relabelled_too_far
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

    def __init__(self) -> None:
        self._known: dict[str, list[tuple[Release, pl.DataFrame]]] = {}

    def add(self, figures: pl.DataFrame, release: Release, dataset: Dataset) -> None:
        """Remember the figures of an accepted release. figures: as `figures_of` returns them."""
        if dataset.shared_totals and _breakdown(dataset):
            self._known.setdefault(dataset.name, []).append((release, figures))

    def findings(self, figures: pl.DataFrame, release: Release, dataset: Dataset) -> list[Finding]:
        """Where a release has people in other categories than the other datasets have."""
        sentences = []
        for name, known in self._known.items():
            other = load_catalogue()[name]
            shared = next((s for s in dataset.shared_totals if s in other.shared_totals), None)
            if name == dataset.name or shared is None:
                continue
            labels = _labels_of_both(dataset, other, shared)
            limits = limits_of_both(dataset, other)
            mine = _shared(figures, dataset, shared)
            theirs = [(one, _shared(frame, other, shared)) for one, frame in known]
            for earlier, later in _sides(mine, release, theirs) if labels else ():
                both = _in_common_labels(earlier, later, labels)
                far = relabelled_too_far(*both, labels, limits)
                sentences += [_sentence(row, labels, name) for row in far.iter_rows(named=True)]
        return [Finding("datasets_agree", s) for s in shortened(sentences, "months")]


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
        both = list((set(earlier[name]) & set(later[name])) - {OTHER})
        label = pl.when(pl.col(name).is_in(both)).then(name).otherwise(pl.lit(REMAINDER))
        earlier, later = (frame.with_columns(label.alias(name)) for frame in (earlier, later))
    return earlier, later


def _sides(
    mine: pl.DataFrame, release: Release, theirs: list[tuple[Release, pl.DataFrame]]
) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    """What another dataset published last before a release beside it, and the release beside what
    that published first after it; the earlier one first."""
    in_order = sorted(theirs, key=lambda one: one[0].published_on)
    before = [frame for other, frame in in_order if other.published_on <= release.published_on]
    after = [frame for other, frame in in_order if other.published_on > release.published_on]
    sides = []
    if before:
        sides.append((_one_each(before[::-1]), mine))
    if after:
        sides.append((mine, _one_each(after)))
    return sides


def _one_each(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Each period's figures from the first of the frames that has it."""
    taken: set[str] = set()
    parts = []
    for frame in frames:
        parts.append(frame.filter(~pl.col("period").is_in(list(taken))))
        taken |= set(frame["period"])
    return pl.concat(parts)


def _sentence(row: dict[str, Any], labels: list[str], name: str) -> str:
    by = ", ".join(label.replace("_", " ") for label in labels)
    return (
        f"{str(row['period']).removesuffix('-01')}: found {row['relabelled']:,} of "
        f"{row['total_before']:,} people in another category, by {by}, than in {name}, expected "
        f"at most {row['relabelled_percent']:g} %"
    )
