"""Writing an export: all its files into a temporary folder beside the one it replaces, then two
renames.

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
from tempfile import mkdtemp
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
        writing fails or is interrupted, it stays as it was. Of two exports into one folder at the
        same time, the one that ends last stays.
    names: of the tables; without any, all.

    Raises ConfigurationError for an unknown table, for a folder that has anything else and for one
    that cannot be replaced, and as `builds.reading.opened` does.
    """
    try:
        folder = folder.resolve()
    except (OSError, RuntimeError) as error:
        raise ConfigurationError(f"{folder}: found a link that leads nowhere: {error}") from error
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
    try:
        return _described(package, folder) if package else None
    except (KeyError, TypeError):  # a descriptor of our name with other parts
        return None


def _described(package: dict[str, Any], folder: Path) -> Exported:
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
    """Raises ConfigurationError for a folder that an export must not or cannot replace."""
    if os.path.ismount(folder):
        raise ConfigurationError(
            f"{folder}: found a mount point, which cannot be replaced; expected a folder inside it"
        )
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: found a file, expected a folder")
    exported = exported_tables(folder)
    ours = {folder / name for name in PAPERS} if exported else set()
    for table in exported.tables.values() if exported else ():
        ours |= {table.csv, table.parquet}
    if other := _other(folder, ours):
        raise ConfigurationError(
            f"{folder}: found {other.relative_to(folder)}, which no export has written; "
            "expected a new or empty folder, or an earlier export"
        )


def _other(folder: Path, files: set[Path]) -> Path | None:
    """The first entry of a folder that is neither one of these files nor the folder of tables that
    comes with them; a link is neither."""
    data = folder / FOLDER
    has_data = bool(files) and data.is_dir() and not data.is_symlink()
    entries = [path for path in sorted(folder.iterdir()) if path != data or not has_data]
    if has_data:
        entries += sorted(data.iterdir())
    return next(
        (one for one in entries if one not in files or one.is_symlink() or not one.is_file()), None
    )


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of another once it is complete, and is removed otherwise.

    Both are in a temporary folder of this process meanwhile. If the process is killed, that folder
    stays, and has the earlier export if that was on its way out: no other run touches it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    new, old = temporary / "new", temporary / "old"
    try:
        new.mkdir()  # mkdtemp's own folder is closed to others
        yield new
        with _locked(folder.parent):
            _check(folder)  # others may have used it while the files were written
            _swap(folder, new, old)
    finally:
        if folder.exists() or not old.exists():
            remove_folder(temporary)


def _swap(folder: Path, new: Path, old: Path) -> None:
    """Rename the new folder to its place, and what was there to `old`; or leave it there."""
    try:
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one export at a time rename in a folder, which takes no time."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
