"""Builds for tests: small database files, open or sealed, without a run of the job."""

import duckdb

from orchestration.builds.build import Build, open_build
from orchestration.builds.fingerprint import Fingerprint
from orchestration.builds.gate_results import GateResult
from orchestration.builds.sealing import seal
from orchestration.catalogue.dataset import load_catalogue
from orchestration.settings import Settings

# what a suite can need: with all of it, every suite applies
EVERY_PART = {part for dataset in load_catalogue().values() for part in dataset.parts}
DECLARED = [("main.t", "grain_is_unique")]


def gate_result(**changes: object) -> GateResult:
    """The result of the declared check, passed unless changed."""
    return GateResult.model_validate(
        {
            "stage": "facts",
            "table": "main.t",
            "check": "grain_is_unique",
            "expectation": "expect_column_values_to_be_unique",
            "severity": "critical",
            "status": "passed",
            "notes": "made for a test",
        }
        | changes
    )


def filled_build(
    settings: Settings, run: str, rows: int = 3, made_of: Fingerprint | None = None
) -> Build:
    """An open build with one small table and a passed check. made_of: default: made up."""
    inputs = made_of or Fingerprint("archive", f"code {rows}", "libraries")
    build = open_build(settings.builds, run, inputs)
    with duckdb.connect(str(build.database)) as connection:
        connection.execute("create schema raw; create schema meta; create schema staging")
        connection.execute(f"create table main.t as select range as i from range({rows})")
        connection.execute("create table staging.s as select 1 as i")
    build.add_gate_results([gate_result()])
    return build


def sealed_build(
    settings: Settings, run: str, rows: int = 3, made_of: Fingerprint | None = None
) -> Build:
    """A sealed build with one small table."""
    build = filled_build(settings, run, rows, made_of)
    seal(build, 1, DECLARED)
    return build


def overwrite_bytes(build: Build) -> None:
    """Damage the build's file in the middle, as a failing disk would."""
    build.database.chmod(0o644)
    with build.database.open("r+b") as file:
        file.seek(5000)
        file.write(b"damage")
