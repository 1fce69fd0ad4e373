"""Why a build is not the one that a run would make now.

What belongs here: comparing what a build was made of with what there is now, in words.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from orchestration.builds.build import START_FORMAT, Build, Unreadable
from orchestration.builds.fingerprint import Fingerprint
from orchestration.builds.lost_releases import what_is_lost
from orchestration.builds.publishing import rolled_back_from
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.settings import Settings
from orchestration.wording import counted

DAYS: dict[str, Callable[[Release], list[datetime]]] = {
    "archived": lambda release: [release.retrieved_at],
    "decided on": lambda release: [decision.on for decision in release.decisions],
    "redated": lambda release: [redating.on for redating in release.redatings],
    "held by a gate": lambda release: [hold.on for hold in (release.held_by_gate,) if hold],
}
CHANGED = {
    "claims": "the files of claims have changed since",
    "code": "code or catalogue has changed since",
    "libraries": "versions of libraries have changed since",
}


def why_outdated(build: Build | None, now: Fingerprint, settings: Settings) -> list[str]:
    """Why a run would make another build than the published one, a phrase each; empty if it would
    not. build: the published one. now: the fingerprint of a build made now."""
    if build is None:
        is_there = settings.published.exists()
        return [
            "the published file is of no build that is kept" if is_there else "nothing is published"
        ]
    try:
        was = build.made_of
    except Unreadable as error:
        return [str(error)]
    if was.digest == now.digest:
        return []
    later = rolled_back_from(build, settings)
    return [
        *([f"rolled back from {later.build_id}"] if later else []),
        *(_in_archive(build, settings) if was.archive != now.archive else []),
        *(said for name, said in CHANGED.items() if getattr(was, name) != getattr(now, name)),
    ]


def _in_archive(build: Build, settings: Settings) -> list[str]:
    """What has come to the archive, or was lost, since a build was opened."""
    opened = _opened_at(build)
    releases = Archive(settings.archive).releases()
    numbers = {
        kind: sum(any(day > opened for day in days_of(one)) for one in releases)
        for kind, days_of in DAYS.items()
    }
    lost = what_is_lost(settings)
    numbers["lost"] = len(lost.releases) + len(lost.refused)
    found = [f"{counted(n, 'release')} {kind} since" for kind, n in numbers.items() if n]
    if lost.decisions:
        found.append(f"{counted(len(lost.decisions), 'decision')} lost since")
    return found or ["the archive has changed since"]


def _opened_at(build: Build) -> datetime:
    """When a build was opened, as its name says."""
    try:
        return datetime.strptime(build.build_id.partition("-")[0], START_FORMAT).replace(tzinfo=UTC)
    except ValueError:  # a folder that somebody has renamed
        return build.record.built_at
