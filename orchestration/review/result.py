"""What the review found of one release, and the key by which it is known again.

What belongs here: the types that pass between the walk through the releases and what is kept on
disk.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.releases.release import Release
from orchestration.review.comparison import ENVELOPE
from orchestration.review.corrections import Applied
from orchestration.review.shared_totals import NO_TOTALS

OF_RELEASE = {"dataset": pl.String(), "release_id": pl.String()}
MOVED = {
    "release_id": pl.String(),
    "against_release_id": pl.String(),
    "dataset": pl.String(),
    "period": pl.String(),
    "cell": pl.String(),
    "figure_before": pl.Int64(),
    "figure_after": pl.Int64(),
    "difference": pl.Int64(),
}
ENVELOPES = {"release_id": pl.String(), "dataset": pl.String(), **ENVELOPE}
COVERS = {**OF_RELEASE, "table_name": pl.String(), "period": pl.String()}
NONE_MOVED = pl.DataFrame(schema=MOVED)
NO_ENVELOPES = pl.DataFrame(schema=ENVELOPES)
NO_COVERS = pl.DataFrame(schema=COVERS)
# neither says anything about the content of a release
NOT_IN_KEY = {"retrieved_at", "rows_sha256"}


@dataclass(frozen=True)
class Result:
    """What the review found of one release.

    key: a hash over everything that it depends on; see `Keys`.
    release: with its verdict. applied: the corrections that apply to it.
    moved: the cells that moved, if it waits for a decision. envelopes: the number of rows of each
        of its months, and the bounds on it.
    totals: its shared totals; covers: its tables and periods; both empty unless it is accepted and
        later releases are compared with it.
    """

    key: str
    release: Release
    applied: tuple[Applied, ...] = ()
    moved: pl.DataFrame = field(default_factory=lambda: NONE_MOVED)
    envelopes: pl.DataFrame = field(default_factory=lambda: NO_ENVELOPES)
    totals: pl.DataFrame = field(default_factory=lambda: NO_TOTALS)
    covers: pl.DataFrame = field(default_factory=lambda: NO_COVERS)


class Keys:
    """The keys of the results of a review, one release after the other.

    A result depends on the code and its rules, on the release as it was published, read and
    decided on, and on the releases accepted before it with which it is compared: those of its own
    dataset, and of those that publish the same totals. A release that is not accepted changes no
    other's key.

    made_by: a hash over the code and its rules.
    """

    def __init__(self, made_by: str) -> None:
        self._before = dict.fromkeys(load_catalogue(), made_by)

    def of(self, release: Release) -> str:
        """The key of the next release, as the archive has it."""
        return _hash(self._before[release.dataset], release.dataset, _record(release))

    def add(self, release: Release) -> None:
        """Note a release that was accepted."""
        catalogue, record = load_catalogue(), _record(release)
        for name, before in self._before.items():
            if _is_compared(catalogue[name], catalogue[release.dataset]):
                self._before[name] = _hash(before, release.dataset, record)


def _is_compared(dataset: Dataset, other: Dataset) -> bool:
    """Whether releases of a dataset are compared with those of another."""
    if dataset.name == other.name:
        return True
    if dataset.revisions is None:  # statements, with every series
        return bool(other.shared_totals)
    return not dataset.bundled and bool(set(dataset.shared_totals) & set(other.shared_totals))


def _record(release: Release) -> str:
    return release.model_dump_json(exclude=NOT_IN_KEY)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def concatenated(frames: Iterable[pl.DataFrame], empty: pl.DataFrame) -> pl.DataFrame:
    """Frames of results as one, with the columns of an empty one."""
    return pl.concat([empty, *frames], rechunk=True)
