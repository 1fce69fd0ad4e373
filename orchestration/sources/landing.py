"""Landing folders: files put there by a person, and those bundled with the project.

A landing folder is laid out `<dataset>/<YYYY-MM-DD or YYYY-MM>/<file as published>`.
What belongs here: walking such a folder, the dates in its names, and whether a file is still
being written. Files are not opened here.
"""

import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.catalogue.dataset import Dataset
from orchestration.releases.publication import PublicationDate
from orchestration.sources.candidate import Candidate

UNFINISHED = (".crdownload", ".download", ".filepart", ".part", ".partial", ".tmp")
CLOSED = "found a folder that may not be read, expected that the user who runs this may"


@dataclass(frozen=True)
class Skipped:
    """A path in a landing folder that cannot be a candidate, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class _Watched:
    """Young files that were watched for `seconds`, with their size and time at the start."""

    seconds: float
    young: dict[Path, tuple[int, int] | None]

    def has_settled(self, path: Path) -> bool:
        if path in self.young:  # not by age: with a clock that runs ahead it stays young
            return _state(path) == self.young[path]
        return _age(path) >= self.seconds


def candidates(
    folder: Path, catalogue: Mapping[str, Dataset], settle_seconds: float = 0.0
) -> Iterator[Candidate | Skipped]:
    """Yield a Candidate per file, oldest publication first within a dataset, and a Skipped for
    everything that is in the wrong place.

    settle_seconds: files younger than this are watched together for that long; one that
        changes or appears in the meantime is still being written, and skipped.
    """
    if (reason := _why_closed(folder)) is not None:
        yield Skipped(folder, reason)
        return
    watched = _watched(folder, settle_seconds)
    for child in sorted(folder.iterdir()):
        if child.name.startswith(".") or child.name == "README.md":
            continue
        if child.name not in catalogue:
            known = ", ".join(catalogue)
            yield Skipped(child, f"found {child.name!r}, expected a dataset's name: {known}")
        elif (reason := _unfit_folder(child, "a dataset's folder")) is not None:
            yield Skipped(child, reason)
        else:
            yield from _candidates_of(child, folder, watched)


def settled_files(folder: Path, seconds: float) -> Iterator[tuple[str, int, float]]:
    """Yield path, size and time of each file in a landing folder, wherever it is, that is neither
    hidden nor unfinished and has not changed for so many seconds. One from the future counts as
    well: when it was changed is not known."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if name.startswith(".") or path.suffix.lower() in UNFINISHED:
                continue
            try:
                found = path.lstat()
            except OSError:  # it has gone, or its folder may not be entered
                continue
            is_young = 0 <= time.time() - found.st_mtime < seconds
            if stat.S_ISREG(found.st_mode) and not is_young:
                yield str(path), found.st_size, found.st_mtime


def closed(folder: Path, catalogue: Mapping[str, Dataset]) -> list[Skipped]:
    """Return the landing folder if it cannot be read, or the datasets' folders in it that cannot,
    each with the reason."""
    if (reason := _why_closed(folder)) is not None:
        return [Skipped(folder, reason)]
    inside = (folder / name for name in catalogue)
    return [
        Skipped(path, CLOSED) for path in inside if os.path.isdir(path) and not _may_be_read(path)
    ]


def _why_closed(folder: Path) -> str | None:
    """Return why a landing folder cannot be walked through, or None."""
    if not os.path.isdir(folder):  # Path.is_dir raises if a parent may not be read
        return "found no such folder, expected a landing folder"
    return None if _may_be_read(folder) else CLOSED


def _candidates_of(dataset: Path, folder: Path, watched: _Watched) -> Iterator[Candidate | Skipped]:
    dated: list[tuple[PublicationDate, Path]] = []
    for child in sorted(dataset.iterdir()):
        try:
            dated.append((PublicationDate.parse(child.name), child))
        except ValueError as error:
            yield Skipped(child, str(error))
    for published_on, child in sorted(dated, key=lambda pair: (pair[0].on, pair[1])):
        if (reason := _unfit_folder(child, "a folder named by date")) is not None:
            yield Skipped(child, reason)
            continue
        for path in sorted(child.iterdir()):
            if path.name.startswith("."):
                continue
            if (reason := _unfit(path, watched)) is not None:
                yield Skipped(path, reason)
                continue
            source = path.relative_to(folder).as_posix()
            yield Candidate(path, dataset.name, published_on, path.name, source, below=folder)


def _unfit_folder(path: Path, expected: str) -> str | None:
    """Return why a path cannot be walked into, or None."""
    if not path.is_dir() or path.is_symlink():
        return f"found a file or a link, expected {expected}"
    return None if _may_be_read(path) else CLOSED


def _may_be_read(folder: Path) -> bool:
    """Whether a folder's entries can be listed: a network folder may be gone in spite of its
    permissions."""
    try:
        os.scandir(folder).close()
    except OSError:
        return False
    return os.access(folder, os.R_OK | os.X_OK)


def _unfit(path: Path, watched: _Watched) -> str | None:
    """Return why a path cannot be a candidate, or None."""
    if path.is_symlink() or not path.is_file():
        return "found a link or a folder, expected a regular file"
    if os.fsencode(path.name) != path.name.encode(errors="replace"):
        return f"found the name {path.name!r}, expected UTF-8"
    if not path.name.isprintable():
        return f"found the name {path.name!r}, expected one without control characters"
    if path.suffix.lower() in UNFINISHED:
        return (
            f"found {path.suffix!r}, the ending of an unfinished download, expected the whole file"
        )
    if not watched.has_settled(path):
        return (
            "found a file that is still being written, expected one that is complete; the next "
            "run takes it in"
        )
    return None


def _watched(folder: Path, seconds: float) -> _Watched:
    """Record the state of the young files and, if there are any, wait `seconds`."""
    days = (day for dataset in _entries(folder) for day in _entries(dataset))
    files = (path for day in days for path in _entries(day) if os.path.isfile(path))
    young = {path: _state(path) for path in files if _age(path) < seconds}
    if young:
        time.sleep(seconds)
    return _Watched(seconds, young)


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, links left out; nothing if it is no folder or cannot be read, which
    the walk reports."""
    try:
        return [path for path in folder.iterdir() if not os.path.islink(path)]
    except OSError:
        return []


def _age(path: Path) -> float:
    """Return seconds since the last change; infinity for a file that is gone, which intake
    reports when it opens it."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
