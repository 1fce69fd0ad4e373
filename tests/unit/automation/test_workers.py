"""Where schedulers and workers may listen, and what a fill needs before it starts."""

import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from orchestration.automation import workers
from orchestration.automation.instance import prepare_dagster_home
from orchestration.automation.workers import become_scheduler, become_worker, workers_of
from orchestration.intake.batches import Plan
from orchestration.settings import PROJECT, ConfigurationError, Settings

needs_dask = pytest.mark.skipif(
    find_spec("dagster_dask") is None, reason="needs the extra `workers`"
)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What this process would become."""
    found: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda _, command, __: found.append(command))
    return found


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "10.0.0.5", "tcp://10.0.0.5", "example.gov", "::", ""]
)
def test_nothing_listens_to_other_machines_without_encryption(
    host: str, commands: list[list[str]], tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="expected a loopback address, or one of tls://"):
        become_scheduler(host, 0)
    with pytest.raises(ConfigurationError, match="expected a loopback address, or one of tls://"):
        become_worker(Settings(tmp_path), "tcp://127.0.0.1:1", host)
    assert commands == []


@needs_dask
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "tls://10.0.0.5"])
def test_a_scheduler_listens_where_it_is_told_to(host: str, commands: list[list[str]]) -> None:
    become_scheduler(host, 0)
    [command] = commands
    assert command[command.index("--host") + 1] == host
    assert "--no-dashboard" in command


@needs_dask
def test_without_a_scheduler_the_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "CONNECT_SECONDS", 0.1)
    with pytest.raises(ConfigurationError, match=r"found no scheduler at 'tcp://127\.0\.0\.1:1'"):
        workers_of("tcp://127.0.0.1:1")


@needs_dask
@pytest.mark.parametrize("setting", ["require-encryption", "no certificate"])
def test_an_address_that_tls_does_not_allow_is_named(setting: str) -> None:
    import dask.config

    address = {"require-encryption": "tcp", "no certificate": "tls"}[setting] + "://127.0.0.1:1"
    with (
        dask.config.set({"distributed.comm.require-encryption": setting == "require-encryption"}),
        pytest.raises(ConfigurationError, match=f"found no scheduler at '{address}'"),
    ):
        workers_of(address)


def test_without_the_extra_the_command_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match="extra `workers`"):
        workers_of("tcp://127.0.0.1:1")


@needs_dask
def test_workers_of_other_homes_need_the_history_in_postgresql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.automation.fill import run_fill

    monkeypatch.setenv("DAGSTER_HOME", "")
    settings = Settings(tmp_path / "home")
    prepare_dagster_home(settings)
    with pytest.raises(ConfigurationError, match="expected it in PostgreSQL"):
        run_fill(settings, Plan((), {}), "tcp://127.0.0.1:1", shares=1, is_elsewhere=True)


INTERRUPTED = """
import sys, time
from distributed import Client, print as say
from orchestration.automation.workers import local_scheduler

def work():
    say("working", flush=True)
    time.sleep(60)

if __name__ == "__main__":
    try:
        with local_scheduler(1) as address, Client(address) as client:
            client.submit(work).result()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
"""


@needs_dask
@pytest.mark.long
def test_workers_of_a_terminal_end_quietly_with_the_process_that_started_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "program.py").write_text(INTERRUPTED)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "program.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        os.killpg(process.pid, signal.SIGINT)  # as the terminal does
        _, errors = process.communicate(timeout=25)  # less than it would work
    assert errors == "interrupted\n"
