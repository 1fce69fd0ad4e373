"""Kill the job at every step boundary and at random moments, and let it run into full disks
and homes that cannot be written: what was published and archived must stand it.

    python -m tests.resilience.crash [--kills 51] [--seed S] [--without-hindrances] [--json]

Before each kill a new release arrives. After one to three kills the job runs through, as on
any night; every release that arrived must then be published. The exit code is 1 if anything
is not as it should be.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.resilience.crash.candidates import AT_MOST, Offered, arrive, offered
from tests.resilience.crash.hindrances import HINDRANCES, CannotMake, Outcome, dbt_killed, met
from tests.resilience.crash.kills import (
    BOUNDARIES,
    Killed,
    Moment,
    Place,
    Problem,
    What,
    complete_run,
    killed_at,
    problems_after_kill,
    problems_after_run,
    standing,
)

RANDOM = "random"
IN_A_ROW = 3
EARLIEST_SECONDS = 0.3

progress = Console(stderr=True)


@dataclass(frozen=True)
class Round:
    """A kill, or a complete run after some kills, and what did not hold after it."""

    number: int
    kind: str
    seconds: float
    problems: tuple[Problem, ...]


@dataclass
class Report:
    """What was done and found."""

    seed: int
    kills: list[Round] = field(default_factory=list)
    recoveries: list[Round] = field(default_factory=list)
    hindrances: list[Outcome] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    def problems(self) -> Iterator[tuple[str, Problem]]:
        """Each problem with where it was found."""
        for told, rounds in (("kill", self.kills), ("complete run", self.recoveries)):
            for one in rounds:
                for problem in one.problems:
                    yield f"{told} {one.number} ({one.kind})", problem
        for outcome in self.hindrances:
            for problem in outcome.problems:
                yield outcome.write_failure, problem

    def count(self, what: What) -> int:
        return sum(problem.what == what for _, problem in self.problems())


class Battering:
    """One home in which runs are killed, and the releases that have arrived in it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.place = Place(folder / "home", folder / "landing")
        self.report = Report(seed)
        self.dice = random.Random(seed)  # noqa: S311 - moments, not secrets
        self.arrived: list[Offered] = []
        self.living: list[Killed] = []
        self.usual_seconds = 0.0

    def first_night(self) -> None:
        """The home as it is before the first kill; how long a run usually takes."""
        self.place.landing.mkdir()
        self._arrive()
        self.run_through()

    def batter(self, kills: int) -> None:
        """Kill so many runs, and let the job run through after every few."""
        left = self._plan(kills)
        while left:
            for moment in [left.pop() for _ in range(min(self._in_a_row(), len(left)))]:
                self._kill(moment)
            self.run_through()

    def meet_hindrances(self) -> None:
        """Run into every write_failure, and let the job run through after each."""
        for write_failure in HINDRANCES:
            self._arrive()
            try:
                self._met(met(write_failure, self.place, self.arrived))
            except CannotMake as error:
                self.report.skipped[write_failure.name] = str(error)
        self._arrive()
        self._met(dbt_killed(self.place, self.arrived))

    def run_through(self) -> None:
        """What a scheduler does: start the job. Nobody cleans up before."""
        started = time.monotonic()
        done = complete_run(self.place)
        seconds = time.monotonic() - started
        self.usual_seconds = seconds
        for killed in self.living:
            killed.end_what_lives_on()
        self.living.clear()
        problems = problems_after_run(done, self.arrived, self.place.settings)
        number = len(self.report.recoveries) + 1
        self.report.recoveries.append(Round(number, "complete", seconds, tuple(problems)))
        _tell(f"complete run {number}", seconds, problems)

    def _plan(self, kills: int) -> list[Moment]:
        """Each boundary, as far as they fit into two thirds of the kills; the rest random."""
        boundaries = self.dice.sample(BOUNDARIES, len(BOUNDARIES))[: max(kills - kills // 3, 0)]
        moments = [*boundaries, *[Moment(RANDOM)] * (kills - len(boundaries))]
        self.dice.shuffle(moments)
        return moments

    def _in_a_row(self) -> int:
        return self.dice.randint(1, IN_A_ROW)

    def _kill(self, moment: Moment) -> None:
        self._arrive()
        before = standing(self.place.settings)
        killed = self._killed(moment)
        self.living.append(killed)
        problems = problems_after_kill(before, self.arrived, self.place.settings)
        if not killed.came_so_far:
            told = f"exit code {killed.exit_code}: {killed.said[-1000:]}"
            problems.append(Problem("never came so far", told))
        number = len(self.report.kills) + 1
        self.report.kills.append(Round(number, moment.kind, killed.seconds, tuple(problems)))
        _tell(f"kill {number}, {moment.kind}", killed.seconds, problems)

    def _killed(self, moment: Moment) -> Killed:
        """A run may be faster than the last one: then a random moment is drawn again."""
        latest = self.usual_seconds
        while True:
            drawn = self.dice.uniform(EARLIEST_SECONDS, max(latest, 2 * EARLIEST_SECONDS))
            at = Moment(RANDOM, after=drawn) if moment.kind == RANDOM else moment
            killed = killed_at(at, self.place)
            if killed.came_so_far or killed.exit_code != 0 or moment.kind != RANDOM:
                return killed
            latest = killed.seconds
            self._arrive()

    def _arrive(self) -> None:
        self.arrived.append(offered(len(self.arrived)))
        arrive(self.place.landing, self.arrived[-1])

    def _met(self, outcome: Outcome) -> None:
        self.report.hindrances.append(outcome)
        _tell(f"{outcome.write_failure}: {outcome.told}", None, outcome.problems)
        self.run_through()


def main() -> int:
    """Batter a home, print what held. 0: everything did; 1: something did not."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        battering = Battering(Path(folder), options.seed)
        battering.first_night()
        battering.batter(options.kills)
        if not options.without_hindrances:
            battering.meet_hindrances()
    report = battering.report
    if options.json:
        print(json.dumps(asdict(report), indent=2))
    else:
        print_report(report, Console())
    return 1 if any(report.problems()) else 0


def print_report(report: Report, console: Console) -> None:
    """A row a kind of moment, a row an obstacle, the totals, and each problem with its round."""
    table = Table(title=f"Kills, seed {report.seed}")
    for name in ("killed at", "kills", "seconds", "problems"):
        table.add_column(name, justify="left" if name == "killed at" else "right")
    for kind in dict.fromkeys(one.kind for one in report.kills):
        mine = [one for one in report.kills if one.kind == kind]
        seconds = f"{min(o.seconds for o in mine):.1f} to {max(o.seconds for o in mine):.1f}"
        problems = sum(len(one.problems) for one in mine)
        table.add_row(kind, str(len(mine)), seconds, str(problems))
    console.print(table)
    if report.hindrances:
        table = Table(
            "write_failure", "exit code", "what the run said", "problems", title="Hindrances"
        )
        for outcome in report.hindrances:
            told = (outcome.write_failure, str(outcome.exit_code), outcome.told)
            table.add_row(*told, str(len(outcome.problems)))
        console.print(table)
    for write_failure, why in report.skipped.items():
        console.print(f"Skipped: {write_failure}: {why}", markup=False, soft_wrap=True)
    recovered = sum(not one.problems for one in report.recoveries)
    console.print(
        f"{len(report.kills)} kills, {recovered} of {len(report.recoveries)} complete runs "
        f"succeeded, {report.count('release lost')} releases lost, "
        f"{report.count('published file broken')} published files broken, "
        f"{report.count('archive not verified')} archives that did not verify."
    )
    for where, problem in report.problems():
        line = f"{where}, seed {report.seed}: {problem.what}: {problem.told}"
        console.print(line, markup=False, soft_wrap=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.resilience.crash",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, default=51, metavar="N", help="default 51")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and their order")
    parser.add_argument("--without-hindrances", action="store_true", help="kill only")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    room = AT_MOST // 2  # a random moment that a run was faster than takes another release
    if not 0 <= options.kills <= room:
        parser.error(f"--kills: expected 0 to {room}")
    return options


def _tell(what: str, seconds: float | None, problems: tuple[Problem, ...] | list[Problem]) -> None:
    after = "" if seconds is None else f", {seconds:.1f} s"
    found = "; ".join(f"{problem.what}: {problem.told}" for problem in problems) or "as it should"
    progress.print(f"{what}{after}: {found}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
