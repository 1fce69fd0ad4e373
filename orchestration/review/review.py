"""Which releases are accepted: each is compared with the figures that were current before it, and
held if it moves them beyond the catalogue's limits, until a person decides.

What belongs here: the order in which the releases are reviewed, and the review as others read it.
The result depends on the archive alone, not on the order in which the releases were taken in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import polars as pl

from orchestration.catalogue.corrections import Correction, load_corrections
from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.releases.release import Release
from orchestration.review.corrections import Applied
from orchestration.review.result import NO_ENVELOPES, NONE_MOVED, Result, concatenated
from orchestration.review.stored import Kept, made_by
from orchestration.review.walk import Others, Walk

REVIEWED = "reviewed"  # the folder beside the archive that keeps reviews


@dataclass(frozen=True)
class Review:
    """The releases of an archive with their verdicts after review.

    releases: all of them; `held` are those that moved too far and have no decision yet, and an
        accepted one may have `held_tables`.
    moved: one row per cell that changed in a held release, largest change first.
    envelopes: one row per release and month: its number of rows, and the bounds on it.
    applied: the corrections that apply.
    """

    releases: tuple[Release, ...]
    moved: pl.DataFrame
    envelopes: pl.DataFrame
    applied: tuple[Applied, ...]

    @classmethod
    def of(cls, results: Sequence[Result]) -> "Review":
        """The review with these results, in their order."""
        return cls(
            releases=tuple(result.release for result in results),
            moved=concatenated([result.moved for result in results], NONE_MOVED),
            envelopes=concatenated([result.envelopes for result in results], NO_ENVELOPES),
            applied=tuple(applied for result in results for applied in result.applied),
        )

    def accepted(self, dataset: str | None = None) -> list[Release]:
        return self._with_verdict("accepted", dataset)

    def held(self, dataset: str | None = None) -> list[Release]:
        return self._with_verdict("held", dataset)

    def refused(self, dataset: str | None = None) -> list[Release]:
        return self._with_verdict("refused", dataset)

    def waiting(self, dataset: str | None = None) -> list[Release]:
        """The releases that are held, and the accepted ones of which a table is."""
        return [r for r in self.releases if r.is_waiting and dataset in (None, r.dataset)]

    def unresolved(self, dataset: str | None = None) -> list[Release]:
        """The refused files that still need somebody: nobody has refused them for good, and no
        file of the same name has been accepted since."""
        accepted: dict[tuple[str, str], datetime] = {}
        for release in self.accepted(dataset):
            name = (release.dataset, release.file_name)
            accepted[name] = max(release.retrieved_at, accepted.get(name, release.retrieved_at))
        return [
            release
            for release in self.refused(dataset)
            if release.decision is None
            and release.retrieved_at
            >= accepted.get((release.dataset, release.file_name), release.retrieved_at)
        ]

    def _with_verdict(self, verdict: str, dataset: str | None) -> list[Release]:
        return [r for r in self.releases if r.verdict == verdict and dataset in (None, r.dataset)]


def review(
    archive: Archive,
    as_of: date | None = None,
    corrections: Sequence[Correction] | None = None,
) -> Review:
    """Review every release of an archive, or those published by a day. Raises CorrectionError if
    a correction does not find the figure it expects, and ArchiveError if the rows of a release
    were read by an older version of the code, or if it is of a dataset that the catalogue has not.

    corrections: default: those of the project. With others, nothing is kept, nor taken from what
        was kept.
    """
    if corrections is not None:
        return Review.of(_review(archive, as_of, corrections, {}))
    return _review_once(archive.root, archive.digest(as_of), as_of)


def review_share(archive: Archive, number: int, shares: int) -> int:
    """Review one of so many shares of an archive's releases, numbered from 1, and keep the results
    for `review`: several processes can do so at once. The releases of the other shares are
    presumed to be accepted with nothing found in them. Where that is wrong, the keys of the results
    say so, and `review` reviews the releases after such a one again. Returns how many releases the
    share has. Raises CorrectionError and ArchiveError as `review` does."""
    kept, corrections = Kept(archive.root.with_name(REVIEWED)), load_corrections()
    known = kept.results()
    mine = _review(archive, None, corrections, known, share=(number, shares))
    if any(result.key not in known for result in mine):
        kept.store_share(archive.digest(), f"{number}-of-{shares}", mine)
    return len(mine)


@lru_cache(maxsize=2)
def _review_once(root: Path, digest: str, as_of: date | None) -> Review:
    """The review, cached because several steps of a run need it. What it found of each release is
    kept for the next run, unless it is as of a day. digest: of the archive's content, so that a
    changed archive is reviewed anew."""
    archive, kept, corrections = Archive(root), Kept(root.with_name(REVIEWED)), load_corrections()
    if as_of is not None:
        return Review.of(_review(archive, as_of, corrections, kept.results()))
    results = kept.review_of(digest)
    if results is None:
        results = _review(archive, None, corrections, kept.results())
        kept.store(digest, results)
    return Review.of(results)


def _review(
    archive: Archive,
    as_of: date | None,
    corrections: Sequence[Correction],
    known: Mapping[str, Result],
    share: tuple[int, int] = (1, 1),
) -> list[Result]:
    """The result of each release of a share, by dataset; see `review_share`. known: results by
    their keys, to be used again."""
    catalogue, others = load_catalogue(), Others(made_by(corrections))
    walks = {
        name: Walk(archive, dataset, corrections, others) for name, dataset in catalogue.items()
    }
    results: dict[str, list[Result]] = {name: [] for name in catalogue}
    releases = archive.releases(as_of)
    if unknown := sorted({release.dataset for release in releases} - set(catalogue)):
        raise ArchiveError(
            f"{archive.root / unknown[0]}: found releases of a dataset that the catalogue does not "
            "have; put its YAML back, or move the folder out of the archive"
        )
    number, shares = share
    for position, release in enumerate(_in_turn(releases), start=1):
        is_mine = position % shares == number % shares
        result = walks[release.dataset].take(release, known, is_presumed=not is_mine)
        if is_mine:
            results[release.dataset].append(result)
    return [result for of_dataset in results.values() for result in of_dataset]


def _in_turn(releases: Iterable[Release]) -> list[Release]:
    """The releases in the order in which they are reviewed: as they were published, so that each
    is compared with what was known by then; of one day, as they came in, so that a faulty one does
    not take the place of one that was accepted before. Transcriptions first: the project has
    proved them, and the others are compared with them. Statements last: they are compared with
    every series."""
    catalogue = load_catalogue()
    came_in: dict[tuple[str, date], datetime] = {}
    turns = []
    for number, release in enumerate(sorted(releases, key=_order)):
        dataset, day = catalogue[release.dataset], (release.dataset, release.published_on)
        # not before the release of its own dataset that it is compared with
        came_in[day] = max(came_in.get(day, release.retrieved_at), release.retrieved_at)
        turn = (
            dataset.revisions is None,
            not dataset.bundled,
            release.published_on,
            came_in[day],
            dataset.name,
            number,
        )
        turns.append((turn, release))
    return [release for _, release in sorted(turns, key=lambda one: one[0])]


def _order(release: Release) -> tuple[object, ...]:
    """The dbt project's order of the releases of one day, the last of which is current. At equal
    dates, months and repost numbers, the release taken in later is compared with the earlier one:
    a file silently replaced behind its URL must not become current without a comparison."""
    return (
        release.published_on,
        release.last_month or date.min,
        release.repost,
        release.retrieved_at,
    )
