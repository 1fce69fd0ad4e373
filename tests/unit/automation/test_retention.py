"""Retention: what is old and of no use is deleted, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration.automation.old_runs import old_runs
from orchestration.automation.retention import Expired, expired, remove, retention
from orchestration.builds.lock import exclusive
from orchestration.builds.publishing import publish
from orchestration.settings import ConfigurationError, Settings
from tests.support.builds import filled_build, sealed_build
from tests.support.histories import prepare_with_history

LATER = timedelta(days=91)
PARTS = dg.StaticPartitionsDefinition(["one", "two"])


@dg.asset
def whole() -> None:
    """An asset, which each run materializes again."""


@dg.asset(partitions_def=PARTS)
def parted() -> None:
    """An asset of which a run materializes one partition."""


@dg.asset_check(asset=whole)
def is_right() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.op
def say_something(context: dg.OpExecutionContext) -> None:
    context.log.info("something")


@dg.job
def idle() -> None:
    say_something()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "home")


@pytest.fixture
def instance(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The history of a new home."""
    monkeypatch.setenv("DAGSTER_HOME", "")  # so that it is restored at the end
    prepare_with_history(settings)
    with dg.DagsterInstance.get() as opened:
        yield opened


def names(found: list[Expired], kind: str) -> list[str]:
    return [one.name for one in found if one.kind == kind]


def run_idle(instance: dg.DagsterInstance) -> str:
    return idle.execute_in_process(instance=instance).run_id


def files_of(settings: Settings, run_id: str) -> list[Path]:
    return [path for path in settings.dagster_home.rglob("*") if run_id in path.name]


