"""Backups: what a home cannot make again, as one file, and restoring a home from it.

    backup.json                what is in it: the digest of each file, and the published build
    archive/…                  every release with its record and its rows
    builds/<build_id>/…        the published build and its record
    dagster/dagster.yaml       the operator's settings of Dagster
    alerts.json                which alerts were sent
    dagster/history/…          Dagster's history of runs, if it is asked for and in files

What belongs here: copying, and comparing digests. A backup may be made during a run: each file of
a home is replaced as a whole, never written in place, so links to the files are a stable copy,
which is verified before it is written.
"""

import contextlib
import gzip
import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.builds.build import Build
from orchestration.builds.lost_releases import what_is_lost
from orchestration.builds.publishing import PublishError, publish, published_build, sealed_build
from orchestration.builds.verification import verify
from orchestration.durable import flush, replace, sha256_of
from orchestration.releases.archive import FOLDER_MODE
from orchestration.settings import Settings

CONTENTS = "backup.json"
FORM = 1  # of a backup; raised when an older restore could not read it
COPYING, RESTORING = ".backup-", ".restoring-"
ATTEMPTS = 3
MODE = 0o600  # dagster.yaml may hold the password of a database
CHUNK = 1 << 20
SINGLE_FILES = ("dagster/dagster.yaml", "alerts.json")
RESTORED = ("archive", "builds", "dagster", "alerts.json")
IGNORED = ("lost+found",)  # in a home that is a file system of its own
HISTORY = ("dagster/history", "dagster/schedules")


class BackupError(Exception):
    """A backup that cannot be made or restored; the message names the file and what was found."""


class Contents(BaseModel):
    """What is in a backup.

    published: the id of the published build; None if nothing was published.
    files: the SHA-256 of each file, by its path below the home.
    """

    model_config = ConfigDict(frozen=True)

    form: int
    made_at: datetime
    published: str | None
    with_history: bool
    files: dict[str, str]


def back_up(settings: Settings, target: Path, *, with_history: bool = False) -> Contents:
    """Write a backup of a home to a file that does not exist yet, compressed if its name ends in
    `.gz`. It is read again and compared before it gets its name. Raises BackupError if the home
    is damaged."""
    with _copy_of(settings, with_history) as (folder, published):
        names = sorted(str(path.relative_to(folder)) for path in _files_below(folder))
        contents = Contents(
            form=FORM,
            made_at=datetime.now(UTC),
            published=published,
            with_history=with_history,
            files={name: sha256_of(folder / name) for name in names},
        )

        def write(path: Path) -> None:
            path.touch(MODE)
            _pack(folder, contents, path, is_compressed=target.suffix == ".gz")
            _read(path)

        replace(target, write)
    return contents


def restore(settings: Settings, source: Path) -> Contents:
    """Fill an empty home from a backup and publish its build. Raises BackupError, and leaves the
    home empty, if the backup is damaged or the home is not empty."""
    home = settings.home
    if settings.shared_archive is not None:
        raise BackupError(
            f"{settings.shared_archive}: found an archive outside of the home; restore without "
            "BORDERLEDGER_ARCHIVE, and move the folder archive of the home there"
        )
    home.mkdir(parents=True, exist_ok=True)
    if found := sorted(path.name for path in home.iterdir() if path.name not in IGNORED):
        raise BackupError(f"{home}: found {', '.join(found[:5])}; expected an empty folder")
    folder = Path(tempfile.mkdtemp(prefix=RESTORING, dir=home))
    try:
        contents = _read(source, folder)
        for path in sorted(folder.iterdir()):
            path.rename(home / path.name)
        flush(home)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if contents.published is not None:
        try:
            publish(sealed_build(contents.published, settings.builds), settings)
        except PublishError as error:
            raise BackupError(f"{source}: {error}") from error
    return contents


@contextmanager
def _copy_of(settings: Settings, with_history: bool) -> Iterator[tuple[Path, str | None]]:
    """A verified copy of what a backup holds, and the id of the build that is published in it."""
    folder = Path(tempfile.mkdtemp(prefix=COPYING, dir=settings.home))
    try:
        for attempt in range(ATTEMPTS):
            copy = folder / str(attempt)
            try:
                published = _fill(copy, settings)
            except FileNotFoundError as error:  # a run has replaced or deleted something meanwhile
                problems = [f"{error.filename}: found no file"]
            else:
                problems = _problems(copy, published)
                if published is None and settings.published.exists():
                    problems.append(f"{settings.published}: found no kept build that it is of")
            if not problems:
                break
        else:
            raise BackupError(
                f"{settings.home}: found {'; '.join(problems[:3])}; "
                "see `borderledger verify`, and back up a home that is whole"
            )
        if with_history:
            _copy_history(settings.home, copy)
        yield copy, published
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(copy: Path, settings: Settings) -> str | None:
    """Link everything but the history into a folder. Returns the id of the published build."""
    copy.mkdir()
    for path in _files_below(settings.archive):
        _link(path, copy / "archive" / path.relative_to(settings.archive))
    for name in SINGLE_FILES:
        if (settings.home / name).is_file():
            _link(settings.home / name, copy / name)
    build = published_build(settings)
    if build is None:
        return None
    for path in sorted(build.folder.iterdir()):
        if path.is_file():  # dbt's folder is only used while a build is made
            _link(path, copy / "builds" / build.build_id / path.name)
    return build.build_id


