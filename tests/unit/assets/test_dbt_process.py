"""dbt ends with the process that started it, also where that was killed."""

import os
import signal
import subprocess
import sys

from tests.support.command_server import SECONDS

CHILD = "import sys, time; from orchestration.assets.dbt_process import end_with; "
WORK = CHILD + "end_with(int(sys.argv[1])); print('working', flush=True); time.sleep(600)"
RUN = (
    "import os, subprocess, sys; "
    "subprocess.run([sys.executable, '-c', sys.argv[1], str(os.getpid())])"
)


def test_ends_with_a_parent_that_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN, WORK], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "working\n"
        os.kill(parent.pid, signal.SIGKILL)
        # the child has the pipe too: it is at its end once the child has ended
        assert parent.communicate(timeout=SECONDS)[0] == ""


def test_ends_if_its_parent_was_killed_before_it_looked() -> None:
    child = subprocess.run([sys.executable, "-c", WORK, "1"], timeout=SECONDS, check=False)
    assert child.returncode == 1
