"""Sealed builds that differ in every figure that readers query.

What belongs here: making such builds from a real one, and publishing them one after the other,
as a series of nights would.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.builds.build import Build, BuildRecord
from orchestration.builds.publishing import publish
from orchestration.builds.sealing import content_digests
from orchestration.builds.sql import literal
from orchestration.durable import sha256_of
from orchestration.settings import Settings
from tests.resilience.readers_under_load.reader import Seen, see

STAMPED = {  # the table behind fct_encounters, and the series
    "main.fct_encounters_by_release": ("encounters", "is_current"),
    "main.southwest_border_monthly": ("total", "total is not null"),
}


@dataclass(frozen=True)
class Version:
    """A build to publish, and what a reader of it must see."""

    build: Build
    seen: Seen


def make_versions(source: Build, folder: Path, count: int) -> list[Version]:
    """Copies of a sealed build, each with an id and figures of its own."""
    return [_version(source, folder / f"20000101T0000{n:02d}Z-version{n}", n) for n in range(count)]


def publish_next(version: Version, number: int, settings: Settings) -> None:
    """Publish a version as the next night's build, so that the oldest one is deleted."""
    night = Build(settings.builds / f"20000101T{number:06d}Z-{version.build.build_id[-8:]}")
    shutil.copytree(version.build.folder, night.folder)
    record = version.build.record.model_copy(update={"build_id": night.build_id})
    (night.folder / "build.json").write_text(record.model_dump_json())
    publish(night, settings)


def _version(source: Build, folder: Path, number: int) -> Version:
    build = Build(folder)
    folder.mkdir(parents=True)
    shutil.copy(source.database, build.database)
    build.database.chmod(0o644)
    with duckdb.connect(str(build.database)) as connection:
        _stamp(connection, build.build_id, number)
        connection.execute("checkpoint")
    build.database.chmod(0o444)
    shutil.copy(source.folder / "made-of.json", folder)
    record = BuildRecord(
        build_id=build.build_id,
        built_at=datetime.now(UTC),
        fingerprint=f"version {number}",
        sha256=sha256_of(build.database),
        size_bytes=build.database.stat().st_size,
        releases=source.record.releases,
        checks=source.record.checks,
        warnings=source.record.warnings,
    )
    (folder / "build.json").write_text(record.model_dump_json())
    with duckdb.connect(str(build.database), read_only=True) as connection:
        return Version(build, see(connection))


def _stamp(connection: duckdb.DuckDBPyConnection, build_id: str, number: int) -> None:
    """Change the id and one figure in each stamped table, and update the digests."""
    connection.execute(f"update meta.builds set build_id = {literal(build_id)}")
    for table, (figure, counts) in STAMPED.items():
        connection.execute(
            f"update {table} set {figure} = {figure} + {number + 1}"
            f" where rowid = (select min(rowid) from {table} where {counts})"
        )
    for digest in content_digests(connection):
        connection.execute(
            f"update meta.tables set digest = {literal(str(digest['digest']))}"
            f" where schema_name = {literal(str(digest['schema_name']))}"
            f" and table_name = {literal(str(digest['table_name']))}"
        )
