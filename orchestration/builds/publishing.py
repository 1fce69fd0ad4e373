"""Publishing: one atomic rename, the last builds kept, any of them published again.

builds/<build_id>/was-published    made when the build steps down for another one
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from orchestration.builds.build import Build, all_builds
from orchestration.durable import flush, replace, sha256_of
from orchestration.settings import Settings

WAS_PUBLISHED = "was-published"


class PublishError(Exception):
    """A build that cannot be published: names it and says why."""


def publish(build: Build, settings: Settings) -> None:
    """Make a sealed build the published file, then let go of the oldest builds.

    Readers see the old file or the new one, never a mixture; one that is open keeps what
    it has. Raises PublishError where the build's file is not the one that was sealed.
    """
    expected, found = build.record.sha256, sha256_of(build.database)
    if found != expected:
        raise PublishError(f"{build.database}: found sha256 {found}, expected {expected}")
    current = published_build(settings)
    if current is not None:
        (current.folder / WAS_PUBLISHED).touch()
        flush(current.folder)
    replace(settings.published, lambda path: _link_or_copy(build.database, path))
    _prune(settings)


def published_build(settings: Settings) -> Build | None:
    """The build that is published now; None where none of those kept is."""
    if not settings.published.exists():
        return None
    sealed = [build for build in all_builds(settings.builds) if build.is_sealed]
    for build in sealed:
        if build.database.exists() and build.database.samefile(settings.published):
            return build
    digest = sha256_of(settings.published)
    return next((build for build in sealed if build.record.sha256 == digest), None)


def published_is_whole(settings: Settings) -> bool:
    """Whether the published file is there, and is one of the builds as it was sealed."""
    build = published_build(settings)
    return build is not None and build.record.sha256 == sha256_of(settings.published)


def checks_gone(declared: Iterable[tuple[str, str]], settings: Settings) -> list[str]:
    """The checks, as `table: check`, that the published build ran and that nobody declares any
    more: a check is never given up in silence."""
    build = published_build(settings)
    ran = {(r.table, r.check) for r in build.gate_results} if build else set()
    return [f"{table}: {check}" for table, check in sorted(ran - set(declared))]


def latest_like(fingerprint: str, settings: Settings) -> Build | None:
    """The newest build with this fingerprint whose file is the one that was sealed. One that
    never was published does not count: its run was killed just before."""
    published = published_build(settings)
    stood = (
        build
        for build in reversed(all_builds(settings.builds))
        if build == published or published is None or (build.folder / WAS_PUBLISHED).exists()
    )
    alike = (
        build
        for build in stood
        if build.is_sealed and build.record.fingerprint == fingerprint and build.is_whole
    )
    return next(alike, None)


def roll_back(build_id: str, settings: Settings) -> Build:
    """Publish an earlier build again. Raises PublishError where it is not kept."""
    sealed = {build.build_id: build for build in all_builds(settings.builds) if build.is_sealed}
    if build_id not in sealed:
        kept = ", ".join(sealed) or "none"
        raise PublishError(f"found no sealed build {build_id!r}, expected one of: {kept}")
    publish(sealed[build_id], settings)
    return sealed[build_id]


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without links
        shutil.copy2(source, target)


def _prune(settings: Settings) -> None:
    """Let go of the oldest builds, and of those whose file was damaged."""
    published = published_build(settings)
    sealed = [build for build in all_builds(settings.builds) if build.is_sealed]
    whole = [build for build in sealed if build.is_whole]
    kept = {build.folder for build in whole[-settings.limits.builds_kept :]}
    for build in sealed:
        if build.folder not in kept and (published is None or build.folder != published.folder):
            shutil.rmtree(build.folder)
