"""Whether what lies on disk is what was written: archive, builds and published file, each
against the digest that was taken of it.

What belongs here: comparing. Nothing is mended; the next run makes rows and builds again that
were damaged, but bytes of a release that are gone can only come from a copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from orchestration.builds.build import all_builds
from orchestration.builds.publishing import published_is_whole
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.settings import Settings

Kind = Literal["release", "parsed release", "build", "published file"]


@dataclass(frozen=True)
class Verified:
    """One thing that was looked at; problem: None where it is whole."""

    kind: Kind
    name: str
    problem: str | None


def verify(settings: Settings) -> Iterator[Verified]:
    """Every release's bytes and rows, every sealed build, and the published file. Raises
    ArchiveError for a record that cannot be read."""
    archive = Archive(settings.archive)
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
            problem = None if whole else f"{path}: found other rows than were read, or none"
            yield Verified("parsed release", release.release_id, problem)
    sealed = [
        build
        for folder in (settings.builds, settings.rebuilds)
        for build in all_builds(folder)
        if build.is_sealed
    ]
    for build in sealed:
        problem = f"{build.database}: found another file than was sealed, or none"
        yield Verified("build", build.build_id, None if build.is_whole else problem)
    if settings.published.exists() or any(build.record.as_of is None for build in sealed):
        problem = f"{settings.published}: found no file, or none that was sealed"
        whole = published_is_whole(settings)
        yield Verified("published file", settings.published.name, None if whole else problem)
