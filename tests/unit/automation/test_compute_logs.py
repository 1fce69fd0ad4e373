"""What steps print is kept where Dagster keeps it, by processes that Ctrl+C does not reach."""

import os
import signal
from pathlib import Path

import dagster as dg
import pytest

from orchestration.automation.compute_logs import ComputeLogs
from orchestration.automation.instance import prepare_dagster_home
from orchestration.settings import Settings

KEY = ("run", "compute_logs", "step")


def test_it_is_in_dagsters_usual_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")  # so that it is restored at the end
    prepare_dagster_home(Settings(tmp_path))
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.compute_log_manager, ComputeLogs)
    usual = tmp_path / "dagster" / "storage" / "run" / "compute_logs" / "step.out"
    assert Path(ComputeLogs(str(tmp_path / "dagster")).get_captured_local_path(KEY, "out")) == usual


def test_ctrl_c_does_not_reach_the_processes_that_pass_it_on(tmp_path: Path) -> None:
    with ComputeLogs(str(tmp_path)).capture_logs(KEY):
        started = Path("/proc/self/task", str(os.getpid()), "children").read_text().split()
        blocking = [pid for pid in started if _blocks_ctrl_c(pid)]
        assert len(blocking) == 4  # for each of the two streams, one and its watcher
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def _blocks_ctrl_c(pid: str) -> bool:
    lines = Path("/proc", pid, "status").read_text().splitlines()
    [blocked] = [line.split()[1] for line in lines if line.startswith("SigBlk:")]
    return bool(int(blocked, 16) & 1 << (signal.SIGINT - 1))
