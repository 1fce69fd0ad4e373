"""The health of the sources: when each publisher was asked and answered, and which landing
folders cannot be read.

What belongs here: the record that a fetch leaves for whoever reports on it, and how an answer or
a silence changes it. Whether somebody is to be alerted is decided elsewhere.
"""

import logging
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from orchestration.durable import locked, replace
from orchestration.settings import Settings

log = logging.getLogger(__name__)


class SourceHealth(BaseModel, frozen=True):
    """How a dataset's publisher answered.

    asked_on, answered_on: when it was last asked, and when its listing was last read.
    nights_unreachable: distinct days (UTC) in a row on which it was asked and did not answer.
    problem: why it did not answer the last time, in one short line; None if it did.
    findings: what is odd about its listing: files that cannot be used or downloaded, files that
        have vanished, files of no dataset, no file at all.
    """

    dataset: str
    asked_on: datetime | None = None
    answered_on: datetime | None = None
    nights_unreachable: int = 0
    problem: str | None = None
    findings: tuple[str, ...] = ()

    def after_answer(self, now: datetime, findings: Iterable[str]) -> "SourceHealth":
        return SourceHealth(
            dataset=self.dataset, asked_on=now, answered_on=now, findings=tuple(findings)
        )

    def after_silence(self, now: datetime, problem: str) -> "SourceHealth":
        """The findings on its listing stay those of its last answer."""
        counted = self.problem is not None and self.asked_on is not None
        is_same_day = counted and self.asked_on and self.asked_on.date() == now.date()
        nights = self.nights_unreachable if is_same_day else self.nights_unreachable + 1
        changes = {"asked_on": now, "problem": problem, "nights_unreachable": nights}
        return self.model_copy(update=changes)


class LandingHealth(BaseModel, frozen=True):
    """A landing folder, or a dataset's folder in one, and why it cannot be read."""

    folder: str
    problem: str | None = None


class Health(BaseModel, frozen=True):
    """The sources by dataset, and the landing folders that have a problem."""

    sources: dict[str, SourceHealth] = {}
    landing: tuple[LandingHealth, ...] = ()

    def of(self, dataset: str) -> SourceHealth:
        return self.sources.get(dataset) or SourceHealth(dataset=dataset)


def health_file(settings: Settings) -> Path:
    return settings.home / "incoming" / "health.json"


def read_health(settings: Settings) -> Health:
    """Read what the last fetches found; empty if there is nothing. A damaged file is set aside,
    with a warning: the next fetch makes a new one."""
    path = health_file(settings)
    try:
        return Health.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Health()
    except (OSError, ValidationError) as error:
        aside = path.with_name("health-damaged.json")
        log.warning("%s: found no readable health, set aside as %s: %s", path, aside.name, error)
        _set_aside(path, aside)
        return Health()


def change_health(settings: Settings, change: Callable[[Health], Health]) -> None:
    """Replace the health by what `change` makes of it, unless that is the same. Processes that
    fetch at the same time take turns. Raises WriteError."""
    path = health_file(settings)
    before = read_health(settings)
    if change(before) == before:  # most offline runs leave no file
        return
    with locked(path.with_suffix(".lock")):
        text = change(read_health(settings)).model_dump_json(indent=1)
        replace(path, lambda partial: partial.write_text(text, encoding="utf-8"))


def _set_aside(path: Path, aside: Path) -> None:
    try:
        os.replace(path, aside)
    except OSError as error:  # as where another user's fetch wrote it
        log.warning("%s: cannot be set aside: %s", path, error)
