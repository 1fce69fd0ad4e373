"""Another process that holds the lock on a home."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOLD = """
import pathlib, sys
from orchestration.builds.lock import exclusive
with exclusive(pathlib.Path(sys.argv[1])):
    print("inside", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_by_another(home: Path) -> Iterator["subprocess.Popen[str]"]:
    """Lock a home in another process. It frees the lock when it gets a line, or when it is killed;
    at the end at the latest."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "inside\n"
        try:
            yield holder
        finally:
            holder.kill()


def let_go(holder: "subprocess.Popen[str]") -> None:
    """Make the other process free the lock. Does not wait for it."""
    assert holder.stdin is not None
    holder.stdin.write("done\n")
    holder.stdin.flush()
