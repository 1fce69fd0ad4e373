"""The releases that the published build was made of and the archive no longer has.

What belongs here: finding them. A run that would publish a build without them stops; whoever
wants them gone withdraws them, since the archive keeps every release that it ever took in.
"""

import logging

from orchestration.builds.publishing import PublishError
from orchestration.builds.reading import opened
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from orchestration.wording import counted

log = logging.getLogger(__name__)

NAMED = 3


def lost_releases(settings: Settings) -> list[str]:
    """Describe the releases of the published file that the archive lacks, whatever their verdicts
    were; none if nothing is published, or if the published file cannot be read."""
    if not settings.published.exists():
        return []
    try:
        with opened(settings.published, "releases") as connection:
            published = connection.execute(
                "select dataset, release_id, file_name, published_on from meta.releases"
                " order by all"
            ).fetchall()
    except PublishError as error:
        log.warning(f"cannot tell whether the archive has lost releases: {error}")
        return []
    known = {(one.dataset, one.release_id) for one in Archive(settings.archive).releases()}
    return [
        f"{release_id} ({dataset}, {file_name}, published {day})"
        for dataset, release_id, file_name, day in published
        if (dataset, release_id) not in known
    ]


def why_incomplete(settings: Settings) -> str | None:
    """Why no build may be made of this archive; None if it has every release of the published
    file."""
    lost = lost_releases(settings)
    if not lost:
        return None
    more = f", and {counted(len(lost) - NAMED, 'other')}" if len(lost) > NAMED else ""
    return (
        f"{settings.archive}: found {counted(len(lost), 'release')} missing that the published "
        f"file was made of, expected all of them: {'; '.join(lost[:NAMED])}{more}. Mount the "
        "archive, correct BORDERLEDGER_ARCHIVE, or put the files into a landing folder again"
    )
