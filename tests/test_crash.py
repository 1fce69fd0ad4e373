"""Killed runs, and the run after them: the published file stays the last good one, the next
run needs no hand, and analysts read on all the while.

`make test` kills at two boundaries; `make crash` (BORDERLEDGER_LONG_TESTS=1) at every one.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.build import all_builds
from orchestration.builds.publishing import published_build
from orchestration.releases.archive import Archive
from orchestration.settings import BUNDLED, Settings
from tests.asking import ask, digests
from tests.conftest import PROJECT, copy_home, run_command

# what the run says when it has just come this far
BOUNDARIES = {
    "archive": "in quarantine",
    "build": "building ",
    "raw": "loaded ",
    "gates after raw": "gates_after_raw",
    "facts": "Running dbt command",
    "gates after facts": "gates_after_facts",
    "marts": "marts              Running dbt command",
    "gates after marts": "gates_after_marts",
}
SHORT = ("build", "facts")
LONG = os.environ.get("BORDERLEDGER_LONG_TESTS") == "1"


def killed_at(home: Path, words: str) -> None:
    """Start a run and kill it, with all that it started, as soon as it says `words`."""
    run = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "nightly", "--force", "--offline"],
        cwd=PROJECT,
        env={**os.environ, "BORDERLEDGER_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stderr is not None
    said = []
    for line in run.stderr:
        said.append(line)
        if words in line:
            break
    else:
        pytest.fail(f"the run never said {words!r}: {''.join(said)}")
    os.killpg(run.pid, signal.SIGKILL)
    run.stderr.close()
    assert run.wait() == -signal.SIGKILL


@pytest.fixture(scope="module")
def battered_home(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_home(bundle_home, tmp_path_factory.mktemp("battered") / "home")


@pytest.mark.parametrize("boundary", BOUNDARIES if LONG else SHORT)
def test_a_killed_run_leaves_the_published_file_and_the_archive_whole(
    boundary: str, battered_home: Path
) -> None:
    published = battered_home / "border.duckdb"
    before = hashlib.sha256(published.read_bytes()).hexdigest()

    killed_at(battered_home, BOUNDARIES[boundary])

    assert hashlib.sha256(published.read_bytes()).hexdigest() == before
    settings = Settings(home=battered_home)
    current = published_build(settings)
    assert current is not None
    assert current.record.sha256 == before
    with duckdb.connect(str(published), read_only=True) as connection:
        [(total,)] = connection.execute("select sum(encounters) from fct_encounters").fetchall()
    assert total > 0
    archive = Archive(settings.archive)
    releases = archive.releases()
    assert len(releases) == sum(path.is_file() for path in BUNDLED.glob("*/*/*"))
    assert all(archive.bytes_of(release) for release in releases)


@dataclass
class Readers:
    """What analysts saw while a run worked and published."""

    home: Path
    first_build: str
    seen: list[str] = field(default_factory=list)
    slowest: float = 0.0
    seen_by_open_session: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def second_build(battered_home: Path) -> Readers:
    """The home whose runs were killed, in which the job then ran through while analysts read:
    one session that stays open, and one after another that opens, queries and closes."""
    home = battered_home
    query = "select build_id from meta.builds"
    readers = Readers(home, first_build=ask(home, query)[0][0])
    # a process of its own, as an analyst's is: within one process DuckDB shares a file by path
    watcher = subprocess.Popen(
        [sys.executable, "-c", OPEN_SESSION, str(home / "border.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert watcher.stdout is not None
    readers.seen_by_open_session.append(watcher.stdout.readline().strip())
    run = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "nightly", "--force", "--offline"],
        cwd=PROJECT,
        env={**os.environ, "BORDERLEDGER_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while run.poll() is None:
        begun = time.monotonic()
        readers.seen.append(ask(home, query)[0][0])
        readers.slowest = max(readers.slowest, time.monotonic() - begun)
        time.sleep(0.02)  # two cores: leave one to the run
    assert run.returncode == 0
    readers.seen.append(ask(home, query)[0][0])
    out, _ = watcher.communicate("again\n", timeout=30)
    readers.seen_by_open_session.append(out.strip())
    return readers


OPEN_SESSION = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as session:
    query = "select build_id from meta.builds"
    print(session.execute(query).fetchall()[0][0], flush=True)
    sys.stdin.readline()
    assert session.execute("select count(*) from fct_encounters").fetchall()[0][0] > 0
    print(session.execute(query).fetchall()[0][0], flush=True)
"""


def test_the_next_run_succeeds_without_cleaning_up_by_hand(second_build: Readers) -> None:
    builds = all_builds(second_build.home / "builds")
    assert len(builds) == 2
    assert all(build.is_sealed for build in builds)
    current = published_build(Settings(home=second_build.home))
    assert current is not None
    assert current.folder == builds[-1].folder


def test_analysts_read_on_while_a_run_works_and_publishes(second_build: Readers) -> None:
    assert len(second_build.seen) > 20
    assert set(second_build.seen[:10]) == {second_build.first_build}
    assert second_build.seen[-1] != second_build.first_build
    assert len(set(second_build.seen)) == 2


def test_a_session_that_stays_open_keeps_its_file(second_build: Readers) -> None:
    assert second_build.seen_by_open_session == [second_build.first_build] * 2


def test_two_builds_of_the_same_have_equal_digests(
    second_build: Readers, bundle_home: Path
) -> None:
    assert digests(second_build.home) == digests(bundle_home)
    assert len(digests(bundle_home)) > 15


def test_rollback_publishes_the_earlier_build_and_the_night_stays_quiet(
    second_build: Readers, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(second_build.home, home)
    run_command(home, "rollback", second_build.first_build)
    assert ask(home, "select build_id from meta.builds") == [(second_build.first_build,)]
    published = {
        build["build_id"]: build["published"]
        for build in json.loads(run_command(home, "builds", "--json").stdout)
    }
    assert published.pop(second_build.first_build) is True
    assert list(published.values()) == [False]
    assert "Nothing is new" in run_command(home, "nightly").stdout
    unknown = run_command(home, "rollback", "20200101T000000Z-00000000", expect=3)
    assert "expected one of" in unknown.stderr
