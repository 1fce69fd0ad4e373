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
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orchestration.definitions  # noqa: F401  everything that the job imports
from benchmarks.pieces import BEFORE_THE_RUN, Clock, table_digests
from orchestration.assets.dbt_command import parsed_project
from orchestration.assets.models import SELECTIONS, run_dbt
from orchestration.builds.build import Build, open_build
from orchestration.builds.connection import connected
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.gate_results import Stage
from orchestration.builds.publishing import publish
from orchestration.builds.raw_tables import (
    accepted_parts,
    create_schemas,
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
from orchestration.review.review import Review, review
from orchestration.settings import Settings


def main() -> None:
    published, *folders = map(Path, sys.argv[1:])
    home = Path(tempfile.mkdtemp(prefix="data-work-"))
    output = sys.stdout
    try:
        with open(home / "output.log", "w") as log, contextlib.redirect_stdout(log):
            _prepare(published)
            found = _Replay(home, folders).run()
    finally:
        shutil.rmtree(home)
    json.dump(found, output)


def _prepare(published: Path) -> None:
    """Do what a job does once a process, whatever the data."""
    parsed_project()
    run_suites(published, [s for s in load_suites() if s.table == "raw.vocabulary"], set())


class _Replay:
    """The job's functions, in the job's order, each timed."""

    def __init__(self, home: Path, folders: Sequence[Path]) -> None:
        self._settings = Settings(home=home, landing=tuple(folders), offline=True)
        self._archive = Archive(self._settings.archive)
        self._suites = load_suites()
        self._clock = Clock()

    def run(self) -> dict[str, Any]:
        """What took how long, and the digest of each table."""
        reviewed = self._take_in()
        build = self._load(reviewed)
        self._check(build, "raw")
        for stage in ("facts", "marts"):
            with self._clock.piece(stage, "dbt's models"):
                run_dbt(build, SELECTIONS[stage])
            self._check(build, stage)
        with (
            self._clock.piece("claims", "check every claim"),
            connected(build.database) as connection,
        ):
            write_claims(connection, build.folder, ())
        self._check(build, "claims")
        self._publish(build, reviewed)
        pieces = [asdict(piece) for piece in self._clock.pieces]
        return {"pieces": pieces, "digests": table_digests(self._settings.published)}

    def _take_in(self) -> Review:
        with self._clock.piece(BEFORE_THE_RUN, "fetch: find, read, validate and archive releases"):
            fetch(self._settings)
        with self._clock.piece(BEFORE_THE_RUN, "compare each release with the previous one"):
            return review(self._archive)

    def _load(self, reviewed: Review) -> Build:
        with self._clock.piece("open_build", "fingerprint, new file"):
            build = open_build(self._settings.builds, "00000000", fingerprint(self._archive, ()))
            with connected(build.database) as connection:
                create_schemas(connection)
        catalogue = load_catalogue()
        with (
            self._clock.piece("raw", "archive's Parquet into the file"),
            connected(build.database) as connection,
        ):
            for dataset in catalogue.values():
                load_raw_dataset(connection, self._archive, dataset, reviewed)
            load_provenance(connection, reviewed, catalogue, build.folder)
        return build

    def _check(self, build: Build, stage: Stage) -> None:
        with self._clock.piece(f"gates_after_{stage}", "Great Expectations"):
            suites = [suite for suite in self._suites if suite.stage == stage]
            released = accepted_parts(build.database, load_catalogue())
            build.add_gate_results(run_suites(build.database, suites, released))

    def _publish(self, build: Build, reviewed: Review) -> None:
        with self._clock.piece("sealed_build", "seal: provenance, digests, checksum"):
            declared = [(s.table, e.check_name) for s in self._suites for e in s.expectations]
            seal(build, len(reviewed.accepted()), declared)
        with self._clock.piece("sealed_build", "publish"):
            publish(build, self._settings)


if __name__ == "__main__":
    main()
