"""The resource `home`: a run records its process, then waits for another run, and says so."""

import logging
from collections.abc import Callable
from pathlib import Path

import dagster as dg

from orchestration.automation.home import home_lock
from orchestration.automation.run_failures import failure_of
from orchestration.automation.run_process import RunProcess
from orchestration.settings import Limits, Settings
from tests.support.lock_holder import held_by_another, let_go


def run_in(settings: Settings, hear: Callable[[str], object]) -> dg.ExecuteInProcessResult:
    """Run a job that needs the home. hear: gets each message of the run's log."""

    @dg.op(required_resource_keys={"home"})
    def build() -> None:
        """Uses the home."""

    @dg.logger({})
    def hearing(_: dg.InitLoggerContext) -> logging.Logger:
        class Handler(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                hear(record.getMessage())

        logger = logging.Logger("hearing")
        logger.addHandler(Handler())
        return logger

    @dg.job(resource_defs={"home": home_lock(settings)}, logger_defs={"hearing": hearing})
    def job() -> None:
        build()

    return job.execute_in_process({"loggers": {"hearing": {}}}, raise_on_error=False)


def test_a_run_records_its_process_and_waits_for_another_run(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as other:
        waits: list[str] = []

        def hear(message: str) -> None:
            if "waiting for another run" in message:
                waits.append(message)
                let_go(other)

        result = run_in(Settings(tmp_path), hear)
        assert result.success
        [message] = waits
        assert f"(process {other.pid}) that is using {tmp_path}" in message
    process = RunProcess.of(result.dagster_run)
    assert process is not None
    assert not process.has_ended()


def test_a_run_that_has_waited_too_long_fails_and_names_the_process(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as other:
        result = run_in(Settings(tmp_path, limits=Limits(wait_seconds=0.01)), lambda _: None)
    assert not result.success
    failure = failure_of(result.all_events, tmp_path)
    assert failure is not None
    reason = failure.reason
    assert reason.startswith(f"another run (process {other.pid}) is still using {tmp_path}")
    assert reason.endswith(f"if it hangs, end process {other.pid} and start again")
