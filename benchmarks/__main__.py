"""How fast the nightly job is, beside a bare DuckDB script that makes the tables of encounters.

The job makes deportations, statements and claims beside them, with their checks, which the
script does not: the ratio of the two says how it grows, and no longer what the libraries cost.

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
- as of: a question to each as-of macro of the last whole job's file, beside the same to the
  current table, in turns (`vintages`);
- starts: importing and starting what the job needs, each alone in a fresh process.

Job, script and data work take turns; with --repeat N each number is the median of N. The
ratios mean more than the seconds: the machine may be busy. Processor time is beside them for
that reason.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks.agreement import Disagreement, assert_agree
from benchmarks.as_of import measure_as_of
from benchmarks.measuring import PROJECT, CommandFailed, Measured
from benchmarks.printing import print_report
from benchmarks.results import (
    Comparison,
    Report,
    costs_of_steps,
    median_cost,
    median_pieces,
    median_run,
)
from benchmarks.workplace import Workplace

RELEASES = PROJECT.parent / "shared" / "releases"

progress = Console(stderr=True)


def main() -> int:
    """Measure and print. 0: measured, whether or not the aims are met; 1: something failed."""
    options = _options()
    try:
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            report = _measure_all(Workplace(Path(folder)), options.releases, options.repeat)
    except (CommandFailed, Disagreement) as error:
        progress.print(f"benchmarks: {error}", markup=False, soft_wrap=True)
        return 1
    if options.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        print_report(report, Console())
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="medians of N")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--releases", type=Path, default=RELEASES, help=f"landing folder (default {RELEASES})"
    )
    options = parser.parse_args()
    if options.repeat < 1:
        parser.error("--repeat: expected 1 or more")
    return options


def _measure_all(workplace: Workplace, releases: Path, repeat: int) -> Report:
    _tell("dbt's manifest, untimed")
    workplace.prepare()
    comparisons = [_compare("bundle", (), workplace, repeat)]
    landing: tuple[Path, ...] = ()
    skipped = None
    if releases.is_dir():
        landing = (releases.resolve(),)
        comparisons.append(_compare("bundle and releases", landing, workplace, repeat))
    else:
        skipped = f"Skipped: the whole job on {releases}, because there is no such folder."
        _tell(skipped)
    job = comparisons[-1].name
    return Report(
        repeat=repeat,
        comparisons=tuple(comparisons),
        nothing_new=_repeated(
            f"nothing new, {job}", partial(workplace.nothing_new, job, landing), repeat
        ),
        as_of=measure_as_of(workplace.published(job)),
        starts={
            name: _repeated(name, partial(workplace.start, command), repeat)
            for name, command in workplace.starts().items()
        },
        skipped=skipped,
    )


def _compare(name: str, landing: Sequence[Path], workplace: Workplace, repeat: int) -> Comparison:
    jobs, bares, bare_works, works = [], [], [], []
    for _ in range(repeat):
        _tell(f"whole job, {name}")
        jobs.append(workplace.nightly(name, landing))
        _tell(f"bare script, {name}")
        bare, bare_work, made = workplace.bare(name, landing)
        bares.append(bare)
        bare_works.append(bare_work)
        agreeing = assert_agree(workplace.published(name), made)
        _tell(f"data work, {name}")
        works.append(workplace.data_work(name, landing))
    pieces = median_pieces(works)
    return Comparison(
        name=name,
        job=median_run(jobs),
        bare=median_run(bares),
        bare_work=median_cost(bare_works),
        pieces=pieces,
        steps=costs_of_steps(jobs[-1], workplace.steps(name), pieces),
        agreeing=agreeing,
    )


def _repeated(what: str, run: Callable[[], Measured], repeat: int) -> Measured:
    _tell(what)
    return median_run([run() for _ in range(repeat)])


def _tell(what: str) -> None:
    progress.print(f"measuring: {what}" if not what.startswith("Skipped") else what, markup=False)


if __name__ == "__main__":
    sys.exit(main())
