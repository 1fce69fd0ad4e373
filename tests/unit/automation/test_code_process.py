"""The processes of the code server: what they are forked from, and how they end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orchestration.automation.code_process import LIBRARIES, ForkedServer, share_the_forkserver
from tests.conftest import PROJECT

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

FORKED = get_context("forkserver")
WAIT_SECONDS = 60


def test_a_library_that_is_imported_before_a_fork_starts_no_thread() -> None:
    """A thread is not in the process that is forked, and what it holds is locked for ever."""
    code = f"import os\nfor name in {LIBRARIES}: __import__(name)\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}print(len(os.listdir('/proc/self/task')))"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1"]


def test_none_of_our_own_code_is_imported_before_a_fork() -> None:
    """It would be old in a run that starts after it was changed."""
    assert [name for name in LIBRARIES if name.startswith("orchestration")] == []


def test_a_run_is_forked_from_the_process_that_its_server_was_forked_from() -> None:
    parents: Queue[int] = FORKED.Queue()
    server = FORKED.Process(target=_server, args=(parents,))
    server.start()
    found = [parents.get(timeout=WAIT_SECONDS) for _ in range(2)]
    server.join()
    assert found[0] == found[1]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkedServer]:
    """One that serves nothing, and waits."""
    monkeypatch.setattr("orchestration.automation.code_process._serve_location", _wait)
    server = ForkedServer(["python", "-m", "dagster", "api", "grpc", "--socket", "s"], os.environ)
    yield server
    server.kill()


def test_a_forked_server_looks_like_one_that_was_started(server: ForkedServer) -> None:
    assert server.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        server.wait(0.01)
    server.kill()
    assert server.wait(WAIT_SECONDS) == server.returncode == -signal.SIGKILL


def test_it_has_not_ended_with_the_process_that_it_was_forked_from(server: ForkedServer) -> None:
    """It is still to be asked to end: nothing is left running otherwise."""
    stat = Path("/proc", str(server.pid), "stat")
    parent = int(stat.read_text().rpartition(")")[2].split()[1])
    os.kill(parent, signal.SIGKILL)
    until = time.monotonic() + WAIT_SECONDS
    while stat.read_text().rpartition(")")[2].split()[1] == str(parent):
        assert time.monotonic() < until, "the parent is not killed"
    assert server.poll() is None
    server.terminate()
    assert server.wait(WAIT_SECONDS) is not None


def _server(parents: "Queue[int]") -> None:
    share_the_forkserver()
    parents.put(os.getppid())
    run = FORKED.Process(target=_run, args=(parents,))
    run.start()
    run.join()


def _run(parents: "Queue[int]") -> None:
    parents.put(os.getppid())


def _wait(arguments: list[str], environment: dict[str, str]) -> None:
    assert arguments == ["--socket", "s"]
    assert environment
    time.sleep(WAIT_SECONDS)
