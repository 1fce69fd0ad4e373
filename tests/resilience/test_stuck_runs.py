"""No run gets stuck: killed runs are recognised and the next one starts, in the UI and beside the
command. Real processes on one home; the tests of a class are in order, each goes on where the last
one ended.

A run that only has to be there is no whole build: it is killed once it has begun to write tables,
or it makes one table, on a trial. None fetches, after which Dagster's daemon would launch a build.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from orchestration.automation.instance import INSTANCE
from tests.conftest import PROJECT, copy_home
from tests.pipeline.browser.serving import Server, processes_of, serve, wait
from tests.support.ui_runs import UiRun, launch, messages, runs

BUILD, STEP = "build", "raw"  # the job and the step in which it is to be killed
TABLE = "raw/cbp_southwest_encounters"  # whose making is a quick run of that job, with STEP
# a run of it that is to be stopped in STEP, and would else be over before the UI has shown that
LONGER = [TABLE, "fct_southwest_encounters_by_release"]
RUN_SECONDS = 300  # for a run beside others
NEXT_SECONDS = 60  # by which the run after a dead one has been taken from the queue
POLL_SECONDS = 10  # as shipped: every so often Dagster's daemon looks for dead runs
ORPHAN_SECONDS = 60


@dataclass(frozen=True)
class PowerLoss:
    """The UI that was started after every process was killed, the run that was killed with them,
    and the one that was in the queue."""

    ui: Server
    killed: UiRun
    queued: str


@pytest.mark.long
class TestAfterThePowerWasLost:
    @pytest.fixture(scope="class")
    def loss(
        self, bundle_home: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[PowerLoss]:
        home = _home_that_looks_often(bundle_home, tmp_path_factory.mktemp("stuck") / "home")
        with _ui(home) as before:
            killed = _run_until_step(before, launch(before.url, BUILD, {}))
            queued = _launch_quick(before)
            _kill_all(home)
            with _ui(home) as again:
                yield PowerLoss(again, killed, queued)

    @pytest.fixture(scope="class")
    def ui(self, loss: PowerLoss) -> Server:
        return loss.ui

    def test_the_run_is_failed_and_the_queue_goes_on(self, loss: PowerLoss, ui: Server) -> None:
        killed = loss.killed
        _expect(ui, killed.run_id, lambda run: run.status == "FAILURE", NEXT_SECONDS)
        _expect(ui, loss.queued, lambda run: run.status != "QUEUED", NEXT_SECONDS)
        [message] = messages(ui.url, killed.run_id)["RunFailureEvent"]
        assert message.startswith(f"The run's process ({killed.process} on ")
        _expect(ui, loss.queued, lambda run: run.status == "SUCCESS", RUN_SECONDS)

    def test_the_run_after_a_killed_one_starts_and_the_command_waits_for_it(
        self, ui: Server
    ) -> None:
        killed = _run_until_step(ui, launch(ui.url, BUILD, {}))
        after = launch(ui.url, BUILD, {}, LONGER)
        os.kill(killed.process, signal.SIGKILL)
        _expect(ui, killed.run_id, lambda run: run.status == "FAILURE", NEXT_SECONDS)
        _expect(ui, after, lambda run: run.status in ("STARTING", "STARTED"), NEXT_SECONDS)
        started = _run_until_step(ui, after)
        with (
            _stopped(started.process) as go_on,
            _command(ui.home, "nightly", "--offline") as command,
        ):
            waiting = f"waiting for another run (process {started.process}) that is using {ui.home}"
            assert wait(lambda: waiting in command.output, RUN_SECONDS), command.output
            go_on()
            assert command.process.wait(RUN_SECONDS) == 0, command.output
        _expect(ui, after, lambda run: run.status == "SUCCESS", RUN_SECONDS)

    def test_a_run_waits_for_the_command(self, ui: Server) -> None:
        with _command(ui.home, "nightly", "--offline") as command:
            assert wait(lambda: "duplicate " in command.output, RUN_SECONDS), command.output
            with _stopped(command.process.pid) as go_on:
                run = _launch_quick(ui)
                pid = command.process.pid
                waiting = f"waiting for another run (process {pid}) that is using {ui.home}"
                assert wait(lambda: waiting in _logged(ui, run), RUN_SECONDS, every=1), _logged(
                    ui, run
                )
                go_on()
            assert command.process.wait(RUN_SECONDS) == 0, command.output
        _expect(ui, run, lambda run: run.status == "SUCCESS", RUN_SECONDS)

    def test_a_run_outlives_the_process_that_it_was_forked_from(self, ui: Server) -> None:
        running = _run_until_step(ui, launch(ui.url, BUILD, {}, LONGER))
        with _stopped(running.process) as go_on:  # else it may be over before its parent is
            parent = _parent(running.process)
            os.kill(parent, signal.SIGKILL)
            assert wait(lambda: _parent(running.process) != parent, ORPHAN_SECONDS)
            go_on()
        over = ("STARTING", "STARTED")
        _expect(ui, running.run_id, lambda run: run.status not in over, RUN_SECONDS)
        assert runs(ui.url)[running.run_id].status == "SUCCESS"
        after = _launch_quick(ui)  # forked from another one
        _expect(ui, after, lambda run: run.status == "SUCCESS", RUN_SECONDS)
        os.kill(_code_location(ui.home), signal.SIGKILL)
        queued = _launch_quick(ui)
        _expect(ui, queued, lambda run: run.status == "SUCCESS", RUN_SECONDS)

    def test_nothing_outlives_a_ui_that_was_killed(self, ui: Server) -> None:
        """The last test of this UI, which has been through all of the above."""
        [server] = [pid for pid in processes_of(ui.home) if _is_the_ui(pid)]
        os.kill(server, signal.SIGKILL)
        wait(lambda: not processes_of(ui.home), ORPHAN_SECONDS)
        assert [_command_line(pid) for pid in processes_of(ui.home)] == []


def test_dead_runs_are_looked_for_often_enough() -> None:
    """As shipped, since the home above has it done more often still."""
    shipped = yaml.safe_load(INSTANCE.read_text())["run_monitoring"]
    assert shipped["enabled"]
    assert shipped["poll_interval_seconds"] == POLL_SECONDS <= NEXT_SECONDS / 2


def _home_that_looks_often(bundle_home: Path, home: Path) -> Path:
    """A copy of the bundle's home whose daemon looks for dead runs every second."""
    copy_home(bundle_home, home)
    settings = home / "dagster" / "dagster.yaml"
    settings.parent.mkdir()
    shipped, often = (f"poll_interval_seconds: {seconds}\n" for seconds in (POLL_SECONDS, 1))
    assert shipped in INSTANCE.read_text()
    settings.write_text(INSTANCE.read_text().replace(shipped, often))
    return home


