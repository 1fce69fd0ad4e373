"""Verifying that archive, builds and published file on disk still have the digests that were
recorded when they were written.

What belongs here: comparing. Nothing is repaired here. The next run replaces damaged rows and
builds, but the bytes of a release can only be restored from a copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from orchestration.builds.build import Build, all_builds
from orchestration.builds.lost_releases import what_is_lost
from orchestration.builds.publishing import foreign_log, published_is_whole
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.settings import Settings

Kind = Literal[
    "release", "decision", "parsed release", "build", "published file", "lake", "lake table"
]


@dataclass(frozen=True)
class Verified:
    """One thing that was verified; problem: None if it is whole."""

    kind: Kind
    name: str
    problem: str | None


def verify(settings: Settings) -> Iterator[Verified]:
    """Verify every release's bytes and rows, every sealed build and the published file. Raises
    ArchiveError if a record cannot be read."""
    archive = Archive(settings.archive)
    lost = what_is_lost(settings)
    for one in (*lost.releases, *lost.refused):
        missing = f"{settings.archive}: found no release {one}, expected it: it was published"
        yield Verified("release", one, missing)
    for one in lost.decisions:
        missing = f"{settings.archive}: found no decision on {one}; expected it: it was published"
        yield Verified("decision", one, missing)
    for release in archive.releases():
        try:
            archive.bytes_of(release)
            problem = None
        except ArchiveError as error:
            problem = str(error)
        yield Verified("release", release.describe(), problem)
        if release.verdict == "accepted":
            whole = archive.rows_are_whole(release)
            path = archive.rows_path(release)
            problem = None if whole else f"{path}: found no file or a changed one"
            yield Verified("parsed release", release.release_id, problem)
    for build in all_builds(settings.builds, settings.rebuilds):
        if build.is_sealed:
            yield Verified("build", build.build_id, _problem_of(build))
    if settings.published.exists() or any(b.is_sealed for b in all_builds(settings.builds)):
        problem = f"{settings.published}: found no file, or one that is not a sealed build's"
        whole = published_is_whole(settings)
        if (foreign := foreign_log(settings)).exists():
            problem = (
                f"{foreign}: found a write-ahead log, which alters what readers see; a session has "
                "opened the published file for writing: close it, then run `borderledger nightly`"
            )
        yield Verified("published file", settings.published.name, None if whole else problem)


def _problem_of(build: Build) -> str | None:
    """What is damaged in a sealed build; None if it is whole."""
    problems = build.unreadable
    if not problems and not build.is_whole:
        problems = [f"{build.database}: found no file or a changed one"]
    return "; ".join(problems) or None
