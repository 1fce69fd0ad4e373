"""`python -m tests.resilience.faults`: inflict every fault of the catalogue, look for false
alarms on the real releases, and print the score. The exit code is 1 unless the right check
catches every fault and no real release is refused."""

import sys
import tempfile
from functools import cache
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.conftest import REAL_RELEASES, run_command
from tests.resilience.faults.catalogue import NotTried, Scored, inflict_all
from tests.resilience.faults.false_alarms import Search, search_intake_orders, search_runs

MESSAGE_SHOWN = 160
WIDTH = 200  # where no terminal says how wide it is
out = Console(width=None if sys.stdout.isatty() else WIDTH)


@click.command()
@click.option("--only", default="", help="Only faults whose name contains this text.")
@click.option("--no-runs", is_flag=True, help="Do not run the job on each real release.")
def main(only: str, no_runs: bool) -> None:
    """Inflict the catalogue of faults and print the kill score."""
    real = REAL_RELEASES if REAL_RELEASES.is_dir() else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        @cache
        def home_of(which: str) -> Path:
            landing = ("--landing", str(real)) if which == "real" else ()
            run_command(folder / which, "nightly", *landing)
            return folder / which

        found = list(inflict_all(home_of, real, only))
        searches = [] if real is None or only else [search_intake_orders(real, folder)]
        if searches and not no_runs:
            assert real is not None
            searches.append(search_runs(real, folder))
    scored = [one for one in found if isinstance(one, Scored)]
    _show(scored)
    for one in found:
        if isinstance(one, NotTried):
            out.print(f"Not tried: {one.fault.name}: {one.reason}", markup=False)
    killed = sum(one.score for one in scored)
    out.print(f"Kill score: {killed:g} of {len(scored)}")
    for search in searches:
        out.print(f"False alarms: {len(search.alarms)} of {search.count} {search.what}")
        for alarm in search.alarms:
            out.print(f"  {alarm.where}: {alarm.what}", soft_wrap=True, markup=False)
    if real is None:
        out.print("Not tried: false alarms: needs ../shared/releases, the agencies' own files")
    raise SystemExit(int(killed < len(scored) or _has_alarms(searches)))


def _has_alarms(searches: list[Search]) -> bool:
    return any(search.alarms for search in searches)


def _show(scored: list[Scored]) -> None:
    table = Table(title="Faults")
    for column in (
        "kind",
        "fault",
        "expected",
        "observed",
        "the check that reported it",
        "message",
        "score",
    ):
        table.add_column(column, overflow="fold")
    for one in scored:
        table.add_row(
            one.kind,
            one.fault.name,
            one.fault.expected,
            one.observed.outcome,
            _reporting_check(one),
            " ".join(one.observed.message.split())[:MESSAGE_SHOWN],
            f"{one.score:g}",
        )
    out.print(table)


def _reporting_check(one: Scored) -> str:
    """The expected check if it reported the fault, otherwise every check that did."""
    checks = one.observed.checks
    return one.fault.check if one.fault.check in checks else ", ".join(checks) or "none"


if __name__ == "__main__":
    main()
