"""The processes of the code server: what they are forked from, and how they end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orchestration.automation.forked import FORKED, ForkedServer, share_the_forkserver
from tests.conftest import PROJECT

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

WAIT_SECONDS = 60


@pytest.fixture(scope="module")
def preloaded() -> dict[str, Any]:
    """What a process has that has imported the libraries, and nothing else."""
    code = (
        "import json, os, sys, orchestration.automation.preload\n"
        "threads = len(os.listdir('/proc/self/task'))\n"
        "print(json.dumps({'threads': threads, 'modules': list(sys.modules)}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_library_that_is_imported_before_a_fork_starts_a_thread(
    preloaded: dict[str, Any],
) -> None:
    """A thread is not in the process that is forked, and what it holds is locked for ever."""
    assert preloaded["threads"] == 1


def test_none_of_our_own_code_is_imported_before_a_fork(preloaded: dict[str, Any]) -> None:
    """It would be old in a run that starts after it was changed."""
    ours = {name for name in preloaded["modules"] if name.partition(".")[0] == "orchestration"}
    importing = {"orchestration.automation.preload", "orchestration.quick_imports"}
    assert ours == {"orchestration", "orchestration.automation", *importing}


def test_a_run_is_forked_from_the_process_that_its_server_was_forked_from() -> None:
    parents: Queue[int] = FORKED.Queue()
    server = FORKED.Process(target=_server, args=(parents,))
    server.start()
    found = [parents.get(timeout=WAIT_SECONDS) for _ in range(2)]
    server.join()
    assert found[0] == found[1]


@pytest.fixture
def server() -> Iterator[ForkedServer]:
    """One that serves nothing, and waits."""
    server = ForkedServer(time.sleep, WAIT_SECONDS)
    yield server
    server.kill()


def test_a_forked_server_looks_like_one_that_was_started(server: ForkedServer) -> None:
    assert server.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        server.wait(0.01)
    server.kill()
    assert server.wait(WAIT_SECONDS) == server.returncode == -signal.SIGKILL


def test_it_has_not_ended_with_the_process_that_it_was_forked_from(server: ForkedServer) -> None:
    """It is still to be asked to end, and its run is not to be called failed."""
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
