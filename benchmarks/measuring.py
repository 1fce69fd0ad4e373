"""One command in a fresh process: wall time, processor time and peak memory.

The command is started by a helper, itself a fresh process that imports next to nothing, so
that neither the memory of the caller nor that of an earlier command is counted:

- wall time: from just before the command is started to its end;
- processor time: user and system, of the command and of all that it has waited for
  (getrusage, RUSAGE_CHILDREN). It moves less than wall time when others use the machine;
- peak memory: resident memory of the command and of all its descendants together, summed
  from /proc every 20 ms; a page that two of them share counts twice, but not the pages of a
  child that was just forked and still runs its parent's program. The largest single process
  by getrusage is a floor, so that a short peak is not missed.

`python -m benchmarks.measuring FOLDER COMMAND...` is that helper. It prints JSON, and leaves
in FOLDER what the command wrote.
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
PRINTED, TOLD = "stdout", "stderr"
LOG_TAIL = 4000


@dataclass(frozen=True)
class Measured:
    """What a command took. started_at and ended_at: seconds since the epoch."""

    started_at: float
    ended_at: float
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


class CommandFailed(Exception):
    """A measured command did not succeed: shows it and the end of what it wrote."""


def measure(command: Sequence[str], environment: Mapping[str, str]) -> tuple[Measured, str]:
    """Run a command in the project's folder. Returns what it took and what it printed on
    standard output; raises CommandFailed."""
    with tempfile.TemporaryDirectory(prefix="measuring-") as folder:
        helper = subprocess.run(
            [sys.executable, "-m", "benchmarks.measuring", folder, *command],
            cwd=PROJECT,
            env=dict(environment),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        printed = (Path(folder) / PRINTED).read_text(errors="replace")
        told = (Path(folder) / TOLD).read_text(errors="replace")
    found = json.loads(helper.stdout)
    if found.pop("exit_code") != 0:
        raise CommandFailed(f"{' '.join(command)} failed:\n{(printed + told)[-LOG_TAIL:]}")
    return Measured(**found), printed


def _main() -> None:
    folder, *command = sys.argv[1:]
    with open(f"{folder}/{PRINTED}", "w") as printed, open(f"{folder}/{TOLD}", "w") as told:
        started_at, started = time.time(), time.perf_counter()
        process = subprocess.Popen(command, stdout=printed, stderr=told)
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
    """Resident bytes of a process and its descendants, as far as they are still there."""
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
