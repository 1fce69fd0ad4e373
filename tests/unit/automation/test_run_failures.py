"""Why a run failed: a gate's refusal, a signal, or anything else, from the events of real runs."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.automation.run_failures import RunFailure, failure_of
from orchestration.builds.lock import Busy
from orchestration.gates.checks import GateRefusal

HOME = Path("/home/of/the/run")
OUT_OF_MEMORY = "Out of Memory Error: could not allocate block of size 32.0 KiB"
FULL = "[Errno 28] No space left on device: '/home/of/the/run/builds/x'"


def run(
    step: str, body: Callable[[], object], needs: dg.ResourceDefinition | None = None
) -> RunFailure | None:
    """The failure of a run of one step."""

    @dg.op(name=step, required_resource_keys={"needed"})
    def only() -> None:
        body()

    @dg.job(
        resource_defs={"needed": needs or dg.ResourceDefinition.none_resource()},
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        only()

    return failure_of(job.execute_in_process(raise_on_error=False).all_events, HOME)


def raising(error: BaseException) -> Callable[[], object]:
    def body() -> None:
        raise error

    return body


def gate(passed: bool, severity: dg.AssetCheckSeverity, blocking: bool = True) -> RunFailure | None:
    """The failure of a run whose gate has one check."""
    spec = dg.AssetCheckSpec("keys_are_not_null", asset="table", blocking=blocking)

    @dg.multi_asset_check(name="gates_after_raw", specs=[spec])
    def gates() -> Iterator[dg.AssetCheckResult]:
        yield dg.AssetCheckResult(
            asset_key="table", check_name=spec.name, passed=passed, severity=severity
        )

    definitions = dg.Definitions(asset_checks=[gates], executor=dg.in_process_executor)
    job = definitions.resolve_implicit_global_asset_job_def()
    return failure_of(job.execute_in_process(raise_on_error=False).all_events, HOME)


def test_a_run_that_succeeds_has_no_failure() -> None:
    assert run("facts", lambda: None) is None
    assert gate(passed=True, severity=dg.AssetCheckSeverity.ERROR) is None
    assert gate(passed=False, severity=dg.AssetCheckSeverity.WARN) is None


def test_a_blocking_check_that_failed_is_a_gates_refusal() -> None:
    failure = gate(passed=False, severity=dg.AssetCheckSeverity.ERROR)
    reason = "in step gates_after_raw: critical check failed: table (keys_are_not_null)"
    assert failure == RunFailure(reason, is_gate_refusal=True)


def test_so_are_failed_checks_in_a_step_that_makes_tables_as_well() -> None:
    failure = run("rebuild_as_of", raising(GateRefusal("found failed critical checks")))
    assert failure == RunFailure("in step rebuild_as_of: found failed critical checks", True)


@pytest.mark.parametrize("step", ["gates_after_raw", "facts"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("Could not determine home directory."), "Could not determine home directory"),
        (OSError(FULL), "/home/of/the/run/builds/x: cannot be written: No space left on device"),
        (Busy("another run is using it"), "another run is using it"),
        (
            RuntimeError(f"dbt failed: fct_x: {OUT_OF_MEMORY} Possible solutions: *"),
            f"dbt failed: fct_x: {OUT_OF_MEMORY}; "
            "raise BORDERLEDGER_MEMORY, the limit, or free disk space",
        ),
    ],
    ids=["library without a home", "full disk", "our own error", "out of memory"],
)
def test_any_other_error_is_no_refusal_also_in_a_gate(
    step: str, error: Exception, reason: str
) -> None:
    failure = run(step, raising(error))
    assert failure is not None
    assert failure.reason.startswith(f"in step {step}: ")
    assert reason in failure.reason
    assert "orchestration." not in failure.reason
    assert failure[1:] == (False, False)


def test_an_error_that_a_library_raises_for_a_signal_is_an_interrupt() -> None:
    def ended_query() -> None:
        raise RuntimeError("Query interrupted") from KeyboardInterrupt()

    assert run("report", ended_query) == RunFailure("interrupted", was_interrupted=True)


def test_an_error_outside_of_a_step_is_reported_with_its_cause() -> None:
    @dg.resource
    def busy(_: dg.InitResourceContext) -> None:
        raise Busy("another run (process 4) is using it; try later")

    failure = run("gates_after_raw", lambda: None, needs=busy)
    assert failure == RunFailure("another run (process 4) is using it; try later")


@pytest.mark.parametrize("step", ["gates_after_raw", "facts"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_interrupts_the_run_also_in_a_gate(step: str, number: signal.Signals) -> None:
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        failure = run(step, lambda: os.kill(os.getpid(), number))
    finally:
        for of, handler in before.items():
            signal.signal(of, handler)
    assert failure == RunFailure("interrupted", was_interrupted=True)
