"""The last run, as Dagster's history has it or as a command that ended before its runs left it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from orchestration.automation.last_run import (
    ENDED_EARLY,
    EarlyEnd,
    LastRun,
    forget_early_end,
    last_run_of,
    remember_early_end,
)
from orchestration.settings import Settings
from tests.support.small_jobs import run
from tests.support.unfinished_runs import sleeping

DAY = timedelta(days=1)


def found(settings: Settings) -> LastRun:
    last = last_run_of(settings)
    assert last is not None
    return last


def test_a_home_in_which_nothing_ran_has_none(settings: Settings) -> None:
    assert last_run_of(settings) is None
    assert not settings.dagster_home.exists()


def test_it_is_the_newest_of_the_jobs_that_lead_to_a_published_file(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    run(instance, "nightly", fails=False)
    run(instance, "build", fails=True)
    run(instance, "clean", fails=False)
    last = found(settings)
    assert (last.job, last.outcome) == ("build", "failed")
    assert last.reason == "in step perhaps: ValueError: no space"
    assert last.describe() == f"build failed on {last.at:%Y-%m-%d, %H:%M} UTC: {last.reason}"
    run(instance, "nightly", fails=False)
    assert found(settings).describe().startswith("nightly succeeded on ")
    assert found(settings).reason is None


def test_a_run_is_running_as_long_as_its_process_is(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    from orchestration.automation.run_process import RunProcess

    going = instance.add_run(dg.DagsterRun(job_name="build", status=DagsterRunStatus.STARTED))
    with sleeping() as process:
        instance.add_run_tags(going.run_id, RunProcess.at(process.pid, going.run_id).tags())
        assert found(settings).describe().startswith("build running since ")
    last = found(settings)
    assert (last.outcome, "ended before the run did" in str(last.reason)) == ("failed", True)
    now = instance.get_run_by_id(going.run_id)
    assert now is not None
    assert now.status is DagsterRunStatus.STARTED, "the history is only read"


def test_a_command_that_ended_before_its_runs_is_the_last_until_a_later_one(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    run(instance, "build", fails=False)
    remember_early_end(settings.home, OSError("no room"))
    assert (found(settings).job, found(settings).reason) == ("nightly", "no room")
    run(instance, "nightly", fails=False)
    assert found(settings).outcome == "succeeded", "the UI's, which knows nothing of the command"


def test_it_is_forgotten_once_the_command_ends_otherwise(settings: Settings) -> None:
    remember_early_end(settings.home, ValueError())
    assert found(settings).reason == "ValueError"
    forget_early_end(settings.home)
    forget_early_end(settings.home)
    assert last_run_of(settings) is None


def test_nothing_is_stored_where_there_is_no_home(tmp_path: Path) -> None:
    remember_early_end(tmp_path / "none", OSError("no room"))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("text", ["", "{}", "[]"])
def test_what_cannot_be_read_is_no_run(text: str, settings: Settings) -> None:
    (settings.home / ENDED_EARLY).write_text(text)
    assert last_run_of(settings) is None


def test_a_history_that_cannot_be_read_is_a_warning(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.dagster_home.mkdir()
    (settings.dagster_home / "dagster.yaml").write_text("storage: [")
    at = datetime.now(UTC) - DAY
    text = EarlyEnd(at=at, reason="no room").model_dump_json()
    (settings.home / ENDED_EARLY).write_text(text)
    assert found(settings) == LastRun("nightly", "failed", at, "no room")
    assert "the last run is not known: ConfigurationError: " in caplog.text
