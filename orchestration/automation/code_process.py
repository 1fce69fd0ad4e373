"""The code server as processes: Dagster's proxy, which loads the code location, again whenever it
is asked to, and below it what serves the location and executes runs.

What belongs here: how those processes come about. To import the libraries takes longer than all the
rest. So one process imports them, does nothing else, and is then forked for the proxy, for each
load of the code location and for each run: these read our own code from the disk, as it is at that
moment. The libraries are as they were when the code server started.

    python -m orchestration.automation.code_process [--tied] ARGUMENTS

ARGUMENTS: those of `dagster code-server start`. --tied: end when standard input does, which happens
when the process that started this one ends, however it does.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from orchestration.automation.forked import FORKED, ForkedServer, share_the_forkserver

TIED = "--tied"
POLL_SECONDS = 0.2
GONE_SECONDS = 5.0  # after which nobody is about to start another server, or to end the proxy


def main(arguments: list[str]) -> int:
    """Run the code server until it is asked to end. Returns its exit code."""
    end, open_until_the_end = FORKED.Pipe(duplex=False)
    given = [argument for argument in arguments if argument != TIED]
    proxy = FORKED.Process(target=_serve_proxy, args=(given, end))
    proxy.start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the proxy too
    signal.signal(signal.SIGTERM, lambda *_: proxy.terminate())
    if TIED in arguments:
        threading.Thread(target=_end_with_starter, args=(open_until_the_end,), daemon=True).start()
    while proxy.is_alive():  # join would end with the process that it was forked from
        time.sleep(POLL_SECONDS)
    return abs(proxy.exitcode or 0)


def _end_with_starter(open_until_the_end: Connection) -> None:
    """Wait for the end of standard input; then let the proxy end."""
    while os.read(sys.stdin.fileno(), 1):
        continue
    open_until_the_end.close()


def _serve_proxy(arguments: list[str], end: Connection) -> None:
    """Be `dagster code-server start` with these arguments.

    end: what ends when the process that was started as the code server does, or wants this to.
    """
    from dagster._cli.code_server import start_command
    from dagster._grpc import server

    share_the_forkserver()
    inside: Any = server
    servers: list[ForkedServer] = []
    inside.open_ipc_subprocess = _forking(servers)
    threading.Thread(target=_end_without_server, args=(servers,), daemon=True).start()
    socket = Path(arguments[arguments.index("--socket") + 1])
    threading.Thread(target=_shut_down_at, args=(end, socket), daemon=True).start()
    start_command.main(arguments, prog_name="code_process")


def _shut_down_at(end: Connection, socket: Path) -> None:
    """Wait for the end; then end this process as soon as its runs have ended."""
    end.poll(None)
    from orchestration.automation.code_server import shut_down_code_server

    if not shut_down_code_server(socket):  # it does not serve yet
        os.kill(os.getpid(), signal.SIGTERM)


def _forking(servers: list[ForkedServer]) -> Callable[..., ForkedServer]:
    """What Dagster's proxy calls to start a process. servers: gets each, the newest last."""

    def fork(command: Sequence[str], env: Mapping[str, str], **_: Any) -> ForkedServer:
        arguments = list(command)[list(command).index("grpc") + 1 :]
        servers.append(ForkedServer(_serve_location, arguments, dict(env)))
        return servers[-1]

    return fork


def _end_without_server(servers: list[ForkedServer]) -> None:
    """End this process, with an error, once the newest server has ended by itself: Dagster's proxy
    would ask a dead one for ever, but who started this process starts it again."""
    while True:
        newest = servers[-1:]
        if newest and newest[0].returncode is not None:
            time.sleep(GONE_SECONDS)
            if servers[-1:] == newest:
                print("The server of the code location has ended.", file=sys.stderr, flush=True)
                os._exit(1)
        time.sleep(1)


def _serve_location(arguments: list[str], environment: dict[str, str]) -> None:
    """Be `dagster api grpc` with these arguments."""
    from dagster._cli.api import grpc_command
    from dagster._grpc import server

    os.environ.clear()
    os.environ.update(environment)
    share_the_forkserver()

    class Server(server.DagsterApiServer):
        """Dagster's, except that it forks each run, where Dagster starts Python anew."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._mp_ctx: Any = FORKED

    inside: Any = server
    inside.DagsterApiServer = Server
    grpc_command.main(arguments, prog_name="dagster api grpc")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
