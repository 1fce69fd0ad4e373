"""Ending a run on a signal, also where the exception by which Python ends it is lost in a library.

What belongs here: insisting, and knowing the exception that a library has put in its place. What a
signal does at first is in `main`, and inside of a step in Dagster.
"""

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, NoReturn

from orchestration.cli.options import FAILED
from orchestration.signals import watching

PATIENCE_SECONDS = 5.0
REPEATS = 3
BREATH_SECONDS = 0.05  # for a callback that has lost the exception to end

LEFT, LOST = "left", "lost"  # the context; the exception, in a callback that cannot raise it


def is_for_a_signal(error: BaseException | None) -> bool:
    """Whether an interrupt is behind an error: DuckDB raises another one if it ends a query."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextlib.contextmanager
def insisting(patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """While this lasts, a signal that ends the process is repeated if its exception is lost in a
    callback, or if the process has not ended after some seconds. Where repeating is of no use
    either, the process ends at once: a run or an export leaves nothing half-written, wherever it
    ends."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals never reach another thread
        return
    news: queue.Queue[str] = queue.Queue()
    hook_before = sys.unraisablehook

    def report(lost: Any) -> None:
        if issubclass(lost.exc_type, Exception):
            hook_before(lost)
        else:
            news.put(LOST)

    with watching(partial(_insist, news, patience)):
        sys.unraisablehook = report
        try:
            yield
        finally:
            news.put(LEFT)
            sys.unraisablehook = hook_before


def _insist(news: "queue.Queue[str]", patience: float) -> None:
    for _ in range(REPEATS):
        with contextlib.suppress(queue.Empty):
            if news.get(timeout=patience) == LEFT:
                return
            time.sleep(BREATH_SECONDS)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    with contextlib.suppress(queue.Empty):
        if news.get(timeout=patience) == LEFT:
            return
    _end_at_once()


def _end_at_once() -> NoReturn:
    print("borderledger: interrupted", file=sys.stderr, flush=True)
    os._exit(FAILED)
