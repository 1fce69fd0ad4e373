"""Obstacles to a run: a full disk, a read-only file system, missing permission, too little memory;
and its second process killed, as if the system had no memory left.

What belongs here: creating each obstacle, running into it, and reporting what does not hold
afterwards: the run must end with exit code 3 and one clear sentence, and change nothing.
"""

import contextlib
import ctypes
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

from orchestration.gates.process import PROGRAM
from tests.resilience.crash.kills import (
    DBT_OUTPUT,
    LONGEST_SECONDS,
    POLL_SECONDS,
    Found,
    HomeState,
    Place,
    Problem,
    complete_run,
    dbt_starts,
    files_in,
    problems_after_kill,
    start_run,
    state_of,
)
from tests.resilience.crash.new_releases import NewRelease

FAILED = 3
DROP_FROM_BOUNDING_SET = 24  # prctl's name for it is PR_CAPBSET_DROP
OVERRIDES = (1, 2)  # of root over permissions: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
REPORTED = r"borderledger: |The run failed: "  # our own message, not a library's
FULL = r"File too large|No space left on device|database or disk is full|disk I/O error"
NO_PERMISSION, READ_ONLY = "Permission denied", "Read-only file system"
NO_MEMORY = r"in step facts: .*Out of Memory Error: .*raise BORDERLEDGER_MEMORY"
LITTLE_MEMORY = "60MB"  # less than the bundle's models take
OF_A_RELEASE, OF_A_HISTORY, OF_A_BUILD = 2_000, 100_000, 10_000_000


class CannotCreate(Exception):
    """An obstacle that needs rights which this process does not have."""


@dataclass(frozen=True)
class Obstacle:
    """Something that keeps a run from writing.

    reason: a pattern that the run's message must match.
    create: puts a home under it for as long as the context lasts; yields a function for the
        run's process to call before it starts, or None.
    """

    name: str
    reason: str
    create: Callable[[Path], AbstractContextManager[Callable[[], None] | None]]


@dataclass(frozen=True)
class RunOutcome:
    """The outcome of a run into an obstacle.

    sentence: the last line that the run printed.
    """

    obstacle: str
    exit_code: int
    sentence: str
    problems: tuple[Problem, ...]


def run_into(obstacle: Obstacle, place: Place, releases: list[NewRelease]) -> RunOutcome:
    """Run into an obstacle and look for problems afterwards. Raises CannotCreate."""
    before = state_of(place.settings)
    with obstacle.create(place.home) as before_exec:
        try:
            done = complete_run(place, before_exec)
        except subprocess.TimeoutExpired:
            raise
        except subprocess.SubprocessError as error:  # before_exec has failed
            raise CannotCreate(str(error)) from error
    return _outcome(obstacle.name, obstacle.reason, done, before, releases, place)


def run_with_checks_killed(place: Place, releases: list[NewRelease]) -> RunOutcome:
    """Kill Great Expectations' process, and nothing else, while dbt makes the facts."""
    before = state_of(place.settings)
    log = place.home.parent / "checks-killed.log"
    earlier = files_in(place.home, (DBT_OUTPUT,))
    run = start_run(place, log)
    try:
        _kill_checks(run, place, earlier)
        code = run.wait(timeout=LONGEST_SECONDS)
    finally:
        run.kill()
    done = subprocess.CompletedProcess(place.command, code, log.read_text())
    reason = r"in step gates_after_facts: Great Expectations' process was killed by SIGKILL"
    return _outcome("checks killed", reason, done, before, releases, place)


