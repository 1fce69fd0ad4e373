"""Homes to measure on, and the options of the benchmarks that make one.

What belongs here: what `ui` and `check` share. The whole job's benchmark makes its homes itself, as
making them is what it measures.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measurement import measure


def options_of(module: str, description: str | None, runs: int, of_what: str) -> argparse.Namespace:
    """The options of a benchmark: `runs`, by default so many of what is named, and `releases`."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=runs, metavar="N", help=of_what)
    parser.add_argument(
        "--releases", type=Path, action="append", default=[], help="landing folder; may be repeated"
    )
    return parser.parse_args()


@dataclass(frozen=True)
class PublishedHome:
    """A home in which a run has published, and the environment of commands on it."""

    home: Path
    environment: dict[str, str]


@contextmanager
def published_home(releases: Sequence[Path]) -> Iterator[PublishedHome]:
    """A home that has published, offline, from the bundle and these landing folders. Raises
    CommandFailed."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        home = Path(folder, "home")
        environment = _environment(home, releases)
        measure([sys.executable, "-m", "orchestration.cli", "nightly"], environment)
        yield PublishedHome(home, environment)


def _environment(home: Path, releases: Sequence[Path]) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BORDERLEDGER_", "DAGSTER_", "DBT_"))
    }
    return inherited | {
        "BORDERLEDGER_HOME": str(home),
        "BORDERLEDGER_LANDING": os.pathsep.join(str(folder.resolve()) for folder in releases),
        "BORDERLEDGER_OFFLINE": "1",
    }
