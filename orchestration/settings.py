"""Paths and limits, read once from the environment (`BORDERLEDGER_*`).

What belongs here: where files are, and how large or slow an input may be. Nothing
here knows what a release, a table or a check is.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DATASETS = PROJECT / "orchestration" / "catalogue" / "datasets"
EXPECTATIONS = PROJECT / "expectations"
DBT_PROJECT = PROJECT / "dbt_project"
BUNDLED = PROJECT / "warehouse" / "bundled"

MEBIBYTE = 1 << 20


class ConfigurationError(Exception):
    """An environment variable, a YAML file or a path that the operator set cannot be used."""


@dataclass(frozen=True)
class Limits:
    """Bounds on the input. Sizes in bytes, times in seconds."""

    release_bytes: int = 200 * MEBIBYTE
    line_bytes: int = 64 * 1024
    file_cells: int = 10_000_000  # in a text file; each takes up to 200 bytes
    page_bytes: int = 5 * MEBIBYTE
    workbook_bytes: int = 300 * MEBIBYTE  # unpacked
    part_bytes: int = 64 * MEBIBYTE  # of a workbook, unpacked
    workbook_parts: int = 2_000
    sheet_cells: int = 6_000_000  # a stray cell in column XFD stays below it
    workbook_cells: int = 12_000_000  # in all sheets together
    download_seconds: float = 120.0
    settle_seconds: float = 1.0  # a younger file in a landing folder may still be growing
    untyped_row_share: float = 0.005
    builds_kept: int = 5


@dataclass(frozen=True)
class Settings:
    """Where an installation keeps its files.

    home: holds everything that a run writes.
    landing: folders laid out `<dataset>/<YYYY-MM[-DD]>/<file>`, searched in this order.
    offline: make no request to the publishers' sites.
    """

    home: Path
    landing: tuple[Path, ...] = ()
    offline: bool = False
    limits: Limits = field(default_factory=Limits)

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def builds(self) -> Path:
        return self.home / "builds"

    @property
    def rebuilds(self) -> Path:
        return self.home / "rebuilds"

    @property
    def published(self) -> Path:
        return self.home / "border.duckdb"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    def widened(self, landing: Iterable[Path] = (), offline: bool = False) -> "Settings":
        """Return these settings with `landing` added, and offline if either is."""
        more = (path.resolve() for path in landing)
        return replace(self, landing=(*self.landing, *more), offline=self.offline or offline)

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read BORDERLEDGER_HOME, BORDERLEDGER_LANDING (paths joined by `:`) and
        BORDERLEDGER_OFFLINE (`1` or `0`). Raises ConfigurationError."""
        offline = os.environ.get("BORDERLEDGER_OFFLINE", "0")
        if offline not in ("0", "1"):
            raise ConfigurationError(f"BORDERLEDGER_OFFLINE is {offline!r}; expected 0 or 1")
        landing = os.environ.get("BORDERLEDGER_LANDING", "")
        home = Path(os.environ.get("BORDERLEDGER_HOME") or PROJECT / "warehouse").resolve()
        if home.exists() and not home.is_dir():
            raise ConfigurationError(f"BORDERLEDGER_HOME is {home}, a file; expected a folder")
        return cls(
            home=home,
            landing=tuple(Path(part).resolve() for part in landing.split(os.pathsep) if part),
            offline=offline == "1",
        )
