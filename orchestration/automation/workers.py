"""The scheduler and the workers of Dask, which take steps off this process.

What belongs here: how they are started, where they listen, and how a run finds them. What they
execute is in `fill`. Dask comes with the extra `workers` and is imported late: nothing else needs
it.
"""

import ipaddress
import logging
import os
import sys
from importlib.util import find_spec
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


def local_cluster(workers: int) -> dict[str, Any]:
    """The configuration of Dagster's executor for so many workers that it starts itself, on the
    loopback address, and stops at the end of the run."""
    return {
        "local": {
            "n_workers": workers,
            "threads_per_worker": 1,  # Dagster is not safe in several threads
            "host": LOOPBACK,
            "dashboard_address": None,
            "memory_limit": 0,
            "silence_logs": logging.ERROR,
        }
    }


def existing_cluster(scheduler: str) -> tuple[dict[str, Any], int]:
    """The configuration of Dagster's executor for a scheduler that runs already, and how many
    workers it has. Raises ConfigurationError if it does not answer, or has none."""
    check_installed()
    from distributed import Client

    try:
        with Client(scheduler, timeout=CONNECT_SECONDS) as client:  # type: ignore[no-untyped-call]
            workers = len(client.scheduler_info(n_workers=-1)["workers"])
    except UNREACHABLE as error:
        raise ConfigurationError(
            f"--scheduler: found no scheduler at {scheduler!r} ({error}); expected the address "
            f"that `borderledger scheduler` prints, such as tcp://{LOOPBACK}:{PORT}"
        ) from error
    if not workers:
        raise ConfigurationError(
            f"--scheduler: found no worker at {scheduler}; start some with `borderledger worker`"
        )
    return {"existing": {"address": scheduler}}, workers


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
