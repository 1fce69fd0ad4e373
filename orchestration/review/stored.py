"""The last reviews, kept on disk: a night on which nothing is new compares nothing again.

reviewed/<key>/review.json        the releases with their verdicts, the corrections that apply,
                                  and the hashes of the other two files
               moved.parquet      the cells that moved in held releases
               envelopes.parquet  the number of rows of each month, and the bounds on it

A review depends on the archive and the code alone, and the key is a hash over both. What cannot be
read is reviewed again.
"""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from orchestration.catalogue.corrections import load_corrections
from orchestration.code_digest import code_digest
from orchestration.durable import flush, sha256_of
from orchestration.releases.release import Release
from orchestration.review.corrections import Applied

log = logging.getLogger(__name__)

KEPT = 3
FRAMES = ("moved", "envelopes")


@dataclass(frozen=True)
class Parts:
    """The parts of a review: see `Review`."""

    releases: tuple[Release, ...]
    moved: pl.DataFrame
    envelopes: pl.DataFrame
    applied: tuple[Applied, ...]


class _AppliedRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    correction: str
    release_id: str
    texts: dict[str, tuple[str, ...]]
    rows: int


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    releases: tuple[Release, ...]
    applied: tuple[_AppliedRecord, ...]
    sha256: dict[str, str]


def stored(folder: Path, archive_digest: str, make: Callable[[], Parts]) -> Parts:
    """The review of an archive with this digest, from the folder, or made and kept there. A folder
    that cannot be written costs only the time of the next review."""
    key = hashlib.sha256(f"{archive_digest} {code_digest()}".encode()).hexdigest()[:24]
    path = folder / key
    found = _load(path)
    if found is not None:
        return found
    made = make()
    try:
        _store(made, path)
    except OSError as error:
        log.warning("%s: the review cannot be kept there: %s", path, error)
    return made


def _load(path: Path) -> Parts | None:
    """The parts that are kept in a folder; None if it is missing or damaged."""
    if not path.is_dir():
        return None
    try:
        record = _Record.model_validate_json((path / "review.json").read_bytes())
        corrections = {correction.name: correction for correction in load_corrections()}
        frames = {}
        for name in FRAMES:
            file = path / f"{name}.parquet"
            if sha256_of(file) != record.sha256[name]:
                raise ValueError(f"{file.name} is not the file that was written")
            frames[name] = pl.read_parquet(file, glob=False)
        applied = tuple(
            Applied(corrections[a.correction], a.release_id, a.texts, a.rows)
            for a in record.applied
        )
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        log.warning("%s: found no readable review, reviewing again: %s", path, error)
        shutil.rmtree(path, ignore_errors=True)
        return None
    return Parts(record.releases, frames["moved"], frames["envelopes"], applied)


def _store(parts: Parts, path: Path) -> None:
    """Write a review under a temporary name, rename it, and remove the oldest ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".incoming-", dir=path.parent))
    try:
        sha256 = {}
        for name in FRAMES:
            file = partial / f"{name}.parquet"
            getattr(parts, name).write_parquet(file)
            sha256[name] = sha256_of(file)
        record = {
            "releases": [release.model_dump(mode="json") for release in parts.releases],
            "applied": [
                {
                    "correction": applied.correction.name,
                    "release_id": applied.release_id,
                    "texts": applied.texts,
                    "rows": applied.rows,
                }
                for applied in parts.applied
            ],
            "sha256": sha256,
        }
        (partial / "review.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
        for file in partial.iterdir():
            flush(file)
        if not path.exists():  # else another process has just kept the same review
            partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    kept = sorted(
        (child for child in path.parent.iterdir() if not child.name.startswith(".")),
        key=lambda child: child.stat().st_mtime,
    )
    for old in kept[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
