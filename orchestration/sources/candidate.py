"""A candidate: a file that may become a release.

What belongs here: the type that every source yields and intake takes, and how its file is opened.
Nothing is downloaded here.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from orchestration.releases.publication import PublicationDate

READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # else a pipe waits for a writer


@dataclass(frozen=True)
class Candidate:
    """A file that may be a release; nothing about it has been verified yet.

    source: where it came from, for display: a URL, or the path inside the landing folder.
    below: the folder that `path` must be in when it is opened; None: anywhere.
    """

    path: Path
    dataset: str
    published_on: PublicationDate
    file_name: str
    source: str
    below: Path | None = None

    def open(self) -> BinaryIO:
        """Open the file for reading. Raises OSError, also if it is no regular file, or if anything
        between `below` and the file is a link: whoever may write to a landing folder could put one
        there after the folder was looked through."""
        file = self._open_inside(self.below) if self.below else os.open(self.path, READING)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise OSError(f"found {self.path} to be a device, a folder or a pipe, expected a file")
        return os.fdopen(file, "rb")

    def _open_inside(self, below: Path) -> int:
        """Open the file through folders of which none is a link."""
        *folders, name = self.path.relative_to(below).parts
        folder = os.open(below, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for inner in folders:
                outer, folder = folder, _inside(folder, inner, os.O_DIRECTORY)
                os.close(outer)
            return _inside(folder, name, 0)
        finally:
            os.close(folder)


def _inside(folder: int, name: str, flags: int) -> int:
    """Open an entry of an open folder, unless it is a link."""
    return os.open(name, READING | os.O_NOFOLLOW | flags, dir_fd=folder)
