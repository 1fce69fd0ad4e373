"""Compare the nightly job's speed with a bare DuckDB script that makes the encounter tables.

The job also makes deportations, statements and claims, with their checks, which the script does
not: that ratio shows how the job grows. What it costs beside making the same tables is in the
ratios to the baselines.

    python -m benchmarks [--repeat N] [--json] [--releases DIR]

Each measurement runs in a fresh process and takes wall time, processor time including all child
processes, and the peak memory of all its processes together (see `measurement`):

- whole job: `python -m orchestration.cli nightly` on an empty home, offline, from the first
  instruction to the published file; once with the bundle alone, once with the landing folder
  ../shared/releases as well (skipped with a message if the folder does not exist). dbt's
  manifest is parsed beforehand, untimed, as on every night but the first;
- nothing new: the same command again in the home of the last whole job; it must not build;
- bare script: `python -m benchmarks.bare` on the same folders. `agreement` then compares both
  files: row counts and totals of the six fact tables by fiscal year and region, and the
  headline mart. A single difference fails the benchmark;
- baselines: `python -m benchmarks.baselines` makes every table with DuckDB alone and with dbt
  alone, and the encounters tables with dbt alone, from the job's raw tables; each table must have
  as many rows as the job's;
- data work: the job's own functions, called in order in one process that has already imported
  and parsed everything, without Dagster (`data_work`). Its tables must have the same content
  digests as the job's. It is compared with the bare script's own seconds, which also exclude
  Python's start and imports;
- where the time goes: the steps of the last whole job from Dagster's instance (`steps`), and
  how much of each is data work. The rest is process starts, imports, dbt's parsing, and the
  bookkeeping of dagster-dbt and Dagster;
- as of: one query to each as-of macro in the last whole job's file, alternating with the same
  query to the current table (`as_of`);
- starts: importing and starting what the job needs, each alone in a fresh process.

Job, script and data work alternate; with --repeat N each number is the median of N. Trust the
ratios more than the seconds, since the machine may be busy; processor time is reported for the
same reason.
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
from benchmarks.measurement import PROJECT, CommandFailed, Measured
from benchmarks.report_tables import print_report
from benchmarks.results import (
    Comparison,
    Report,
    costs_of_steps,
    median_cost,
    median_pieces,
    median_run,
)
from benchmarks.workspace import BASELINES, Workspace

RELEASES = PROJECT.parent / "shared" / "releases"

console = Console(stderr=True)


def main() -> int:
    """Measure and print. Returns 0 if everything was measured, whether or not the aims are met, and
    1 if something failed."""
    options = _options()
    try:
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            report = _measure_all(Workspace(Path(folder)), options.releases, options.repeat)
    except (CommandFailed, Disagreement) as error:
        console.print(f"benchmarks: {error}", markup=False, soft_wrap=True)
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


def _measure_all(workspace: Workspace, releases: Path, repeat: int) -> Report:
    _progress("dbt's manifest, untimed")
    workspace.prepare()
    comparisons = [_compare("bundle", (), workspace, repeat)]
    landing: tuple[Path, ...] = ()
    skipped = None
    if releases.is_dir():
        landing = (releases.resolve(),)
        comparisons.append(_compare("bundle and releases", landing, workspace, repeat))
    else:
        skipped = f"Skipped: the whole job on {releases}, because the folder does not exist."
        _progress(skipped)
    job = comparisons[-1].name
    return Report(
        repeat=repeat,
        comparisons=tuple(comparisons),
        nothing_new=_repeated(
            f"nothing new, {job}", partial(workspace.nothing_new, job, landing), repeat
        ),
        as_of=measure_as_of(workspace.published(job)),
        starts={
            name: _repeated(name, partial(workspace.start, command), repeat)
            for name, command in workspace.starts().items()
        },
        skipped=skipped,
    )


def _compare(name: str, landing: Sequence[Path], workspace: Workspace, repeat: int) -> Comparison:
    jobs, bares, bare_works, works = [], [], [], []
    for _ in range(repeat):
        _progress(f"whole job, {name}")
        jobs.append(workspace.nightly(name, landing))
        _progress(f"bare script, {name}")
        bare, bare_work, made = workspace.bare(name, landing)
        bares.append(bare)
        bare_works.append(bare_work)
        rows_equal = assert_agree(workspace.published(name), made)
        _progress(f"data work, {name}")
        works.append(workspace.data_work(name, landing))
    pieces = median_pieces(works)
    return Comparison(
        name=name,
        job=median_run(jobs),
        bare=median_run(bares),
        bare_work=median_cost(bare_works),
        baselines=tuple(workspace.baseline(name, one) for one in BASELINES),
        pieces=pieces,
        steps=costs_of_steps(jobs[-1], workspace.steps(name), pieces),
        rows_equal=rows_equal,
    )


def _repeated(what: str, run: Callable[[], Measured], repeat: int) -> Measured:
    _progress(what)
    return median_run([run() for _ in range(repeat)])


def _progress(what: str) -> None:
    console.print(f"measuring: {what}" if not what.startswith("Skipped") else what, markup=False)


if __name__ == "__main__":
    sys.exit(main())
