"""Killing runs with SIGKILL, and what must hold right afterwards and after the next complete run.

What belongs here: the moments, the kill, and the comparison of a home with its earlier state.
`python -m tests.resilience.crash` and the tests choose which runs are killed when.
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
from tests.resilience.crash.new_releases import NewRelease

POLL_SECONDS = 0.002
DBT_OUTPUT, DBT_STARTED = "builds/*/dbt/output.log", "Running with dbt="
LONGEST_SECONDS = 600.0

Found = tuple[str, int]
What = Literal[
    "release lost",
    "published file broken",
    "archive not verified",
    "next run failed",
    "moment not reached",
    "not reported",
]


@dataclass(frozen=True)
class Moment:
    """When a run is killed: as soon as one of the conditions given is met.

    kind: its name in the table.
    prints: text that the run prints when it has just come this far.
    appears: patterns below the home; met by a file that was not there when the run started.
    dbt_starts: met when dbt has been started so often in the run's build.
    after: seconds from the start of the process.
    alone: kill only the run's own process and leave its children running, as the system does
        when memory runs out.
    """

    kind: str
    prints: str | None = None
    appears: tuple[str, ...] = ()
    dbt_starts: int | None = None
    after: float | None = None
    alone: bool = False


BOUNDARIES = (
    Moment("a release on its way", appears=("archive/.incoming-*", "archive/*/*/record.json")),
    Moment("fetched releases", prints="duplicate    "),
    Moment("sources", prints="in quarantine"),
    Moment("open build", prints="building "),
    Moment("raw", prints="loaded "),
    Moment("gates after raw", prints="gates_after_raw"),
    Moment("facts", dbt_starts=1),
    Moment("facts, dbt lives on", dbt_starts=1, alone=True),
    Moment("gates after facts", prints="gates_after_facts"),
    Moment("marts", dbt_starts=2),
    Moment("gates after marts", prints="gates_after_marts"),
    Moment("sealed", appears=("builds/*/build.json",)),
    Moment("renamed", appears=("border.duckdb",)),
    Moment("published", prints="published build"),
)


@dataclass(frozen=True)
class Killed:
    """The outcome of a run that was to be killed.

    reached: whether it reached the moment; otherwise it ended earlier, with the exit code.
    """

    moment: Moment
    reached: bool
    exit_code: int
    seconds: float
    output: str
    process_group: int

    def end_survivors(self) -> None:
        """Kill the run's children, where only its own process was killed."""
        if self.moment.alone:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process_group, signal.SIGKILL)


@dataclass(frozen=True)
class HomeState:
    """The state of a home between two runs.

    published: the digest of the published file.
    releases: the dataset and id of each release in the archive.
    builds: the digest of each sealed build's file.
    """

    published: str
    releases: frozenset[tuple[str, str]]
    builds: frozenset[str]


@dataclass(frozen=True)
class Problem:
    """Something that does not hold but must."""

    what: What
    detail: str


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
        return {**os.environ, **settings, "COLUMNS": "1000"}


def killed_at(moment: Moment, place: Place) -> Killed:
    """Start a run and kill it and its children at a moment."""
    log = place.home.parent / "killed.log"
    before = files_in(place.home, (*moment.appears, DBT_OUTPUT))
    started = time.monotonic()
    run = start_run(place, log, in_session=True)
    reached = False
    try:
        while run.poll() is None and not reached:
            time.sleep(POLL_SECONDS)
            seconds = time.monotonic() - started
            reached = seconds > LONGEST_SECONDS or (
                (moment.after is not None and seconds >= moment.after)
                or (moment.prints is not None and moment.prints in log.read_text())
                or (
                    moment.dbt_starts is not None and dbt_starts(place, before) >= moment.dbt_starts
                )
                or bool(files_in(place.home, moment.appears) - before)
            )
        if moment.alone and reached:
            run.kill()
    finally:
        if not (moment.alone and reached):
            with contextlib.suppress(ProcessLookupError):  # it ended by itself
                os.killpg(run.pid, signal.SIGKILL)
        code = run.wait()
    seconds = time.monotonic() - started
    was_killed = code == -signal.SIGKILL and seconds <= LONGEST_SECONDS
    return Killed(moment, was_killed, code, seconds, log.read_text(), run.pid)


