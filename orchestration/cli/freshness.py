"""What `status` shows of overdue datasets and of an overdue published file."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from orchestration.automation.alerts.situation import last_look
from orchestration.catalogue.dataset import load_catalogue
from orchestration.cli.output import say_labelled
from orchestration.intake.source_health import read_health
from orchestration.releases.freshness import Freshness, freshness_of, published_freshness
from orchestration.review.review import Review
from orchestration.settings import Settings
from orchestration.wording import counted


def freshness_now(settings: Settings, reviewed: Review) -> list[Freshness]:
    """How fresh the published file and each dataset are today."""
    today = datetime.now(UTC).date()
    looked_on = last_look(read_health(settings))
    datasets = freshness_of(load_catalogue(), reviewed.releases, today)
    return [published_freshness(looked_on, today), *datasets]


def as_records(fresh: Iterable[Freshness]) -> list[dict[str, Any]]:
    """The same for JSON; days as text."""
    return [
        {
            "name": one.name,
            "newest": one.newest and one.newest.isoformat(),
            "due_by": one.due_by and one.due_by.isoformat(),
            "overdue_by": one.overdue_by,
        }
        for one in fresh
    ]


def show_overdue(fresh: Iterable[Freshness]) -> None:
    """Print a line of at most 80 columns for each that is overdue."""
    for one in fresh:
        if one.overdue_by:
            days = counted(one.overdue_by, "day")
            say_labelled("overdue", f"{one.name} by {days}, newest {one.newest}")
