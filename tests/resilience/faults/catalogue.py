"""The whole catalogue of faults, and inflicting each of them."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.resilience.crash.obstacles import CannotCreate
from tests.resilience.faults.environment import ENVIRONMENT
from tests.resilience.faults.fault import Fault, Observed, Sandbox, score
from tests.resilience.faults.files import FILES
from tests.resilience.faults.gates import GATES
from tests.resilience.faults.pages import PAGES
from tests.resilience.faults.runs import RUNS
from tests.resilience.faults.surroundings import SURROUNDINGS
from tests.resilience.faults.tables import TABLES
from tests.resilience.faults.times import TIMES
from tests.resilience.faults.values import VALUES
from tests.resilience.faults.workbooks import WORKBOOKS

CATALOGUE: dict[str, tuple[Fault, ...]] = {
    "files": FILES,
    "values": VALUES,
    "workbooks": WORKBOOKS,
    "pages": PAGES,
    "times": TIMES,
    "tables": TABLES,
    "gates": GATES,
    "environment": ENVIRONMENT,
    "surroundings": SURROUNDINGS,
    "runs": RUNS,
}


@dataclass(frozen=True)
class Scored:
    """A fault, what happened, and the score: 1, one half or 0."""

    kind: str
    fault: Fault
    observed: Observed
    score: float


@dataclass(frozen=True)
class NotTried:
    """A fault that cannot be inflicted here, and the reason."""

    fault: Fault
    reason: str


def inflict_all(
    homes: Callable[[str], Path], real_releases: Path | None, only: str = ""
) -> Iterator[Scored | NotTried]:
    """Inflict every fault whose name contains `only`, each in a sandbox of its own."""
    for kind, faults in CATALOGUE.items():
        for fault in faults:
            if only not in fault.name:
                continue
            if fault.needs_real and real_releases is None:
                yield NotTried(fault, "needs ../shared/releases, the agencies' own files")
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    observed = fault.inflict(Sandbox(Path(folder), homes, real_releases))
                except CannotCreate as error:
                    yield NotTried(fault, str(error))
                    continue
            yield Scored(kind, fault, observed, score(fault, observed))
