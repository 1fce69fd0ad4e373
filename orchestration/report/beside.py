"""Documentation that another tool makes, in a folder of its own below the report."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Beside:
    """A folder below the report, whose first page is its index.html.

    about: what it has, as the text of the link. write: writes the new folder (second argument)
    about a published file (first argument).
    """

    folder: str
    about: str
    write: Callable[[Path, Path], None]


def as_written(other: Beside, report: Path) -> Beside:
    """The same documentation, taken from a report that has it already. report: its folder, which is
    replaced only once the new one is complete."""

    def write(database: Path, folder: Path) -> None:
        old = report / other.folder
        if old.is_dir():
            shutil.copytree(old, folder)
        else:
            other.write(database, folder)

    return replace(other, write=write)