@contextmanager
def _ui(home: Path) -> Iterator[Server]:
    """The UI on a home, with an empty landing folder beside it."""
    landing = home.parent / "landing"
    landing.mkdir(exist_ok=True)
    with serve(home, landing) as running:
        yield running


def _run_until_step(ui: Server, run_id: str) -> UiRun:
    """A run, once it is in the step in which it is to be killed."""
    return _expect(ui, run_id, lambda run: STEP in run.steps, RUN_SECONDS)


def _launch_quick(ui: Server) -> str:
    """Launch a run that is over in seconds. Returns its id."""
    return launch(ui.url, BUILD, {}, [TABLE], checks=False)


def _expect(ui: Server, run_id: str, until: Callable[[UiRun], bool], seconds: float) -> UiRun:
    """The run once the condition holds; fails if it does not in time."""
    seen: list[UiRun] = []

    def holds() -> bool:
        seen.append(runs(ui.url)[run_id])
        return until(seen[-1])

    assert wait(holds, seconds, every=0.2), seen[-1]
    return seen[-1]


def _logged(ui: Server, run_id: str) -> str:
    return "\n".join(messages(ui.url, run_id).get("LogMessageEvent", []))


@contextmanager
def _stopped(pid: int) -> Iterator[Callable[[], None]]:
    """Stop a process where it is. Yields what makes it go on, which is done at the end as well."""

    def go_on() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    os.kill(pid, signal.SIGSTOP)
    try:
        yield go_on
    finally:
        go_on()


@dataclass(frozen=True)
class Command:
    """The command in a process of its own. log: what it has printed."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text()


@contextmanager
def _command(home: Path, *arguments: str) -> Iterator[Command]:
    """Start the command; at the end it is killed."""
    log = home.parent / "command.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            cwd=PROJECT,
            env=os.environ | {"BORDERLEDGER_HOME": str(home), "COLUMNS": "1000"},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Command(process, log)
        finally:
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


def _is_the_ui(pid: int) -> bool:
    return b"orchestration.cli\0ui" in _command_line(pid)


def _stat(pid: int) -> list[str]:
    """What the system says of a process after its name."""
    return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path("/proc", str(pid), "cmdline").read_bytes()
    return b""
