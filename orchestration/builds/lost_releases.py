"""The releases that the published build was made of and the archive no longer has, and the
decisions on releases that it no longer has.

What belongs here: finding them. A run that would publish a build without them stops; whoever
wants them gone withdraws them, since the archive keeps every release that it ever took in. A file
that comes in again, from the bundle or a landing folder, brings its release back, and no decision.
Of a file that was refused when it came in, and on which nobody has decided, no table has anything:
it stops no run.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from orchestration.builds.publishing import PublishError, published_build, rolled_back_from
from orchestration.builds.reading import opened
from orchestration.releases.archive import Archive
from orchestration.releases.release import REDATED, Release
from orchestration.settings import Settings
from orchestration.wording import counted

log = logging.getLogger(__name__)

NAMED = 3


class _Published(NamedTuple):
    """A release as the published file has it. decided_by, decision_reason: None without a
    decision. decided_on: in microseconds since 1970, 0 without one. notes: as JSON."""

    dataset: str
    release_id: str
    file_name: str
    published_on: date
    verdict: str
    decided_by: str | None
    decided_on: int
    decision_reason: str | None
    notes: str

    @property
    def was_only_refused(self) -> bool:
        """Whether its file was refused when it came in, and nobody has decided on it."""
        return self.verdict == "refused" and self.decided_by is None

    @property
    def key(self) -> tuple[str, str]:
        return self.dataset, self.release_id

    def describe(self) -> str:
        described = f"{self.dataset}, {self.file_name}, published {self.published_on}"
        return f"{self.release_id} ({described})"


class Lost(NamedTuple):
    """What an archive has lost, described. releases: those that it lacks, but for those that were
    only `refused` when they came in. decisions: those on releases that it has, which it lacks, as
    corrected publication dates are: these releases were lost and came in again, or an older copy of
    them was put back."""

    releases: list[str]
    refused: list[str]
    decisions: list[str]


def what_is_lost(settings: Settings, published: Path | None = None) -> Lost:
    """What the published file has and the archive has lost; after a rollback, also what the builds
    since have. Nothing if nothing is published, or if the published file cannot be read.

    published: another file of a build, which is to be published.
    """
    archive = Archive(settings.archive)
    records = archive.records()
    listed = _releases_of([published] if published else _files(settings))
    lost = [one for one in listed if one.key not in records]
    return Lost(
        [one.describe() for one in lost if not one.was_only_refused],
        [one.describe() for one in lost if one.was_only_refused],
        [
            f"{one.describe()}: {decision}"
            for one in listed
            if one.key in records
            for decision in _lost_decisions(one, records[one.key])
        ],
    )


def why_not_fetched(settings: Settings) -> str | None:
    """Why nothing may be fetched into this archive: it is empty, and a file is published. None if
    that is not so. Where it is not mounted, others would be filled at its place."""
    if Archive(settings.archive).releases() or not _releases_of([settings.published]):
        return None
    return (
        f"{settings.archive}: found no release, expected those that the published file was made "
        "of; nothing is fetched into it. Mount the archive, or correct BORDERLEDGER_ARCHIVE; to "
        f"give the releases up, delete {settings.published}"
    )


def why_incomplete(settings: Settings) -> str | None:
    """Why no build may be made of this archive; None if it has every release of the published
    file, and the decisions on them. Files that were only refused are named in a warning."""
    releases, refused, decisions = what_is_lost(settings)
    if releases:
        return (
            f"{settings.archive}: found {counted(len(releases), 'release')} missing that the "
            f"published file was made of, expected all of them: {_first(releases)}. Mount the "
            "archive, correct BORDERLEDGER_ARCHIVE, or put the files into a landing folder again"
        )
    if decisions:
        return (
            f"{settings.archive}: found {counted(len(decisions), 'decision')} missing on releases "
            f"of the published file, expected all of them: {_first(decisions)}. Mount the archive, "
            "correct BORDERLEDGER_ARCHIVE, or decide again"
        )
    if refused:
        log.warning(
            "%s: found %s missing, expected what the published file lists: %s. They are in no "
            "table, and the run goes on without them",
            settings.archive,
            counted(len(refused), "refused file"),
            _first(refused),
        )
    return None


def _lost_decisions(published: _Published, records: Sequence[Release]) -> Iterator[str]:
    """The decisions on a published release that its records lack, in words. A later decision, or
    another correction of its date, takes the place of one that was lost."""
    decisions = [_microseconds(one.on) for record in records for one in record.decisions]
    if published.decided_by is not None and max(decisions, default=0) < published.decided_on:
        yield f"{published.verdict} by {published.decided_by}: {published.decision_reason}"
    redated = [note for note in json.loads(published.notes) if note.startswith(REDATED)]
    known = max(len(record.redatings) for record in records)
    if len(redated) > known and published.published_on not in {r.published_on for r in records}:
        yield redated[-1]


def _microseconds(time: datetime) -> int:
    """A time as DuckDB's `epoch_us` has it."""
    return (time - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def _first(described: list[str]) -> str:
    """The first of these, and how many more there are."""
    others = len(described) - NAMED
    more = f", and {counted(others, 'other')}" if others > 0 else ""
    return "; ".join(described[:NAMED]) + more


def _files(settings: Settings) -> list[Path]:
    """The published file, and after a rollback that of the newest build."""
    published = published_build(settings)
    newest = rolled_back_from(published, settings) if published else None
    return [settings.published, *([newest.database] if newest else [])]


def _releases_of(files: Iterable[Path]) -> list[_Published]:
    """The releases of the files of builds, as the last of them has each; none of a file that is not
    there or cannot be read."""
    found: dict[tuple[str, str], _Published] = {}
    for file in filter(Path.exists, files):
        try:
            with opened(file, "releases") as connection:
                rows = connection.execute(
                    "select * replace (coalesce(epoch_us(decided_on), 0) as decided_on) from"
                    f" (select {', '.join(_Published._fields)} from meta.releases) order by all"
                ).fetchall()
        except PublishError as error:
            log.warning(f"cannot tell whether the archive has lost releases: {error}")
            continue
        found |= {one.key: one for one in (_Published(*row) for row in rows)}
    return list(found.values())
