"""Ten nights on one home: each runs the real command in a process of its own, at its own time, on
local publishers and with a local webhook for its alerts.

What belongs here: what happens on each night, and what came of it. What must have come of it is in
`test_week`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from select import select

import duckdb

from tests.resilience.week.sites import (
    SERVER_OF_ICE,
    post_next_month,
    post_one_cut_off,
    post_one_revised,
    project_that_asks,
    sites,
)
from tests.support.agencies import Agencies
from tests.support.publisher_server import Reply, trusted_authority
from tests.support.receivers import Received, Webhook

FIRST = datetime(2027, 3, 7, 10, 0, tzinfo=UTC)  # a Sunday, two o'clock in California
AT, DAEMON = (Path(__file__).with_name(name) for name in ("at.py", "daemon.py"))
COMMAND = ("orchestration.cli", "nightly")
SECONDS = 600
POLL_SECONDS = 0.02
BUILDING = "building "  # what the run that is killed has just said
BYTES_LEFT = 1_000_000  # on the full disk: less than the raw tables take
HEADER = "| night | what happens | exit code | messages | what readers see |"


@dataclass(frozen=True)
class Outcome:
    """What came of a night.

    night: its number and day.
    exit_code: of the command; None if it was killed.
    messages: what the webhook got.
    build: the published build afterwards.
    readers: when it was made, in words.
    """

    night: str
    what: str
    exit_code: int | None
    messages: tuple[Received, ...]
    build: str
    readers: str
    output: str


@dataclass
class Week:
    """One installation during the week: its folder, and what it talks to."""

    folder: Path
    agencies: Agencies
    webhook: Webhook
    date: datetime = FIRST
    nights: dict[str, str] = field(default_factory=dict)  # of each build that was published
    answers: dict[str, Reply] = field(default_factory=dict)  # of ICE's site, while it is down

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @contextmanager
    def started(self, *program: str, most_bytes: int | None = None) -> Iterator["Program"]:
        """Start a program of the project at the time of this night, its output in a file; at the
        end it is killed, if it still runs.

        most_bytes: of the largest file that it may write.
        """
        request: dict[str, object] = {"moment": self.date.isoformat(), "bytes": most_bytes}
        request |= {"program": program[0], "arguments": program[1:], "log": str(self._log)}
        self._log.write_text("")
        running = Program(self._programs, json.dumps(request))
        try:
            yield running
        finally:
            running.end()

    def run(self, *program: str, most_bytes: int | None = None) -> int:
        """Run a program to its end. Returns its exit code."""
        with self.started(*program, most_bytes=most_bytes) as running:
            return running.wait()

    @cached_property
    def _programs(self) -> "subprocess.Popen[bytes]":
        """What starts them: see `at.py`."""
        return subprocess.Popen(
            [sys.executable, str(AT)],
            cwd=self.project,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # else an answer may wait in a buffer
            start_new_session=True,
        )

    def close(self) -> None:
        """End what starts programs."""
        if "_programs" in self.__dict__:
            self._programs.kill()
            self._programs.communicate()

    @property
    def output(self) -> str:
        """What the last program printed."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.folder / "night.log"

    def _environment(self) -> dict[str, str]:
        """As a service has it, in the form that the command does not start itself again for."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "BORDERLEDGER_HOME": str(self.home),
            "BORDERLEDGER_LANDING": str(self.landing),
            "BORDERLEDGER_ALERTS": self.webhook.url,
            "REQUESTS_CA_BUNDLE": str(self.folder / "authority.pem"),
            "NO_PROXY": "*",
            "COLUMNS": "200",
            "PYTHONPATH": str(self.project),
            "PYTHONSAFEPATH": "1",
            "PYTHONUTF8": "1",
        }


class Program:
    """A program that `at.py` has started. pid: its process, which leads a session."""

    def __init__(self, programs: "subprocess.Popen[bytes]", request: str) -> None:
        assert programs.stdin is not None
        assert programs.stdout is not None
        self._answers = programs.stdout
        self._code: int | None = None
        programs.stdin.write(f"{request}\n".encode())
        self.pid = self._answer()

    def poll(self) -> int | None:
        """Its exit code; None as long as it runs."""
        if self._code is None and select([self._answers], [], [], 0)[0]:
            self._code = self._answer()
        return self._code

    def wait(self) -> int:
        """Wait for its end. Returns its exit code."""
        if self._code is None:
            self._code = self._answer()
        return self._code

    def end(self) -> None:
        """Kill it and what it has started, unless it is over."""
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.wait()

    def _answer(self) -> int:
        assert select([self._answers], [], [], SECONDS)[0], "no answer in time"
        return int(self._answers.readline())


@contextmanager
def week_in(folder: Path, bundle_home: Path) -> Iterator[Week]:
    """An installation in a folder, from a home in which the job has published the bundle."""
    week = Week(folder, sites(), Webhook())
    try:
        shutil.copytree(bundle_home, week.home, ignore=shutil.ignore_patterns("dagster", "dbt"))
        week.landing.mkdir()
        trusted_authority(folder)
        project_that_asks(week.agencies, week.project)
        yield week
    finally:
        week.close()
        week.agencies.close()
        week.webhook.close()


def _as_always(week: Week) -> int:
    return week.run(*COMMAND)


def _file_cut_off_and_file_revised(week: Week) -> int:
    post_one_cut_off(week.agencies)
    post_one_revised(week.agencies)
    return week.run(*COMMAND)


def _without_ice(week: Week) -> int:
    _silence(week)
    return week.run(*COMMAND)


def _killed(week: Week) -> None:
    """Kill a run in its build. A minute later Dagster's daemon looks for dead runs."""
    post_next_month(week.agencies)
    with week.started(*COMMAND) as process:
        until = time.monotonic() + SECONDS
        while process.poll() is None and BUILDING not in week.output:
            assert time.monotonic() < until, week.output
            time.sleep(POLL_SECONDS)
        assert process.poll() is None, week.output
        process.end()
    week.date += timedelta(minutes=1)
    assert week.run(str(DAEMON)) == 0, week.output


