"""Killed runs: the published file stays the last good one, the next run needs no hand.

`make test` kills at two boundaries; `make crash` (BORDERLEDGER_LONG_TESTS=1) at every one.
"""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.build import all_builds
from orchestration.builds.publishing import published_build
from orchestration.releases.archive import Archive
from orchestration.settings import BUNDLED, Settings
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


def test_the_next_run_succeeds_without_cleaning_up_by_hand(battered_home: Path) -> None:
    run_command(battered_home, "nightly", "--force")
    builds = all_builds(battered_home / "builds")
    assert len(builds) == 2
    assert all(build.is_sealed for build in builds)
    current = published_build(Settings(home=battered_home))
    assert current is not None
    assert current.folder == builds[-1].folder
