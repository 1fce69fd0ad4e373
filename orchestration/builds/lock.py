"""One run at a time: a lock on the home, which the system releases when the process ends.

What belongs here: taking a lock, waiting for it, and naming the process that holds it.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

POLL_SECONDS = 0.5
REPORT_SECONDS = 60.0


class Busy(Exception):
    """Another run is using this home."""


@dataclass
class _Held:
    """A lock that this process holds. users: how many `with` blocks are inside of it."""

    file: TextIO
    process: int
    users: int = 1


_held: dict[Path, _Held] = {}
_changing = threading.Lock()


@contextmanager
def exclusive(
    home: Path, wait_seconds: float = 0.0, report: Callable[[str], object] | None = None
) -> Iterator[None]:
    """Lock the home for one run. A process that holds the lock takes it again without waiting, so
    that the command can keep it from the first of its runs to the last.

    wait_seconds: how long to wait for another process that holds it.
    report: gets a sentence that names that process, at once and then every minute.

    Raises Busy, which names the process as well, if the wait was not long enough.
    """
    with holding(home / "run.lock", "run", wait_seconds, report):
        yield


@contextmanager
def holding(
    path: Path,
    user: str,
    wait_seconds: float = 0.0,
    report: Callable[[str], object] | None = None,
) -> Iterator[None]:
    """Lock a file, as `exclusive` does. user: what holds it, in a word, for the messages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path = path.resolve()
    _wait(path, user, wait_seconds, report)
    try:
        yield
    finally:
        _leave(path)


def _wait(
    path: Path, user: str, wait_seconds: float, report: Callable[[str], object] | None
) -> None:
    """Take the lock as soon as it is free. Raises Busy."""
    deadline = time.monotonic() + wait_seconds
    next_report = time.monotonic()
    while (holder := _take(path)) is not None:
        other, now = f"another {user} (process {holder})", time.monotonic()
        if wait_seconds <= 0:
            raise Busy(f"{other} is using {path.parent}; try later")
        if now >= deadline:
            raise Busy(
                f"{other} is still using {path.parent} after a wait of {wait_seconds / 60:.0f} "
                f"minutes; if it hangs, end process {holder} and start again"
            )
        if report is not None and now >= next_report:
            report(f"waiting for {other} that is using {path.parent}")
            next_report += REPORT_SECONDS
        time.sleep(min(POLL_SECONDS, deadline - now))


def _take(path: Path) -> str | None:
    """Take the lock. Returns the process that holds it, or None if it is now ours."""
    with _changing:
        ours = _held.get(path)
        if ours is not None and ours.process == os.getpid():  # a fork does not hold it
            ours.users += 1
            return None
        file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            return holder
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        _held[path] = _Held(file, os.getpid())
        return None


def _leave(path: Path) -> None:
    """Free the lock if no other `with` block of this process is inside of it."""
    with _changing:
        ours = _held[path]
        ours.users -= 1
        if ours.users == 0:
            del _held[path]
            ours.file.truncate(0)
            ours.file.close()


def is_locked(home: Path) -> bool:
    """Whether a run is using this home."""
    path = home / "run.lock"
    if not path.exists():
        return False
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
