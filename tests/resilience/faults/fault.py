"""A fault: one small change to the input or the environment, what must happen then, and which
check must report it.

What belongs here: what a fault is, and how it is scored. The faults themselves are in the
modules beside this one, one per kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from orchestration.releases.archive import Archive
from orchestration.settings import Limits, Settings

Outcome = Literal[
    "refused",  # the release, as a whole
    "held",  # the release, until a person decides
    "held in part",  # a table of the release; the rest of it counts
    "rows rejected",  # some of the release's rows, each with a reason
    "skipped",  # the file, which is named with the reason
    "duplicate",  # the bytes are archived already; nothing changes
    "archived",  # as any release: the change does not alter the figures
    "gate failed",  # and with it the run
    "warning",  # reported, and published all the same
    "suite refused",  # before it could pass a table
    "run failed",  # with its cause; the published file is unchanged
    "repaired",  # by the next run, without manual work
    "no harm",  # to readers or tables
    "missed",  # by every check
]


@dataclass(frozen=True)
class Observed:
    """What happened after a fault. checks: those that reported it; message: what they said."""

    outcome: Outcome
    checks: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Sandbox:
    """Where a fault is inflicted.

    folder: empty, for this fault alone.
    homes: returns a home in which the job has published, by name (`bundle`); read-only.
    real_releases: the agencies' own files; None where they are absent.
    """

    folder: Path
    homes: Callable[[str], Path]
    real_releases: Path | None

    @cached_property
    def settings(self) -> Settings:
        limits = Limits(settle_seconds=0.0)  # no file is still being written
        return Settings(self.folder / "home", (self.folder / "landing",), True, limits)

    @property
    def archive(self) -> Archive:
        return Archive(self.settings.archive)


@dataclass(frozen=True)
class Fault:
    """One fault.

    name: unique in the catalogue.
    about: what is wrong, as a sentence.
    expected, check: what must happen, and which check must report it; None if no check must.
    mentions: words that the message must contain, so that it gives the cause.
    inflict: makes the change and returns what happened.
    needs_real: cannot be inflicted without the agencies' own files.
    is_long: too slow for every run of the tests.
    """

    name: str
    about: str
    expected: Outcome
    check: str | None
    mentions: tuple[str, ...]
    inflict: Callable[[Sandbox], Observed]
    needs_real: bool = False
    is_long: bool = False


def score(fault: Fault, observed: Observed) -> float:
    """1: the expected outcome, reported by the right check with the cause. One half: noticed, but
    by another check, with another outcome, or without the cause. 0: not noticed."""
    if observed.outcome == "missed":
        return 0.0
    names_cause = all(words in observed.message for words in fault.mentions)
    reported = fault.check in observed.checks if fault.check else not observed.checks
    right = observed.outcome == fault.expected and reported
    return 1.0 if right and names_cause else 0.5
