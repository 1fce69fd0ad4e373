"""Taking in landing folders on two workers, each with a home of its own: they share the archive and
Dagster's history in PostgreSQL, and nothing else. One of them is killed in the middle."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.resilience.workers.scenario import alone, filled
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, candidate, made
from tests.support.postgres import programs

PROGRAMS = programs()
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


def test_two_workers_take_in_what_one_process_does_though_one_of_them_is_killed(
    landing: Path, tmp_path: Path
) -> None:
    assert PROGRAMS is not None
    outcomes, digest = alone(tmp_path / "alone", [landing])
    elsewhere = shutil.copytree(landing, tmp_path / "elsewhere")
    found = filled(tmp_path, PROGRAMS, [landing], [elsewhere], dying="two", batches=4)
    assert found.dead == [-9], "killed as by the system, and the other one not"
    assert found.statuses == ["SUCCESS"]
    assert len(found.steps) > len(set(found.steps)), "another worker has begun a batch again"
    assert found.outcomes == outcomes
    batches = [f"take_in_{number:03}" for number in range(1, 5)]
    steps = [*batches, "compare", "compare_001", "compare_002"]
    assert sorted(found.shown) == sorted(steps), "also what other terminals have said"
    assert found.digest == digest
    assert found.damaged == []
    assert len(found.half_written) == 1, "of the worker that was killed, under no release's name"
