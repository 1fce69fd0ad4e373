"""No run gets stuck: killed runs are recognised and the next one starts, in the UI and beside the
command. Real processes on one home; the tests are in order, each goes on where the last one ended.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT, copy_home
from tests.pipeline.browser.serving import Server, processes_of, serve, wait
from tests.support.ui_runs import UiRun, launch, messages, runs

BUILD, STEP = "build", "facts"  # the job and the step in which it is to be killed
FETCH = "nightly"  # a job that takes little time
RUN_SECONDS = 300  # for a whole run beside others
NEXT_SECONDS = 60  # by which the run after a dead one has been taken from the queue
ORPHAN_SECONDS = 60


@pytest.fixture(scope="module")
def home(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_home(bundle_home, tmp_path_factory.mktemp("stuck") / "home")


@pytest.fixture
def ui(home: Path) -> Iterator[Server]:
    landing = home.parent / "landing"
    landing.mkdir(exist_ok=True)
    with serve(home, landing) as running:
        yield running


def test_the_run_after_a_killed_one_starts_and_the_command_waits_for_it(ui: Server) -> None:
    killed = _run_until_step(ui)
    after = launch(ui.url, BUILD, {})
    os.kill(killed.process, signal.SIGKILL)
    _expect(ui, killed.run_id, lambda run: run.status == "FAILURE", NEXT_SECONDS)
    _expect(ui, after, lambda run: run.status in ("STARTING", "STARTED"), NEXT_SECONDS)
    with _command(ui.home, "nightly", "--offline", "--force") as command:
        _, errors = command.communicate(timeout=RUN_SECONDS)
    assert command.returncode == 0, errors
    done = _expect(ui, after, lambda run: run.status == "SUCCESS", RUN_SECONDS)
    # whichever comes first: the run of the UI starts while the command's libraries are imported
    logged = "\n".join(messages(ui.url, after)["LogMessageEvent"])
    by_command = f"waiting for another run (process {done.process}) that is using {ui.home}"
    by_run = f"waiting for another run (process {command.pid}) that is using {ui.home}"
    assert by_command in errors or by_run in logged, errors


def test_after_all_was_killed_the_run_is_failed_and_the_queue_goes_on(
    home: Path, ui: Server
) -> None:
    killed = _run_until_step(ui)
    queued = launch(ui.url, FETCH, {})
    _kill_all(home)
    with serve(home, home.parent / "landing") as again:
        _expect(again, killed.run_id, lambda run: run.status == "FAILURE", NEXT_SECONDS)
        _expect(again, queued, lambda run: run.status != "QUEUED", NEXT_SECONDS)
        [message] = messages(again.url, killed.run_id)["RunFailureEvent"]
        assert message.startswith(f"The run's process ({killed.process} on ")
        _expect(again, queued, lambda run: run.status == "SUCCESS", RUN_SECONDS)


def test_a_run_outlives_the_process_that_it_was_forked_from(home: Path, ui: Server) -> None:
    running = _run_until_step(ui)
    os.kill(_parent(running.process), signal.SIGKILL)
    _expect(ui, running.run_id, lambda run: run.status not in ("STARTING", "STARTED"), RUN_SECONDS)
    assert runs(ui.url)[running.run_id].status == "SUCCESS"
    after = launch(ui.url, FETCH, {})  # forked from another one
    _expect(ui, after, lambda run: run.status == "SUCCESS", RUN_SECONDS)
    os.kill(_code_location(home), signal.SIGKILL)
    queued = launch(ui.url, FETCH, {})
    _expect(ui, queued, lambda run: run.status == "SUCCESS", RUN_SECONDS)


def test_nothing_outlives_a_ui_that_was_killed(home: Path, ui: Server) -> None:
    [server] = [pid for pid in processes_of(home) if b"orchestration.cli\0ui" in _command_line(pid)]
    os.kill(server, signal.SIGKILL)
    wait(lambda: not processes_of(home), ORPHAN_SECONDS)
    assert [_command_line(pid) for pid in processes_of(home)] == []


def _run_until_step(ui: Server) -> UiRun:
    """Launch a run. Returns it once it is in the step in which it is to be killed."""
    run_id = launch(ui.url, BUILD, {})
    return _expect(ui, run_id, lambda run: STEP in run.steps, RUN_SECONDS)


def _expect(ui: Server, run_id: str, until: Callable[[UiRun], bool], seconds: float) -> UiRun:
    """The run once the condition holds; fails if it does not in time."""
    assert wait(lambda: until(runs(ui.url)[run_id]), seconds, every=0.3), runs(ui.url)[run_id]
    return runs(ui.url)[run_id]


@contextlib.contextmanager
def _command(home: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The command in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=PROJECT,
        env=os.environ | {"BORDERLEDGER_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def _kill_all(home: Path) -> None:
    """Kill every process of the UI and of its runs, as a machine that loses its power does."""
    while left := processes_of(home):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _code_location(home: Path) -> int:
    """The process that serves the code location: of those that were forked, the youngest."""
    pids = processes_of(home)
    forked = [pid for pid in pids if b"multiprocessing.forkserver" in _command_line(pid)]
    return max(forked, key=lambda pid: int(_stat(pid)[19]))


def _stat(pid: int) -> list[str]:
    """What the system says of a process after its name."""
    return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path("/proc", str(pid), "cmdline").read_bytes()
    return b""