def _keep_to_permissions() -> None:
    """Take root's right to override permissions from this process and its children."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in OVERRIDES:
        if prctl(DROP_FROM_BOUNDING_SET, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "cannot give up root's rights")


# a process calls this before it starts, so that file modes bind it even when root starts it
KEEP_TO_PERMISSIONS = _keep_to_permissions if os.geteuid() == 0 else None


@contextlib.contextmanager
def _size_limited(size: int, home: Path) -> Iterator[Callable[[], None]]:
    """Limit the size of files, which fails at the same places as a full disk."""
    yield partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))


@contextlib.contextmanager
def _without_permission(home: Path) -> Iterator[Callable[[], None] | None]:
    """Take write permission from everything in a home."""
    modes = {path: path.stat().st_mode for path in (home, *home.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield KEEP_TO_PERMISSIONS
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextlib.contextmanager
def _mounted_read_only(home: Path) -> Iterator[None]:
    _mount("--bind", str(home), str(home))
    try:
        _mount("-o", "remount,bind,ro", str(home))
        yield None
    finally:
        _unmount(home)


@contextlib.contextmanager
def _on_small_disk(spare: int, home: Path) -> Iterator[None]:
    """Move the home to a disk of its own with this many bytes free; move it back afterwards."""
    files = {file.stat().st_ino: file.stat() for file in home.rglob("*") if file.is_file()}
    used = sum(file.st_blocks * 512 for file in files.values())
    aside = home.with_name(f"{home.name}-aside")
    home.rename(aside)
    home.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={used + spare}", "tmpfs", str(home))
    except CannotCreate:
        home.rmdir()
        aside.rename(home)
        raise
    back = home.with_name(f"{home.name}-back")
    try:
        _copy(aside, home)
        yield None
        _copy(home, back)
    finally:
        _unmount(home)
        home.rmdir()
        (back if back.exists() else aside).rename(home)
        shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _little_memory(home: Path) -> Iterator[None]:
    """Let DuckDB have so little memory that a model cannot be made."""
    with patch.dict(os.environ, BORDERLEDGER_MEMORY=LITTLE_MEMORY):
        yield None


PORTABLE = (
    Obstacle("disk full in the archive", FULL, partial(_size_limited, OF_A_RELEASE)),
    Obstacle("no permission", NO_PERMISSION, _without_permission),
)
OBSTACLES = (
    *PORTABLE,
    Obstacle("disk full in Dagster's history", FULL, partial(_size_limited, OF_A_HISTORY)),
    Obstacle("disk full in the build", FULL, partial(_size_limited, OF_A_BUILD)),
    Obstacle("small disk, 64 kB left", FULL, partial(_on_small_disk, 64 << 10)),
    Obstacle("small disk, 2 MB left", FULL, partial(_on_small_disk, 2 << 20)),
    Obstacle("small disk, 12 MB left", FULL, partial(_on_small_disk, 12 << 20)),
    Obstacle("read-only file system", READ_ONLY, _mounted_read_only),
    Obstacle("too little memory for a model", NO_MEMORY, _little_memory),
)


def _outcome(
    obstacle: str,
    reason: str,
    done: subprocess.CompletedProcess[str],
    before: HomeState,
    releases: list[NewRelease],
    place: Place,
) -> RunOutcome:
    problems = problems_after_kill(before, releases, place.settings)
    if state_of(place.settings).published != before.published:
        problems.append(Problem("published file broken", "found another file, expected the same"))
    lines = done.stdout.strip().splitlines() or [""]
    sentence = lines[-1]
    if done.returncode != FAILED:
        problems.append(Problem("not reported", f"exit code {done.returncode}, expected {FAILED}"))
    if not re.match(REPORTED, sentence) or not re.search(reason, sentence):
        problems.append(Problem("not reported", f"found {done.stdout[-2000:]}, expected {reason}"))
    return RunOutcome(obstacle, done.returncode, sentence, tuple(problems))


def _kill_checks(run: subprocess.Popen[bytes], place: Place, earlier: set[Found]) -> None:
    """Kill the child that runs the checks once dbt works on the run's build."""
    until = time.monotonic() + LONGEST_SECONDS
    while run.poll() is None and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        if dbt_starts(place, earlier) and (children := _children(run.pid, PROGRAM)):
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            return


def _children(parent: int, word: str) -> list[int]:
    """The children of a process whose command line has this word."""
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            words = stat.with_name("cmdline").read_text().split("\0")
            if int(fields[1]) == parent and word in words:
                children.append(int(stat.parent.name))
    return children


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotCreate(f"mount: {done.stderr.strip()}")


def _unmount(path: Path) -> None:
    subprocess.run(["umount", str(path)], check=True)


def _copy(source: Path, target: Path) -> None:
    """Copy with hard links, so that the published file and its build stay one file."""
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)
