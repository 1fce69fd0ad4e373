"""Atomic file replacement, locks, file hashes, and messages for failed writes.

A crash leaves the old file or the new one, never a mixture.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MAKE_ROOM = "make room, and start again"
LOOK_AFTER = "see whether the disk is full or broken, and start again"
PERMIT = "let the user who runs this write there, and start again"
MOUNT = "mount it so that it can be written, and start again"
WRITE_FAILURES = {  # messages of the system or of SQLite, whichever library raises them
    "No space left on device": MAKE_ROOM,
    "Disk quota exceeded": MAKE_ROOM,
    "database or disk is full": MAKE_ROOM,
    "File too large": MAKE_ROOM,
    "disk I/O error": LOOK_AFTER,
    "Input/output error": LOOK_AFTER,
    "Read-only file system": MOUNT,
    "attempt to write a readonly database": PERMIT,
    "unable to open database file": PERMIT,
    "Permission denied": PERMIT,
    "Operation not permitted": PERMIT,
}

ENDING_TRIES, ENDING_SECONDS = 20, 0.25  # for a process to end, and between two tries
ENDING_ERRORS = (errno.ENOTEMPTY, errno.ENOENT)  # of a folder in which it writes, or deletes


class WriteError(OSError):
    """A write failed; the message says what, why, and what to do."""


def write_failure(text: str, where: Path) -> str | None:
    """Return one sentence on why a write failed and what to do, or None for any other error.

    text: the error's text.
    where: what was being written; reported unless the matching line names a path.
    """
    for found, advice in WRITE_FAILURES.items():
        for line in text.splitlines():
            if found in line:
                named = re.search(r"""(['"])(/.+?)\1""", line)
                return f"{named[2] if named else where}: cannot be written: {found}; {advice}"
    return None


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name and rename it to `path` once it is on disk.

    write: writes the content to the path it gets. Raises WriteError.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.unlink(missing_ok=True)
        write(partial)
        flush(partial)
        os.replace(partial, path)
        flush(path.parent)
    except Exception as error:  # each library raises its own type
        failure = write_failure(str(error), path)
        if failure is None:
            raise
        raise WriteError(failure) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until no other process holds the lock file `path`, and hold it; the system releases it
    when the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def remove_folder(path: Path) -> None:
    """Remove a folder in which a process that is about to end may still write and delete. A link
    is removed itself: what it leads to is not ours. What is gone already may be gone."""
    if path.is_symlink():
        path.unlink(missing_ok=True)
        return
    for _ in range(ENDING_TRIES):
        try:
            shutil.rmtree(path)
        except OSError as error:
            if error.errno not in ENDING_ERRORS:
                raise
            if not path.exists():
                return
            time.sleep(ENDING_SECONDS)
        else:
            return
    shutil.rmtree(path)


def flush(path: Path) -> None:
    """Force a file's content, or a folder's entries, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
