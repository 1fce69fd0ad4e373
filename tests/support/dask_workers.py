"""Dask's scheduler and workers for a test, started by the commands of docs/off-one-machine.md, each
worker with a home of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import PROJECT

ADDRESS = re.compile(r"Scheduler at: +(\w+://\S+)")
REGISTERED = re.compile("(Registered to)")
PRELOAD = "DASK_DISTRIBUTED__WORKER__PRELOAD"
DYING = '["tests.support.dying_worker", "orchestration.automation.fill", "dagster_dask"]'
SECONDS = 300  # a busy machine takes long to import everything
END_SECONDS = 60


@dataclass(frozen=True)
class Cluster:
    """scheduler: its address. workers: their processes, by name."""

    scheduler: str
    workers: dict[str, subprocess.Popen[bytes]]


def documented_command(name: str, scheduler: str) -> list[str]:
    """A command of docs/off-one-machine.md, without `borderledger`, for a scheduler elsewhere."""
    page = (PROJECT / "docs" / "off-one-machine.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```sh workers\n(.*?)```", page, re.DOTALL)
    [command] = re.findall(rf"^borderledger ({name}\b.*)$", block, re.MULTILINE)
    return str(command).replace("tcp://127.0.0.1:8786", scheduler).split()


@contextmanager
def cluster(
    folder: Path, landing: Mapping[str, str], variables: Mapping[str, str], dying: str | None = None
) -> Iterator[Cluster]:
    """Start a scheduler, and a worker for each landing folder.

    folder: gets the homes and what the processes print. landing: the value of BORDERLEDGER_LANDING
    by the name of a worker. variables: of all processes. dying: the worker that is to be killed in
    its first batch, see `dying_worker`.
    """
    started: list[subprocess.Popen[bytes]] = []
    workers: dict[str, subprocess.Popen[bytes]] = {}
    environment = dict(os.environ) | dict(variables)
    try:
        command = [*documented_command("scheduler", ""), "--port=0"]
        started.append(_start(command, folder / "scheduler", environment))
        address = _printed(folder / "scheduler.log", ADDRESS, started[-1])
        for name, folders in landing.items():
            own = {"BORDERLEDGER_LANDING": folders}
            preload = {PRELOAD: DYING} if name == dying else {}
            command = documented_command("worker", address)
            workers[name] = _start(command, folder / name, environment | own | preload)
            started.append(workers[name])
        for name, worker in workers.items():
            _printed(folder / f"{name}.log", REGISTERED, worker)
        yield Cluster(address, workers)
    finally:
        # the workers before the scheduler: a worker that is stopped while it closes because its
        # scheduler has gone waits for itself, forever
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start(
    command: list[str], home: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    with home.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", *command],
            cwd=PROJECT,
            env=dict(environment) | {"BORDERLEDGER_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _printed(log: Path, wanted: re.Pattern[str], process: subprocess.Popen[bytes]) -> str:
    """Wait until a process has printed something, and return it."""
    for _ in range(SECONDS * 10):
        if found := wanted.search(log.read_text(errors="replace")):
            return found[1]
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"found no {wanted.pattern!r} in {log}: {log.read_text(errors='replace')}")
