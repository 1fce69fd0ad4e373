"""Faults in which a run meets another one, or a signal: nothing waits for ever, nothing is lost,
and no gate is blamed."""

import contextlib
import os
import signal
import subprocess
import threading
import time

import dagster as dg

from orchestration.automation.instance import prepare_dagster_home
from orchestration.settings import Settings
from tests.conftest import copy_home, run_command
from tests.resilience.crash.kills import (
    BOUNDARIES,
    DBT_OUTPUT,
    LONGEST_SECONDS,
    POLL_SECONDS,
    Moment,
    Place,
    complete_run,
    dbt_starts,
    files_in,
    killed_at,
    start_run,
)
from tests.resilience.crash.new_releases import new_release, put_in_landing
from tests.resilience.faults.fault import Fault, Observed, Sandbox
from tests.support.lock_holder import held_by_another, let_go

HELD_SECONDS = 3.0  # by the other run, once the second one has begun
END_SECONDS = 30.0  # a signal ends a run long before
FAILED = 3
[IN_BUILD] = [moment for moment in BOUNDARIES if moment.kind == "open build"]


def _place(sandbox: Sandbox) -> Place:
    """A home in which the job has published, and a newer release in its landing folder."""
    home = copy_home(sandbox.homes("bundle"), sandbox.folder / "home")
    place = Place(home, sandbox.folder / "landing")
    put_in_landing(place.landing, new_release(0))
    return place


def _killed_run_is_over(sandbox: Sandbox) -> Observed:
    """The next run marks the killed one failed, with the reason, and succeeds."""
    place = _place(sandbox)
    killed = killed_at(IN_BUILD, place)
    done = complete_run(place)
    dagster_home = place.settings.dagster_home
    statuses = _statuses(place.settings)
    right = killed.reached and done.returncode == 0 and dagster_home.is_dir()
    right = right and statuses.count("FAILURE") == 1 and not set(statuses) - {"FAILURE", "SUCCESS"}
    return Observed("repaired" if right else "missed", ("command",), done.stdout + str(statuses))


def _statuses(settings: Settings) -> list[str]:
    """The status of each run in a home's history."""
    before = os.environ.copy()
    try:
        prepare_dagster_home(settings)
        with dg.DagsterInstance.get() as instance:
            return [run.status.value for run in instance.get_runs()]
    finally:
        os.environ.clear()
        os.environ.update(before)


def _waits_for_the_lock(sandbox: Sandbox) -> Observed:
    """A second run waits, names the process that it waits for, and goes on."""
    home = copy_home(sandbox.homes("bundle"), sandbox.folder / "home")
    with held_by_another(home) as other:
        leaving = threading.Timer(HELD_SECONDS, let_go, [other])
        leaving.start()
        done = run_command(home, "nightly", expect=None)
        leaving.join()
    right = done.returncode == 0 and f"(process {other.pid})" in done.stderr
    return Observed("no harm" if right else "missed", ("lock",), done.stdout + done.stderr)


def _signalled(moment: Moment, number: signal.Signals, sandbox: Sandbox) -> Observed:
    """Send a signal to a run at a moment. It must end soon, in one line, with no gate blamed."""
    place, log = _place(sandbox), sandbox.folder / "signalled.log"
    before = files_in(place.home, (DBT_OUTPUT,))
    run = start_run(place, log, in_session=True)
    try:
        until = time.monotonic() + LONGEST_SECONDS
        while run.poll() is None and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
            started = moment.dbt_starts and dbt_starts(place, before) >= moment.dbt_starts
            if started or (moment.prints and moment.prints in log.read_text()):
                break
        run.send_signal(number)
        code = run.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        return Observed("missed", (), f"it has not ended: {log.read_text()}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    printed = log.read_text()
    blamed = [words for words in ("Traceback", "gate refused", "gate failed") if words in printed]
    right = code == FAILED and not blamed
    return Observed("run failed" if right else "missed", ("command",), printed)


RUNS = (
    Fault(
        "killed run in Dagster's history",
        "A run was killed; in the history it seems to go on.",
        "repaired",
        "command",
        ("An earlier run is over", "ended before the run did"),
        _killed_run_is_over,
        is_long=True,
    ),
    Fault(
        "second run while another one works",
        "It waits for the first one, and then goes on.",
        "no harm",
        "lock",
        ("waiting for another run (process", "Nothing is new"),
        _waits_for_the_lock,
    ),
    Fault(
        "SIGTERM during a gate",
        "A service manager stops the run while a gate's checks are run.",
        "run failed",
        "command",
        ("interrupted",),
        lambda sandbox: _signalled(
            Moment("gates after raw", prints="loaded "), signal.SIGTERM, sandbox
        ),
        is_long=True,
    ),
    Fault(
        "Ctrl-C while dbt works",
        "The run ends within seconds, and dbt with it.",
        "run failed",
        "command",
        ("interrupted",),
        lambda sandbox: _signalled(Moment("facts", dbt_starts=1), signal.SIGINT, sandbox),
        is_long=True,
    ),
)
