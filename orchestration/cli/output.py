"""What the command shows: tables and lines for people, JSON for programs.

What belongs here: how things look on a terminal. What is shown is the command's business.
"""

import json
from collections.abc import Sequence
from typing import Any

import click
import polars as pl
from rich.console import Console
from rich.table import Table

from orchestration.builds.gate_results import GateResult
from orchestration.intake.outcome import IntakeOutcome
from orchestration.releases.release import Release
from orchestration.review.review import Review

MOVED_SHOWN = 5

out = Console()
err = Console(stderr=True)


def report_outcomes(outcomes: list[IntakeOutcome]) -> None:
    """A line for each outcome that is new or wrong; the number of files seen before."""
    reported = [outcome for outcome in outcomes if outcome.is_worth_reporting]
    for outcome in reported:
        out.print(f"{outcome.kind:<12} {outcome.detail}", soft_wrap=True, markup=False)
    if seen_before := len(outcomes) - len(reported):
        out.print(f"duplicate    {seen_before} files that the archive already holds")


def report_held(reviewed: Review) -> None:
    """The releases that wait for a decision, and the cells that moved most."""
    for release in reviewed.held():
        out.print(f"held         {release.describe()}", soft_wrap=True, markup=False)
        out.print(f"             {release.reason}", soft_wrap=True, markup=False)
        show_moved(reviewed, release, shown=MOVED_SHOWN)
        out.print(
            f"             borderledger accept {release.release_id} --reason … lets it in,"
            " borderledger refuse keeps it out",
            soft_wrap=True,
            markup=False,
        )


def show_moved(reviewed: Review, release: Release, shown: int | None = None) -> None:
    """The cells that moved in a held release, the largest movements first."""
    moved = reviewed.moved.filter(pl.col("release_id") == release.release_id)
    for row in moved[:shown].iter_rows(named=True):
        before, after = (
            "none" if row[name] is None else f"{row[name]:,}"
            for name in ("figure_before", "figure_after")
        )
        line = f"{row['period']}  {row['cell']}: {before} -> {after} ({row['difference']:+,})"
        out.print(f"             {line}", soft_wrap=True, markup=False)
    if shown is not None and len(moved) > shown:
        out.print(f"             and {len(moved) - shown:,} cells more")


def show_failures(results: list[GateResult]) -> None:
    for result in results:
        if result.status == "failed":
            count = f", {result.unexpected_count} rows" if result.unexpected_count else ""
            err.print(
                f"{result.severity}: {result.table}: {result.check}{count}: {result.notes}",
                soft_wrap=True,
                markup=False,
            )
            if result.examples:
                err.print(f"  {result.examples}", soft_wrap=True, markup=False)


def show_table(
    title: str,
    columns: Sequence[str],
    rows: list[tuple[Any, ...]],
    as_json: list[dict[str, Any]] | None = None,
) -> None:
    if as_json is not None:
        click.echo(json.dumps(as_json, indent=2))
        return
    table = Table(title=title)
    for number, column in enumerate(columns):  # the first one names the row: to be copied whole
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*map(as_cell, row))
    out.print(table)


def as_cell(value: Any) -> str:
    if value is None:
        return ""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
