"""The measurements as records, the ratios and medians derived from them, and the aims.

What belongs here: arithmetic on measurements. Nothing is run or printed here.
"""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.as_of import TIMES_THE_CURRENT_TABLE, AsOf
from benchmarks.measurement import Measured
from benchmarks.pieces import BEFORE_THE_RUN, Piece
from benchmarks.steps import Step

NOTHING_NEW_SECONDS = 5.0
TIMES_DUCKDB_ALONE = 3.0
TIMES_DBT_ALONE = 1.5
PEAK_BYTES = 700_000_000
AS_OF_MILLISECONDS = 100.0
DUCKDB_ALONE, DBT_ALONE = "DuckDB alone, every table", "dbt alone, encounters"
BETWEEN, AFTER = "between the steps", "after the last step"


@dataclass(frozen=True)
class Cost:
    """Wall and processor seconds of a part of a process."""

    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Baseline:
    """Tables of the job made by DuckDB or dbt alone, from its raw tables; see `baselines`.

    measured: the whole process. work: without Python's start.
    """

    name: str
    measured: Measured
    work: Cost
    tables: int


@dataclass(frozen=True)
class StepCost:
    """Wall seconds of one part of the whole job, and of the data work in it."""

    step: str
    job_seconds: float
    data_work_seconds: float
    data_work: tuple[str, ...]

    @property
    def rest_seconds(self) -> float:
        return self.job_seconds - self.data_work_seconds


@dataclass(frozen=True)
class Comparison:
    """A whole job and the bare script on the same files.

    bare_work: the bare script without Python's start and imports.
    rows_equal: how many rows of totals were compared in both files; all are equal.
    """

    name: str
    job: Measured
    bare: Measured
    bare_work: Cost
    baselines: tuple[Baseline, ...]
    pieces: tuple[Piece, ...]
    steps: tuple[StepCost, ...]
    rows_equal: int

    @property
    def data_work(self) -> Cost:
        return Cost(
            sum(piece.wall_seconds for piece in self.pieces),
            sum(piece.cpu_seconds for piece in self.pieces),
        )

    @property
    def data_work_on_tables(self) -> Cost:
        """The data work once the releases are read and compared: what makes and checks tables."""
        pieces = [piece for piece in self.pieces if piece.step != BEFORE_THE_RUN]
        return Cost(
            sum(piece.wall_seconds for piece in pieces), sum(piece.cpu_seconds for piece in pieces)
        )

    def baseline(self, name: str) -> Baseline:
        return next(one for one in self.baselines if one.name == name)

    @property
    def ratios(self) -> dict[str, float]:
        """The job and its data work as multiples of the bare script."""
        return {
            "job_wall": self.job.wall_seconds / self.bare.wall_seconds,
            "job_cpu": self.job.cpu_seconds / self.bare.cpu_seconds,
            "job_peak": self.job.peak_bytes / self.bare.peak_bytes,
            "data_work_wall": self.data_work.wall_seconds / self.bare_work.wall_seconds,
            "data_work_cpu": self.data_work.cpu_seconds / self.bare_work.cpu_seconds,
        } | {
            f"job to {one.name}": self.job.wall_seconds / one.measured.wall_seconds
            for one in self.baselines
        }


@dataclass(frozen=True)
class Aim:
    """A performance aim, the measured value, and whether it is met."""

    aim: str
    found: str
    met: bool