def _problems(copy: Path, published: str | None) -> list[str]:
    """What is not whole in a copy, in which nothing is published yet."""
    found = [
        f"{verified.kind}: {verified.problem}"
        for verified in verify(Settings(copy))
        if verified.problem is not None and verified.kind != "published file"
    ]
    if published is not None:
        build = Build(copy / "builds" / published)
        if not (build.folder / "build.json").is_file():
            found.append(f"build {published} without its record")
        lost = what_is_lost(Settings(copy), build.database)
        found += [
            f"archive without the release {one}, which is published"
            for one in (*lost.releases, *lost.refused)
        ]
        found += [
            f"archive without the decision on {one}, which is published" for one in lost.decisions
        ]
    return [problem.replace(f"{copy}/", "") for problem in found]


def _copy_history(home: Path, copy: Path) -> None:
    """Copy Dagster's SQLite files as SQLite does, which is consistent while they are in use."""
    for name in HISTORY:
        for path in sorted((home / name).rglob("*.db")):
            target = copy / path.relative_to(home)
            target.parent.mkdir(parents=True, exist_ok=True)
            with (
                closing(sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(target)) as destination,
            ):
                source.backup(destination)
    for path in _files_below(home / "dagster" / "storage"):
        _link(path, copy / path.relative_to(home))


def _files_below(folder: Path) -> Iterator[Path]:
    """The files below a folder, without those that are being written, whose names begin with a
    dot; but the events of no run are in a file named `.db`."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") and path.name != ".db":
            continue
        if path.is_dir():
            yield from _files_below(path)
        elif path.is_file():
            yield path


def _link(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(path)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without links
        shutil.copy2(path, target)


def _pack(folder: Path, contents: Contents, path: Path, *, is_compressed: bool) -> None:
    """Write the files of a folder, and first what they are."""
    text = (contents.model_dump_json(indent=1) + "\n").encode()
    about = tarfile.TarInfo(CONTENTS)
    about.size, about.mtime = len(text), int(contents.made_at.timestamp())
    with tarfile.open(path, "w:gz" if is_compressed else "w", dereference=True) as tar:
        tar.addfile(about, io.BytesIO(text))
        for name in contents.files:
            tar.add(folder / name, arcname=name, recursive=False)


def _read(path: Path, folder: Path | None = None) -> Contents:
    """Read a backup, compare each file with its digest, and unpack it into a folder if one is
    given. Raises BackupError."""
    try:
        with tarfile.open(path, "r:*") as tar:
            contents = _contents(tar, path)
            missing = set(contents.files)
            while (member := tar.next()) is not None:
                if member.name not in missing:
                    raise BackupError(f"{path}: found {member.name!r}, which {CONTENTS} lacks")
                missing.remove(member.name)
                found = _digest(tar, member, folder)
                if found != contents.files[member.name]:
                    raise BackupError(
                        f"{path}: {member.name}: found sha256 {found}, "
                        f"expected {contents.files[member.name]}"
                    )
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = str(error).partition("\n")[0]
        raise BackupError(f"{path}: found a damaged backup: {reason}") from error
    if missing:
        raise BackupError(f"{path}: found no {min(missing)}, expected all that {CONTENTS} names")
    return contents


def _contents(tar: tarfile.TarFile, path: Path) -> Contents:
    """The first file of a backup, which says what the others are. Raises BackupError."""
    first = tar.next()
    file = tar.extractfile(first) if first is not None and first.name == CONTENTS else None
    if file is None:
        raise BackupError(f"{path}: found no {CONTENTS} at its beginning; expected a backup")
    try:
        contents = Contents.model_validate_json(file.read())
    except ValidationError as error:
        raise BackupError(f"{path}: found an unreadable {CONTENTS}: {error}") from error
    if contents.form != FORM:
        raise BackupError(
            f"{path}: found form {contents.form}, expected {FORM}; "
            "restore it with the version that made it"
        )
    for name in contents.files:
        parts = PurePosixPath(name).parts
        if not parts or parts[0] not in RESTORED or ".." in parts:
            raise BackupError(
                f"{path}: found {name!r}, expected a path below {', '.join(RESTORED)}"
            )
    return contents


def _digest(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path | None) -> str:
    """The SHA-256 of a file of a backup, which is unpacked on the way if there is a folder."""
    file = tar.extractfile(member) if member.isreg() else None
    if file is None:
        raise BackupError(f"{member.name}: found no plain file in the backup, expected one")
    digest = hashlib.sha256()
    with contextlib.ExitStack() as stack:
        target = None
        if folder is not None:
            path = folder / member.name
            _make_folder(path.parent, folder)
            target = stack.enter_context(path.open("xb"))
            path.chmod(member.mode & 0o755)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            if target is not None:
                target.write(chunk)
        if target is not None:
            target.flush()
            os.fsync(target.fileno())
    return digest.hexdigest()


def _make_folder(path: Path, root: Path) -> None:
    """Create a folder below a root, and those above it; those of the archive as it makes them."""
    if path == root or path.is_dir():
        return
    _make_folder(path.parent, root)
    is_archived = path.relative_to(root).parts[0] == "archive"
    path.mkdir(FOLDER_MODE if is_archived else 0o777)
