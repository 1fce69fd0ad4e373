"""How fast the nightly job is, beside a bare DuckDB script that makes the same tables.

    python -m benchmarks [--repeat N] [--json] [--releases DIR]

What is measured, each in a fresh process (`measuring` tells how: wall time, processor time
with all child processes, peak memory of the whole family of processes):

- whole job: `python -m orchestration.cli nightly` on an empty home, offline, from the first
  instruction to the published file; once with the bundle alone, once with the landing folder
  ../shared/releases too (skipped, in so many words, where it is absent). dbt's manifest is
  parsed beforehand, untimed, as it is on every night but the first;
- nothing new: the same command again in the home of the last whole job; it must not build;
- bare script: `python -m benchmarks.bare` on the same folders. `agreement` then compares
  both files: row counts and totals of the six fact tables by fiscal year and region, and
  the headline mart; one difference and the benchmark fails;
- data work: the job's own functions, called in its order in one process where everything is
  imported and parsed already, without Dagster (`data_work`). Its tables must have the content
  digests of the job's. It is compared with the bare script's own seconds, likewise without
  the start of Python and imports, so that both sides are measured with one yardstick;
- where the time goes: the steps of the last whole job from Dagster's instance (`steps`), and
  of each how much is data work; what is left of it is the start of processes, imports, dbt's
  parsing, and the book-keeping of dagster-dbt and Dagster;
- starts: importing and starting what the job needs, each alone in a fresh process.

Job, script and data work take turns; with --repeat N each number is the median of N. The
ratios mean more than the seconds: the machine may be busy. Processor time is beside them for
that reason.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.agreement import Disagreement, assert_agree
from benchmarks.data_work import BEFORE_THE_RUN, Piece, table_digests
from benchmarks.measuring import PROJECT, CommandFailed, Measured, measure
from benchmarks.steps import Step

BUNDLED = PROJECT / "warehouse" / "bundled"
RELEASES = PROJECT.parent / "shared" / "releases"
PUBLISHED = "border.duckdb"
AFTER_THE_RUN = "after the last step"

NOTHING_NEW_SECONDS = 5.0
TIMES_THE_BARE_SCRIPT = 3.0
PEAK_BYTES = 1_000_000_000

STARTS = {
    "the job's imports and definitions": "import orchestration.definitions as d; d.defs()",
    "import of Great Expectations": "import great_expectations",
    "dbt --version": "from dbt.cli.main import cli; cli(['--version'])",
}

progress = Console(stderr=True)


@dataclass(frozen=True)
class Cost:
    """Seconds of a part of a run, by the wall and of processor time."""

    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Row:
    """A step of the whole job, in wall seconds: all of it, and the data work in it."""

    step: str
    job_seconds: float
    data_work_seconds: float
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A whole job and the bare script on the same files.

    bare_work: the bare script without the start of Python and its imports.
    agreeing: how many numbers of both files were compared and are equal.
    """

    name: str
    job: Measured
    bare: Measured
    bare_work: Cost
    data_work: Cost
    pieces: tuple[Piece, ...]
    steps: tuple[Row, ...]
    agreeing: int

    @property
    def ratio(self) -> float:
        return self.data_work.wall_seconds / self.bare_work.wall_seconds

    @property
    def cpu_ratio(self) -> float:
        return self.data_work.cpu_seconds / self.bare_work.cpu_seconds


@dataclass(frozen=True)
class Aim:
    """One of the issue's aims, and what was found."""

    aim: str
    found: str
    met: bool


@dataclass(frozen=True)
class Report:
    """All that is printed."""

    repeat: int
    comparisons: tuple[Comparison, ...]
    nothing_new: Measured
    starts: dict[str, Measured]
    aims: tuple[Aim, ...]
    skipped: str | None


def main() -> int:
    """Measure, print, and say whether the aims are met."""
    options = _options()
    try:
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            report = _measure_all(Path(folder), options.releases, options.repeat)
    except (CommandFailed, Disagreement) as error:
        progress.print(f"benchmarks: {error}", markup=False, soft_wrap=True)
        return 1
    if options.json:
        print(json.dumps(_as_json(report), indent=2))
    else:
        _print(report)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="medians of N")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--releases", type=Path, default=RELEASES, help=f"landing folder (default {RELEASES})"
    )
    options = parser.parse_args()
    if options.repeat < 1:
        parser.error("--repeat: expected 1 or more")
    return options


def _measure_all(folder: Path, releases: Path, repeat: int) -> Report:
    workplace = Workplace(folder)
    _tell("dbt's manifest, untimed")
    workplace.python("-c", "import orchestration.definitions as d; d.defs()", home=folder / "first")
    jobs: dict[str, tuple[Path, ...]] = {"bundle": ()}
    skipped = None
    if releases.is_dir():
        jobs["releases"] = (releases.resolve(),)
    else:
        skipped = f"{releases}: found no such folder; the whole job on it is skipped."
        _tell(skipped)
    comparisons = [
        _compare(name, landing, workplace, repeat) for name, landing in jobs.items()
    ]
    last = list(jobs)[-1]
    _tell("nothing new")
    nothing_new = _median(
        workplace.nothing_new(last, jobs[last]) for _ in range(repeat)
    )
    starts = {}
    for name, code in STARTS.items():
        _tell(name)
        starts[name] = _median(
            workplace.python("-c", code, home=folder / "first") for _ in range(repeat)
        )
    runs = [nothing_new, *(comparison.job for comparison in comparisons)]
    aims = _aims(nothing_new, comparisons[-1], max(run.peak_bytes for run in runs))
    return Report(repeat, tuple(comparisons), nothing_new, starts, aims, skipped)


class Workplace:
    """Runs commands in fresh processes, with their homes and outputs in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "output.log"

    def home(self, job: str) -> Path:
        return self.folder / job

    def python(self, *arguments: str | Path, home: Path) -> Measured:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BORDERLEDGER_", "DAGSTER_", "DBT_"))
        }
        ours = {
            "BORDERLEDGER_HOME": str(home),
            "BORDERLEDGER_OFFLINE": "1",
            "DO_NOT_TRACK": "1",
            "PYTHONPATH": str(PROJECT),
        }
        return measure([sys.executable, *map(str, arguments)], inherited | ours, self.log)

    def json_of(self, module: str, *arguments: str | Path, home: Path) -> Measured:
        return self.python("-m", module, *arguments, home=home)

    def nightly(self, job: str, landing: Sequence[Path]) -> Measured:
        """The whole job, on an empty home."""
        shutil.rmtree(self.home(job), ignore_errors=True)
        return self._nightly(job, landing)

    def nothing_new(self, job: str, landing: Sequence[Path]) -> Measured:
        """The job again, in the home where it has run."""
        before = (self.home(job) / PUBLISHED).stat().st_ino
        measured = self._nightly(job, landing)
        if (self.home(job) / PUBLISHED).stat().st_ino != before:
            raise CommandFailed(
                "the run that should have found nothing new has built; were files of the "
                "project changed meanwhile? Run the benchmark again"
            )
        return measured

    def _nightly(self, job: str, landing: Sequence[Path]) -> Measured:
        options = [part for folder in landing for part in ("--landing", folder)]
        return self.python("-m", "orchestration.cli", "nightly", *options, home=self.home(job))
