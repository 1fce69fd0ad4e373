"""Fixtures that tests share: the real releases, and homes in which the job has run once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
REAL_RELEASES = PROJECT.parent / "shared" / "releases"

Command = Callable[..., subprocess.CompletedProcess[str]]


def run_command(
    home: Path, *arguments: str, project: Path = PROJECT, expect: int | None = 0
) -> subprocess.CompletedProcess[str]:
    """Run `borderledger` as its users do, in a process of its own, offline."""
    environment = os.environ | {
        "BORDERLEDGER_HOME": str(home),
        "BORDERLEDGER_OFFLINE": "1",
        "COLUMNS": "200",
    }
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if expect is not None:
        assert done.returncode == expect, f"{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="session")
def real_releases() -> Path:
    """The agencies' own files; tests that need them skip where they are not there."""
    if not REAL_RELEASES.is_dir():
        pytest.skip("needs ../shared/releases, the agencies' own files, which are not here")
    return REAL_RELEASES


@pytest.fixture(scope="session")
def bundle_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the job has published the bundled figures. Not to be changed."""
    home = tmp_path_factory.mktemp("bundle")
    run_command(home, "nightly")
    return home


@pytest.fixture(scope="session")
def real_home(tmp_path_factory: pytest.TempPathFactory, real_releases: Path) -> Path:
    """A home in which the job has published the real releases. Not to be changed."""
    home = tmp_path_factory.mktemp("real")
    run_command(home, "nightly", "--landing", str(real_releases))
    return home


@pytest.fixture
def own_home(bundle_home: Path, tmp_path: Path) -> Path:
    """A copy of the bundle's home, for a test that changes it."""
    home = tmp_path / "home"
    shutil.copytree(bundle_home, home, ignore=shutil.ignore_patterns("dagster", "dbt"))
    return home
