"""The archive: every release ever taken in, each in a folder of its own.

    archive/<dataset>/<published>_<release_id>/
        release.csv                    the bytes as published
        record.json                    the release's metadata and verdict
        rows-<reader version>.parquet  the parsed rows; none for a refused release

A release is identified by the SHA-256 of its bytes and never changes. Nothing is deleted: a
refused release stays in its folder, in quarantine by its verdict. A folder appears whole or
not at all: it is written under a temporary name and renamed. Several processes may write at once,
also of several machines that share the folder.

What belongs here: storing and finding releases. `intake` decides whether a file is one.
"""

import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from orchestration.durable import flush, locked, replace, sha256_of
from orchestration.releases.release import Decision, GateHold, Redating, Release, release_id_of

RECORD = "record.json"
STAGING = ".incoming-"
LOCK = ".lock"
FOLDER_NAME = re.compile(r"\d{4}-\d\d(-\d\d)?_[0-9a-f]{16}")
LEFTOVER_SECONDS = 3600
# readable by the operator's group at most: a file that was put there by mistake may be a secret
FOLDER_MODE, FILE_MODE = 0o750, 0o640


class ArchiveError(Exception):
    """The archive on disk is damaged; the message names the path and what was found."""


class Archive:
    """The releases below the folder `root`, which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def releases(self, as_of: date | None = None) -> list[Release]:
        """Return every release, accepted or refused, by dataset and publication date.

        as_of: only releases published by this day.
        Bytes that were refused under one name or date and accepted under another are one
        release, the accepted one. Raises ArchiveError that names an unreadable record.
        """
        records = self._records()
        records.sort(key=lambda r: (r.verdict == "accepted", r.retrieved_at, r.folder_name))
        releases = {(record.dataset, record.release_id): record for record in records}
        known = (r for r in releases.values() if as_of is None or r.published_on <= as_of)
        return sorted(known, key=lambda r: (r.dataset, r.published_on, r.release_id))

    def records(self) -> dict[tuple[str, str], list[Release]]:
        """The records of each release, by dataset and id: one for each name and date that it came
        under. Raises ArchiveError that names an unreadable record."""
        records: dict[tuple[str, str], list[Release]] = {}
        for record in self._records():
            records.setdefault((record.dataset, record.release_id), []).append(record)
        return records

    def foreign_folders(self) -> list[Path]:
        """The folders in it that it has not made; they are passed over."""
        return self._folders(own=False)

    def folder_of(self, release: Release) -> Path:
        return self.root / release.dataset / release.folder_name

    def bytes_of(self, release: Release) -> bytes:
        """Return the file as published. Raises ArchiveError if it is missing or its hash
        differs from the record's."""
        path = self.folder_of(release) / release.bytes_name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ArchiveError(f"{path}: found no readable file: {error}") from error
        found = release_id_of(content)[1]
        if found != release.sha256:
            raise ArchiveError(f"{path}: found sha256 {found}, expected {release.sha256}")
        return content

    def rows_path(self, release: Release) -> Path:
        return self.folder_of(release) / f"rows-{release.reader_version}.parquet"

    def rows_are_whole(self, release: Release) -> bool:
        """Whether the parsed rows are there and unchanged; true for a refused release."""
        if release.verdict == "refused":
            return True
        path = self.rows_path(release)
        return path.is_file() and release.rows_sha256 in (None, sha256_of(path))

    def store(self, release: Release, content: bytes, rows: pl.DataFrame | None) -> Release:
        """Store a release's bytes, record and, if accepted, parsed rows. If the same bytes were
        refused under another name, this record replaces that one. Returns the release with the
        hash of its rows."""
        target = self.folder_of(release)
        if target.exists():
            with self._locked():
                _replace(target / release.bytes_name, lambda path: path.write_bytes(content))
            return self.restate(release, rows)
        with self._appearing(target) as folder:
            (folder / release.bytes_name).write_bytes(content)
            if rows is not None:
                path = folder / self.rows_path(release).name
                rows.write_parquet(path)
                release = _with_hash_of_rows(release, path)
            (folder / RECORD).write_bytes(_as_json(release))
        return release

    def restate(self, release: Release, rows: pl.DataFrame | None) -> Release:
        """Replace the rows and the record of a release that has been read again; its bytes stay.
        The record changes only once the rows are on disk. Returns the release with the hash of
        its rows."""
        release = self._with_rows(release, rows)
        return self._updated(release, lambda stored: _keeping_decisions(release, stored))

    def decide(self, release: Release, decision: Decision) -> Release:
        """Append a person's decision to the release's record and return the release."""
        return self._updated(
            release,
            lambda stored: stored.model_copy(update={"decisions": (*stored.decisions, decision)}),
        )

    def redate(self, release: Release, redating: Redating, rows: pl.DataFrame | None) -> Release:
        """Store a release as checked under another publication date, in the folder that it has.

        release: with the new date and the verdict under it. redating: has the date before.
        """
        redated = self._with_rows(
            release.model_copy(update={"redatings": (*release.redatings, redating)}), rows
        )

        def change(stored: Release) -> Release:
            return redated.model_copy(
                update={"decisions": stored.decisions, "held_by_gate": stored.held_by_gate}
            )

        return self._updated(redated, change)

    def hold(self, release: Release, hold: GateHold) -> Release:
        """Store that a gate holds a release until a person decides on it."""
        return self._updated(
            release, lambda stored: stored.model_copy(update={"held_by_gate": hold})
        )

    def clear_leftovers(self) -> None:
        """Remove what killed runs left half-written; a young folder may be another process's."""
        for path in self.root.glob(f"{STAGING}*"):
            with suppress(FileNotFoundError):  # its process has just given it its name
                if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)

    def digest(self, as_of: date | None = None) -> str:
        """Return one hash over everything that a build reads from the archive.

        as_of: only releases published by this day.
        """
        digest = hashlib.sha256()
        for release in self.releases(as_of):
            exclude = {"retrieved_at", "rows_sha256"}
            digest.update(release.model_dump_json(exclude=exclude).encode())
        return digest.hexdigest()

    def _records(self) -> list[Release]:
        return [self._load(folder / RECORD) for folder in self._folders(own=True)]

    def _folders(self, *, own: bool) -> list[Path]:
        """The folders that are named as the archive names a release's, or the others. What other
        processes are writing is not looked into: it gets another name meanwhile."""
        return [
            path
            for dataset in self.root.glob("*")
            if dataset.is_dir() and not dataset.name.startswith(STAGING)
            for path in dataset.glob("*")
            if path.is_dir() and bool(FOLDER_NAME.fullmatch(path.name)) is own
        ]

    def _with_rows(self, release: Release, rows: pl.DataFrame | None) -> Release:
        """Replace the rows of a release that has some. Returns it with the hash of its rows."""
        if rows is None:
            return release
        path = self.rows_path(release)
        with self._locked():  # two processes that read it at once would write the same partial file
            _replace(path, rows.write_parquet)
            return _with_hash_of_rows(release, path)

    def _updated(self, release: Release, change: Callable[[Release], Release]) -> Release:
        """Change a release's record as it is now on disk, which another process may have changed
        since `release` was read. Returns the changed release."""
        path = self.folder_of(release) / RECORD
        with self._locked():
            changed = change(self._load(path))
            text = _as_json(changed)
            _replace(path, lambda partial: partial.write_bytes(text))
        return changed

    def _locked(self) -> AbstractContextManager[None]:
        """Keep other processes from changing what is archived for the moment. The lock is on a file
        of its own, since network file systems do not lock folders for other machines."""
        lock = self.root / LOCK
        if not lock.exists():
            lock.touch()
            lock.chmod(FILE_MODE)
        return locked(lock)

    def _load(self, path: Path) -> Release:
        try:
            return Release.model_validate_json(path.read_bytes())
        except (ValidationError, OSError) as error:
            raise ArchiveError(f"{path}: found no readable record: {error}") from error

    @contextmanager
    def _appearing(self, target: Path) -> Iterator[Path]:
        """Yield a temporary folder and rename it to `target` once it is complete and on disk."""
        self.root.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        target.parent.mkdir(FOLDER_MODE, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=self.root))
        try:
            yield folder
            for path in folder.iterdir():
                path.chmod(FILE_MODE)
                flush(path)
            folder.chmod(FOLDER_MODE)
            try:
                folder.rename(target)
            except OSError:
                if not target.exists():  # else another process has stored this release
                    raise
            flush(target.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Replace a file of the archive by another that the same people may read."""

    def write_for_the_group(partial: Path) -> None:
        write(partial)
        partial.chmod(FILE_MODE)

    replace(path, write_for_the_group)


def _keeping_decisions(release: Release, stored: Release) -> Release:
    """A release that has been read again, with what people and gates decided in the meantime. If
    its date was corrected meanwhile, the correction stands: it was checked under the new date."""
    if release.published != stored.published:
        return stored
    kept = {name: getattr(stored, name) for name in ("decisions", "redatings", "held_by_gate")}
    return release.model_copy(update=kept)


def _with_hash_of_rows(release: Release, path: Path) -> Release:
    return release.model_copy(update={"rows_sha256": sha256_of(path)})


def _as_json(release: Release) -> bytes:
    return (release.model_dump_json(indent=2) + "\n").encode()
