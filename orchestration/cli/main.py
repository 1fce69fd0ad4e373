"""Where the command starts and ends: its surroundings settled, then its subcommands, which import
the libraries; and how a signal ends it.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from orchestration.surroundings import settle

FAILED = 3
INTERRUPTED = "borderledger: interrupted"
# as in `signals`, which imports what must not be imported before the surroundings are settled
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit. A signal ends it as soon as what it has begun is undone, with one
    line and no traceback.

    arguments: instead of those of this process, whose surroundings then stay as they are.
    """
    try:
        if arguments is None:
            _on_signals(_end_at_once)
            settle()
            from orchestration.cli.streams import watch_streams

            watch_streams()
        from orchestration.cli.commands import run

        if arguments is None:
            _on_signals(signal.default_int_handler)
        run(arguments)
    except KeyboardInterrupt:
        if arguments is None:
            for number in ENDING:  # a second one would change the exit code
                signal.signal(number, signal.SIG_IGN)
        print(INTERRUPTED, file=sys.stderr)
        sys.exit(FAILED)


def _on_signals(handle: Callable[[int, FrameType | None], object]) -> None:
    """Let every signal that asks a process to end do the same, unless it is ignored, as `nohup` has
    it."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handle)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    """End the process while it imports libraries, which make another exception of an interrupt:
    nothing has been begun that would have to be undone."""
    print(INTERRUPTED, file=sys.stderr, flush=True)
    os._exit(FAILED)
