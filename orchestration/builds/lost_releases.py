"""The releases that the published build was made of and the archive no longer has, and the
decisions on releases that it no longer has.

What belongs here: finding them. A run that would publish a build without them stops; whoever
wants them gone withdraws them, since the archive keeps every release that it ever took in. A file
that comes in again, from the bundle or a landing folder, brings its release back, and no decision.
"""

import logging
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from orchestration.builds.publishing import PublishError, published_build, rolled_back_from
from orchestration.builds.reading import opened
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from orchestration.wording import counted

log = logging.getLogger(__name__)

NAMED = 3


class _Published(NamedTuple):
    """A release as the published file has it. decided_by, decision_reason: None without
    a decision."""

    dataset: str
    release_id: str
    file_name: str
    published_on: date
    verdict: str
    decided_by: str | None
    decision_reason: str | None

    @property
    def key(self) -> tuple[str, str]:
        return self.dataset, self.release_id

    def describe(self) -> str:
        described = f"{self.dataset}, {self.file_name}, published {self.published_on}"
        return f"{self.release_id} ({described})"


class Lost(NamedTuple):
    """What an archive has lost, described. releases: those that it lacks, whatever their verdicts
    were. decisions: those on releases that it has, and on which it has none: these releases were
    lost, and came in again."""

    releases: list[str]
    decisions: list[str]


def what_is_lost(settings: Settings, published: Path | None = None) -> Lost:
    """What the published file has and the archive has lost; after a rollback, also what the builds
    since have. Nothing if nothing is published, or if the published file cannot be read.

    published: another file of a build, which is to be published.
    """
    archive = Archive(settings.archive)
    known = {(one.dataset, one.release_id) for one in archive.releases()}
    undecided = known - archive.decided()
    listed = _releases_of([published] if published else _files(settings))
    return Lost(
        [one.describe() for one in listed if one.key not in known],
        [
            f"{one.describe()}: {one.verdict} by {one.decided_by}: {one.decision_reason}"
            for one in listed
            if one.decided_by is not None and one.key in undecided
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
    file, and the decisions on them."""
    releases, decisions = what_is_lost(settings)
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
    return None


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
                    f"select {', '.join(_Published._fields)} from meta.releases order by all"
                ).fetchall()
        except PublishError as error:
            log.warning(f"cannot tell whether the archive has lost releases: {error}")
            continue
        found |= {one.key: one for one in (_Published(*row) for row in rows)}
    return list(found.values())
