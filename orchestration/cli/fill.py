"""Commands that fill an archive on several workers: fill, scheduler, worker."""

from contextlib import AbstractContextManager, nullcontext

import click

from orchestration.automation.instance import prepare_dagster_home
from orchestration.automation.workers import (
    LOOPBACK,
    PORT,
    become_scheduler,
    become_worker,
    check_installed,
    local_scheduler,
    workers_of,
)
from orchestration.builds.lock import exclusive
from orchestration.builds.lost_releases import why_not_fetched
from orchestration.cli.interruption import insisting
from orchestration.cli.job import announced
from orchestration.cli.options import FAILED, USAGE, settings_with
from orchestration.cli.output import report_errors, say, warn
from orchestration.cli.problems import report_outcomes
from orchestration.intake.batches import plan
from orchestration.intake.fetch import landing_problems
from orchestration.quick_imports import quick_imports
from orchestration.settings import ConfigurationError, Settings
from orchestration.wording import counted

BATCHES_PER_WORKER = 4  # so that a worker that was given slower files takes in fewer of them

host_option = click.option(
    "--host", default=LOOPBACK, show_default=True, help="Address to listen on."
)


@click.command()
@click.option("--scheduler", help="Address of a scheduler that runs, with its workers.")
@click.option("--local", type=click.IntRange(1), help="Start so many workers on this machine.")
@click.option("--batches", type=click.IntRange(1), help="How many at most; default: 4 a worker.")
def fill(scheduler: str | None, local: int | None, batches: int | None) -> int:
    """Take in bundle and landing folders on several workers.

    Those of BORDERLEDGER_LANDING; nothing is built. See docs/off-one-machine.md."""
    if (scheduler is None) == (local is None):
        raise ConfigurationError("fill: expected either --scheduler or --local")
    settings = settings_with()
    check_installed()
    if (reason := why_not_fetched(settings)) is not None:
        raise ConfigurationError(reason)
    workers = local or workers_of(str(scheduler))
    with announced(settings), exclusive(settings.home, settings.limits.wait_seconds, warn):
        code = _fill(settings, scheduler, workers, batches or BATCHES_PER_WORKER * workers)
    problems = landing_problems(settings)
    report_errors(problems)
    return code or (USAGE if problems else 0)


def _fill(settings: Settings, scheduler: str | None, workers: int, batches: int) -> int:
    """Run the job. Returns the exit code.

    scheduler: the address of one that runs; None to start one with so many workers.
    """
    prepare_dagster_home(settings)
    planned = plan(settings, batches)
    files = sum(map(len, planned.batches))
    say(f"{counted(files, 'file')} in {counted(len(planned.batches), 'batch', 'batches')}")
    with quick_imports():
        from orchestration.automation.fill import run_fill
    cluster: AbstractContextManager[str] = (
        nullcontext(scheduler) if scheduler else local_scheduler(workers)
    )
    with insisting(), cluster as address:
        filled = run_fill(
            settings, planned, address, shares=workers, is_elsewhere=scheduler is not None
        )
    report_outcomes(filled.outcomes)
    if filled.reason is not None:
        warn(f"The run failed: {filled.reason}")
        return FAILED
    say("`borderledger nightly` builds from them.")
    return 0


@click.command()
@host_option
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=PORT, show_default=True, help="Port."
)
def scheduler(host: str, port: int) -> int:
    """Start the scheduler that hands batches to workers."""
    become_scheduler(host, port)


@click.command()
@click.option("--scheduler", "address", required=True, help="Address of the scheduler.")
@host_option
def worker(address: str, host: str) -> int:
    """Start a worker, with BORDERLEDGER_HOME as its own folder."""
    become_worker(settings_with(), address, host)
