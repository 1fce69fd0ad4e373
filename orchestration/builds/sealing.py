"""Sealing a build: the last tables of its file, the checks that it may be published, its record."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

import duckdb
import polars as pl

from orchestration.builds.build import Build, BuildRecord
from orchestration.builds.columns import COLUMN_TYPES, AboutTables, described_columns
from orchestration.builds.comments import BUILD_TYPES, BUILDS, COLUMNS, GATE_RESULTS, TABLES
from orchestration.builds.connection import connected
from orchestration.builds.gate_results import GateResult
from orchestration.builds.sql import identifier
from orchestration.builds.tables import write_table
from orchestration.durable import replace, sha256_of

NOTHING_KNOWN = AboutTables()


class SealError(Exception):
    """A build that must not be published, and why."""


def seal(
    build: Build,
    releases: int,
    declared: Iterable[tuple[str, str]],
    held: int = 0,
    about: AboutTables = NOTHING_KNOWN,
) -> BuildRecord:
    """Finish a build's file: drop the staging schema, write `meta.builds`, `meta.gate_results`,
    `meta.tables` and `meta.columns`, close it, make it read-only and compute its checksum.

    releases, held: how many releases it contains, and how many wait for a decision.
    declared: (table, check) of every check that the suites declare.
    about: the tables' keys and datasets. Raises SealError if a declared check did not run, a
    critical one failed, or a table has no suite.
    """
    results, fingerprint, checks = build.gate_results, build.made_of, set(declared)
    _check_gates(results, checks)
    built_at = datetime.now(UTC)
    with connected(build.database) as connection:
        connection.execute("drop schema if exists staging cascade")
        _check_tables(connection, {table for table, _ in checks})
        of_build = {
            "build_id": build.build_id,
            "built_at": built_at,
            "fingerprint": fingerprint.digest,
            "archive_digest": fingerprint.archive,
            "code_digest": fingerprint.code,
            "libraries": fingerprint.libraries,
            "claims_digest": fingerprint.claims or None,
            "releases": releases,
            "as_of": build.as_of,
        }
        for table, rows, comments in (
            ("meta.builds", pl.DataFrame([of_build], schema_overrides=BUILD_TYPES), BUILDS),
            ("meta.gate_results", _frame(results), GATE_RESULTS),
            ("meta.tables", _tables(connection, about), TABLES),
            ("meta.columns", pl.DataFrame(schema=COLUMN_TYPES), COLUMNS),  # which names itself
        ):
            write_table(connection, build.folder, table, rows, comments)
        described = described_columns(connection, about.keys)
        write_table(connection, build.folder, "meta.columns", described, COLUMNS)
        connection.execute("checkpoint")
    return _close(build, built_at, results, releases, held)


def content_digests(connection: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    """Schema, name, rows and content digest of every table and view of main and raw. Equal rows
    in any order have equal digests, within one version of DuckDB."""
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


def _tables(connection: duckdb.DuckDBPyConnection, about: AboutTables) -> pl.DataFrame:
    """The rows of `meta.tables`."""
    rows = [
        {
            **described,
            "datasets": sorted(
                about.datasets.get(f"{described['schema_name']}.{described['table_name']}", ())
            ),
        }
        for described in content_digests(connection)
    ]
    return pl.DataFrame(rows, schema_overrides={"datasets": pl.List(pl.String())})


def _check_tables(connection: duckdb.DuckDBPyConnection, with_suite: set[str]) -> None:
    found = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables order by all"
    ).fetchall()
    if missing := [table for (table,) in found if table not in with_suite]:
        raise SealError(f"found tables without a suite in expectations/: {', '.join(missing)}")


def _check_gates(results: list[GateResult], declared: set[tuple[str, str]]) -> None:
    ran = {(result.table, result.check) for result in results}
    if missing := sorted(declared - ran):
        raise SealError(f"found {len(missing)} declared checks that did not run: {missing[:5]}")
    if failed := [result for result in results if result.blocks]:
        names = [f"{result.table}: {result.check}" for result in failed]
        raise SealError(f"found failed critical checks, expected none: {names}")


def _frame(results: list[GateResult]) -> pl.DataFrame:
    return pl.DataFrame([result.model_dump() for result in results], infer_schema_length=None)


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
    replace(build.folder / "build.json", lambda path: path.write_text(text, encoding="utf-8"))
    return record
