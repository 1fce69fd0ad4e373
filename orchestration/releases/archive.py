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
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.durable import flush, replace, sha256_of
from orchestration.releases.checks import Check
from orchestration.releases.offer import Offer, Precision, PublicationDate

Verdict = Literal["accepted", "held", "refused"]

RECORD = "record.json"
STAGING = ".incoming-"
LEFTOVER_SECONDS = 3600


class ArchiveError(Exception):
    """The archive on disk is not what it should be: names the folder and what was found."""


class Decision(BaseModel):
    """What a person decided on a release that was held: to let it in, or to refuse it for good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Literal["accepted", "refused"]
    reason: str
    by: str
    on: datetime


class Release(BaseModel):
    """What is known of one release: the record beside its bytes.

    release_id: the first 16 hex digits of sha256.
    published_on: a date; known only to the month, the last day of that month.
    rows: typed rows; untyped_rows: rows kept aside with a reason.
    first_month, last_month: the months that the typed rows span.
    verdict: `accepted` or `refused` by what its file is; whether an accepted one is held for
        what it revised, is told by `vintages`.
    reason: why it was refused; None for an accepted release.
    checks: the checks that refused or hold it.
    rows_sha256: of the file of its parsed rows; None without rows.
    decisions: what people decided on it, the last one holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    release_id: str
    dataset: str
    sha256: str
    size_bytes: int
    file_name: str
    source: str
    published_on: date
    published_precision: Precision
    retrieved_at: datetime
    reader: str
    reader_version: str
    verdict: Verdict
    reason: str | None
    rows: int
    untyped_rows: int
    first_month: date | None
    last_month: date | None
    notes: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    rows_sha256: str | None = None
    decisions: tuple[Decision, ...] = ()

    @property
    def decision(self) -> Decision | None:
        return self.decisions[-1] if self.decisions else None

    @property
    def posting(self) -> int:
        """A file that is posted again under its name gets `_0`, `_1`, …; -1 without."""
        found = re.search(r"_(\d{1,2})\.[A-Za-z]+$", self.file_name)
        return int(found[1]) if found else -1

    @property
    def published(self) -> PublicationDate:
        return PublicationDate(self.published_on, self.published_precision)

    @property
    def folder_name(self) -> str:
        return f"{self.published}_{self.release_id}"

    @property
    def bytes_name(self) -> str:
        """The publisher's file name is kept in the record only: it may hold anything."""
        suffix = Path(self.file_name).suffix.lower()
        return "release" + (suffix if suffix in (".csv", ".xlsx") else ".bin")

    def refused(self, check: Check, reason: str) -> "Release":
        """This release without what the reading of its rows had shown."""
        unread: dict[str, object] = {
            "rows": 0,
            "untyped_rows": 0,
            "first_month": None,
            "last_month": None,
        }
        unread |= {"rows_sha256": None, "notes": ()}
        verdict = {"verdict": "refused", "checks": (check,), "reason": reason}
        return self.model_copy(update=unread | verdict)

    def describe(self) -> str:
        return f"{self.release_id} ({self.dataset}, {self.file_name}, published {self.published})"

    def describe_arrival(self) -> str:
        """The release, and how many of its rows were kept aside, if any were."""
        if not self.untyped_rows:
            return self.describe()
        return f"{self.describe()}; {self.untyped_rows} rows kept aside, see meta.quarantine"


def release_id_of(content: bytes) -> tuple[str, str]:
    """(release_id, sha256) of a file's bytes."""
    digest = hashlib.sha256(content).hexdigest()
    return digest[:16], digest


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


def new_record(
    offer: Offer, content: bytes, reader: str, reader_version: str, retrieved_at: datetime
) -> Release:
    """The record of a file before it has been judged: refused until shown fit."""
    release_id, sha256 = release_id_of(content)
    return Release(
        release_id=release_id,
        dataset=offer.dataset,
        sha256=sha256,
        size_bytes=len(content),
        file_name=offer.file_name,
        source=offer.source,
        published_on=offer.published_on.on,
        published_precision=offer.published_on.precision,
        retrieved_at=retrieved_at,
        reader=reader,
        reader_version=reader_version,
        verdict="refused",
        reason="not judged yet",
        rows=0,
        untyped_rows=0,
        first_month=None,
        last_month=None,
        notes=(),
    )


def _with_hash_of_rows(release: Release, path: Path) -> Release:
    return release.model_copy(update={"rows_sha256": sha256_of(path)})


def _as_json(release: Release) -> bytes:
    return (release.model_dump_json(indent=2) + "\n").encode()
