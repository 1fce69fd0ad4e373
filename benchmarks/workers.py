"""A first fill on workers: `python -m benchmarks.workers RELEASES [--times N]`.

It makes a landing folder of N times the rows (`benchmarks.replicas`), and takes it in three times:
in one process without Dask, with the time of each release; on one worker; on two. Workers are
processes of this machine with homes of their own, and Dagster's history is in PostgreSQL. Then it
gives the ratio, and a model for more workers. Needs the extra `workers` and PostgreSQL's programs.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from sqlalchemy import create_engine, text

from benchmarks.measurement import CommandFailed, measure
from benchmarks.replicas import replicas
from orchestration.intake.fetch import candidates_of_folders
from orchestration.intake.intake import Intake
from orchestration.intake.outcome import IntakeOutcome
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from orchestration.wording import counted
from tests.support.dask_workers import cluster, documented_command
from tests.support.postgres import documented_settings, postgres, programs

BATCHES = 32
MODELLED = (1, 2, 8, 32)


@dataclass(frozen=True)
class Intakes:
    """Every release taken in by one process, in seconds. longest: of one release. writing: of them,
    what it took to write the archive."""

    files: int
    total: float
    longest: float
    writing: float


@dataclass(frozen=True)
class Fill:
    """A fill by the command, in seconds. taking: from the begin of the first batch to the end of
    the last. steps: the sum over the batches. comparing: from the begin of the first share to the
    end of the last."""

    workers: int
    wall: float
    taking: float
    steps: float
    comparing: float
    digest: str

    @property
    def serial(self) -> float:
        """What more workers do not make shorter: start, listing, collecting, what is printed."""
        return self.wall - self.taking - self.comparing


def main() -> int:
    """Measure and print. Returns 1 if something failed or the archives differ."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.workers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("releases", type=Path, help="landing folder with the agencies' files")
    parser.add_argument(
        "--times", type=int, default=10, metavar="N", help="how many times the rows"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workers-") as name:
        folder = Path(name)
        rows = replicas(options.releases, folder / "landing", options.times)
        print(f"{rows:,} rows of CBP's datasets, {os.cpu_count()} processors")
        alone, digest = _alone(Settings(folder / "alone", landing=(folder / "landing",)))
        try:
            fills = [
                _fill(folder / f"on-{workers}", folder / "landing", workers) for workers in (1, 2)
            ]
        except CommandFailed as error:
            print(f"benchmarks.workers: {error}", file=sys.stderr)
            return 1
    _show(alone, fills)
    if {fill.digest for fill in fills} != {digest}:
        print("found archives that differ, expected the same digest", file=sys.stderr)
        return 1
    return 0


def _alone(settings: Settings) -> tuple[Intakes, str]:
    intake = Intake(settings)
    written: list[float] = []
    store = intake.archive.store

    def timed_store(*arguments: object) -> object:
        started = perf_counter()
        try:
            return store(*arguments)  # type: ignore[arg-type]
        finally:
            written.append(perf_counter() - started)

    intake.archive.store = timed_store  # type: ignore[method-assign, assignment]
    seconds = []
    for found in candidates_of_folders(settings, intake.catalogue):
        if not isinstance(found, IntakeOutcome):
            started = perf_counter()
            intake.take(found)
            seconds.append(perf_counter() - started)
    intakes = Intakes(len(seconds), sum(seconds), max(seconds), sum(written))
    return intakes, intake.archive.digest()


def _fill(folder: Path, landing: Path, workers: int) -> Fill:
    """Fill an archive from a landing folder. folder: gets the homes and the archive."""
    archive, home = folder / "shared" / "archive", folder / "home"
    (home / "dagster").mkdir(parents=True)
    (home / "dagster" / "dagster.yaml").write_text(documented_settings())
    with _server() as url:
        variables = {"BORDERLEDGER_ARCHIVE": str(archive), "BORDERLEDGER_POSTGRES": url}
        folders = {f"worker-{number}": str(landing) for number in range(1, workers + 1)}
        with cluster(folder, folders, variables) as started:
            command = [*documented_command("fill", started.scheduler), f"--batches={BATCHES}"]
            measured, _ = measure(
                [sys.executable, "-m", "orchestration.cli", *command],
                os.environ
                | variables
                | {"BORDERLEDGER_HOME": str(home), "BORDERLEDGER_LANDING": str(landing)},
            )
        steps = _steps(url)
    batches, shares = (
        [span for name, span in steps.items() if name.startswith(prefix)]
        for prefix in ("take_in_", "compare_")
    )
    return Fill(
        workers=workers,
        wall=measured.wall_seconds,
        taking=_from_first_to_last(batches),
        steps=sum(end - start for start, end in batches),
        comparing=_from_first_to_last(shares),
        digest=Archive(archive).digest(),
    )


def _from_first_to_last(spans: list[tuple[float, float]]) -> float:
    return max(end for _, end in spans) - min(start for start, _ in spans)


@contextmanager
def _server() -> Iterator[str]:
    folder = programs()
    if folder is None:
        raise CommandFailed("found no initdb, expected PostgreSQL's programs")
    with postgres(folder) as url:
        yield url


def _steps(url: str) -> dict[str, tuple[float, float]]:
    """When each step began and ended, in seconds, from Dagster's history."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "select step_key, extract(epoch from min(timestamp)), "
                "extract(epoch from max(timestamp)) from event_logs "
                "where dagster_event_type in ('STEP_START', 'STEP_SUCCESS') group by step_key"
            )
        )
        steps = {str(step): (float(str(start)), float(str(end))) for step, start, end in found}
    engine.dispose()
    return steps


def _show(alone: Intakes, fills: list[Fill]) -> None:
    one, two = fills
    print(
        f"one process: {alone.files} files in {alone.total:.1f} s, the longest {alone.longest:.1f} "
        f"s; {alone.writing:.1f} s of it to write the archive"
    )
    for fill in fills:
        print(
            f"on {counted(fill.workers, 'worker')}: {fill.wall:.1f} s; taking in "
            f"{fill.taking:.1f} s (batches {fill.steps:.1f} s), comparing {fill.comparing:.1f} s, "
            f"in all {fill.serial:.1f} s that more workers do not make shorter"
        )
    print(
        f"speed-up on 2 workers against 1: {one.wall / two.wall:.2f}, of taking in alone "
        f"{one.taking / two.taking:.2f}, of comparing {one.comparing / two.comparing:.2f}"
    )
    print(
        "\n| workers | taking in, s | comparing, s | in all, s | speed-up |\n"
        "| --- | --- | --- | --- | --- |"
    )
    for workers in MODELLED:
        taking = modelled_taking(one, alone, workers)
        comparing = modelled_comparing(one, two, workers)
        whole = one.serial + taking + comparing
        print(
            f"| {workers} | {taking:.0f} | {comparing:.0f} | {whole:.0f} | {one.wall / whole:.1f} |"
        )


def modelled_taking(one: Fill, alone: Intakes, workers: int) -> float:
    """How long taking in lasts, by Amdahl's law with what was measured on one worker: the time of
    the batches divided by the workers. It cannot fall below the longest release, nor below the time
    to write the archive if its disk writes one release at a time."""
    return max(one.taking / workers, alone.longest, alone.writing)


def modelled_comparing(one: Fill, two: Fill, workers: int) -> float:
    """How long comparing lasts. Each share reads all releases, and compares its own: what it does
    for all of them follows from the time of one share and that of two."""
    for_all = max(2 * two.comparing - one.comparing, 0)
    return for_all + (one.comparing - for_all) / workers


if __name__ == "__main__":
    sys.exit(main())
