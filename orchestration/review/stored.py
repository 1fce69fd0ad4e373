"""The results of the last reviews, kept on disk: a night compares only the releases that are new,
or that come after a new one that they are compared with.

reviewed/<code>-<archive>/results.json    the releases with their verdicts, the corrections that
                                          apply to them, and the keys of the results
                          <frame>.parquet each frame of all results; see `Result`
                          hashes.json     the hashes of the other files
         <code>-<archive>-share-<n>-of-<m>/  the same of a share of the releases, until all are
                                          reviewed

The folder's name has a hash over the code and its rules, and one over the archive: an archive that
was reviewed before is not walked through again. What other code has made, and what is not as it was
written, is not used.
"""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, TypeAdapter

from orchestration.catalogue.corrections import Correction, load_corrections
from orchestration.code_digest import code_digest
from orchestration.durable import flush, sha256_of
from orchestration.releases.release import Release
from orchestration.review.corrections import Applied
from orchestration.review.result import (
    NO_COVERS,
    NO_ENVELOPES,
    NONE_MOVED,
    Result,
    concatenated,
)
from orchestration.review.shared_totals import NO_TOTALS

log = logging.getLogger(__name__)

KEPT = 3
SHARE = "-share-"
RECORD, HASHES = "results.json", "hashes.json"
SHOWN = ("moved", "envelopes")  # the frames of a review; the others are for the next one
FRAMES = {
    "moved": NONE_MOVED,
    "envelopes": NO_ENVELOPES,
    "totals": NO_TOTALS,
    "covers": NO_COVERS,
}
UNREADABLE = (OSError, ValueError, KeyError, pl.exceptions.PolarsError)


class _AppliedRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    correction: str
    release_id: str
    texts: dict[str, tuple[str, ...]]
    rows: int


class _ResultRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    release: Release
    applied: tuple[_AppliedRecord, ...]


RESULTS = TypeAdapter(tuple[_ResultRecord, ...])
SHA256 = TypeAdapter(dict[str, str])  # by the names of the files


def made_by(corrections: Iterable[Correction]) -> str:
    """One hash over everything besides the archive that a review depends on."""
    rules = "\n".join(correction.model_dump_json() for correction in corrections)
    return hashlib.sha256(f"{code_digest()}\n{rules}".encode()).hexdigest()


class Kept:
    """The reviews that are kept in a folder, which need not exist, by this code."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made_by = made_by(load_corrections())[:16]

    def review_of(self, archive_digest: str) -> list[Result] | None:
        """The results of the review of an archive with this digest, as far as a reader of the
        review needs them; None if they are not kept, or damaged."""
        path = self._path(archive_digest)
        if not path.is_dir():
            return None
        try:
            return _load(path, SHOWN)
        except UNREADABLE as error:
            _discard(path, error)
            return None

    def results(self) -> dict[str, Result]:
        """Every result that is kept and whole, by its key."""
        found: dict[str, Result] = {}
        for path in self._folder.glob(f"{self._made_by}-*"):
            try:
                found |= {result.key: result for result in _load(path, FRAMES)}
            except UNREADABLE as error:
                _discard(path, error)
        return found

    def store(self, archive_digest: str, results: Sequence[Result]) -> None:
        """Keep the results of a review. A folder that cannot be written costs only the time of the
        next review."""
        path = self._path(archive_digest)
        try:
            _store(results, path)
            _remove_old(self._folder)
        except OSError as error:
            log.warning("%s: the review cannot be kept there: %s", path, error)

    def store_share(self, archive_digest: str, share: str, results: Sequence[Result]) -> None:
        """Keep the results of a share of a review. Raises OSError if that is impossible: a share
        is reviewed for nothing else."""
        _store(results, self._path(archive_digest, f"{SHARE}{share}"))

    def _path(self, archive_digest: str, suffix: str = "") -> Path:
        return self._folder / f"{self._made_by}-{archive_digest[:24]}{suffix}"


def _discard(path: Path, error: Exception) -> None:
    log.warning("%s: found no readable review, reviewing again: %s", path, error)
    shutil.rmtree(path, ignore_errors=True)


def _load(path: Path, names: Iterable[str]) -> list[Result]:
    """The results in a folder, with these frames. Raises one of UNREADABLE if one of the files is
    not as it was written."""
    hashes = SHA256.validate_json((path / HASHES).read_bytes())
    files = {name: path / f"{name}.parquet" for name in names}
    for file in (path / RECORD, *files.values()):
        if sha256_of(file) != hashes[file.name]:
            raise ValueError(f"{file.name} is not the file that was written")
    frames = {
        name: pl.read_parquet(file, glob=False).partition_by(
            "dataset", "release_id", as_dict=True, maintain_order=True
        )
        for name, file in files.items()
    }
    corrections = {correction.name: correction for correction in load_corrections()}
    return [
        Result(
            found.key,
            found.release,
            tuple(
                Applied(corrections[one.correction], one.release_id, one.texts, one.rows)
                for one in found.applied
            ),
            **{
                name: parts[of_release]
                for name, parts in frames.items()
                if (of_release := (found.release.dataset, found.release.release_id)) in parts
            },
        )
        for found in RESULTS.validate_json((path / RECORD).read_bytes())
    ]


def _store(results: Sequence[Result], path: Path) -> None:
    """Write results under a temporary name, and rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".incoming-", dir=path.parent))
    try:
        for name, empty in FRAMES.items():
            frame = concatenated([getattr(result, name) for result in results], empty)
            frame.write_parquet(partial / f"{name}.parquet")
        record = json.dumps(list(map(_as_record, results)))
        (partial / RECORD).write_text(record, encoding="utf-8")
        hashes = {file.name: sha256_of(file) for file in partial.iterdir()}
        (partial / HASHES).write_text(json.dumps(hashes), encoding="utf-8")
        for file in partial.iterdir():
            flush(file)
        if not path.exists():  # else another process has just kept the same review
            partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _remove_old(folder: Path) -> None:
    """Remove the oldest reviews, and the shares that are now part of one."""
    found = [child for child in folder.iterdir() if not child.name.startswith(".")]
    whole = [child for child in found if SHARE not in child.name]
    shares = [child for child in found if SHARE in child.name]
    whole.sort(key=lambda child: child.stat().st_mtime)
    for old in (*whole[:-KEPT], *shares):
        shutil.rmtree(old, ignore_errors=True)


def _as_record(result: Result) -> dict[str, object]:
    applied = [
        {
            "correction": one.correction.name,
            "release_id": one.release_id,
            "texts": one.texts,
            "rows": one.rows,
        }
        for one in result.applied
    ]
    release = result.release.model_dump(mode="json")
    return {"key": result.key, "release": release, "applied": applied}
