"""Kill the job at every step boundary and at random moments, and run it on full disks and
homes that cannot be written: what was published and archived must survive.

    python -m tests.resilience.crash [--kills 51] [--seed S] [--without-obstacles] [--json]

Before each kill a new release is put into the landing folder. After one to three kills the
job runs to its end, as on any night, and every release must then be published. The exit code
is 1 if a problem was found.
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
    state_of,
)
from tests.resilience.crash.new_releases import AT_MOST, NewRelease, new_release, put_in_landing
from tests.resilience.crash.obstacles import (
    OBSTACLES,
    CannotCreate,
    RunOutcome,
    run_into,
    run_with_checks_killed,
)

RANDOM = "random"
IN_A_ROW = 3
EARLIEST_SECONDS = 0.3

progress = Console(stderr=True)


@dataclass(frozen=True)
class Round:
    """A kill, or a complete run after some kills, and the problems found after it."""

    number: int
    kind: str
    seconds: float
    problems: tuple[Problem, ...]


@dataclass
class Report:
    """Every kill, complete run and obstacle, with the problems found."""

    seed: int
    kills: list[Round] = field(default_factory=list)
    recoveries: list[Round] = field(default_factory=list)
    obstacles: list[RunOutcome] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    def problems(self) -> Iterator[tuple[str, Problem]]:
        """Each problem, after the round in which it was found."""
        for label, rounds in (("kill", self.kills), ("complete run", self.recoveries)):
            for one in rounds:
                for problem in one.problems:
                    yield f"{label} {one.number} ({one.kind})", problem
        for outcome in self.obstacles:
            for problem in outcome.problems:
                yield outcome.obstacle, problem

    def count(self, what: What) -> int:
        return sum(problem.what == what for _, problem in self.problems())


class CrashTest:
    """One home in which runs are killed, and the releases in its landing folder so far."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.place = Place(folder / "home", folder / "landing")
        self.report = Report(seed)
        self.dice = random.Random(seed)
        self.releases: list[NewRelease] = []
        self.killed: list[Killed] = []
        self.usual_seconds = 0.0

    def first_night(self) -> None:
        """Publish once before the first kill, and note how long a run takes."""
        self.place.landing.mkdir()
        self._add_release()
        self.run_to_the_end()

    def kill_runs(self, kills: int) -> None:
        """Kill this many runs, with a complete run after every one to three."""
        left = self._plan(kills)
        while left:
            for moment in [left.pop() for _ in range(min(self._kills_in_a_row(), len(left)))]:
                self._kill(moment)
            self.run_to_the_end()

    def run_into_obstacles(self) -> None:
        """Run into every obstacle, with a complete run after each."""
        for obstacle in OBSTACLES:
            self._add_release()
            try:
                self._note_outcome(run_into(obstacle, self.place, self.releases))
            except CannotCreate as error:
                self.report.skipped[obstacle.name] = str(error)
        self._add_release()
        self._note_outcome(run_with_checks_killed(self.place, self.releases))

    def run_to_the_end(self) -> None:
        """Start the job as a scheduler would, without cleaning up first."""
        started = time.monotonic()
        done = complete_run(self.place)
        seconds = time.monotonic() - started
        self.usual_seconds = seconds
        for killed in self.killed:
            killed.end_survivors()
        self.killed.clear()
        problems = problems_after_run(done, self.releases, self.place.settings)
        number = len(self.report.recoveries) + 1
        self.report.recoveries.append(Round(number, "complete", seconds, tuple(problems)))
        _print_progress(f"complete run {number}", seconds, problems)

    def _plan(self, kills: int) -> list[Moment]:
        """As many boundaries as fit into two thirds of the kills; the rest are random."""
        boundaries = self.dice.sample(BOUNDARIES, len(BOUNDARIES))[: max(kills - kills // 3, 0)]
        moments = [*boundaries, *[Moment(RANDOM)] * (kills - len(boundaries))]
        self.dice.shuffle(moments)
        return moments

    def _kills_in_a_row(self) -> int:
        return self.dice.randint(1, IN_A_ROW)

    def _kill(self, moment: Moment) -> None:
        self._add_release()
        before = state_of(self.place.settings)
        killed = self._killed(moment)
        self.killed.append(killed)
        problems = problems_after_kill(before, self.releases, self.place.settings)
        if not killed.reached:
            detail = f"exit code {killed.exit_code}: {killed.output[-1000:]}"
            problems.append(Problem("moment not reached", detail))
        number = len(self.report.kills) + 1
        self.report.kills.append(Round(number, moment.kind, killed.seconds, tuple(problems)))
        _print_progress(f"kill {number}, {moment.kind}", killed.seconds, problems)

    def _killed(self, moment: Moment) -> Killed:
        """Kill a run; draw a random moment again if the run ended before it."""
        latest = self.usual_seconds
        while True:
            drawn = self.dice.uniform(EARLIEST_SECONDS, max(latest, 2 * EARLIEST_SECONDS))
            at = Moment(RANDOM, after=drawn) if moment.kind == RANDOM else moment
            killed = killed_at(at, self.place)
            if killed.reached or killed.exit_code != 0 or moment.kind != RANDOM:
                return killed
            latest = killed.seconds
            self._add_release()

    def _add_release(self) -> None:
        self.releases.append(new_release(len(self.releases)))
        put_in_landing(self.place.landing, self.releases[-1])

    def _note_outcome(self, outcome: RunOutcome) -> None:
        self.report.obstacles.append(outcome)
        _print_progress(f"{outcome.obstacle}: {outcome.sentence}", None, outcome.problems)
        self.run_to_the_end()


def main() -> int:
    """Kill runs in one home and print the result. Returns 0, or 1 if a problem was found."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        crashes = CrashTest(Path(folder), options.seed)
        crashes.first_night()
        crashes.kill_runs(options.kills)
        if not options.without_obstacles:
            crashes.run_into_obstacles()
    report = crashes.report
    if options.json:
        print(json.dumps(asdict(report), indent=2))
    else:
        print_report(report, Console())
    return 1 if any(report.problems()) else 0


def print_report(report: Report, console: Console) -> None:
    """Print a row per kind of moment and per obstacle, the totals, and each problem."""
    table = Table(title=f"Kills, seed {report.seed}")
    for name in ("killed at", "kills", "seconds", "problems"):
        table.add_column(name, justify="left" if name == "killed at" else "right")
    for kind in dict.fromkeys(one.kind for one in report.kills):
        mine = [one for one in report.kills if one.kind == kind]
        seconds = f"{min(o.seconds for o in mine):.1f} to {max(o.seconds for o in mine):.1f}"
        problems = sum(len(one.problems) for one in mine)
        table.add_row(kind, str(len(mine)), seconds, str(problems))
    console.print(table)
    if report.obstacles:
        table = Table("obstacle", "exit code", "the run's message", "problems", title="Obstacles")
        for outcome in report.obstacles:
            cells = (outcome.obstacle, str(outcome.exit_code), outcome.sentence)
            table.add_row(*cells, str(len(outcome.problems)))
        console.print(table)
    for obstacle, why in report.skipped.items():
        console.print(f"Skipped: {obstacle}: {why}", markup=False, soft_wrap=True)
    recovered = sum(not one.problems for one in report.recoveries)
    console.print(
        f"{len(report.kills)} kills, {recovered} of {len(report.recoveries)} complete runs "
        f"succeeded, {report.count('release lost')} releases lost, "
        f"{report.count('published file broken')} published files broken, "
        f"{report.count('archive not verified')} archives that did not verify."
    )
    for where, problem in report.problems():
        line = f"{where}, seed {report.seed}: {problem.what}: {problem.detail}"
        console.print(line, markup=False, soft_wrap=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.resilience.crash",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, default=51, metavar="N", help="default 51")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and their order")
    parser.add_argument("--without-obstacles", action="store_true", help="kill only")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    room = AT_MOST // 2  # a random moment after the end of a run uses up another release
    if not 0 <= options.kills <= room:
        parser.error(f"--kills: expected 0 to {room}")
    return options


def _print_progress(
    what: str, seconds: float | None, problems: tuple[Problem, ...] | list[Problem]
) -> None:
    after = "" if seconds is None else f", {seconds:.1f} s"
    found = "; ".join(f"{problem.what}: {problem.detail}" for problem in problems) or "no problem"
    progress.print(f"{what}{after}: {found}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
