"""Decisions on releases: to accept or refuse one that is held, to withdraw or reinstate one.

What belongs here: finding the release that a person named, and storing the decision, or the
corrected publication date, in the archive.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.checks import Refusal
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import Decided, Decision, Release
from orchestration.review.corrections import CorrectionError
from orchestration.review.review import Review, review
from orchestration.settings import ConfigurationError, Settings

NAMED = 5  # of the releases to choose from
# which releases a decision is for, and how messages name them
Which = tuple[str, Callable[[Release], bool]]


def _is_held_or_decided(release: Release) -> bool:
    return release.is_waiting or release.decision is not None


OPEN_TO: dict[Decided, Which] = {
    # a file that was refused when it came in has no rows, whatever was decided on it since
    "accepted": (
        "held, or with a decision and rows",
        lambda release: _is_held_or_decided(release) and release.rows_sha256 is not None,
    ),
    # a file that was refused when it came in is refused for good: nobody need look at it again
    "refused": (
        "held, refused, or with a decision",
        lambda release: _is_held_or_decided(release) or release.verdict == "refused",
    ),
    "withdrawn": ("accepted or held", lambda release: release.verdict in ("accepted", "held")),
    "reinstated": ("withdrawn", lambda release: release.verdict == "withdrawn"),
}


def decide(archive: Archive, name: str, verdict: Decided, reason: str, by: str) -> Release:
    """Store a decision on a release and return the release.

    name: its release_id, or the beginning of it. Raises ConfigurationError if that does not name
    exactly one release that the decision is for, or if the reason or the person's name is missing.
    """
    if not reason.strip() or not by.strip():
        raise ConfigurationError("found no reason or no name, expected both with a decision")
    which, is_open = OPEN_TO[verdict]
    releases = _reviewed(archive).releases
    _expect_open(name, releases, OPEN_TO[verdict])
    found = only_release(name, [release for release in releases if is_open(release)], which)
    decision = Decision(verdict=verdict, reason=reason.strip(), by=by.strip(), on=datetime.now(UTC))
    return archive.decide(found, decision)


def redate_release(
    settings: Settings, name: str, published_on: str, reason: str, by: str
) -> Release:
    """Correct the publication date of a release and return the release.

    name: its release_id, or the beginning of it. published_on: YYYY-MM-DD, or YYYY-MM. Raises
    ConfigurationError if the file cannot be of that date.
    """
    if not reason.strip() or not by.strip():
        raise ConfigurationError("found no reason or no name, expected both with a correction")
    intake = Intake(settings)
    found = only_release(name, list(intake.known.values()), "in the archive")
    try:
        return intake.redate(found, publication_date(published_on), reason.strip(), by.strip())
    except Refusal as error:
        raise ConfigurationError(str(error)) from error


def publication_date(text: str) -> PublicationDate:
    """A day or a month that a person has typed. Raises ConfigurationError."""
    try:
        return PublicationDate.parse(text)
    except ValueError as error:
        raise ConfigurationError(f"publication date: {error}") from error


def _expect_open(name: str, releases: Sequence[Release], which: Which) -> None:
    """Raises ConfigurationError if the decision is not for the one release of this name, with what
    that is."""
    matches = [release for release in releases if name and release.release_id.startswith(name)]
    words, is_open = which
    if len(matches) == 1 and not is_open(matches[0]):
        [found] = matches
        raise ConfigurationError(
            f"found {found.describe()}, which is {found.verdict}, expected one that is {words}"
        )


def only_release(name: str, releases: list[Release], which: str) -> Release:
    """The release whose release_id begins with `name`. Raises ConfigurationError, with the
    releases to choose from, if there is not exactly one."""
    matches = [release for release in releases if release.release_id.startswith(name)]
    if len(matches) == 1 and name:
        return matches[0]
    candidates = matches or releases
    listed = ", ".join(release.describe() for release in candidates[:NAMED]) or "none"
    more = len(candidates) - NAMED
    rest = f" and {more:,} more, which `borderledger releases` lists" if more > 0 else ""
    raise ConfigurationError(
        f"found {len(matches)} releases {name!r} that are {which}, expected one of: {listed}{rest}"
    )


def _reviewed(archive: Archive) -> Review:
    """The review; without corrections if one of them fails, so that the release that makes it
    fail can still be decided on."""
    try:
        return review(archive)
    except CorrectionError:
        return review(archive, corrections=())
