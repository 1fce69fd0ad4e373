"""The process that executes a run: recorded on the run, and found again later.

What belongs here: a process's identity, which neither a restart of the machine nor another process
with the same number can be mistaken for. What becomes of a run without a process is in
`dead_runs`.
"""

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:  # takes longer to import than a process to look at
    import dagster as dg

PROCESS_TAG = "borderledger/process"
PROCESSES = Path("/proc")
BOOT = PROCESSES / "sys" / "kernel" / "random" / "boot_id"


@dataclass(frozen=True)
class RunProcess:
    """The process that executes a run. boot: which start of the machine; started: in clock ticks
    after that. Both are empty on a system that does not say."""

    run_id: str
    host: str
    boot: str
    pid: int
    started: str

    @classmethod
    def at(cls, pid: int, run_id: str) -> "RunProcess":
        """A live process of this machine, as that of a run."""
        _, started = _state_and_start(pid)
        return cls(run_id, socket.gethostname(), _boot(), pid, started)

    @classmethod
    def of(cls, run: "dg.DagsterRun") -> "RunProcess | None":
        """The process that a run has recorded; None if it has not. A run that repeats another
        starts with the tags of that one."""
        try:
            found = _SERIALIZED.validate_json(run.tags.get(PROCESS_TAG, ""))
        except ValidationError:
            return None
        return found if found.run_id == run.run_id else None

    def tags(self) -> dict[str, str]:
        """The tag that records this process on a run."""
        return {PROCESS_TAG: _SERIALIZED.dump_json(self).decode()}

    def is_here(self) -> bool:
        """Whether the process was started on this machine."""
        return self.host == socket.gethostname()

    def has_ended(self) -> bool:
        """Whether the process is gone for certain. That of another machine cannot be seen."""
        if not self.is_here():
            return False
        if self.boot != _boot():
            return True
        state, started = _state_and_start(self.pid)
        if not state:
            return not _exists(self.pid)
        return state in "ZX" or started != self.started  # killed and not yet buried, or another


_SERIALIZED = TypeAdapter(RunProcess)


def record_process(instance: "dg.DagsterInstance", run_id: str) -> None:
    """Record on a run that this process executes it."""
    instance.add_run_tags(run_id, RunProcess.at(os.getpid(), run_id).tags())


def _boot() -> str:
    return BOOT.read_text().strip() if BOOT.exists() else ""


def _state_and_start(pid: int) -> tuple[str, str]:
    """A process's state and when it was started; both empty if the system shows no such process."""
    try:
        line = (PROCESSES / str(pid) / "stat").read_text()
    except OSError:
        return "", ""
    fields = line.rpartition(")")[2].split()  # the name before it may hold anything
    return fields[0], fields[19]


def _exists(pid: int) -> bool:
    """Whether a process with this number exists, also one that the system shows to others only."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
