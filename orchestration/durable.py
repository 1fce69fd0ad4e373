"""Files that a crash leaves as they were or as they were meant to be, never in between; whether
they still are what they were; and what to say where the disk does not let itself be written."""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

MAKE_ROOM = "make room, and start again"
LOOK_AFTER = "see whether the disk is full or broken, and start again"
PERMIT = "let the user who runs this write there, and start again"
MOUNT = "mount it so that it can be written, and start again"
HINDRANCES = {  # the system's words, or SQLite's, whichever library passes them on
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


class WriteError(OSError):
    """Something could not be written: says what, why, and what to do."""


def write_failure(text: str, where: Path) -> str | None:
    """What hindered the writing, in one sentence, if an error's text says that something did.

    where: what was being written; used unless the line that says so names a path.
    """
    for found, advice in HINDRANCES.items():
        for line in text.splitlines():
            if found in line:
                named = re.search(r"""(['"])(/.+?)\1""", line)
                return f"{named[2] if named else where}: cannot be written: {found}; {advice}"
    return None


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, and put it there once it is on disk. Raises WriteError."""
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.unlink(missing_ok=True)
        write(partial)
        flush(partial)
        os.replace(partial, path)
        flush(path.parent)
    except Exception as error:  # each library has its own
        told = write_failure(str(error), path)
        if told is None:
            raise
        raise WriteError(told) from error


def flush(path: Path) -> None:
    """Make sure that a file's content, or a folder's entries, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """The hash of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
