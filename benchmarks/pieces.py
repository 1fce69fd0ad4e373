"""Pieces of a job's data work, and how long each took.

What belongs here: what `data_work` measures with and its callers read. It imports little, since
the callers measure other processes.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

BEFORE_THE_RUN = "before the run"


@dataclass(frozen=True)
class Piece:
    """One piece of the data work, and the step of the job that it belongs to."""

    step: str
    what: str
    wall_seconds: float
    cpu_seconds: float


class Clock:
    """Times pieces of work, one after the other."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    @contextlib.contextmanager
    def piece(self, step: str, what: str) -> Iterator[None]:
        wall, cpu = _now()
        yield
        ended = _now()
        self.pieces.append(Piece(step, what, ended[0] - wall, ended[1] - cpu))


def table_digests(published: Path) -> dict[str, str]:
    """Content digest of every table and view of a published file, by name. Two builds of the same
    files have equal contents in `raw` and `main`."""
    with duckdb.connect(published, read_only=True) as connection:
        rows = connection.execute(
            "select schema_name || '.' || table_name, digest from meta.tables"
        ).fetchall()
    return dict(rows)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()
