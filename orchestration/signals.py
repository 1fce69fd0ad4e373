"""The signals that ask a process to end, and noticing one while a library works.

What belongs here: what does not wait for Python, which acts on a signal only between two of its own
instructions, and so not before the call of a library has ended. What a signal does is decided by
those who use this.
"""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def watching(react: Callable[[], None]) -> Iterator[None]:
    """While this lasts, the first signal that asks the process to end calls a function in another
    thread, beside what the signal does otherwise. Leaving waits for that function.

    Only in the main thread, since signals never reach another one: there, nothing is called.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received, arriving = socket.socketpair()
    arriving.setblocking(False)
    before = signal.set_wakeup_fd(arriving.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(received, before, react), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        arriving.close()
        watcher.join()
        received.close()


def _watch(received: socket.socket, before: int, react: Callable[[], None]) -> None:
    """Wait for the first of the signals, whose number Python writes to the socket. Whoever has
    been waiting before hears of each one, too."""
    has_reacted = False
    while number := received.recv(1):
        if before != -1:
            with contextlib.suppress(OSError):  # as full as a socket can be: it has been heard
                os.write(before, number)
        if number[0] in ENDING and not has_reacted:
            has_reacted = True
            react()
