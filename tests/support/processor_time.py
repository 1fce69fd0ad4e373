"""A bound on the processor time of a call that must not hang on a malicious file."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS = 30  # what the calls take is far less, on any machine


class TookTooLong(Exception):
    """The bound was reached."""


@contextmanager
def no_hanging(seconds: float = SECONDS) -> Iterator[None]:
    """Raise TookTooLong in the main thread once this process has used so much processor time."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"used more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
