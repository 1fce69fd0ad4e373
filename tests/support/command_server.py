"""`borderledger` in a process of its own, without the seconds that importing its libraries takes.

What belongs here: a server, which has imported what the command imports and has read the parsed dbt
project, and forks a process for each call, and its client. A forked process has arguments,
environment and output of its own; only imports and project are shared. What is killed or limited,
runs other code, or is the UI, is started as users start it.
"""

import atexit
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from select import select

from orchestration.assets.dbt_command import parsed_project
from orchestration.settings import PROJECT
from tests.support.forked_programs import (
    OF_RUNS,
    OF_THE_COMMAND,
    Requests,
    exit_code_of,
    run_to_end,
)

RUNS = ("nightly", "rebuild")
SECONDS, END_SECONDS = 300, 10


class CommandServer:
    """A server of this process, which ends with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=PROJECT,
            env=os.environ | {"GX_ANALYTICS_ENABLED": "false"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a group of its own, to be killed with what it has started
        )
        atexit.register(self._end)

    def _end(self) -> None:
        """End it with its last request; what still runs after a while is killed."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()

    def _kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run `borderledger` in the project's folder. Raises TimeoutExpired."""
        with tempfile.TemporaryDirectory() as folder, self._lock:
            files = {name: str(Path(folder, name)) for name in ("stdout", "stderr")}
            request = {"arguments": arguments, "environment": dict(environment), **files}
            code = self._ask(json.dumps(request))
            printed = [Path(path).read_text() for path in files.values()]
        return subprocess.CompletedProcess(["borderledger", *arguments], code, *printed)

    def _ask(self, request: str) -> int:
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(request.encode() + b"\n")
        asked.flush()
        if not select([answers], [], [], SECONDS)[0]:
            self._kill()
            raise subprocess.TimeoutExpired(request, SECONDS)
        answer = answers.readline()
        assert answer, "the command server has ended"
        return int(answer)


@cache
def command_server() -> CommandServer:
    """The server of this process, started when it is first needed."""
    return CommandServer()


def _serve() -> None:
    """Answer each request with the exit code of the process forked for it, until there are no
    more requests."""
    requests = Requests()
    _import(OF_THE_COMMAND)
    for line in requests.lines:
        request = json.loads(line)
        if request["arguments"][0] in RUNS:
            _import(OF_RUNS)
            parsed_project()
        child = os.fork()
        if not child:
            requests.close()
            run_to_end(partial(_command, request))
        requests.answer(exit_code_of(child))


def _import(modules: Sequence[str]) -> None:
    for module in modules:
        import_module(module)


def _command(request: dict[str, object]) -> None:
    """Run the command in the process that this one is from now on."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        file = os.open(str(request[name]), os.O_WRONLY | os.O_CREAT)
        os.dup2(file, descriptor)
        os.close(file)
    environment, arguments = request["environment"], request["arguments"]
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments
    runpy.run_module("orchestration.cli", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve()
