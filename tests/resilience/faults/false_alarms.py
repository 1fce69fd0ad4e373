"""False alarms: the agencies' own releases must pass, in whatever order they come in.

What belongs here: taking in the real releases in every order within a dataset, and running the
job on each of them alone and on all of them.
"""

import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

from orchestration.builds.build import all_builds
from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.intake import Intake
from orchestration.review.review import review
from orchestration.settings import Settings
from orchestration.sources.candidate import Candidate
from orchestration.sources.landing import candidates
from tests.conftest import run_command


@dataclass(frozen=True)
class Alarm:
    """A real release that was refused or held, or a check that failed on real releases."""

    where: str
    what: str


@dataclass(frozen=True)
class Search:
    """How much was tried, and the false alarms found."""

    what: str
    count: int
    alarms: tuple[Alarm, ...]


def intake_orders(real_releases: Path) -> list[tuple[Candidate, ...]]:
    """Orders of all real releases that between them have every order within each dataset."""
    found = _candidates(real_releases)
    datasets = {name: [c for c in found if c.dataset == name] for name in load_catalogue()}
    permuted = [list(itertools.permutations(mine)) for mine in datasets.values() if mine]
    most = max(map(len, permuted))
    return [
        tuple(itertools.chain.from_iterable(mine[i % len(mine)] for mine in permuted))
        for i in range(most)
    ]


def search_intake_orders(real_releases: Path, folder: Path) -> Search:
    """Take the releases in, in every order, and review the archive after each of them."""
    orders = intake_orders(real_releases)
    alarms: list[Alarm] = []
    for number, order in enumerate(orders):
        intake = Intake(Settings(folder / str(number), offline=True))
        for candidate in order:
            outcome = intake.take(candidate)
            if outcome.kind != "archived":
                alarms.append(Alarm(f"order {number}", f"{candidate.source}: {outcome.reason}"))
            alarms += [
                Alarm(f"order {number}, after {candidate.source}", str(release.reason))
                for release in review(intake.archive).held()
            ]
    return Search("releases taken in and reviewed", sum(map(len, orders)), tuple(alarms))


def search_runs(real_releases: Path, folder: Path) -> Search:
    """Run the job on each release alone, beside the bundle, and on all of them."""
    found = _candidates(real_releases)
    alarms: list[Alarm] = []
    for number, candidate in enumerate([*found, None]):
        home = folder / f"run-{number}"
        where = "all releases" if candidate is None else candidate.source
        if candidate is None:
            done = run_command(home, "nightly", "--landing", str(real_releases), expect=None)
        else:
            published = ("--published-on", str(candidate.published_on))
            run_command(
                home, "add", str(candidate.path), "--dataset", candidate.dataset, *published
            )
            done = run_command(home, "nightly", expect=None)
        failed = [r for build in all_builds(home / "builds") for r in build.gate_results]
        alarms += [Alarm(where, f"{r.table}: {r.check}: {r.examples}") for r in failed if r.blocks]
        if done.returncode:
            alarms.append(Alarm(where, f"exit code {done.returncode}: {done.stderr[-500:]}"))
        shutil.rmtree(home)
    return Search("runs of the job", len(found) + 1, tuple(alarms))


def _candidates(landing: Path) -> list[Candidate]:
    return [c for c in candidates(landing, load_catalogue()) if isinstance(c, Candidate)]
