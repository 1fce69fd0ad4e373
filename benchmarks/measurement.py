"""Run one command in a fresh process and measure wall time, processor time and peak memory.

A helper starts the command. The helper is itself a fresh process with few imports, so that the
memory of the caller or of an earlier command is not counted:

- wall time: from just before the command is started to its end;
- processor time: user and system time of the command and of every child it has waited for
  (getrusage, RUSAGE_CHILDREN). It varies less than wall time on a busy machine;
- peak memory: resident memory of the command and all its descendants, summed from /proc every
  20 ms. A page that two of them share counts twice; a child that was just forked and still runs
  its parent's program does not count. The largest single process by getrusage is the minimum,
  so that a short peak is not missed.

`python -m benchmarks.measurement FOLDER COMMAND...` is that helper. It prints JSON and
saves the command's output in FOLDER.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
INTERVAL = 0.02
PAGE = os.sysconf("SC_PAGE_SIZE")
OUTPUT, ERRORS = "stdout", "stderr"
LOG_TAIL = 4000


@dataclass(frozen=True)
class Measured:
    """Time and memory that a command used. started_at and ended_at: seconds since the epoch."""

    started_at: float
    ended_at: float
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


class CommandFailed(Exception):
    """A measured command failed. The message has the command and the end of its output."""


def measure(command: Sequence[str], environment: Mapping[str, str]) -> tuple[Measured, str]:
    """Run a command in the project's folder. Returns the measurement and the standard output;
    raises CommandFailed."""
    with tempfile.TemporaryDirectory(prefix="measuring-") as folder:
        helper = subprocess.run(
            [sys.executable, "-m", "benchmarks.measurement", folder, *command],
            cwd=PROJECT,
            env=dict(environment),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        printed = (Path(folder) / OUTPUT).read_text(errors="replace")
        errors = (Path(folder) / ERRORS).read_text(errors="replace")
    found = json.loads(helper.stdout)
    if found.pop("exit_code") != 0:
        raise CommandFailed(f"{' '.join(command)} failed:\n{(printed + errors)[-LOG_TAIL:]}")
    return Measured(**found), printed


def _main() -> None:
    folder, *command = sys.argv[1:]
    with open(f"{folder}/{OUTPUT}", "w") as printed, open(f"{folder}/{ERRORS}", "w") as errors:
        started_at, started = time.time(), time.perf_counter()
        process = subprocess.Popen(command, stdout=printed, stderr=errors)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident_family(process.pid))
            time.sleep(INTERVAL)
        wall = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = Measured(
        started_at=started_at,
        ended_at=started_at + wall,
        wall_seconds=wall,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_bytes=max(peak, used.ru_maxrss * 1024),
    )
    print(json.dumps(asdict(measured) | {"exit_code": process.returncode}))


def _resident_family(pid: int, parent: bytes = b"") -> int:
    """Resident bytes of a process and its descendants. Counts 0 for a process that has ended."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        children = [
            int(child)
            for task in os.listdir(f"/proc/{pid}/task")
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        ]
    except (OSError, IndexError):
        return 0
    below = sum(_resident_family(child, command) for child in children)
    return below if command == parent else own + below


if __name__ == "__main__":
    _main()
