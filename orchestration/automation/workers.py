"""The scheduler and the workers of Dask, which take steps off this process.

What belongs here: how they are started, where they listen, and how a run finds them. What they
execute is in `fill`. Dask comes with the extra `workers` and is imported late: nothing else needs
it.
"""

import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from multiprocessing.resource_tracker import ensure_running
from typing import Any, NoReturn

from orchestration.automation.instance import prepare_dagster_home
from orchestration.settings import ConfigurationError, Settings

LOOPBACK = "127.0.0.1"
PORT = 8786
CONNECT_SECONDS = 10
UNREACHABLE = (OSError, ValueError, RuntimeError, TypeError)  # the last two without, or for, TLS
ENCRYPTED = "tls://"
PRELOAD = "DASK_DISTRIBUTED__{}__PRELOAD"  # modules that are imported at the start
MODULES = '["orchestration.automation.fill", "dagster_dask"]'  # else the first step waits for them


@contextlib.contextmanager
def local_scheduler(workers: int) -> Iterator[str]:
    """Start a scheduler and so many workers on this machine, and stop them at the end. Yields the
    scheduler's address. A signal from the terminal reaches this process alone, which stops them."""
    check_installed()
    from distributed import LocalCluster

    ensure_running()  # what multiprocessing starts first lets signals through again
    with _held_back(signal.SIGINT):
        cluster = LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers,
            threads_per_worker=1,  # Dagster is not safe in several threads
            host=LOOPBACK,
            dashboard_address=f"{LOOPBACK}:0",  # None is a port that another one may have
            memory_limit=0,
            silence_logs=logging.ERROR,
        )
    with cluster:
        try:
            yield cluster.scheduler_address
        except BaseException:
            # a worker that is asked to stop in the middle of a step says so with tracebacks; it
            # leaves nothing half-written, wherever it ends
            for worker in cluster.workers.values():
                worker.auto_restart = False
                if worker.pid is not None:
                    os.kill(worker.pid, signal.SIGKILL)
            raise


@contextlib.contextmanager
def _held_back(number: int) -> Iterator[None]:
    """While this lasts, a signal waits; in what is started meanwhile it waits forever."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def workers_of(scheduler: str) -> int:
    """How many workers a scheduler has that runs already. Raises ConfigurationError if it does not
    answer, or has none."""
    check_installed()
    try:
        workers = asyncio.run(_count_workers(scheduler))
    except UNREACHABLE as error:
        raise ConfigurationError(
            f"--scheduler: found no scheduler at {scheduler!r} ({error}); expected the address "
            f"that `borderledger scheduler` prints, such as tcp://{LOOPBACK}:{PORT}"
        ) from error
    if not workers:
        raise ConfigurationError(
            f"--scheduler: found no worker at {scheduler}; start some with `borderledger worker`"
        )
    return workers


async def _count_workers(scheduler: str) -> int:
    """Asynchronously, as a client with a thread of its own that cannot connect is left to the
    garbage collector, which closes it at any time; while another one starts, it waits forever."""
    from distributed import Client

    client: Any = Client(  # type: ignore[no-untyped-call]
        scheduler, asynchronous=True, timeout=CONNECT_SECONDS
    )
    try:
        await client
        return len((await client.scheduler.identity(n_workers=-1))["workers"])
    finally:
        await client.close()


def become_scheduler(host: str, port: int) -> NoReturn:
    """Become the scheduler, in this process. Raises ConfigurationError for a host that other
    machines reach without encryption."""
    _check_host(host)
    _become("scheduler", "--host", host, "--port", str(port), "--no-dashboard")


def become_worker(settings: Settings, scheduler: str, host: str) -> NoReturn:
    """Become a worker, in this process, that executes one step at a time and keeps its files in its
    own home. Raises ConfigurationError for a host that other machines reach without encryption."""
    _check_host(host)
    prepare_dagster_home(settings)
    os.environ["BORDERLEDGER_HOME"] = str(settings.home)
    files = settings.home / "dask"
    files.mkdir(exist_ok=True)
    _become(
        *("worker", scheduler, "--host", host),
        *("--nthreads", "1", "--nworkers", "1", "--no-nanny"),  # whoever started it restarts it
        *("--memory-limit", "0", "--local-directory", str(files), "--no-dashboard"),
    )


def check_installed() -> None:
    """Raises ConfigurationError without the extra `workers`."""
    if find_spec("dagster_dask") is None:
        raise ConfigurationError(
            "found no dagster-dask; install it with the extra `workers`: "
            "pip install 'borderledger[workers]'"
        )


def _check_host(host: str) -> None:
    """Whoever reaches a scheduler or a worker can execute any code there."""
    if host.startswith(ENCRYPTED):
        return
    try:
        is_loopback = ipaddress.ip_address(host.removeprefix("tcp://")).is_loopback
    except ValueError:
        is_loopback = host.removeprefix("tcp://") == "localhost"
    if not is_loopback:
        raise ConfigurationError(
            f"--host: found {host!r}, expected a loopback address, or one of {ENCRYPTED}…, since "
            "whoever reaches it can execute any code; see docs/off-one-machine.md"
        )


def _become(*arguments: str) -> NoReturn:
    check_installed()
    os.environ.setdefault(PRELOAD.format(arguments[0].upper()), MODULES)
    command = [sys.executable, "-m", "dask", *arguments]
    sys.stdout.flush()
    os.execve(sys.executable, command, os.environ)  # noqa: S606
