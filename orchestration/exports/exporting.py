"""Writing an export: all its files into a folder beside the one it replaces, then two renames.

<folder>/data/<table>.csv, .parquet
         datapackage.json, dictionary.csv, README.md, LICENSE.md, CITATION.cff
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.builds.reading import opened
from orchestration.durable import WriteError, remove_folder, write_failure
from orchestration.exports import papers
from orchestration.exports.files import FOLDER, TableFiles, write_files
from orchestration.exports.package import LICENCE_FILE, NAME, data_package
from orchestration.exports.tables import About, Table, chosen, read_about, read_tables
from orchestration.settings import ConfigurationError

PACKAGE = "datapackage.json"
PAPERS = (PACKAGE, "dictionary.csv", "README.md", LICENCE_FILE, "CITATION.cff")


@dataclass(frozen=True)
class ExportedTable:
    """A table of an export.

    csv, parquet: paths of its files. csv_bytes, parquet_bytes: their sizes. rows: how many each
        of them has.
    """

    csv: Path
    csv_bytes: int
    parquet: Path
    parquet_bytes: int
    rows: int


@dataclass(frozen=True)
class Exported:
    """An export in a folder: the build that it is of, and its tables by name."""

    build_id: str
    tables: dict[str, ExportedTable]


def export(published: Path, folder: Path, names: Sequence[str] = ()) -> Exported:
    """Write tables and views of schema main of a published file into a folder.

    folder: does not exist, is empty, or has an earlier export, which is replaced as a whole. If
        writing fails or is interrupted, it stays as it was.
    names: of the tables; without any, all.

    Raises ConfigurationError for an unknown table and for a folder that has anything else, and as
    `builds.reading.opened` does.
    """
    folder = folder.resolve()
    _check(folder)
    with opened(published, "tables") as connection:
        tables = chosen(read_tables(connection), names)
        about = read_about(connection)
        with _replaced(folder) as partial:
            _write(connection, about, tables, partial)
    written = exported_tables(folder)
    assert written is not None
    return written


def exported_tables(folder: Path) -> Exported | None:
    """What an earlier export has left in a folder; None if there is none."""
    package = _package(folder)
    if package is None:
        return None
    tables = {
        one["name"]: ExportedTable(
            csv=folder / one["path"],
            csv_bytes=one["bytes"],
            parquet=folder / one["parquet"]["path"],
            parquet_bytes=one["parquet"]["bytes"],
            rows=one["rows"],
        )
        for one in package["resources"]
    }
    return Exported(package["id"], tables)


def _write(
    connection: duckdb.DuckDBPyConnection, about: About, tables: Sequence[Table], folder: Path
) -> None:
    (folder / FOLDER).mkdir()
    try:
        files = [write_files(connection, table, folder) for table in tables]
    except duckdb.IOException as error:  # else it would read as damage of the published file
        raise WriteError(write_failure(str(error), folder) or f"{folder}: {error}") from error
    for name, text in _papers(about, files).items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


def _papers(about: About, files: Sequence[TableFiles]) -> dict[str, str]:
    package = json.dumps(data_package(about, files), indent=2, ensure_ascii=False)
    return {
        PACKAGE: f"{package}\n",
        "dictionary.csv": papers.dictionary(files),
        "README.md": papers.readme(about, files),
        LICENCE_FILE: papers.licence(about),
        "CITATION.cff": papers.citation(about),
    }


def _package(folder: Path) -> dict[str, Any] | None:
    """The descriptor in a folder if it is one of ours."""
    try:
        found = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("name") == NAME else None


def _check(folder: Path) -> None:
    """Raises ConfigurationError for a folder that an export must not replace."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: found a file, expected a folder")
    exported = exported_tables(folder)
    ours = {folder / name for name in PAPERS} if exported else set()
    for table in exported.tables.values() if exported else ():
        ours |= {table.csv, table.parquet}
    others = sorted(path for path in folder.rglob("*") if not path.is_dir() and path not in ours)
    if others:
        raise ConfigurationError(
            f"{folder}: found {others[0].relative_to(folder)}, which no export has written; "
            "expected a new or empty folder, or an earlier export"
        )


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of another once it is complete, and is removed otherwise.
    What an interrupted export has left is removed first. Raises ConfigurationError if another
    process is writing the same export."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial, old = (folder.with_name(f".{folder.name}.{word}") for word in ("part", "old"))
    lock = os.open(folder.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"{folder}: another export is being written there") from None
        for leftover in (partial, old):
            if leftover.exists():
                remove_folder(leftover)
        partial.mkdir()
        try:
            yield partial
            if folder.exists():
                folder.rename(old)
            partial.rename(folder)
        finally:
            for leftover in (partial, old):
                if leftover.exists():
                    remove_folder(leftover)
    finally:
        os.close(lock)
