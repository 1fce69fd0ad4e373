"""The process of a run: found alive as long as it is, never mistaken for another."""

import os
from dataclasses import replace

import dagster as dg
import pytest

from orchestration.automation.run_process import PROCESS_TAG, RunProcess, record_process
from tests.support.unfinished_runs import idle, sleeping

RUN = "a-run"


def ourselves(run_id: str = RUN) -> RunProcess:
    return RunProcess.at(os.getpid(), run_id)


def test_it_lives_until_it_is_killed_even_if_nobody_has_waited_for_it() -> None:
    with sleeping() as process:
        found = RunProcess.at(process.pid, RUN)
        assert not found.has_ended()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
        assert found.has_ended()
    assert found.has_ended()


def test_another_process_with_its_number_is_not_it() -> None:
    assert not ourselves().has_ended()
    assert replace(ourselves(), started="1").has_ended()


def test_a_restart_of_the_machine_ends_it() -> None:
    assert replace(ourselves(), boot="before").has_ended()


def test_a_process_of_another_machine_may_be_alive() -> None:
    elsewhere = replace(ourselves(), host="elsewhere", boot="other", started="1")
    assert not elsewhere.has_ended()
    assert not elsewhere.is_here()


def test_it_is_recorded_on_the_run() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(idle)
        assert RunProcess.of(run) is None
        record_process(instance, run.run_id)
        recorded = instance.get_run_by_id(run.run_id)
    assert recorded is not None
    assert RunProcess.of(recorded) == ourselves(run.run_id)


def test_the_tag_of_a_run_that_it_repeats_is_not_its_own() -> None:
    tags = ourselves("the-run-before").tags()
    assert RunProcess.of(dg.DagsterRun(job_name="idle", run_id=RUN, tags=tags)) is None


@pytest.mark.parametrize("tag", ["", "1234", "{}", '{"pid": "many"}'])
def test_a_tag_that_cannot_be_read_is_none(tag: str) -> None:
    assert RunProcess.of(dg.DagsterRun(job_name="idle", tags={PROCESS_TAG: tag})) is None
