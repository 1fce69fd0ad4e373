"""What Dagster shows of the command's runs: jobs, partitions, the published file."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from orchestration.automation.code_service import LOCATION
from orchestration.builds.build import sealed_builds
from orchestration.builds.publishing import published_build
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from tests.conftest import run_command
from tests.pipeline.conftest import PRINTED

PUBLISHED = dg.AssetKey("border_duckdb")
FACT = dg.AssetKey("fct_southwest_encounters")
CHECK = dg.AssetCheckKey(FACT, "grain_is_unique")


@contextmanager
def history(home: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's history of a home."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DAGSTER_HOME", str(home / "dagster"))
        with dg.DagsterInstance.get() as instance:
            yield instance


def jobs(instance: dg.DagsterInstance) -> list[tuple[str, str]]:
    """Job and status of every run, oldest first."""
    return [(run.job_name, run.status.value) for run in reversed(instance.get_runs())]


def shown_build(instance: dg.DagsterInstance) -> object:
    """The build that Dagster shows as published."""
    event = instance.get_latest_materialization_event(PUBLISHED)
    assert event is not None
    assert event.asset_materialization is not None
    return event.asset_materialization.metadata["build"].value


@pytest.fixture(scope="module")
def home(quiet_night_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the home after a quiet night, with its history."""
    target = tmp_path_factory.mktemp("history") / "home"
    return Path(shutil.copytree(quiet_night_home, target, symlinks=True))


def test_runs_of_the_command_belong_to_the_jobs_of_the_code_location(bundle_home: Path) -> None:
    with history(bundle_home) as instance:
        assert jobs(instance) == [("nightly", "SUCCESS"), ("build", "SUCCESS")]
        for run in instance.get_runs():
            assert run.remote_job_origin is not None
            assert run.remote_job_origin.location_name == LOCATION


def test_every_release_is_a_partition_of_its_archive(bundle_home: Path) -> None:
    releases = Archive(Settings(bundle_home).archive).releases()
    with history(bundle_home) as instance:
        for dataset in {release.dataset for release in releases}:
            shown = instance.get_dynamic_partitions(f"releases_of_{dataset}")
            assert sorted(shown) == sorted(
                release.folder_name for release in releases if release.dataset == dataset
            )


def test_the_published_file_is_the_build_that_readers_see(bundle_home: Path) -> None:
    published = published_build(Settings(bundle_home))
    assert published is not None
    with history(bundle_home) as instance:
        assert shown_build(instance) == published.build_id


def test_a_quiet_night_leaves_the_results_of_the_build_in_place(
    bad_night_home: Path, quiet_night_home: Path
) -> None:
    with history(bad_night_home) as instance:
        before = instance.get_latest_materialization_event(FACT)
        [(check, _)] = _latest_check(instance)
        jobs_before = jobs(instance)
    assert "Nothing is new" in (quiet_night_home / PRINTED).read_text()
    with history(quiet_night_home) as instance:
        assert jobs(instance) == [*jobs_before, ("nightly", "SUCCESS")]
        assert before is not None
        assert instance.get_latest_materialization_event(FACT) == before
        assert _latest_check(instance) == [(check, "SUCCEEDED")]


def test_a_rollback_is_shown_on_the_published_file(home: Path) -> None:
    """From the build of the bad night to the one of the bundle."""
    earlier, newest = (build.build_id for build in sealed_builds(home / "builds"))
    with history(home) as instance:
        assert shown_build(instance) == newest
    run_command(home, "rollback", earlier)
    with history(home) as instance:
        assert shown_build(instance) == earlier


def test_a_build_as_of_a_day_shows_on_no_asset(bundle_home: Path, rebuilt_home: Path) -> None:
    with history(bundle_home) as instance:
        before = {key: instance.get_latest_materialization_event(key) for key in (PUBLISHED, FACT)}
    with history(rebuilt_home) as instance:
        assert jobs(instance)[-1] == ("rebuild", "SUCCESS")
        for key, event in before.items():
            assert event is not None
            assert instance.get_latest_materialization_event(key) == event


def _latest_check(instance: dg.DagsterInstance) -> list[tuple[str, str]]:
    """The run and the status of the newest execution of one of the fact's checks."""
    records = instance.event_log_storage.get_asset_check_execution_history(CHECK, limit=1)
    return [(record.run_id, record.status.value) for record in records]
