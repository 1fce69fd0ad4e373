"""Dagster's daemon as the UI starts it: one for each home, and none without its UI.

What belongs here: what happens before the daemon's own code runs, which takes the same arguments as
`dagster-daemon`, and what ends it. Nothing imports this module; it is run with `python -m`.
"""

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

import dagster as dg

from orchestration.automation.dead_runs import fail_dead_runs
from orchestration.builds.lock import Busy, holding

OTHER_SECONDS = 90.0  # the daemon of a UI that was killed takes up to STOP_SECONDS to end
STOP_SECONDS = 30.0


def main(arguments: list[str]) -> None:
    """Run the daemon until it gets a signal or its standard input ends, which happens when the
    process that started it does, however it does. arguments: those of `dagster-daemon`."""
    threading.Thread(target=_end_with_starter, daemon=True).start()
    home = Path(os.environ["DAGSTER_HOME"])
    try:
        with holding(home / "daemon.lock", "Dagster daemon", OTHER_SECONDS, _say):
            with dg.DagsterInstance.get() as instance:
                for sentence in fail_dead_runs(instance, nothing_launches=True):
                    _say(sentence)
            sys.argv = ["dagster-daemon", *arguments]
            runpy.run_module("dagster._daemon", run_name="__main__")
    except Busy as error:
        sys.exit(f"{error}. A home can be served by one UI at a time.")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _end_with_starter() -> None:
    """Wait for the end of standard input; then end this process."""
    while os.read(sys.stdin.fileno(), 1):
        continue
    _end()


def _end() -> None:
    """End this process as a signal would, or without its consent if that takes too long."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
