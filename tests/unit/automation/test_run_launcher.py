"""Our launcher in Dagster's hands: run monitoring ends dead runs, and a run that no code server has
started can be terminated."""

import logging
import signal
from collections.abc import Callable
from typing import Any, cast

import dagster as dg
from dagster import DagsterRunStatus
from dagster._daemon.monitoring import execute_run_monitoring_iteration

from orchestration.automation.run_launcher import RunLauncher
from tests.support.unfinished_runs import found, last_message, sleeping, unfinished

Open = Callable[[], dg.DagsterInstance]


class Daemon:
    """As much of the daemon as run monitoring looks at."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance

    def create_request_context(self) -> None:
        return None


def monitor(instance: dg.DagsterInstance) -> list[Any]:
    """Let Dagster look once at each unfinished run. Returns its errors."""
    daemon = cast("Any", Daemon(instance))
    checked = execute_run_monitoring_iteration(daemon, logging.getLogger(__name__))
    return [error for error in checked if error is not None]


def test_it_is_dagsters_launcher_and_its_runs_are_monitored(opened: Open) -> None:
    instance = opened()
    assert isinstance(instance.run_launcher, RunLauncher)
    assert instance.run_monitoring_enabled
    assert instance.run_monitoring_poll_interval_seconds <= 10
    assert instance.run_monitoring_max_runtime_seconds > 0
    queue = instance.get_concurrency_config().run_queue_config
    assert queue is not None
    assert queue.max_concurrent_runs == 1


def test_monitoring_fails_a_killed_run_with_our_sentence_and_leaves_a_live_one(
    opened: Open,
) -> None:
    instance = opened()
    with sleeping() as alive, sleeping() as killed:
        runs = [unfinished(instance, DagsterRunStatus.STARTED, p.pid) for p in (alive, killed)]
        killed.kill()
        killed.wait()
        assert monitor(instance) == []
        statuses = [found(instance, run).status for run in runs]
    assert statuses == [DagsterRunStatus.STARTED, DagsterRunStatus.FAILURE]
    message = last_message(instance, runs[1])
    assert message is not None
    assert message.startswith(f"The run's process ({killed.pid} on ")
    assert message.endswith("start the run again.")


def test_terminating_a_run_of_the_command_interrupts_its_process(opened: Open) -> None:
    instance = opened()
    with sleeping() as process:
        run = unfinished(instance, DagsterRunStatus.STARTED, process.pid)
        assert instance.run_launcher.terminate(run.run_id)
        assert process.wait() == -signal.SIGINT
    assert found(instance, run).status is DagsterRunStatus.CANCELING


def test_a_dead_run_cannot_be_terminated(opened: Open) -> None:
    instance = opened()
    with sleeping() as process:
        run = unfinished(instance, DagsterRunStatus.STARTED, process.pid)
    assert not instance.run_launcher.terminate(run.run_id)
    assert monitor(instance) == []
