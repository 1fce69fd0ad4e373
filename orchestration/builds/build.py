"""One run's build: its folder, its database file, and what is known of it.

builds/<build_id>/border.duckdb    the file: open, then sealed
                  made-of.json     its fingerprint, taken before anything was read, and the
                                   day as of which it is built
                  gates.json       what the gates found so far
                  build.json       the record; written last, so that only a sealed build has one
"""

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
from pydantic import BaseModel, ConfigDict, TypeAdapter

from orchestration.builds.comments import BUILDS, GATE_RESULTS, TABLES
from orchestration.builds.fingerprint import Fingerprint
from orchestration.builds.gate_results import GateResult
from orchestration.builds.raw_tables import comment_on
from orchestration.builds.sql import Comments, identifier, literal
from orchestration.durable import replace, sha256_of
from orchestration.settings import Settings

BEGUN = "%Y%m%dT%H%M%SZ"


class BuildRecord(BaseModel):
    """What is known of a sealed build. sha256 and size_bytes are those of its file; as_of is the
    day up to which releases went in, None for all; held: releases that wait for a decision."""

    model_config = ConfigDict(frozen=True)

    build_id: str
    built_at: datetime
    fingerprint: str
    sha256: str
    size_bytes: int
    releases: int
    checks: int
    warnings: int
    held: int = 0
    as_of: date | None = None


class MadeOf(BaseModel):
    """What a build was opened with."""

    model_config = ConfigDict(frozen=True)

    fingerprint: Fingerprint
    as_of: date | None = None


@dataclass(frozen=True)
class Build:
    """A build below `builds/` or `rebuilds/`, open or sealed."""

    folder: Path

    @property
    def build_id(self) -> str:
        return self.folder.name

    @property
    def database(self) -> Path:
        return self.folder / "border.duckdb"

    @property
    def is_sealed(self) -> bool:
        return (self.folder / "build.json").exists()

    @property
    def is_whole(self) -> bool:
        """Whether it is sealed, and its file is the one that was sealed."""
        return (
            self.is_sealed
            and self.database.is_file()
            and sha256_of(self.database) == self.record.sha256
        )

    @property
    def record(self) -> BuildRecord:
        return BuildRecord.model_validate_json((self.folder / "build.json").read_bytes())

    @property
    def made_of(self) -> Fingerprint:
        """The fingerprint when it was opened. A release that comes in while the run works is
        not in it, so that the next run finds it new."""
        return MadeOf.model_validate_json((self.folder / "made-of.json").read_bytes()).fingerprint

    @property
    def as_of(self) -> date | None:
        """The day up to which releases go in; None for all, as published builds have."""
        return MadeOf.model_validate_json((self.folder / "made-of.json").read_bytes()).as_of

    @property
    def gate_results(self) -> list[GateResult]:
        """What the gates have found so far, in the order in which they ran."""
        path = self.folder / "gates.json"
        if not path.exists():
            return []
        return TypeAdapter(list[GateResult]).validate_json(path.read_bytes())

    def add_gate_results(self, results: list[GateResult]) -> None:
        rows = [result.model_dump() for result in (*self.gate_results, *results)]
        text = json.dumps(rows, indent=1)
        replace(self.folder / "gates.json", lambda path: path.write_text(text))


class SealError(Exception):
    """A build that must not be published: says what is missing."""


def open_build(builds: Path, run_id: str, made_of: Fingerprint, as_of: date | None = None) -> Build:
    """Make the folder of a run's build, and remove what earlier runs left unsealed."""
    builds.mkdir(parents=True, exist_ok=True)
    for build in all_builds(builds):
        if not build.is_sealed:
            shutil.rmtree(build.folder)
    folder = builds / f"{_begun(builds)}-{run_id[:8]}"
    folder.mkdir()
    text = MadeOf(fingerprint=made_of, as_of=as_of).model_dump_json(indent=1)
    replace(folder / "made-of.json", lambda path: path.write_text(text))
    return Build(folder)


def _begun(builds: Path) -> str:
    """The time now, or the second after the newest build was begun: builds are in the order of
    their names, also once the clock was set back."""
    begun = datetime.now(UTC)
    for build in all_builds(builds)[-1:]:
        with contextlib.suppress(ValueError):  # a folder of another name
            newest = datetime.strptime(build.build_id.partition("-")[0], BEGUN).replace(tzinfo=UTC)
            begun = max(begun, newest + timedelta(seconds=1))
    return begun.strftime(BEGUN)


def build_of_run(settings: Settings, run_id: str) -> Build:
    """The build that a run has opened. Raises FileNotFoundError."""
    for build in (*all_builds(settings.builds), *all_builds(settings.rebuilds)):
        if build.build_id.endswith(f"-{run_id[:8]}"):
            return build
    raise FileNotFoundError(
        f"{settings.builds}: found no build of run {run_id}, expected one; every table is made "
        "in one run, so launch the job nightly"
    )