def dbt_starts(place: Place, before: set[Found]) -> int:
    """How often dbt has been started in a build that was not there before; what it prints is kept
    until the build is sealed, or cleared away by a later run."""
    starts = 0
    for path, _ in files_in(place.home, (DBT_OUTPUT,)) - before:
        with contextlib.suppress(FileNotFoundError):  # the build has just been sealed
            starts += Path(path).read_text(errors="replace").count(DBT_STARTED)
    return starts


def start_run(place: Place, log: Path, in_session: bool = False) -> subprocess.Popen[bytes]:
    """Start a run with its output in a file; in_session: in a session of its own, which its
    children share."""
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
    """Run the job to its end; its process calls before_exec before it starts."""
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


def state_of(settings: Settings) -> HomeState:
    """The state of a home now."""
    return HomeState(
        published=sha256_of(settings.published),
        releases=_releases(settings),
        builds=frozenset(_sealed(settings).values()),
    )


def problems_after_kill(
    before: HomeState, releases: Iterable[NewRelease], settings: Settings
) -> list[Problem]:
    """What does not hold right after a kill: the published file is the earlier one or one that
    was sealed since; archive and builds verify; no earlier release is lost; and every other
    release in the archive is one of these, whole."""
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
    known = {release.release_id for release in releases}
    problems += [
        Problem("archive not verified", f"{release_id} ({dataset}) is in no landing folder")
        for dataset, release_id in sorted(now - before.releases)
        if release_id not in known
    ]
    return problems


def problems_after_run(
    done: subprocess.CompletedProcess[str], releases: Iterable[NewRelease], settings: Settings
) -> list[Problem]:
    """What does not hold after a complete run: it succeeded, archive and builds verify, and
    each of these releases is in the archive and, accepted, in the published file."""
    if done.returncode != 0:
        detail = f"exit code {done.returncode}: {done.stdout[-2000:]}"
        return [Problem("next run failed", detail)]
    problems = _damaged(settings)
    unsealed = [build.build_id for build in all_builds(settings.builds) if not build.is_sealed]
    problems += [Problem("next run failed", f"it left {build} unsealed") for build in unsealed]
    archived = {release_id for _, release_id in _releases(settings)}
    query = "select release_id from meta.releases where verdict = 'accepted'"
    published = {release_id for (release_id,) in _query(settings, query)}
    for release in releases:
        if release.release_id not in archived:
            problems.append(Problem("release lost", f"{release.name} is not in the archive"))
        elif release.release_id not in published:
            problems.append(Problem("release lost", f"{release.name} is not published"))
    return problems


def _problems_of_published(before: HomeState, settings: Settings) -> list[Problem]:
    try:
        found = sha256_of(settings.published)
        current = published_build(settings)
        [(build_id, encounters)] = _query(
            settings,
            "select (select build_id from meta.builds),"
            " (select sum(encounters) from fct_encounters)",
        )
    except (OSError, duckdb.Error, ValueError) as error:
        return [Problem("published file broken", f"{type(error).__name__}: {error}")]
    found_wrong = []
    since = set(_sealed(settings).values()) - before.builds
    if found not in {before.published, *since}:
        found_wrong.append(
            f"found sha256 {found}, expected {before.published}, or one sealed since"
        )
    if current is None or current.record.sha256 != found or current.build_id != build_id:
        found_wrong.append(f"found sha256 {found} of build {build_id}, which no record names")
    if not encounters:
        found_wrong.append("found no encounters")
    return [Problem("published file broken", problem) for problem in found_wrong]


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


def _query(settings: Settings, query: str) -> list[tuple[str, ...]]:
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        return connection.execute(query).fetchall()


def files_in(home: Path, patterns: Iterable[str]) -> set[Found]:
    """The files that match these patterns, with their inodes: a replaced file is a new one."""
    found: set[Found] = set()
    for pattern in patterns:
        for path in home.glob(pattern):
            with contextlib.suppress(FileNotFoundError):
                found.add((str(path), path.stat().st_ino))
    return found
