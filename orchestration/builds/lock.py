"""One run at a time: a lock on the home, which the system releases when the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):
    """Another run is using this home."""


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Lock the home for one run. Raises Busy, which names the process that holds the lock."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "run.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Busy(f"another run (process {holder}) is using {home}; try later") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)
