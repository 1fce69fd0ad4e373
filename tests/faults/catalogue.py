"""The whole catalogue of faults, and what is left when each was inflicted."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.fault import Fault, Ground, Happened, score
from tests.faults.files import FILES
from tests.faults.gates import GATES
from tests.faults.surroundings import SURROUNDINGS
from tests.faults.tables import TABLES
from tests.faults.times import TIMES
from tests.faults.values import VALUES

CATALOGUE: dict[str, tuple[Fault, ...]] = {
    "files": FILES,
    "values": VALUES,
    "times": TIMES,
    "tables": TABLES,
    "gates": GATES,
    "surroundings": SURROUNDINGS,
}


@dataclass(frozen=True)
class Scored:
    """A fault, what happened, and the score: 1, one half or 0."""

    kind: str
    fault: Fault
    happened: Happened
    score: float


def inflict_all(
    homes: Callable[[str], Path], real_releases: Path | None, only: str = ""
) -> Iterator[Scored]:
    """Inflict every fault whose name has these letters, each on ground of its own; without the
    agencies' own files, those that can be inflicted without them."""
    for kind, faults in CATALOGUE.items():
        for fault in faults:
            if only not in fault.name or (fault.needs_real and real_releases is None):
                continue
            with tempfile.TemporaryDirectory() as folder:
                happened = fault.inflict(Ground(Path(folder), homes, real_releases))
            yield Scored(kind, fault, happened, score(fault, happened))
