"""Holding the one release whose rows failed a gate, so that it cannot stop the others.

What belongs here: storing the hold in the archive. Which release is at fault is found in
`gates`; the next run builds without it.
"""

from datetime import UTC, datetime

from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.archive import Archive
from orchestration.releases.release import GateHold, Release
from orchestration.review.review import review


def hold_release(
    archive: Archive,
    release_id: str,
    run_id: str,
    table: str,
    check: str,
    rows: int,
    examples: str | None = None,
) -> Release | None:
    """Hold an accepted release, with the check that its rows failed. None, and nothing is stored,
    if a person has accepted the release or if it is bundled: then the gate stops the run."""
    matches = [
        release for release in review(archive).accepted() if release.release_id == release_id
    ]
    if len(matches) != 1 or matches[0].decision is not None:
        return None
    if load_catalogue()[matches[0].dataset].bundled:  # an error of the project's own
        return None
    [stored] = [
        release
        for release in archive.releases()
        if (release.dataset, release.release_id) == (matches[0].dataset, release_id)
    ]
    hold = GateHold(
        run_id=run_id, table=table, check=check, rows=rows, examples=examples, on=datetime.now(UTC)
    )
    return archive.hold(stored, hold)


def held_in_run(archive: Archive, run_id: str) -> list[Release]:
    """The releases that a gate of this run holds."""
    return [
        release
        for release in archive.releases()
        if release.held_by_gate is not None and release.held_by_gate.run_id == run_id
    ]
