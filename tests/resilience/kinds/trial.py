"""Trying a kind on a dataset: a release, then the faulty one, and what the system says of it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from orchestration.catalogue.events import load_events
from orchestration.intake.intake import Intake
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits, Settings
from orchestration.sources.candidate import Candidate
from tests.resilience.faults.fault import Observed, Sandbox
from tests.resilience.faults.faulty_releases import File, outcome_of
from tests.resilience.kinds.kind import Drawn, Kind
from tests.resilience.kinds.published import Published, after

STOPPED = ("refused", "held", "held in part", "skipped")
FEWEST_MONTHS = 8  # of which a month's usual size can be learned
DRAWS = 20  # until one has something to hit


@dataclass(frozen=True)
class Instance:
    """A faulty release that was tried. kind: its name. about: what was drawn."""

    kind: str
    dataset: str
    about: str
    observed: Observed

    @property
    def is_stopped(self) -> bool:
        return self.observed.outcome in STOPPED


@dataclass
class Bench:
    """Archives with a sound release each, made once. folder: empty."""

    folder: Path
    _sound: dict[tuple[str, str, str], Path] = field(default_factory=dict)
    _number: int = 0

    def outcome(self, before: File, faulty: File) -> Observed:
        """What happens to a faulty release after a sound one, in an archive of their own."""
        key = (before.dataset, before.name, before.published)
        if key not in self._sound:
            home = self._new()
            observed = taken(home, before)
            if observed.outcome not in ("archived", "rows rejected"):
                raise AssertionError(f"a sound release was not accepted: {before.name}: {observed}")
            self._sound[key] = home
        home = self._new()
        shutil.copytree(self._sound[key], home)
        observed = taken(home, faulty)
        shutil.rmtree(home)
        return observed

    def _new(self) -> Path:
        self._number += 1
        return self.folder / str(self._number)


def taken(home: Path, file: File) -> Observed:
    """Take a file in, and review it."""
    sandbox = Sandbox(home, homes=lambda _: home, real_releases=None)
    path = home / "landing" / file.dataset / file.published / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.content)
    settings = Settings(home / "home", offline=True, limits=Limits(settle_seconds=0.0))
    on = PublicationDate.parse(file.published)
    candidate = Candidate(path, file.dataset, on, file.name, file.name)
    return outcome_of(sandbox, Intake(settings).take(candidate))


def instances(
    kind: Kind, file: Published, random: Random, number: int, bench: Bench
) -> Iterator[Instance]:
    """Instances of a kind on a dataset: fewer, or none, if it has little that the kind hits."""
    for _ in range(number):
        drawn = _drawn(kind, file, random)
        if drawn is None:
            return
        before, faulty, about = drawn
        observed = bench.outcome(before, faulty)
        yield Instance(kind.name, file.dataset.name, about, observed)


def _drawn(kind: Kind, file: Published, random: Random) -> tuple[File, File, str] | None:
    months = [
        m for m in file.months[FEWEST_MONTHS:-1] if not {m[:7], after(m)} & load_events().keys()
    ]
    if not months:
        return None
    for _ in range(DRAWS):
        month = random.choice(months)
        new = f"{after(month)}-01"
        sound = file.through(month), file.through(new)
        drawn: Drawn | None = kind.draw(sound[1], new if kind.in_new_month else month, random)
        if drawn is not None:
            return sound[0].on(after(new, 0)), drawn.faulty.on(after(new, 1)), drawn.about
    return None
