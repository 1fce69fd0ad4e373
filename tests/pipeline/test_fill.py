"""Taking in landing folders on two workers, each with a home of its own: they share the archive and
Dagster's history in PostgreSQL, and nothing else. One of them is killed in the middle."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from orchestration.releases.archive import STAGING, Archive
from tests.conftest import run_command
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, candidate, made
from tests.support.dask_workers import cluster
from tests.support.postgres import documented_settings, postgres, programs

PROGRAMS = programs()
STATUSES = "select status from runs"
STARTED = "select step_key from event_logs where dagster_event_type = 'STEP_START'"
pytestmark = [
    pytest.mark.skipif(PROGRAMS is None, reason="needs PostgreSQL's initdb, found none"),
    pytest.mark.skipif(find_spec("dagster_dask") is None, reason="needs the extra `workers`"),
]


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """A landing folder with a release of each cut, one of them twice, and a refused file."""
    folder = tmp_path / "landing"
    for dataset in (BY_AREA, BY_STATE, SOUTHWEST):
        candidate(folder, made(dataset).bytes(), "2024-12", f"{dataset}.csv", dataset)
    candidate(folder, made(SOUTHWEST).bytes(), "2025-01", "the same again.csv", SOUTHWEST)
    candidate(folder, b"<html>Not found</html>", "2025-01", "page.csv", BY_STATE)
    return folder


def home_with_history_in_postgresql(home: Path) -> Path:
    (home / "dagster").mkdir(parents=True)
    (home / "dagster" / "dagster.yaml").write_text(documented_settings())
    return home


def test_two_workers_take_in_what_one_process_does_though_one_of_them_is_killed(
    landing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PROGRAMS is not None
    alone = tmp_path / "alone"
    expected = run_command(alone, "fetch", landing=landing).stdout.splitlines()
    elsewhere = shutil.copytree(landing, tmp_path / "elsewhere")
    archive = tmp_path / "shared" / "archive"
    home = home_with_history_in_postgresql(tmp_path / "home")
    with postgres(PROGRAMS) as url:
        variables = {"BORDERLEDGER_ARCHIVE": str(archive), "BORDERLEDGER_POSTGRES": url}
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        folders = {"one": str(landing), "two": str(elsewhere)}
        with cluster(tmp_path, folders, variables, dying="two") as workers:
            command = ("fill", "--scheduler", workers.scheduler, "--batches", "6")
            printed = run_command(home, *command, landing=landing).stdout.splitlines()
            assert workers.workers[1].wait() == -9, "killed as by the system"
            assert workers.workers[0].poll() is None
        engine = create_engine(url)
        with engine.connect() as connection:
            statuses = [str(one) for (one,) in connection.execute(text(STATUSES))]
            steps = [str(one) for (one,) in connection.execute(text(STARTED))]
        engine.dispose()
    assert statuses == ["SUCCESS"]
    assert len(steps) > len(set(steps)), "another worker has begun a batch again"
    assert printed[1:-1] == expected
    one, other = Archive(archive), Archive(alone / "archive")
    assert one.digest() == other.digest()
    for release in one.releases():
        one.bytes_of(release)
        assert one.rows_are_whole(release)
    half_written = [path for path in archive.glob(f"{STAGING}*") if path.is_dir()]
    assert len(half_written) == 1, "of the worker that was killed, under no release's name"
    assert one.foreign_folders() == []
    assert not list(tmp_path.glob("*/archive/*/*/rows-*.part"))