def test_a_run_goes_with_its_events_and_its_output(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    run_id = run_idle(instance)
    young = datetime.now(UTC) + timedelta(days=89)
    assert expired(settings, instance, now=young) == []
    printed = settings.dagster_home / "storage" / run_id / "compute_logs" / "step.err"
    printed.parent.mkdir(parents=True, exist_ok=True)
    printed.write_text("something")
    found = expired(settings, instance, now=datetime.now(UTC) + LATER)
    assert [(one.kind, one.name, one.run_id) for one in found] == [
        ("run", f"{run_id} idle", run_id)
    ]
    assert found[0].size_bytes > printed.stat().st_size
    remove(found, instance)
    assert instance.get_runs() == []
    assert files_of(settings, run_id) == []


def test_a_run_that_has_not_ended_stays(instance: dg.DagsterInstance) -> None:
    instance.create_run_for_job(idle)
    assert old_runs(instance, datetime.now(UTC) + LATER) == []


def test_what_is_shown_as_latest_stays(instance: dg.DagsterInstance) -> None:
    def run(
        *assets: dg.AssetsDefinition | dg.AssetChecksDefinition, part: str | None = None
    ) -> str:
        return dg.materialize(list(assets), instance=instance, partition_key=part).run_id

    replaced, with_check = run(whole), run(whole, is_right)
    unchecked = run(whole)
    first, one, two = run(parted, part="one"), run(parted, part="one"), run(parted, part="two")
    old = [run.run_id for run in old_runs(instance, datetime.now(UTC) + LATER)]
    assert old == [replaced, first]
    remove([Expired("run", run_id, 0, run_id=run_id) for run_id in old], instance)
    assert {run.run_id for run in instance.get_runs()} == {with_check, unchecked, one, two}
    storage = instance.event_log_storage
    assert storage.get_materialized_partitions(parted.key) == {"one", "two"}
    [event] = storage.get_latest_materialization_events([whole.key]).values()
    assert event is not None
    assert event.run_id == unchecked
    [check] = storage.get_asset_check_summary_records([*is_right.check_keys]).values()
    assert check.last_completed_run_id == with_check


def test_results_of_checks_go_with_their_run(instance: dg.DagsterInstance) -> None:
    first, last = (dg.materialize([whole, is_right], instance=instance).run_id for _ in range(2))
    remove([Expired("run", first, 0, run_id=first)], instance)
    [key] = is_right.check_keys
    history = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    assert [record.run_id for record in history] == [last]


def test_events_without_their_run_go(settings: Settings, instance: dg.DagsterInstance) -> None:
    """What a deletion leaves that was killed between a run and its events."""
    run_id, kept = run_idle(instance), run_idle(instance)
    instance.report_runless_asset_event(dg.AssetMaterialization("published"))
    instance.run_storage.delete_run(run_id)
    before = datetime.now(UTC) + LATER
    assert {run.run_id: run.job for run in old_runs(instance, before)} == {
        kept: "idle",
        run_id: None,
    }
    remove([Expired("run", run_id, 0, run_id=run_id)], instance)
    assert files_of(settings, run_id) == []
    assert [run.run_id for run in old_runs(instance, before)] == [kept]
    assert instance.get_latest_materialization_event(dg.AssetKey("published")) is not None


def test_files_that_nothing_needs_go_and_the_others_stay(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    home = settings.home
    publish(sealed_build(settings, "run-one-"), settings)
    publish(sealed_build(settings, "run-two-", rows=5), settings)
    unsealed = filled_build(settings, "run-three")
    gone = {
        "unsealed build": unsealed.folder / "border.duckdb",
        "rebuild": home / "rebuilds" / "20260101T000000Z-abcdef01" / "border.duckdb",
        "trial": home / "trials" / "20260101T000000Z-abcdef02" / "border.duckdb",
        "download": home / "incoming" / "cbp_southwest_encounters" / "file.csv",
        "set aside": home / "border.duckdb.wal.set-aside",
        "leftover": home / ".backup-abcdef" / "0" / "file.csv",
    }
    damaged = settings.dagster_home / "history" / "runs.db.damaged-20260101T000000Z"
    kept = [
        home / "archive" / "cbp_southwest_encounters" / "2024-12_0123456789abcdef" / "release.csv",
        home / "archive" / "ours.damaged-by-hand",
        home / "incoming" / "cbp_southwest_encounters.json",
        home / "alerts.json",
    ]
    for path in (*gone.values(), damaged, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1234567")
    before = {path for path in home.rglob("*") if path.is_file()}
    assert expired(settings, instance) == []
    found = expired(settings, instance, now=datetime.now(UTC) + LATER)
    assert {one.kind for one in found} == set(gone)
    assert len(names(found, "set aside")) == 2
    assert next(one for one in found if one.kind == "rebuild").size_bytes == 7
    remove(found, instance)
    after = {path for path in home.rglob("*") if path.is_file()}
    assert before - after == {
        *gone.values(),
        damaged,
        unsealed.folder / "made-of.json",
        unsealed.folder / "gates.json",
    }


def test_the_job_cleans_the_home_that_it_locks(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    run_id = run_idle(instance)

    @dg.resource
    def home() -> Iterator[None]:
        with exclusive(settings.home):
            yield

    definitions = dg.Definitions.merge(
        dg.Definitions(resources={"home": home}), retention(settings)
    )
    job = definitions.resolve_job_def("clean")
    assert job.execute_in_process(instance=instance).success
    assert instance.has_run(run_id)
    wrong = {"ops": {"clean_home": {"config": {"days": 0}}}}
    assert not job.execute_in_process(wrong, instance=instance, raise_on_error=False).success
    schedule = definitions.resolve_schedule_def("clean_weekly")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


@pytest.mark.parametrize("found", ["0", "-1", "ninety", "1.5", "1000000"])
def test_a_number_of_days_is_expected(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLEDGER_RETENTION_DAYS", "30")
    assert Settings.from_environment().retention_days == 30
    monkeypatch.setenv("BORDERLEDGER_RETENTION_DAYS", found)
    with pytest.raises(ConfigurationError, match="BORDERLEDGER_RETENTION_DAYS"):
        Settings.from_environment()
