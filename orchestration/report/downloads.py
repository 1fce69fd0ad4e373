"""The files of an export, as a page links them.

What belongs here: what the report needs to know of an export. How one is written is in `exports`.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class Download:
    """An exported table. csv, parquet: the addresses of its files, relative to the report."""

    table: str
    rows: int
    csv: str
    parquet: str


def address_of(file: Path, report: Path) -> str:
    """The address of a file, relative to the pages in the folder `report`, as a browser opens them
    by that path: a link is not followed."""
    return quote(os.path.relpath(file, report))
