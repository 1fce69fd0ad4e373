"""Killing runs with SIGKILL, and what must hold right after it and after the next complete run.

What belongs here: the moments, the kill, and the comparison of a home with what it was. Which
runs are killed when is chosen by `python -m tests.resilience.crash` and by the tests.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from orchestration.builds.build import all_builds
from orchestration.builds.publishing import published_build
from orchestration.builds.verification import verify
from orchestration.durable import sha256_of
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.settings import PROJECT, Settings
from tests.resilience.crash.candidates import Offered

POLL_SECONDS = 0.002
LONGEST_SECONDS = 600.0

What = Literal[
    "release lost",
    "published file broken",
    "archive not verified",
    "next run failed",
    "never came so far",
    "not told",
]


@dataclass(frozen=True)
class Moment:
    """When a run is killed: at the first of what is given.

    kind: its name in the table.
    said: what the run says when it has just come this far.
    appears: patterns below the home; once a file is there that was not when the run began.
    after: seconds from the start of the process.
    alone: only the run's own process is killed, not what it has started, as the system does
        where memory runs out.
    """

    kind: str
    said: str | None = None
    appears: tuple[str, ...] = ()
    after: float | None = None
    alone: bool = False


BOUNDARIES = (
    Moment("a release on its way", appears=("archive/.incoming-*", "archive/*/*/record.json")),
    Moment("fetched releases", said="duplicate    "),
    Moment("archive", said="in quarantine"),
    Moment("build", said="building "),
    Moment("raw", said="loaded "),
    Moment("gates after raw", said="gates_after_raw"),
    Moment("facts", said="facts              Running dbt command"),
    Moment("facts, dbt lives on", said="facts              Running dbt command", alone=True),
    Moment("gates after facts", said="gates_after_facts"),
    Moment("marts", said="marts              Running dbt command"),
    Moment("gates after marts", said="gates_after_marts"),
    Moment("sealed", appears=("builds/*/build.json",)),
    Moment("renamed", appears=("border.duckdb",)),
    Moment("published", said="published build"),
)


@dataclass(frozen=True)
class Killed:
    """What became of a run that was to be killed.

    came_so_far: whether it reached the moment; else it ended before, with the exit code.
    """

    moment: Moment
    came_so_far: bool
    exit_code: int
    seconds: float
    said: str
    process_group: int

    def end_what_lives_on(self) -> None:
        """End what the run had started, where only its own process was killed."""
        if self.moment.alone:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process_group, signal.SIGKILL)


@dataclass(frozen=True)
class Standing:
    """What a home holds between two runs.

    published: the digest of the published file.
    releases: dataset and id of each release in the archive.
    builds: the digest of each sealed build's file, by its id.
    """

    published: str
    releases: frozenset[tuple[str, str]]
    builds: frozenset[str]


@dataclass(frozen=True)
class Problem:
    """Something that is not as it should be."""

    what: What
    told: str


@dataclass(frozen=True)
class Place:
    """Where runs are killed: a home, its landing folder, and the project whose code runs."""

    home: Path
    landing: Path
    project: Path = PROJECT

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home)

    @property
    def command(self) -> list[str]:
        nightly = [sys.executable, "-m", "orchestration.cli", "nightly"]
        return [*nightly, "--landing", str(self.landing)]

    @property
    def environment(self) -> dict[str, str]:
        settings = {"BORDERLEDGER_HOME": str(self.home), "BORDERLEDGER_OFFLINE": "1"}
        return {**os.environ, **settings, "COLUMNS": "200"}


def killed_at(moment: Moment, place: Place) -> Killed:
    """Start a run and kill it, with all that it started, at a moment."""
    log = place.home.parent / "killed.log"
    before = _files(place.home, moment.appears)
    started = time.monotonic()
    run = begun(place, log, in_session=True)
    came_so_far = False
    try:
        while run.poll() is None and not came_so_far:
            time.sleep(POLL_SECONDS)
            seconds = time.monotonic() - started
            came_so_far = seconds > LONGEST_SECONDS or (
                (moment.after is not None and seconds >= moment.after)
                or (moment.said is not None and moment.said in log.read_text())
                or bool(_files(place.home, moment.appears) - before)
            )
        if moment.alone and came_so_far:
            run.kill()
    finally:
        if not (moment.alone and came_so_far):
            with contextlib.suppress(ProcessLookupError):  # it ended by itself
                os.killpg(run.pid, signal.SIGKILL)
        code = run.wait()
    seconds = time.monotonic() - started
    was_killed = code == -signal.SIGKILL and seconds <= LONGEST_SECONDS
    return Killed(moment, was_killed, code, seconds, log.read_text(), run.pid)


def begun(place: Place, log: Path, in_session: bool = False) -> subprocess.Popen[bytes]:
    """Start a run, what it says in a file; in_session: with all that it starts, in a session of
    its own."""
    with log.open("w") as output:
        return subprocess.Popen(
            place.command,
            cwd=place.project,
            env=place.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=in_session,
        )


def complete_run(
    place: Place, before_exec: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the job to its end; before_exec is called in its process before it begins."""
    return subprocess.run(
        place.command,
        cwd=place.project,
        env=place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
        preexec_fn=before_exec,
    )


