"""Ctrl+C and SIGTERM end the real command within seconds, with one line, and free the lock."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.builds.lock import exclusive
from tests.pipeline.browser.serving import processes_of, wait
from tests.support.command_server import SECONDS

pytestmark = pytest.mark.long

END_SECONDS = 60  # it takes a few, on a machine that does nothing else


def fetching(_: Path, printed: str) -> bool:
    """Or importing the libraries."""
    return "archived " in printed


def in_a_gate(_: Path, printed: str) -> bool:
    return "loaded " in printed


def in_dbt(home: Path, _: str) -> bool:
    """Its output goes to a file, which is there as soon as it is started."""
    return any(home.glob("builds/*/dbt/output.log"))


@pytest.mark.parametrize(
    ("has_come", "signal_of_the_operator"),
    [
        (fetching, signal.SIGTERM),
        (in_a_gate, signal.SIGTERM),
        (in_dbt, signal.SIGINT),  # as Ctrl+C does, to all its processes
    ],
)
def test_a_signal_ends_the_run(
    has_come: Callable[[Path, str], bool], signal_of_the_operator: signal.Signals, tmp_path: Path
) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    variables = {"BORDERLEDGER_HOME": str(home), "BORDERLEDGER_OFFLINE": "1"}
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("borderledger")), "nightly"],
            env=os.environ | variables | {"BORDERLEDGER_LANDING": ""},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        assert wait(lambda: has_come(home, log.read_text()), SECONDS)
        time.sleep(1)  # into what begins then
        send = os.killpg if signal_of_the_operator == signal.SIGINT else os.kill
        send(process.pid, signal_of_the_operator)
        assert process.wait(END_SECONDS) == 3
    finally:
        process.kill()
        process.wait()
    printed = log.read_text()
    assert printed.endswith("borderledger: interrupted\n")
    assert "Traceback" not in printed
    assert wait(lambda: not processes_of(home), END_SECONDS), "dbt runs on"
    with exclusive(home):
        assert not (home / "border.duckdb").exists()