def all_builds(builds: Path) -> list[Build]:
    """Every build, oldest first, sealed or not."""
    if not builds.is_dir():
        return []
    return [Build(path) for path in sorted(builds.iterdir()) if path.is_dir()]


def seal(
    build: Build, releases: int, declared: Iterable[tuple[str, str]], held: int = 0
) -> BuildRecord:
    """Finish a build's file: drop what only dbt needs, write `meta.builds`,
    `meta.gate_results` and `meta.tables`, close it, make it read-only and take its
    checksum.

    releases, held: how many went in, and how many wait for a decision.
    declared: (table, check) of every check that the suites declare. Raises SealError where
    one of them did not run, a critical one failed, or a table has no suite.
    """
    results, fingerprint, checks = build.gate_results, build.made_of, set(declared)
    _check_gates(results, checks)
    built_at = datetime.now(UTC)
    connection = duckdb.connect(str(build.database))
    try:
        connection.execute("drop schema if exists staging cascade")
        _check_tables(connection, {table for table, _ in checks})
        about = {
            "build_id": build.build_id,
            "built_at": built_at,
            "fingerprint": fingerprint.digest,
            "archive_digest": fingerprint.archive,
            "code_digest": fingerprint.code,
            "libraries": fingerprint.libraries,
            "releases": releases,
            "as_of": build.as_of,
        }
        _write_meta(connection, build, "builds", [about], BUILDS, "One row: this build.")
        rows = [result.model_dump() for result in results]
        title = "One row a check that ran on this build."
        _write_meta(connection, build, "gate_results", rows, GATE_RESULTS, title)
        digests = content_digests(connection)
        title = "One row a table or view of the schemas main and raw, with its content digest."
        _write_meta(connection, build, "tables", digests, TABLES, title)
        connection.execute("checkpoint")
    finally:
        connection.close()
    return _close(build, built_at, results, releases, held)


def content_digests(connection: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    """Schema, name, rows and content digest of every table and view of main and raw: the same
    for the same rows in any order, as long as the DuckDB version is the same."""
    names = connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in ('main', 'raw') order by all"
    ).fetchall()
    digests: list[dict[str, object]] = []
    for schema, name in names:
        rows, total = connection.execute(
            "select count(*), [sum(hash(t)), bit_xor(hash(t, 'borderledger'))]::varchar"
            f" from {identifier(schema)}.{identifier(name)} as t"
        ).fetchall()[0]
        digest = hashlib.sha256(f"{rows} {total}".encode()).hexdigest()[:16]
        digests.append({"schema_name": schema, "table_name": name, "rows": rows, "digest": digest})
    return digests


def _check_tables(connection: duckdb.DuckDBPyConnection, with_suite: set[str]) -> None:
    found = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables order by all"
    ).fetchall()
    if bare := [table for (table,) in found if table not in with_suite]:
        raise SealError(f"found tables without a suite in expectations/: {', '.join(bare)}")


def _check_gates(results: list[GateResult], declared: set[tuple[str, str]]) -> None:
    ran = {(result.table, result.check) for result in results}
    if silent := sorted(declared - ran):
        raise SealError(f"found {len(silent)} declared checks that did not run: {silent[:5]}")
    if failed := [result for result in results if result.blocks]:
        names = [f"{result.table}: {result.check}" for result in failed]
        raise SealError(f"found failed critical checks, expected none: {names}")


def _write_meta(
    connection: duckdb.DuckDBPyConnection,
    build: Build,
    name: str,
    rows: list[dict[str, object]],
    columns: Comments,
    title: str,
) -> None:
    path = build.folder / f"{name}.parquet"
    days = {"as_of": pl.Date()} if "as_of" in columns else None
    pl.DataFrame(rows, schema_overrides=days, infer_schema_length=None).select(
        *columns
    ).write_parquet(path)
    connection.execute(
        f"create table meta.{identifier(name)} as from read_parquet({literal(path)})"
    )
    path.unlink()
    comment_on(connection, f"meta.{identifier(name)}", title, columns)


def _close(
    build: Build, built_at: datetime, results: list[GateResult], releases: int, held: int
) -> BuildRecord:
    leftover = build.database.with_name(build.database.name + ".wal")
    if leftover.exists():
        raise SealError(f"{leftover}: found a write-ahead log, expected a closed file")
    build.database.chmod(0o444)
    record = BuildRecord(
        build_id=build.build_id,
        built_at=built_at,
        fingerprint=build.made_of.digest,
        sha256=sha256_of(build.database),
        size_bytes=build.database.stat().st_size,
        releases=releases,
        checks=sum(result.status != "not applicable" for result in results),
        warnings=sum(result.status == "failed" for result in results),
        held=held,
        as_of=build.as_of,
    )
    text = record.model_dump_json(indent=2) + "\n"
    replace(build.folder / "build.json", lambda path: path.write_text(text))
    return record
