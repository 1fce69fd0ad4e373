"""The data work of one nightly job by itself, piece by piece.

    python -m benchmarks.data_work PUBLISHED.duckdb LANDING...

In a process that has already imported Dagster's assets, dbt and Great Expectations, has
parsed the dbt project and has run a suite once (PUBLISHED is only there for that), the
functions of the job are called in its order, on an empty home, without Dagster: look for
releases, open the build, load the raw tables, gates, dbt's models, gates, the mart, gates,
seal, publish. So what is counted is the work on data alone, under the same noise in every
piece. Not counted: the start of processes, imports, dbt's parsing and reading of its
configuration, and what is done for Dagster: its book-keeping of runs, events and checks, and
the row counts and newest months that its UI shows (some tenths of a second).

dbt's part is from its line "Concurrency" to its line "Finished running", which is the
`elapsed_time` of its run_results.json: opening the file, the models with their contracts
and comments, its log, closing the file.

It prints JSON: the pieces in order, each with the step of the job to which it belongs, and
the content digests of the tables that it made. The caller compares these with the job's.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

BEFORE_THE_RUN = "before the run"
FIRST_EVENT, LAST_EVENT = "ConcurrencyLine", "FinishedRunningStats"


@dataclass(frozen=True)
class Piece:
    """One piece of the data work, and the step of the job to which it belongs."""

    step: str
    what: str
    wall_seconds: float
    cpu_seconds: float


class Clock:
    """Takes the time of one piece after the other."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    @contextlib.contextmanager
    def piece(self, step: str, what: str) -> Iterator[None]:
        wall, cpu = _now()
        yield
        ended = _now()
        self.add(step, what, ended[0] - wall, ended[1] - cpu)

    def add(self, step: str, what: str, wall: float, cpu: float) -> None:
        self.pieces.append(Piece(step, what, wall, cpu))


def main() -> None:
    published, *folders = map(Path, sys.argv[1:])
    home = Path(tempfile.mkdtemp(prefix="data-work-"))
    output = sys.stdout
    try:
        with open(home / "output.log", "w") as log, contextlib.redirect_stdout(log):
            found = _replay(published, folders, home)
    finally:
        shutil.rmtree(home)
    json.dump(found, output)


def _replay(published: Path, folders: list[Path], home: Path) -> dict[str, Any]:
    import duckdb

    import orchestration.definitions  # noqa: F401  all that the job imports
    from orchestration.assets.models import SELECTIONS
    from orchestration.builds.build import open_build, seal
    from orchestration.builds.fingerprint import fingerprint
    from orchestration.builds.gate_results import Stage
    from orchestration.builds.publishing import publish
    from orchestration.builds.raw_tables import (
        accepted_datasets,
        load_provenance,
        load_raw_dataset,
    )
    from orchestration.catalogue.dataset import load_catalogue
    from orchestration.gates.suites import load_suites
    from orchestration.gates.validation import run_suites
    from orchestration.intake.fetch import fetch
    from orchestration.releases.archive import Archive
    from orchestration.review.review import review
    from orchestration.settings import Settings

    settings = Settings(home=home, landing=tuple(folders), offline=True)
    catalogue, suites, archive = load_catalogue(), load_suites(), Archive(settings.archive)
    dbt = Dbt(home / "dbt", settings.published.name)
    run_suites(published, [s for s in suites if s.table == "raw.vocabulary"], set())
    clock = Clock()

    def gates(stage: Stage) -> None:
        with clock.piece(f"gates_after_{stage}", "Great Expectations"):
            mine = [suite for suite in suites if suite.stage == stage]
            released = accepted_datasets(build.database)
            build.add_gate_results(run_suites(build.database, mine, released))

    with clock.piece(BEFORE_THE_RUN, "look for releases, read, judge, archive"):
        fetch(settings)
    with clock.piece("archive", "look at the archive again"):
        fetch(replace(settings, landing=()))
    with clock.piece("archive", "compare each release with the one before it"):
        reviewed = review(archive)
    with clock.piece("build", "fingerprint, new file"):
        build = open_build(settings.builds, "00000000", fingerprint(archive))
        connection = duckdb.connect(str(build.database))
        connection.execute("create schema raw; create schema meta")
        connection.close()
    with clock.piece("raw", "archive's Parquet into the file"):
        connection = duckdb.connect(str(build.database))
        for dataset in catalogue.values():
            load_raw_dataset(connection, archive, dataset, reviewed)
        load_provenance(connection, reviewed, catalogue, build.folder)
        connection.close()
    gates("raw")
    for stage in ("facts", "marts"):
        clock.add(stage, "dbt's models", *dbt.build(SELECTIONS[stage], build.database))
        gates(stage)
    with clock.piece("border_duckdb", "seal: provenance, digests, checksum"):
        declared = [(s.table, e.check_name) for s in suites for e in s.expectations]
        seal(build, len(reviewed.accepted()), declared)
    with clock.piece("border_duckdb", "publish"):
        publish(build, settings)
    return {
        "pieces": [asdict(piece) for piece in clock.pieces],
        "digests": table_digests(settings.published),
    }


class Dbt:
    """dbt in this process, its project parsed once before anything is timed."""

    def __init__(self, folder: Path, published_name: str) -> None:
        from dbt.cli.main import dbtRunner
        from dbt.contracts.graph.manifest import Manifest

        from orchestration.settings import DBT_PROJECT

        self.options = [
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(folder), "--log-path", str(folder), "--log-format", "json"),
        ]
        self.times: dict[str, tuple[float, float]] = {}
        # the models are compiled for a database of the file's name
        os.environ["BORDERLEDGER_BUILD"] = str(folder / published_name)
        parsed = dbtRunner().invoke(["parse", *self.options])
        assert parsed.success, parsed.exception
        assert isinstance(parsed.result, Manifest)
        self.runner = dbtRunner(manifest=parsed.result, callbacks=[self._note])

    def build(self, selection: str, database: Path) -> tuple[float, float]:
        """Build the selected models in a file; wall and processor seconds."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        os.environ["BORDERLEDGER_BUILD"] = str(database)
        self.times.clear()
        built = self.runner.invoke(
            ["build", *self.options, "--exclude-resource-type", "unit_test", "--select", selection]
        )
        assert built.success, built.exception
        self.times["returned"] = _now()
        close: Callable[[], None] = DuckDBConnectionManager.close_all_connections
        close()  # as at the end of dbt's own process
        self.times["closed"] = _now()
        spans = ((FIRST_EVENT, LAST_EVENT), ("returned", "closed"))
        wall, cpu = (
            sum(self.times[end][i] - self.times[start][i] for start, end in spans) for i in (0, 1)
        )
        return wall, cpu

    def _note(self, event: Any) -> None:
        if event.info.name in (FIRST_EVENT, LAST_EVENT):
            self.times[event.info.name] = _now()


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def table_digests(published: Path) -> dict[str, str]:
    """Content digest of every table and view of a published file, by name. `raw` and `main`
    hold nothing that differs between two builds of the same files."""
    import duckdb

    connection = duckdb.connect(str(published), read_only=True)
    rows = connection.execute(
        "select schema_name || '.' || table_name, digest from meta.tables"
    ).fetchall()
    connection.close()
    return dict(rows)


if __name__ == "__main__":
    main()
