"""The measured commands. Each runs in a fresh process; their homes share one temporary folder.

What belongs here: the commands and their environment. `measurement` measures them, `results`
evaluates the numbers.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.agreement import Disagreement
from benchmarks.bare import CUTS
from benchmarks.baselines import rows_by_table
from benchmarks.measurement import PROJECT, CommandFailed, Measured, measure
from benchmarks.pieces import Piece, table_digests
from benchmarks.results import DBT_ALONE, DUCKDB_ALONE, Baseline, Cost
from benchmarks.steps import Step

ENCOUNTERS = (f"+{cut.table}{suffix}" for cut in CUTS for suffix in ("", "_by_release"))
BASELINES = {
    DUCKDB_ALONE: ("duckdb",),
    "dbt alone, every table": ("dbt",),
    DBT_ALONE: ("dbt", *ENCOUNTERS),
}
BUNDLED = PROJECT / "warehouse" / "bundled"
DBT = Path(sys.executable).with_name("dbt")
DEFINE = (
    "from orchestration.definitions import build_defs;"
    "from orchestration.settings import Settings;"
    "build_defs(Settings.from_environment()).resolve_job_def('nightly')"
)
GREAT_EXPECTATIONS = (
    "from orchestration.gates.validation import import_great_expectations;"
    "import_great_expectations()"
)


class Workspace:
    """Runs the job, the bare script and the other measured commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def starts(self) -> dict[str, Sequence[str | Path]]:
        """Commands that only import or start what the job needs, by description."""
        parse = ("parse", "--no-partial-parse", "--target-path", self.folder / "parsed")
        project = ("--project-dir", PROJECT / "dbt_project", "--log-path", self.folder / "logs")
        return {
            "python, Dagster, the job's definitions": (sys.executable, "-c", DEFINE),
            "python, Great Expectations": (sys.executable, "-c", GREAT_EXPECTATIONS),
            "dbt --version": (DBT, "--version"),
            "dbt parse, no cache": (DBT, *parse, *project, "--profiles-dir", project[1]),
        }

    def start(self, command: Sequence[str | Path]) -> Measured:
        return self._run(command, "starts")[0]

    def prepare(self) -> None:
        """Create dbt's manifest if it is missing, and the byte code of all imports."""
        self.start((sys.executable, "-c", DEFINE))

    def published(self, job: str) -> Path:
        return self.folder / job / "border.duckdb"

    def nightly(self, job: str, landing: Sequence[Path]) -> Measured:
        """Run the whole job on an empty home."""
        shutil.rmtree(self.folder / job, ignore_errors=True)
        return self._nightly(job, landing)

    def next_night(self, job: str, landing: Sequence[Path]) -> Measured:
        """Run the job again in the home of its last run."""
        return self._nightly(job, landing)

    def nothing_new(self, job: str, landing: Sequence[Path]) -> Measured:
        """Run the job again in the home of its last run. Raises CommandFailed if it builds."""
        before = self.published(job).stat().st_ino
        measured = self._nightly(job, landing)
        if self.published(job).stat().st_ino != before:
            raise CommandFailed(
                "found a new build, expected none: project files may have changed during the "
                "benchmark; run it again"
            )
        return measured

    def bare(self, job: str, landing: Sequence[Path]) -> tuple[Measured, Cost, Path]:
        """Run the bare script on the same folders. Returns the measurement, the script's own
        seconds, and its file."""
        out = self.folder / f"{job}.bare.duckdb"
        out.unlink(missing_ok=True)
        measured, printed = self._module("benchmarks.bare", job, out, BUNDLED, *landing)
        work = json.loads(printed)
        return measured, Cost(work["wall_seconds"], work["cpu_seconds"]), out

    def data_work(self, job: str, landing: Sequence[Path]) -> tuple[Piece, ...]:
        """Run the data work of a job that has run. Raises Disagreement if its tables differ."""
        published = self.published(job)
        found = json.loads(self._module("benchmarks.data_work", job, published, *landing)[1])
        made, expected = found["digests"], table_digests(published)
        if made != expected:
            differ = sorted(name for name, _ in made.items() ^ expected.items())
            raise Disagreement(f"data work and job made different tables: {differ}")
        return tuple(Piece(**piece) for piece in found["pieces"])

    def baseline(self, job: str, name: str) -> Baseline:
        """Make a job's tables again with DuckDB or dbt alone. Raises Disagreement if a table has
        another number of rows than the job's."""
        how, *selection = BASELINES[name]
        *_, compiled = sorted((self.folder / job).glob("builds/*/dbt/compiled"))  # of the newest
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            measured, printed = self._module(
                "benchmarks.baselines", job, how, self.published(job), compiled, folder, *selection
            )
        found = json.loads(printed)
        expected = rows_by_table(self.published(job))
        if differ := sorted(t for t, rows in found["rows"].items() if expected.get(t) != rows):
            raise Disagreement(f"{name} and job made tables with other rows: {differ}")
        work = Cost(found["wall_seconds"], found["cpu_seconds"])
        return Baseline(name, measured, work, len(found["rows"]))

    def steps(self, job: str) -> tuple[Step, ...]:
        printed = self._module("benchmarks.steps", job, self.folder / job)[1]
        return tuple(Step(**step) for step in json.loads(printed))

    def _nightly(self, job: str, landing: Sequence[Path]) -> Measured:
        options = [part for folder in landing for part in ("--landing", folder)]
        return self._module("orchestration.cli", job, "nightly", *options)[0]

    def _module(self, module: str, job: str, *arguments: Any) -> tuple[Measured, str]:
        return self._run((sys.executable, "-m", module, *arguments), job)

    def _run(self, command: Sequence[str | Path], home: str) -> tuple[Measured, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BORDERLEDGER_", "DAGSTER_", "DBT_"))
        }
        ours = {
            "BORDERLEDGER_HOME": str(self.folder / home),
            "BORDERLEDGER_OFFLINE": "1",
            "DO_NOT_TRACK": "1",
        }
        return measure([str(part) for part in command], inherited | ours)
