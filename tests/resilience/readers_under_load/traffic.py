"""Readers at work while builds are published over and over.

What belongs here: starting and stopping the readers, and publishing in the meantime.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path

from orchestration.builds.publishing import published_build
from orchestration.settings import PROJECT, Limits, Settings
from tests.resilience.readers_under_load.reader import Seen, Tally, write_known
from tests.resilience.readers_under_load.versions import Version, make_versions, publish_next

VERSIONS, KEPT = 4, 2
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Readers:
    """How many open and close over and over, and how many stay open."""

    coming_and_going: int = 8
    staying: int = 2


@dataclass(frozen=True)
class Traffic:
    """The counts of the readers, and how many builds were published in the meantime."""

    tallies: tuple[Tally, ...]
    publishes: int
    seconds: float

    @property
    def is_clean(self) -> bool:
        """Whether every reader has read the file without an error or a mixture."""
        return all(t.reads and not t.errors and not t.mixed for t in self.tallies)


def prepare(home: Path, folder: Path) -> tuple[Settings, list[Version]]:
    """A new home and versions of another home's published build, the first of them published.
    The home keeps few builds, so that each publish deletes one."""
    source = published_build(Settings(home=home))
    assert source is not None, f"{home}: found no published build"
    versions = make_versions(source, folder / "versions", VERSIONS)
    settings = Settings(home=folder / "home", limits=Limits(builds_kept=KEPT))
    publish_next(versions[0], 0, settings)
    return settings, versions


def publish_under_readers(
    settings: Settings, versions: list[Version], seconds: float, readers: Readers
) -> Traffic:
    """Publish one version after the other for this many seconds, or longer until a build has been
    deleted, while the readers read."""
    done = 0

    def keep_publishing() -> None:
        nonlocal done
        until = time.monotonic() + seconds
        for number, version in zip(count(1), cycle([*versions[1:], versions[0]]), strict=False):
            if time.monotonic() > until and done > settings.limits.builds_kept:
                break
            publish_next(version, number, settings)
            done = number
            time.sleep(PAUSE_SECONDS)

    tallies = read_while(keep_publishing, settings.published, [v.seen for v in versions], readers)
    return Traffic(tallies, done, seconds)


def read_while(
    work: Callable[[], object], file: Path, known: list[Seen], readers: Readers
) -> tuple[Tally, ...]:
    """Start readers of a file, do the work, stop them; returns their counts."""
    stop, shown = file.with_name("stop"), file.with_name("known.json")
    write_known(shown, known)
    command = [
        sys.executable,
        "-m",
        "tests.resilience.readers_under_load.reader",
        *map(str, (file, shown, stop)),
    ]
    commands = [command] * readers.coming_and_going
    commands += [[*command, "--stay-open"]] * readers.staying
    with ExitStack() as stack:
        started = [stack.enter_context(_process(one)) for one in commands]
        for process in started:
            stack.callback(process.kill)
        try:
            for process in started:
                assert process.stdout is not None
                process.stdout.readline()  # until it is ready, or has ended
            work()
        finally:
            stop.touch()
        return tuple(_tally(process) for process in started)


def _process(command: list[str]) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=PROJECT, stdout=pipe, stderr=pipe, text=True)


def _tally(process: subprocess.Popen[str]) -> Tally:
    output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    if process.returncode != 0:
        return Tally("ended", errors=1, examples=[errors.strip()[-500:]])
    return Tally(**json.loads(output))
