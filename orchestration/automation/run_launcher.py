"""How Dagster's daemon launches runs: as Dagster does by default, but it sees which have died.

What belongs here: what Dagster asks a launcher about a run that it has launched. `dagster.yaml`
names `RunLauncher` as Dagster's launcher.
"""

import os
import signal

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

from orchestration.automation.code_server import code_server_answers
from orchestration.automation.dead_runs import end_run, why_dead
from orchestration.automation.run_process import RunProcess


class RunLauncher(DefaultRunLauncher):
    """Launches each run in a process of its own below the code server. Knows from the process that
    a run has recorded whether it is alive, whoever started it: the daemon, a daemon before this
    one, or the command."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether a run is alive. One that is dead is marked failed here, with a plain sentence;
        Dagster then sees that its status has changed, and does not add a message of its own."""
        record = self._instance.get_run_record_by_id(run.run_id)
        reason = why_dead(record) if record is not None else None
        if reason is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        end_run(self._instance, run, reason)
        return CheckRunHealthResult(WorkerStatus.FAILED, reason)

    def terminate(self, run_id: str) -> bool:
        """Stop a run. Dagster asks the code server that started it. A run of the command has none,
        and that of a UI that was killed is gone: their process gets the signal of Ctrl+C."""
        run = self._instance.get_run_by_id(run_id)
        process = RunProcess.of(run) if run is not None and not run.is_finished else None
        if run is None or process is None or code_server_answers(run.tags):
            return bool(super().terminate(run_id))  # type: ignore[no-untyped-call]
        self._instance.report_run_canceling(run)
        if process.has_ended() or not process.is_here():
            return False  # run monitoring marks it canceled
        os.kill(process.pid, signal.SIGINT)
        return True
