"""What people decide on releases that are held: to let one in, or to refuse it for good.

What belongs here: finding the release that is meant, and keeping the decision in the archive.
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
    """Keep a decision on a held release, or another one on a release that was decided on.

    name: its release_id, or the beginning of it. Raises ConfigurationError where that does
    not name one such release, or no reason or name is given.
    """
    if not reason.strip() or not by.strip():
        raise ConfigurationError("found no reason or no name, expected both with a decision")
    open_to_decision = [
        release
        for release in _judged(archive).releases
        if release.verdict == "held" or release.decisions
    ]
    meant = [release for release in open_to_decision if release.release_id.startswith(name)]
    if len(meant) != 1 or not name:
        listed = ", ".join(release.describe() for release in open_to_decision) or "none"
        raise ConfigurationError(
            f"found {len(meant)} held releases {name!r}, expected one of those that are held or "
            f"were decided on: {listed}"
        )
    [stored] = [
        release
        for release in archive.releases()
        if (release.dataset, release.release_id) == (meant[0].dataset, meant[0].release_id)
    ]
    decision = Decision(verdict=verdict, reason=reason.strip(), by=by.strip(), on=datetime.now(UTC))
    return archive.decide(stored, decision)


def _judged(archive: Archive) -> Review:
    """A release that a correction does not fit must be open to a decision, too."""
    try:
        return review(archive)
    except CorrectionError:
        return review(archive, corrections=())
