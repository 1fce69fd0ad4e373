"""Whether something is overdue: the next release of a dataset, or the next nightly run.

What belongs here: pure functions of dates. Who is informed of an overdue dataset is decided by
the callers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.catalogue.dataset import Dataset
from orchestration.releases.release import Release

PUBLISHED_FILE = "published file"
# the nightly run may fail, or the machine be off, for two nights
PUBLISHED_DAYS = 2


@dataclass(frozen=True)
class Freshness:
    """How fresh something is.

    name: a dataset, or `published file`.
    newest: the day of its newest accepted publication, or of the last nightly run that succeeded;
        None without one.
    due_by: the last day on which the next one is not overdue; None if none is expected.
    overdue_by: how many days it is overdue; 0 if it is not.
    """

    name: str
    newest: date | None
    due_by: date | None
    overdue_by: int


def dataset_freshness(dataset: Dataset, newest: date | None, today: date) -> Freshness:
    """How fresh a dataset is whose newest accepted release was published on this day. One without
    a release is not overdue: it has not been begun."""
    return _freshness(dataset.name, newest, dataset.overdue_days, today)


def published_freshness(looked_on: date | None, today: date) -> Freshness:
    """How fresh the published file is.

    looked_on: when a nightly run last succeeded, also one that found nothing new; None if that is
        not known.
    """
    return _freshness(PUBLISHED_FILE, looked_on, PUBLISHED_DAYS, today)


def freshness_of(
    catalogue: Mapping[str, Dataset], releases: Iterable[Release], today: date
) -> list[Freshness]:
    """How fresh every dataset is, in the order of the catalogue.

    releases: with their verdicts after review, since only accepted ones count.
    """
    newest: dict[str, date] = {}
    for release in releases:
        if release.verdict == "accepted":
            so_far = newest.get(release.dataset, release.published_on)
            newest[release.dataset] = max(so_far, release.published_on)
    return [
        dataset_freshness(dataset, newest.get(name), today) for name, dataset in catalogue.items()
    ]


def _freshness(name: str, newest: date | None, days: int | None, today: date) -> Freshness:
    if newest is None or days is None:
        return Freshness(name, newest, None, 0)
    due_by = newest + timedelta(days=days)
    return Freshness(name, newest, due_by, max(0, (today - due_by).days))
