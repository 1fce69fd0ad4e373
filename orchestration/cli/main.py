"""Where the command starts and ends: its surroundings settled, then its subcommands, which import
the libraries; and how a signal ends it.
"""

import signal
import sys
from collections.abc import Sequence

from orchestration.surroundings import settle

FAILED = 3
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit. A signal ends it as soon as what it has begun is undone, with one
    line and no traceback.

    arguments: instead of those of this process, whose surroundings then stay as they are.
    """
    try:
        if arguments is None:
            _end_on_signals()
            settle()
        from orchestration.cli.commands import run

        run(arguments)
    except KeyboardInterrupt:
        if arguments is None:
            for number in ENDING:  # a second one would change the exit code
                signal.signal(number, signal.SIG_IGN)
        print("borderledger: interrupted", file=sys.stderr)
        sys.exit(FAILED)


def _end_on_signals() -> None:
    """Let every signal that asks a process to end do what Ctrl+C does, unless it is ignored, as
    `nohup` has it."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