@dataclass(frozen=True)
class Report:
    """All measurements. The last comparison is the largest job's."""

    repeat: int
    comparisons: tuple[Comparison, ...]
    nothing_new: Measured
    as_of: tuple[AsOf, ...]
    starts: dict[str, Measured]
    skipped: str | None

    @property
    def aims(self) -> tuple[Aim, ...]:
        largest = self.comparisons[-1]
        duckdb, dbt = (largest.baseline(name) for name in (DUCKDB_ALONE, DBT_ALONE))
        ratio = largest.data_work_on_tables.wall_seconds / duckdb.work.wall_seconds
        job_ratio = largest.job.wall_seconds / dbt.measured.wall_seconds
        seconds = self.nothing_new.wall_seconds
        slowest = max(self.as_of, key=lambda found: found.as_of_milliseconds)
        dearest = max(self.as_of, key=lambda found: found.ratio / found.aim)
        peak = max(run.peak_bytes for run in (self.nothing_new, *(c.job for c in self.comparisons)))
        return (
            Aim(
                f"nothing new under {NOTHING_NEW_SECONDS:.0f} s",
                f"{seconds:.1f} s",
                seconds < NOTHING_NEW_SECONDS,
            ),
            Aim(
                f"whole job under {TIMES_DBT_ALONE} times {dbt.name}",
                f"{job_ratio:.1f} times, {largest.name}",
                job_ratio < TIMES_DBT_ALONE,
            ),
            Aim(
                f"data work on tables under {TIMES_DUCKDB_ALONE:.0f} times {duckdb.name}",
                f"{ratio:.1f} times, {largest.name}",
                ratio < TIMES_DUCKDB_ALONE,
            ),
            Aim(
                f"peak memory under {PEAK_BYTES / 10**9} GB",
                f"{peak / 10**6:,.0f} MB",
                peak < PEAK_BYTES,
            ),
            Aim(
                f"as-of queries under {AS_OF_MILLISECONDS:.0f} ms",
                f"the slowest, {slowest.macro}, {slowest.as_of_milliseconds:.0f} ms",
                slowest.as_of_milliseconds < AS_OF_MILLISECONDS,
            ),
            Aim(
                f"as-of queries under {TIMES_THE_CURRENT_TABLE:.0f} times the current table, or"
                " their own aim",
                f"the nearest to its aim, {dearest.macro}, {dearest.ratio:.1f} times of"
                f" {dearest.aim:.0f}",
                all(found.met for found in self.as_of),
            ),
        )

    def as_json(self) -> dict[str, Any]:
        comparisons = [
            asdict(comparison)
            | {"data_work": asdict(comparison.data_work), "ratios": comparison.ratios}
            for comparison in self.comparisons
        ]
        return asdict(self) | {
            "comparisons": comparisons,
            "aims": [asdict(aim) for aim in self.aims],
        }


def median_run(runs: Sequence[Measured]) -> Measured:
    """The median of each number, with the times at which the last run started and ended."""
    return Measured(
        started_at=runs[-1].started_at,
        ended_at=runs[-1].ended_at,
        wall_seconds=statistics.median(run.wall_seconds for run in runs),
        cpu_seconds=statistics.median(run.cpu_seconds for run in runs),
        peak_bytes=round(statistics.median(run.peak_bytes for run in runs)),
    )


def median_cost(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall_seconds for cost in costs),
        statistics.median(cost.cpu_seconds for cost in costs),
    )


def median_pieces(runs: Sequence[Sequence[Piece]]) -> tuple[Piece, ...]:
    """The median of each piece of the data work."""
    return tuple(
        Piece(
            alike[0].step,
            alike[0].what,
            statistics.median(piece.wall_seconds for piece in alike),
            statistics.median(piece.cpu_seconds for piece in alike),
        )
        for alike in zip(*runs, strict=True)
    )


def costs_of_steps(
    job: Measured, steps: Sequence[Step], pieces: Sequence[Piece]
) -> tuple[StepCost, ...]:
    """Each part of a job's wall time, from the start of its process to its end, with the data work
    in it. Raises ValueError for data work of an unknown step."""
    parts = {BEFORE_THE_RUN: steps[0].started_at - job.started_at}
    parts |= {step.name: step.seconds for step in steps}
    parts[BETWEEN] = steps[-1].ended_at - steps[0].started_at - sum(step.seconds for step in steps)
    parts[AFTER] = job.ended_at - steps[-1].ended_at
    of_step: defaultdict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        of_step[piece.step].append(piece)
    if unknown := set(of_step) - set(parts):
        raise ValueError(f"found data work of {sorted(unknown)}, expected one of {list(parts)}")
    return tuple(
        StepCost(
            name,
            seconds,
            sum(piece.wall_seconds for piece in of_step[name]),
            tuple(piece.what for piece in of_step[name]),
        )
        for name, seconds in parts.items()
    )
