"""Finding out what is wrong: failed runs in Dagster's history, builds, and the last look."""

import shutil
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.storage.tags import WILL_RETRY_TAG

from orchestration.automation.alerts.conditions import FailedRun, Published, alerts_of
from orchestration.automation.alerts.situation import failed_runs_of, last_look, situation_of
from orchestration.builds.lock import Busy
from orchestration.builds.publishing import publish
from orchestration.intake.source_health import Health, SourceHealth
from orchestration.settings import Settings
from tests.support.builds import filled_build, gate_result, sealed_build
from tests.support.reviews import FIRST, archive_of
from tests.support.small_jobs import run, run_config, small_job

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_a_home_without_history_has_no_failed_run(settings: Settings) -> None:
    assert failed_runs_of(settings) == []
    assert not settings.dagster_home.exists()


def test_a_failed_run_is_found_with_its_reason(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    run(instance, "build", fails=False)
    run_id = run(instance, "nightly", fails=True)
    [failed] = failed_runs_of(settings)
    assert (failed.run_id, failed.job) == (run_id, "nightly")
    assert failed.reason == "in step perhaps: ValueError: no space"
    assert abs(failed.ended_at - datetime.now(UTC)) < timedelta(hours=1)


def test_a_run_that_was_killed_is_found_with_what_was_seen_of_it(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    config = run_config(fails=False)
    killed = instance.create_run_for_job(small_job("build"), run_config=config)
    instance.report_run_failed(killed, "The run's process (7 on vm) ended before the run did.")
    [failed] = failed_runs_of(settings)
    assert failed.reason == "The run's process (7 on vm) ended before the run did."


def test_a_run_that_failed_before_its_steps_is_found_with_the_cause(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    @dg.resource
    def busy(_: dg.InitResourceContext) -> None:
        raise Busy("another run (process 4) is still using it")

    @dg.op(name="perhaps", required_resource_keys={"home"})
    def needs_home() -> None:
        """A step that needs the home."""

    @dg.job(name="build", resource_defs={"home": busy})
    def made() -> None:
        needs_home()

    made.execute_in_process(instance=instance, raise_on_error=False)
    [failed] = failed_runs_of(settings)
    assert failed.reason == "another run (process 4) is still using it"


def test_a_job_that_a_person_launched_and_saw_fail_is_not_found(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    run(instance, "decide", fails=True)
    assert failed_runs_of(settings) == []


def test_a_run_that_a_later_one_made_good_is_not_found(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    run(instance, "nightly", fails=True)
    run(instance, "nightly", fails=False)
    assert failed_runs_of(settings) == []


def test_a_run_that_dagster_repeats_does_not_count(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    run_id = run(instance, "nightly", fails=True)
    instance.add_run_tags(run_id, {WILL_RETRY_TAG: "true"})
    assert failed_runs_of(settings) == []


def test_a_failed_run_is_the_same_alert_once_its_build_has_been_removed(
    settings: Settings,
) -> None:
    unsealed = filled_build(settings, "0b1c2d3e")
    unsealed.add_gate_results([gate_result(check="rows_are_many", status="failed")])
    runs = [FailedRun("0b1c2d3e-4f50", "build", "critical checks failed: t (a)", NOW, by_gate=True)]
    before = alerts_of(situation_of(settings, lambda: runs, now=NOW))
    shutil.rmtree(unsealed.folder)
    assert alerts_of(situation_of(settings, lambda: runs, now=NOW)) == before


def test_a_run_that_was_killed_says_so(settings: Settings, instance: dg.DagsterInstance) -> None:
    killed = instance.add_run(dg.DagsterRun(job_name="build", status=dg.DagsterRunStatus.STARTED))
    crash = f"Run execution process for {killed.run_id} was terminated by signal 9 (SIGKILL). This"
    instance.report_engine_event(crash, killed)
    instance.report_run_failed(killed)
    [failed] = failed_runs_of(settings)
    assert failed.reason == "the run's process was terminated by signal 9 (SIGKILL)"


def test_the_published_build_is_what_readers_see(settings: Settings) -> None:
    assert situation_of(settings, None).published is None
    published = sealed_build(settings, "12345678")
    publish(published, settings)
    found = situation_of(settings, None)
    built_on = published.record.built_at.date()
    assert found.published == Published(published.build_id, built_on)


def test_an_overdue_dataset_and_file_are_found(settings: Settings) -> None:
    archive_of(settings.home, FIRST)
    due = datetime(2025, 2, 14, tzinfo=UTC)  # 45 days after the last day of 2024
    assert alerts_of(situation_of(settings, None, looked_at=due, now=due)) == []
    found = alerts_of(situation_of(settings, None, looked_at=due, now=due + timedelta(days=3)))
    assert [alert.key for alert in found] == [
        "overdue/published file",
        "overdue/cbp_southwest_encounters",
    ]


def test_the_last_look_is_when_any_publisher_was_asked() -> None:
    assert last_look(Health()) is None
    asked = [datetime(2026, 11, day, 10, tzinfo=UTC) for day in (19, 20)]
    sources = {str(on): SourceHealth(dataset="d", asked_on=on) for on in asked}
    assert last_look(Health(sources=sources)) == date(2026, 11, 20)


def test_what_cannot_be_read_is_not_known_and_the_rest_is(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    build = sealed_build(settings, "12345678")
    publish(build, settings)
    (build.folder / "gates.json").write_text("[{torn")

    def no_history() -> list[FailedRun]:
        raise ValueError("no such table: runs")

    found = situation_of(settings, no_history, now=NOW)
    assert (found.gates, found.failed_runs, list(found.releases or ())) == (None, None, [])
    assert found.published == Published(build.build_id, build.record.built_at.date())
    assert f"alerts on checks are left as they are: Unreadable: {build.folder}" in caplog.text
    assert "alerts on runs are left as they are: ValueError: no such table: runs" in caplog.text


def test_a_damaged_record_of_the_published_build_leaves_it_unnamed(settings: Settings) -> None:
    build = sealed_build(settings, "12345678")
    publish(build, settings)
    (build.folder / "build.json").write_text("{torn")
    found = situation_of(settings, list, now=NOW)
    assert found.published == Published(None, None)
    assert (found.gates, found.failed_runs) == ([], [])
