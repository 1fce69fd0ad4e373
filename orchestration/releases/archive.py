"""The archive: every release that was ever taken in, each in a folder of its own.

    archive/<dataset>/<published>_<release_id>/
        release.csv                    the bytes as they were published
        record.json                    what is known of them, with the verdict
        rows-<reader version>.parquet  the parsed rows; none for a refused release

A release is known by the sha256 of its bytes and never changes. Nothing is deleted: a
refused release stays where it is, in quarantine by its verdict. A folder appears whole or
not at all: it is written beside the archive and renamed into it.

What belongs here: storing and finding. Whether a file is fit to be a release is judged
in `intake`.
"""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from orchestration.durable import flush, replace, sha256_of
from orchestration.releases.release import Decision, Release, release_id_of

RECORD = "record.json"
STAGING = ".incoming-"
LEFTOVER_SECONDS = 3600


class ArchiveError(Exception):
    """The archive on disk is not what it should be: names the folder and what was found."""


class Archive:
    """The releases below one folder, which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def releases(self, as_of: date | None = None) -> list[Release]:
        """Every release, accepted and refused, by dataset and publication date; as of a day,
        those published by then. Bytes that were refused under one name or date and accepted
        under another are one release, the accepted. Raises ArchiveError that names an
        unreadable record."""
        folders = [path for path in self.root.glob("*/*") if path.is_dir()]
        records = [self._load(folder / RECORD) for folder in folders]
        records.sort(key=lambda r: (r.verdict == "accepted", r.retrieved_at, r.folder_name))
        releases = {(record.dataset, record.release_id): record for record in records}
        known = (r for r in releases.values() if as_of is None or r.published_on <= as_of)
        return sorted(known, key=lambda r: (r.dataset, r.published_on, r.release_id))

    def accepted(self, dataset: str | None = None) -> list[Release]:
        return [
            release
            for release in self.releases()
            if release.verdict == "accepted" and dataset in (None, release.dataset)
        ]

    def folder_of(self, release: Release) -> Path:
        return self.root / release.dataset / release.folder_name

    def bytes_of(self, release: Release) -> bytes:
        """The file as it was published. Raises ArchiveError where its hash is another."""
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
        """Whether the parsed rows are those that were stored; a refused release has none."""
        if release.verdict == "refused":
            return True
        path = self.rows_path(release)
        return path.is_file() and release.rows_sha256 in (None, sha256_of(path))

    def store(self, release: Release, content: bytes, rows: pl.DataFrame | None) -> Release:
        """Put a release into the archive: bytes, record and, if accepted, parsed rows. Where the
        same bytes were refused under another name, this record takes the place of that one.
        Gives the release with the hash of its rows."""
        target = self.folder_of(release)
        if target.exists():
            replace(target / release.bytes_name, lambda path: path.write_bytes(content))
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
        """Replace the record of a release that another reader version has read, and its rows.
        The bytes stay, and the record changes only once the rows are there. Gives the release
        with the hash of its rows."""
        if rows is not None:
            replace(self.rows_path(release), rows.write_parquet)
            release = _with_hash_of_rows(release, self.rows_path(release))
        self._write_record(release)
        return release

    def decide(self, release: Release, decision: Decision) -> Release:
        """Keep what a person decided on a release, beside all that was decided before."""
        decided = release.model_copy(update={"decisions": (*release.decisions, decision)})
        self._write_record(decided)
        return decided

    def clear_leftovers(self) -> None:
        """Remove what a killed run was still writing; a young folder may be another's."""
        for path in self.root.glob(f"{STAGING}*"):
            if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
                shutil.rmtree(path, ignore_errors=True)

    def digest(self, as_of: date | None = None) -> str:
        """One hash over all that a build, of the releases published by some day, reads from
        the archive."""
        digest = hashlib.sha256()
        for release in self.releases(as_of):
            exclude = {"retrieved_at", "rows_sha256"}
            digest.update(release.model_dump_json(exclude=exclude).encode())
        return digest.hexdigest()

    def _write_record(self, release: Release) -> None:
        text = _as_json(release)
        replace(self.folder_of(release) / RECORD, lambda path: path.write_bytes(text))

    def _load(self, path: Path) -> Release:
        try:
            return Release.model_validate_json(path.read_bytes())
        except (ValidationError, OSError) as error:
            raise ArchiveError(f"{path}: found no readable record: {error}") from error

    @contextmanager
    def _appearing(self, target: Path) -> Iterator[Path]:
        """A new folder that takes its place only once it is complete and on disk."""
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=self.root))
        try:
            yield folder
            for path in folder.iterdir():
                flush(path)
            folder.chmod(0o755)
            try:
                folder.rename(target)
            except OSError:
                if not target.exists():  # else another process has put the same release there
                    raise
            flush(target.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _with_hash_of_rows(release: Release, path: Path) -> Release:
    return release.model_copy(update={"rows_sha256": sha256_of(path)})


def _as_json(release: Release) -> bytes:
    return (release.model_dump_json(indent=2) + "\n").encode()
