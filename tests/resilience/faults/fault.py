"""A fault: one small change to what the project is given or lives in, what must happen then,
and which check must say so.

What belongs here: what a fault is, and how it is scored. The faults themselves stand in the
modules beside this one, one a kind.
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
    "kept aside",  # some of its rows, with their reason
    "left in place",  # the file, named with the reason
    "no news",  # the file is known; nothing changes
    "taken in",  # as it stands: the change is none of the meaning
    "gate failed",  # and with it the run
    "warning",  # told, and published
    "suite refused",  # before it could pass anything
    "run failed",  # with its cause; the published file is what it was
    "mended",  # by the next run, without a hand
    "no harm",  # readers and tables are as they were
    "missed",
]


@dataclass(frozen=True)
class Happened:
    """What became of a fault. checks: who spoke, the first one first; message: what they said."""

    outcome: Outcome
    checks: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Ground:
    """Where a fault is inflicted.

    folder: empty, for this fault alone.
    homes: gives a home in which the job has published, by name (`bundle`); not to be changed.
    real_releases: the agencies' own files; None where they are not.
    """

    folder: Path
    homes: Callable[[str], Path]
    real_releases: Path | None

    @cached_property
    def settings(self) -> Settings:
        limits = Limits(settle_seconds=0.0)  # nobody is writing any more
        return Settings(self.folder / "home", (self.folder / "landing",), True, limits)

    @property
    def archive(self) -> Archive:
        return Archive(self.settings.archive)


@dataclass(frozen=True)
class Fault:
    """One fault.

    name: in the catalogue, unlike any other.
    about: what is wrong, as a sentence.
    expected, check: what must happen, and who must say so; no check for what is none's matter.
    names: words that the message must have, so that it tells the cause.
    inflict: does it, and tells what happened.
    needs_real: cannot be inflicted without the agencies' own files.
    is_long: takes too long for every run of the tests.
    """

    name: str
    about: str
    expected: Outcome
    check: str | None
    names: tuple[str, ...]
    inflict: Callable[[Ground], Happened]
    needs_real: bool = False
    is_long: bool = False


def score(fault: Fault, happened: Happened) -> float:
    """1: what must happen, told by the right check with the cause. One half: it was noticed, but
    by another check, with another outcome, or without the cause. 0: nobody noticed."""
    if happened.outcome == "missed":
        return 0.0
    told = all(name in happened.message for name in fault.names)
    spoke = fault.check in happened.checks if fault.check else not happened.checks
    right = happened.outcome == fault.expected and spoke
    return 1.0 if right and told else 0.5
