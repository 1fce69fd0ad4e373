"""Ending a query on a signal.

What belongs here: cancelling what DuckDB works on. It looks for a signal now and then, but not
wherever it works, so that a query could go on for minutes after Ctrl+C.
"""

import contextlib
import threading
from collections.abc import Iterator

import duckdb

from orchestration.signals import watching

CANCEL_SECONDS = 0.2


@contextlib.contextmanager
def cancelled_by_signals(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """While this lasts, a signal that asks the process to end cancels the connection's query, over
    and over: one that is about to begin does not notice. Raises KeyboardInterrupt in the place of
    the error by which a query ends that was cancelled."""
    interrupted, ended = threading.Event(), threading.Event()

    def keep_cancelling() -> None:
        interrupted.set()
        while not ended.is_set():
            with contextlib.suppress(duckdb.Error):  # no query is running
                connection.interrupt()
            ended.wait(CANCEL_SECONDS)

    with watching(keep_cancelling):
        try:
            yield
        except Exception as error:
            if interrupted.is_set():
                raise KeyboardInterrupt from error
            raise
        finally:
            ended.set()