def standing(settings: Settings) -> Standing:
    """What a home holds now."""
    return Standing(
        published=sha256_of(settings.published),
        releases=_releases(settings),
        builds=frozenset(_sealed(settings).values()),
    )


def problems_after_kill(
    before: Standing, offered: Iterable[Offered], settings: Settings
) -> list[Problem]:
    """What does not hold right after a kill: the published file is the one before, or one that
    was sealed since; archive and builds verify; every release of before is there; and nothing
    else counts as a release but what was offered, whole."""
    problems = _problems_of_published(before, settings)
    try:
        problems += _damaged(settings)
        now = _releases(settings)
    except ArchiveError as error:
        return [*problems, Problem("archive not verified", str(error))]
    problems += [
        Problem("release lost", f"{release_id} ({dataset}) was there before the kill")
        for dataset, release_id in sorted(before.releases - now)
    ]
    known = {release.release_id for release in offered}
    problems += [
        Problem("archive not verified", f"{release_id} ({dataset}) was never offered")
        for dataset, release_id in sorted(now - before.releases)
        if release_id not in known
    ]
    return problems


def problems_after_run(
    done: subprocess.CompletedProcess[str], offered: Iterable[Offered], settings: Settings
) -> list[Problem]:
    """What does not hold after a complete run: it succeeded, archive and builds verify, and
    every release that was offered is in the archive and, accepted, in the published file."""
    if done.returncode != 0:
        told = f"exit code {done.returncode}: {done.stdout[-2000:]}"
        return [Problem("next run failed", told)]
    problems = _damaged(settings)
    unsealed = [build.build_id for build in all_builds(settings.builds) if not build.is_sealed]
    problems += [Problem("next run failed", f"it left {build} unsealed") for build in unsealed]
    archived = {release_id for _, release_id in _releases(settings)}
    query = "select release_id from meta.releases where verdict = 'accepted'"
    published = {release_id for (release_id,) in _asked(settings, query)}
    for release in offered:
        if release.release_id not in archived:
            problems.append(Problem("release lost", f"{release.name} is not in the archive"))
        elif release.release_id not in published:
            problems.append(Problem("release lost", f"{release.name} is not published"))
    return problems


def _problems_of_published(before: Standing, settings: Settings) -> list[Problem]:
    try:
        found = sha256_of(settings.published)
        current = published_build(settings)
        [(build_id, encounters)] = _asked(
            settings,
            "select (select build_id from meta.builds),"
            " (select sum(encounters) from fct_encounters)",
        )
    except (OSError, duckdb.Error, ValueError) as error:
        return [Problem("published file broken", f"{type(error).__name__}: {error}")]
    told = []
    since = set(_sealed(settings).values()) - before.builds
    if found not in {before.published, *since}:
        told.append(f"found sha256 {found}, expected {before.published}, or one sealed since")
    if current is None or current.record.sha256 != found or current.build_id != build_id:
        told.append(f"found sha256 {found} of build {build_id}, which no record tells")
    if not encounters:
        told.append("found no encounters")
    return [Problem("published file broken", problem) for problem in told]


def _damaged(settings: Settings) -> list[Problem]:
    return [
        Problem(
            "archive not verified" if "release" in found.kind else "published file broken",
            found.problem,
        )
        for found in verify(settings)
        if found.problem is not None
    ]


def _releases(settings: Settings) -> frozenset[tuple[str, str]]:
    releases = Archive(settings.archive).releases()
    return frozenset((release.dataset, release.release_id) for release in releases)


def _sealed(settings: Settings) -> dict[str, str]:
    builds = (build for build in all_builds(settings.builds) if build.is_sealed)
    return {build.build_id: build.record.sha256 for build in builds}


def _asked(settings: Settings, query: str) -> list[tuple[str, ...]]:
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        return connection.execute(query).fetchall()


def _files(home: Path, patterns: Iterable[str]) -> set[tuple[str, int]]:
    """The files of these patterns; one that took another's place is another."""
    found = set()
    for pattern in patterns:
        for path in home.glob(pattern):
            with contextlib.suppress(FileNotFoundError):
                found.add((str(path), path.stat().st_ino))
    return found
