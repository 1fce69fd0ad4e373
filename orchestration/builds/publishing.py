"""Publishing a build by one atomic rename, keeping the last builds, and rolling back to one.

builds/<build_id>/was-published    created when another build replaces this one
"""

import logging
import shutil
from collections.abc import Iterable
from pathlib import Path

from orchestration.builds.build import Build, all_builds, sealed_builds
from orchestration.durable import flush, remove_folder, replace, sha256_of
from orchestration.settings import Settings

log = logging.getLogger(__name__)

WAS_PUBLISHED = "was-published"
SET_ASIDE = ".set-aside"


class PublishError(Exception):
    """A build that cannot be published, and why."""


def publish(build: Build, settings: Settings) -> None:
    """Make a sealed build the published file, then delete the oldest builds.

    A reader sees the old file or the new one, never a mixture; a reader that has the old file
    open keeps it. Raises PublishError if the build's file is not the one that was sealed.
    """
    expected, found = build.record.sha256, sha256_of(build.database)
    if found != expected:
        raise PublishError(f"{build.database}: found sha256 {found}, expected {expected}")
    _set_foreign_log_aside(settings)
    current = published_build(settings)
    if current is not None:
        (current.folder / WAS_PUBLISHED).touch()
        flush(current.folder)
    replace(settings.published, lambda path: _link_or_copy(build.database, path))
    _prune(settings)


def published_build(settings: Settings) -> Build | None:
    """The build that is published; None if there is none, if it is no longer kept, or if its
    record cannot be read."""
    if not settings.published.exists():
        return None
    sealed = sealed_builds(settings.builds)
    for build in sealed:
        if build.database.exists() and build.database.samefile(settings.published):
            return build
    digest = sha256_of(settings.published)
    return next((build for build in sealed if build.record.sha256 == digest), None)


def state_of_published(settings: Settings) -> str:
    """The state of the published file, in a word or two."""
    if not settings.published.exists():
        return "gone"
    if foreign_log(settings).exists():
        return "altered by a write-ahead log"
    return "whole" if published_is_whole(settings) else "damaged"


def published_is_whole(settings: Settings) -> bool:
    """Whether the published file exists, equals the file of a build when it was sealed, and has
    no write-ahead log beside it."""
    build = published_build(settings)
    is_sealed = build is not None and build.record.sha256 == sha256_of(settings.published)
    return is_sealed and not foreign_log(settings).exists()


def foreign_log(settings: Settings) -> Path:
    """Where DuckDB would have a write-ahead log of the published file. No run leaves one: it is
    from a session that opened the file for writing, and every reader would see its changes."""
    return settings.published.with_name(f"{settings.published.name}.wal")


def checks_gone(declared: Iterable[tuple[str, str]], settings: Settings) -> list[str]:
    """The checks, as `table: check`, that ran on the published build and that no suite declares
    any more, so that a check is never dropped unnoticed."""
    build = published_build(settings)
    ran = {(r.table, r.check) for r in build.gate_results} if build else set()
    return [f"{table}: {check}" for table, check in sorted(ran - set(declared))]


def latest_like(fingerprint: str, settings: Settings) -> Build | None:
    """The newest whole build with this fingerprint. A build that was never published does not
    count: its run was killed just before. Neither does one from before the published build: the
    inputs are again what they were then, and readers see others. A later one has been rolled
    back."""
    current = published_build(settings)
    published = (
        build
        for build in reversed(sealed_builds(settings.builds))
        if current is None or build == current or _was_published_after(current, build)
    )
    matches = (
        build for build in published if build.record.fingerprint == fingerprint and build.is_whole
    )
    return next(matches, None)


def rolled_back_from(published: Build, settings: Settings) -> Build | None:
    """The newest build that was published before this one was again; None without a rollback."""
    sealed = reversed(sealed_builds(settings.builds))
    return next((build for build in sealed if _was_published_after(published, build)), None)


def roll_back(build_id: str, settings: Settings) -> Build:
    """Publish an earlier build again. Raises PublishError if it is not kept."""
    build = sealed_build(build_id, settings.builds)
    publish(build, settings)
    return build


def sealed_build(build_id: str, *folders: Path) -> Build:
    """The sealed build of this id below the folders. Raises PublishError, which names those that
    are whole, if there is none."""
    sealed = {build.build_id: build for build in sealed_builds(*folders)}
    if build_id not in sealed:
        raise _unknown(build_id, sealed.values())
    return sealed[build_id]


def only_build(name: str, *folders: Path) -> Build:
    """The sealed build below the folders of which this is the id, or the beginning of it. Raises
    PublishError, with the builds to choose from, if there is not exactly one."""
    sealed = sealed_builds(*folders)
    found = [build for build in sealed if name and build.build_id.startswith(name)]
    named = [build for build in found if build.build_id == name] or found
    if not named:
        raise _unknown(name, sealed)
    if len(named) > 1:
        listed = ", ".join(build.build_id for build in named)
        raise PublishError(
            f"found {len(named)} sealed builds {name!r}, expected the beginning of one of: {listed}"
        )
    return named[0]


def _unknown(name: str, sealed: Iterable[Build]) -> PublishError:
    kept = ", ".join(build.build_id for build in sealed if build.is_whole) or "none"
    return PublishError(f"found no sealed build {name!r}, expected one of: {kept}")


def _was_published_after(earlier: Build, build: Build) -> bool:
    return build.build_id > earlier.build_id and (build.folder / WAS_PUBLISHED).exists()


def _set_foreign_log_aside(settings: Settings) -> None:
    foreign = foreign_log(settings)
    if foreign.exists():
        aside = foreign.with_name(f"{foreign.name}{SET_ASIDE}")
        foreign.replace(aside)
        log.warning(
            "%s: found a write-ahead log of a session that opened the published file for writing; "
            "moved to %s",
            foreign,
            aside.name,
        )


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except FileExistsError:  # somebody else publishes: a copy would write into their link
        raise
    except OSError:  # a file system without links
        shutil.copy2(source, target)


def _prune(settings: Settings) -> None:
    """Delete the oldest builds, and those of which a file was damaged."""
    published = published_build(settings)
    sealed = [build for build in all_builds(settings.builds) if build.is_sealed]
    whole = [build for build in sealed if build.is_whole]
    kept = {build.folder for build in whole[-settings.limits.builds_kept :]}
    for build in sealed:
        if build.folder not in kept and (published is None or build.folder != published.folder):
            remove_folder(build.folder)
