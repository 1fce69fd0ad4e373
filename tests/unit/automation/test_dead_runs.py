"""Runs that nothing executes any more are marked failed; all others are left alone."""

from collections.abc import Callable

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from orchestration.automation import dead_runs
from orchestration.automation.dead_runs import fail_dead_runs
from orchestration.automation.run_process import RunProcess
from tests.support.unfinished_runs import found, last_message, sleeping, unfinished

Open = Callable[[], dg.DagsterInstance]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (DagsterRunStatus.STARTED, DagsterRunStatus.FAILURE),
        (DagsterRunStatus.CANCELING, DagsterRunStatus.CANCELED),
    ],
)
def test_a_run_ends_with_its_process(
    opened: Open, status: DagsterRunStatus, expected: DagsterRunStatus
) -> None:
    instance = opened()
    with sleeping() as process:
        run = unfinished(instance, status, process.pid)
        assert fail_dead_runs(instance) == []
        assert found(instance, run).status is status
        process.kill()
        process.wait()
        [sentence] = fail_dead_runs(instance)
    assert found(instance, run).status is expected
    assert f"The run's process ({process.pid} on " in sentence
    assert str(last_message(instance, run)) in sentence
    assert fail_dead_runs(instance) == []


def test_the_process_of_another_machine_is_left_alone(opened: Open) -> None:
    instance = opened()
    run = unfinished(instance, DagsterRunStatus.STARTED)
    elsewhere = RunProcess(run.run_id, "elsewhere", "another start", 1, "1")
    instance.add_run_tags(run.run_id, elsewhere.tags())
    assert fail_dead_runs(instance) == []
    assert found(instance, run).status is DagsterRunStatus.STARTED


@pytest.mark.parametrize(
    "status", [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]
)
def test_a_run_without_a_process_has_a_while_to_get_one(
    opened: Open, status: DagsterRunStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = opened()
    run = unfinished(instance, status)
    assert fail_dead_runs(instance) == []
    monkeypatch.setattr(dead_runs, "GRACE_SECONDS", 0.0)
    [sentence] = fail_dead_runs(instance)
    assert "No process executes the run" in sentence
    assert found(instance, run).status is DagsterRunStatus.FAILURE


def test_a_start_that_nobody_goes_on_with_fails_at_once(opened: Open) -> None:
    instance = opened()
    starting = unfinished(instance, DagsterRunStatus.STARTING)
    started = unfinished(instance, DagsterRunStatus.STARTED)
    assert len(fail_dead_runs(instance, nothing_launches=True)) == 1
    assert found(instance, starting).status is DagsterRunStatus.FAILURE
    assert found(instance, started).status is DagsterRunStatus.STARTED
