"""Decisions on held releases: to accept one, or to refuse it for good.

What belongs here: finding the release that a person named, and storing the decision in the
archive.
"""

from datetime import UTC, datetime
from typing import Literal

from orchestration.releases.archive import Archive
from orchestration.releases.release import Decision, Release
from orchestration.review.corrections import CorrectionError
from orchestration.review.review import Review, review
from orchestration.settings import ConfigurationError


def decide(
    archive: Archive, name: str, verdict: Literal["accepted", "refused"], reason: str, by: str
) -> Release:
    """Store a decision on a held release, or a new decision on one that already has some.

    name: its release_id, or the beginning of it. Raises ConfigurationError if that does not name
    exactly one such release, or if the reason or the person's name is missing.
    """
    if not reason.strip() or not by.strip():
        raise ConfigurationError("found no reason or no name, expected both with a decision")
    open_to_decision = [
        release
        for release in _reviewed(archive).releases
        if release.is_waiting or release.decisions
    ]
    matches = [release for release in open_to_decision if release.release_id.startswith(name)]
    if len(matches) != 1 or not name:
        listed = ", ".join(release.describe() for release in open_to_decision) or "none"
        raise ConfigurationError(
            f"found {len(matches)} held releases {name!r}, expected one of those that are held or "
            f"have a decision: {listed}"
        )
    [stored] = [
        release
        for release in archive.releases()
        if (release.dataset, release.release_id) == (matches[0].dataset, matches[0].release_id)
    ]
    decision = Decision(verdict=verdict, reason=reason.strip(), by=by.strip(), on=datetime.now(UTC))
    return archive.decide(stored, decision)


def _reviewed(archive: Archive) -> Review:
    """The review; without corrections if one of them fails, so that the release that makes it
    fail can still be decided on."""
    try:
        return review(archive)
    except CorrectionError:
        return review(archive, corrections=())
