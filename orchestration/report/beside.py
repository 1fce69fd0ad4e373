"""Documentation that another tool makes, in a folder of its own below the report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"  # of the report's pages, to be extended


@dataclass(frozen=True)
class Beside:
    """A folder below the report, whose first page is its index.html.

    about: what it has, as the text of the link. write: writes the new folder (second argument)
    about a published file (first argument).
    """

    folder: str
    about: str
    write: Callable[[Path, Path], None]
