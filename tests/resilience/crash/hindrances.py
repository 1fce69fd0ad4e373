"""Runs in a home that cannot be written: a full disk, a read-only file system, no permission;
and a run whose dbt is killed as if memory had run out.

What belongs here: making each write_failure, running into it, and saying what does not hold then:
the run must end with exit code 3 and one clear sentence, and leave everything as it was.
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

from tests.resilience.crash.candidates import Offered
from tests.resilience.crash.kills import (
    LONGEST_SECONDS,
    POLL_SECONDS,
    Place,
    Problem,
    Standing,
    begun,
    complete_run,
    problems_after_kill,
    standing,
)

FAILED = 3
DROP_FROM_BOUNDING_SET = 24  # prctl's name for it is PR_CAPBSET_DROP
OVERRIDES = (1, 2)  # of root over permissions: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
TOLD = r"borderledger: |The run failed: "  # a sentence of ours, whatever stands before it
FULL = r"File too large|No space left on device|database or disk is full|disk I/O error"
NO_PERMISSION, READ_ONLY = "Permission denied", "Read-only file system"
OF_A_RELEASE, OF_A_HISTORY, OF_A_BUILD = 2_000, 100_000, 10_000_000


class CannotMake(Exception):
    """A write_failure that needs rights which this process has not."""


@dataclass(frozen=True)
class Hindrance:
    """Something that a run cannot cope with.

    says: a pattern of what the run must say.
    begins: makes it in a home, for as long as the context lasts; gives what the run's process
        calls before it begins.
    """

    name: str
    says: str
    begins: Callable[[Path], AbstractContextManager[Callable[[], None] | None]]


@dataclass(frozen=True)
class Outcome:
    """What became of a run that met a write_failure.

    told: the sentence in which it said so.
    """

    write_failure: str
    exit_code: int
    told: str
    problems: tuple[Problem, ...]


def met(write_failure: Hindrance, place: Place, offered: list[Offered]) -> Outcome:
    """Run into a write_failure, and see what holds afterwards. Raises CannotMake."""
    before = standing(place.settings)
    with write_failure.begins(place.home) as before_exec:
        try:
            done = complete_run(place, before_exec)
        except subprocess.TimeoutExpired:
            raise
        except subprocess.SubprocessError as error:  # before_exec has failed
            raise CannotMake(str(error)) from error
    return _outcome(write_failure.name, write_failure.says, done, before, offered, place)


def dbt_killed(place: Place, offered: list[Offered]) -> Outcome:
    """Kill dbt, and nothing else, while it makes the facts."""
    before = standing(place.settings)
    log = place.home.parent / "dbt-killed.log"
    run = begun(place, log)
    try:
        _kill_child_once_said("Running dbt command", run, log)
        code = run.wait(timeout=LONGEST_SECONDS)
    finally:
        run.kill()
    done = subprocess.CompletedProcess(place.command, code, log.read_text())
    return _outcome(
        "dbt killed", r"in step facts: dbt was killed by SIGKILL", done, before, offered, place
    )


def _keep_to_permissions() -> None:
    """Take from a process of root's, and from what it starts, the right to override them."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in OVERRIDES:
        if prctl(DROP_FROM_BOUNDING_SET, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "cannot give up root's rights")


# what a process calls before it begins, so that modes hold for it whoever starts it
KEEP_TO_PERMISSIONS = _keep_to_permissions if os.geteuid() == 0 else None


@contextlib.contextmanager
def _size_limited(size: int, home: Path) -> Iterator[Callable[[], None]]:
    """No file may grow beyond a size, which shows at the same places as a full disk."""
    yield partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))


@contextlib.contextmanager
def _without_permission(home: Path) -> Iterator[Callable[[], None] | None]:
    """A home that may only be read; root then needs to be kept from overriding that."""
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
    """The home on a disk of its own, with so many bytes to spare; brought back afterwards."""
    files = {file.stat().st_ino: file.stat() for file in home.rglob("*") if file.is_file()}
    used = sum(file.st_blocks * 512 for file in files.values())
    aside = home.with_name(f"{home.name}-aside")
    home.rename(aside)
    home.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={used + spare}", "tmpfs", str(home))
    except CannotMake:
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


PORTABLE = (
    Hindrance("disk full in the archive", FULL, partial(_size_limited, OF_A_RELEASE)),
    Hindrance("no permission", NO_PERMISSION, _without_permission),
)
HINDRANCES = (
    *PORTABLE,
    Hindrance("disk full in Dagster's history", FULL, partial(_size_limited, OF_A_HISTORY)),
    Hindrance("disk full in the build", FULL, partial(_size_limited, OF_A_BUILD)),
    Hindrance("small disk, 64 kB left", FULL, partial(_on_small_disk, 64 << 10)),
    Hindrance("small disk, 2 MB left", FULL, partial(_on_small_disk, 2 << 20)),
    Hindrance("small disk, 12 MB left", FULL, partial(_on_small_disk, 12 << 20)),
    Hindrance("read-only file system", READ_ONLY, _mounted_read_only),
)


def _outcome(
    write_failure: str,
    says: str,
    done: subprocess.CompletedProcess[str],
    before: Standing,
    offered: list[Offered],
    place: Place,
) -> Outcome:
    problems = problems_after_kill(before, offered, place.settings)
    if standing(place.settings).published != before.published:
        problems.append(Problem("published file broken", "found another, expected none"))
    lines = done.stdout.strip().splitlines() or [""]
    told = lines[-1]
    if done.returncode != FAILED:
        problems.append(Problem("not told", f"exit code {done.returncode}, expected {FAILED}"))
    if not re.match(TOLD, told) or not re.search(says, told):
        problems.append(Problem("not told", f"found {done.stdout[-2000:]}, expected {says}"))
    return Outcome(write_failure, done.returncode, told, tuple(problems))


def _kill_child_once_said(words: str, run: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while run.poll() is None and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        if words in log.read_text() and (children := _children(run.pid, "dbt")):
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            return


def _children(parent: int, command: str) -> list[int]:
    """The processes that a process has started and whose command line has some word."""
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            words = stat.with_name("cmdline").read_text().split("\0")
            if int(fields[1]) == parent and any(
                Path(word).name.startswith(command) for word in words
            ):
                children.append(int(stat.parent.name))
    return children


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotMake(f"mount: {done.stderr.strip()}")


def _unmount(path: Path) -> None:
    subprocess.run(["umount", str(path)], check=True)


def _copy(source: Path, target: Path) -> None:
    """With links as they are, so that the published file and its build stay one."""
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)
