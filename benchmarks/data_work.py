"""Measure the data work of one nightly job alone, piece by piece.

    python -m benchmarks.data_work PUBLISHED.duckdb LANDING...

The process first imports Dagster's assets, dbt and Great Expectations, parses the dbt project and
runs one suite (the only use of PUBLISHED). Then it calls the job's functions in the job's order
on an empty home, without Dagster: fetch, open the build, load the raw tables, gates, dbt's
models, gates, the marts, gates, the claims, gates, seal, publish. Only work on data is counted.
Not counted: process starts, imports, dbt's parsing and configuration, and Dagster's bookkeeping
of runs, events and checks, including the row counts and newest months in its UI (some tenths of
a second).

dbt's share is what the job's own call takes: opening the file, building the models with their
contracts and comments, logging, closing the file.

Prints JSON: the pieces in order, each with the step of the job that it belongs to, and the
content digests of the tables, which the caller compares with the job's.
"""

import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BEFORE_THE_RUN = "before the run"


@dataclass(frozen=True)
class Piece:
    """One piece of the data work, and the step of the job that it belongs to."""

    step: str
    what: str
    wall_seconds: float
    cpu_seconds: float


class Clock:
    """Times pieces of work, one after the other."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    @contextlib.contextmanager
    def piece(self, step: str, what: str) -> Iterator[None]:
        wall, cpu = _now()
        yield
        ended = _now()
        self.pieces.append(Piece(step, what, ended[0] - wall, ended[1] - cpu))


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

    import orchestration.definitions  # noqa: F401  everything that the job imports
    from orchestration.assets.dbt_command import parsed_project
    from orchestration.assets.models import SELECTIONS, run_dbt
    from orchestration.builds.build import open_build
    from orchestration.builds.fingerprint import fingerprint
    from orchestration.builds.gate_results import Stage
    from orchestration.builds.publishing import publish
    from orchestration.builds.raw_tables import (
        accepted_parts,
        load_provenance,
        load_raw_dataset,
    )
    from orchestration.builds.sealing import seal
    from orchestration.catalogue.dataset import load_catalogue
    from orchestration.claims.tables import write_claims
    from orchestration.gates.suites import load_suites
    from orchestration.gates.validation import run_suites
    from orchestration.intake.fetch import fetch
    from orchestration.releases.archive import Archive
    from orchestration.review.review import review
    from orchestration.settings import Settings

    settings = Settings(home=home, landing=tuple(folders), offline=True)
    catalogue, suites, archive = load_catalogue(), load_suites(), Archive(settings.archive)
    parsed_project()
    run_suites(published, [s for s in suites if s.table == "raw.vocabulary"], set())
    clock = Clock()

    def gates(stage: Stage) -> None:
        with clock.piece(f"gates_after_{stage}", "Great Expectations"):
            mine = [suite for suite in suites if suite.stage == stage]
            released = accepted_parts(build.database, load_catalogue())
            build.add_gate_results(run_suites(build.database, mine, released))

    with clock.piece(BEFORE_THE_RUN, "fetch: find, read, validate and archive releases"):
        fetch(settings)
    with clock.piece(BEFORE_THE_RUN, "compare each release with the previous one"):
        reviewed = review(archive)
    with clock.piece("open_build", "fingerprint, new file"):
        build = open_build(settings.builds, "00000000", fingerprint(archive, ()))
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
        with clock.piece(stage, "dbt's models"):
            run_dbt(build, SELECTIONS[stage])
        gates(stage)
    with clock.piece("claims", "check every claim"):
        connection = duckdb.connect(str(build.database))
        write_claims(connection, build.folder, ())
        connection.close()
    gates("claims")
    with clock.piece("sealed_build", "seal: provenance, digests, checksum"):
        declared = [(s.table, e.check_name) for s in suites for e in s.expectations]
        seal(build, len(reviewed.accepted()), declared)
    with clock.piece("sealed_build", "publish"):
        publish(build, settings)
    return {
        "pieces": [asdict(piece) for piece in clock.pieces],
        "digests": table_digests(settings.published),
    }


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def table_digests(published: Path) -> dict[str, str]:
    """Content digest of every table and view of a published file, by name. Two builds of the same
    files have equal contents in `raw` and `main`."""
    import duckdb

    connection = duckdb.connect(str(published), read_only=True)
    rows = connection.execute(
        "select schema_name || '.' || table_name, digest from meta.tables"
    ).fetchall()
    connection.close()
    return dict(rows)


if __name__ == "__main__":
    main()