def _on_full_disk(week: Week) -> int:
    return week.run(*COMMAND, most_bytes=BYTES_LEFT)


def _without_landing(week: Week) -> int:
    week.landing.rmdir()
    return week.run(*COMMAND)


def _all_is_back(week: Week) -> int:
    week.landing.mkdir()
    week.agencies.ice.replies = week.answers
    return week.run(*COMMAND)


def _silence(week: Week) -> None:
    """From now on ICE's server closes every connection."""
    ice = week.agencies.ice
    week.answers = ice.replies
    ice.replies = {path: Reply(hang_up=True) for path in ("/robots.txt", *ice.replies)}


NIGHTS: tuple[tuple[str, Callable[[Week], int | None]], ...] = (
    (
        "CBP has posted two releases, a file that is cut off, and one that revises a closed year",
        _file_cut_off_and_file_revised,
    ),
    ("nothing is new", _as_always),
    ("ICE's site is down", _without_ice),
    ("CBP posts a new month; the run is killed while it builds", _killed),
    ("the disk is full; ICE's site is down for the third night", _on_full_disk),
    ("the disk has room again", _as_always),
    ("the landing folder is gone", _without_landing),
    ("the landing folder is still gone; a release of CBP was due the day before", _as_always),
    ("the landing folder and ICE's site are back", _all_is_back),
    ("the landing folder is gone again", _without_landing),
)


def outcomes(week: Week) -> Iterator[Outcome]:
    """Live through the nights, and yield what came of each."""
    for number, (what, happens) in enumerate(NIGHTS, start=1):
        week.date = FIRST + timedelta(days=number - 1)
        known = len(week.webhook.received)
        exit_code = happens(week)
        messages = tuple(week.webhook.received[known:])
        build = _published(week.home)
        readers = f"the build of {week.nights.setdefault(build, f'night {number}')}"
        yield Outcome(
            f"{number}, {week.date:%A}", what, exit_code, messages, build, readers, week.output
        )


def table_of(nights: list[Outcome]) -> str:
    """The nights as a table in Markdown."""
    lines = [HEADER, "| --- | --- | --- | --- | --- |"]
    for night in nights:
        titles = [_in_the_docs(message.title) for message in night.messages]
        code = "killed" if night.exit_code is None else str(night.exit_code)
        cells = (night.night, night.what, code, "; ".join(titles) or "none", night.readers)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _in_the_docs(title: str) -> str:
    """A title, with the host that a local server stands for."""
    return title.removeprefix("Borderledger: ").replace(SERVER_OF_ICE, "www.ice.gov")


def _published(home: Path) -> str:
    with duckdb.connect(str(home / "border.duckdb"), read_only=True) as connection:
        [(build_id,)] = connection.execute("select build_id from meta.builds").fetchall()
    return str(build_id)
