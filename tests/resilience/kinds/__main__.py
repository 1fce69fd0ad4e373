"""`python -m tests.resilience.kinds`: draw random instances of every kind of fault, look for false
alarms on every real month, and print the score by kind. The exit code is 1 if fewer than 95 % of a
kind are stopped, or if a real month is held."""

import secrets
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.conftest import MORE_RELEASES, REAL_RELEASES
from tests.resilience.kinds.score import Files, inflict_kinds, search_sound_months
from tests.resilience.kinds.trial import Instance

LEAST_STOPPED = 0.95
WIDTH = 120  # where no terminal says how wide it is
out = Console(width=None if sys.stdout.isatty() else WIDTH)


@click.command()
@click.option("--only", default="", help="Only kinds whose name contains this text.")
@click.option("--number", default=3, help="How many instances per kind and dataset.")
@click.option("--seed", default="", help="To draw the same instances again.")
def main(only: str, number: int, seed: str) -> None:
    """Draw random instances of the kinds of faults and print the score."""
    seed = seed or secrets.token_hex(4)
    out.print(f"Seed: {seed}")
    files = Files(tuple(path for path in (REAL_RELEASES, MORE_RELEASES) if path.is_dir()))
    with tempfile.TemporaryDirectory() as name:
        found = list(inflict_kinds(files, seed, number, Path(name), only))
    weak = _show(found)
    for one in found:
        if not one.is_stopped:
            out.print(f"Passed: {one.kind}: {one.dataset}: {one.about}", markup=False)
    alarms = 0
    if not only:
        with tempfile.TemporaryDirectory() as name:
            search = search_sound_months(files, Path(name))
        alarms = len(search.alarms)
        out.print(f"False alarms: {alarms} of {search.count} {search.what}")
        for alarm in search.alarms:
            out.print(f"  {alarm.where}: {alarm.what}", soft_wrap=True, markup=False)
    if not files.real:
        out.print("Not tried: the agencies' own files, for want of ../shared")
    raise SystemExit(int(bool(weak or alarms)))


def _show(found: list[Instance]) -> list[str]:
    """Print the score by kind; returns the kinds of which too few are stopped."""
    table = Table(title="Kinds of faults")
    for column in ("kind", "datasets", "stopped", "of"):
        table.add_column(column, overflow="fold", justify="left" if column == "kind" else "right")
    weak = []
    for kind in dict.fromkeys(one.kind for one in found):
        mine = [one for one in found if one.kind == kind]
        stopped = sum(one.is_stopped for one in mine)
        datasets = len({one.dataset for one in mine})
        table.add_row(kind, str(datasets), str(stopped), str(len(mine)))
        weak += [kind] * (stopped < LEAST_STOPPED * len(mine))
    total = sum(one.is_stopped for one in found)
    table.add_row("all", "", str(total), str(len(found)))
    out.print(table)
    return weak


if __name__ == "__main__":
    main()
