"""Loaded into a worker of Dask: the system kills the worker while it writes the rows of the second
release that it takes in."""

import os
import signal
from pathlib import Path
from typing import Any

import polars as pl

_written: list[str] = []


def dask_setup(_: Any) -> None:
    """What Dask calls in a worker that loads this module."""
    write = pl.DataFrame.write_parquet

    def die(self: pl.DataFrame, file: Path, *args: Any, **kwargs: Any) -> None:
        _written.append(file.name)
        if len(_written) == 2:
            file.write_bytes(b"PAR1, and no more")
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, file, *args, **kwargs)

    pl.DataFrame.write_parquet = die  # type: ignore[assignment, method-assign]
