"""A second build of the same, while analysts read; and going back to the first."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.asking import ask, digests
from tests.conftest import PROJECT, copy_home, run_command


@dataclass
class Readers:
    """What analysts saw while a run worked and published."""

    home: Path
    first_build: str
    seen: list[str] = field(default_factory=list)
    slowest: float = 0.0
    seen_by_open_session: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def second_build(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Readers:
    """A home in which the job ran a second time while analysts read: one session that stays
    open, and one after another that opens, queries and closes."""
    home = copy_home(bundle_home, tmp_path_factory.mktemp("second") / "home")
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


class TestSecondBuild:
    def test_analysts_read_on_while_a_run_works_and_publishes(self, second_build: Readers) -> None:
        assert len(second_build.seen) > 20
        assert set(second_build.seen[:10]) == {second_build.first_build}
        assert second_build.seen[-1] != second_build.first_build
        assert len(set(second_build.seen)) == 2

    def test_a_session_that_stays_open_keeps_its_file(self, second_build: Readers) -> None:
        assert second_build.seen_by_open_session == [second_build.first_build] * 2

    def test_two_builds_of_the_same_have_equal_digests(
        self, second_build: Readers, bundle_home: Path
    ) -> None:
        assert digests(second_build.home) == digests(bundle_home)
        assert len(digests(bundle_home)) > 15

    def test_rollback_publishes_the_earlier_build_and_the_night_stays_quiet(
        self, second_build: Readers, tmp_path: Path
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
