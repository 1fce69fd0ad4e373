"""What the commands say of releases and checks: what came in, what waits for somebody, what failed.

What belongs here: the words and the order of the lines. How lines look is in `output`.
"""

import json
from collections.abc import Sequence

import polars as pl

from orchestration.builds.gate_results import GateResult
from orchestration.cli.output import say, say_labelled, warn
from orchestration.intake.outcome import IntakeOutcome, lines_of
from orchestration.releases.release import Release
from orchestration.review.review import Review
from orchestration.wording import counted, form

MOVED_SHOWN = 5
PROBLEMS = "see `borderledger releases --problems`"


def report_outcomes(outcomes: list[IntakeOutcome]) -> None:
    """Print what is worth reporting, and the number of the other files."""
    for kind, detail in lines_of(outcomes):
        say_labelled(kind, detail)
    if duplicates := sum(not outcome.is_worth_reporting for outcome in outcomes):
        say_labelled("duplicate", f"{counted(duplicates, 'file')} that the archive already holds")


def report_problems(reviewed: Review, refused_now: int) -> None:
    """One line if releases are refused or held: how many, how many of them are new, and where
    the reasons are."""
    held = len(reviewed.held())
    new = f" ({refused_now:,} in this run)" if refused_now else ""
    counts = {
        f"refused{new}": len(reviewed.unresolved()),
        "held": held,
        "held in part": len(reviewed.waiting()) - held,
    }
    states = [
        (number, f"{form(number, 'is', 'are')} {state}")
        for state, number in counts.items()
        if number
    ]
    if states:
        (number, state), *others = states
        parts = [f"{counted(number, 'release')} {state}", *(f"{n:,} {rest}" for n, rest in others)]
        say(f"{', '.join(parts)}: {PROBLEMS}")


def report_held(reviewed: Review) -> None:
    """Print the releases that wait for a decision, and the cells that moved most."""
    show_problems(reviewed, reviewed.waiting())


def show_problems(reviewed: Review, releases: Sequence[Release]) -> None:
    """Print releases that are refused or held: a block of lines for each, whatever the width."""
    for release in releases:
        say_labelled("held" if release.is_waiting else release.verdict, release.describe())
        for finding in release.findings:
            say_labelled("", finding)
        if release.is_waiting:
            _show_what_to_decide(reviewed, release)


def _show_what_to_decide(reviewed: Review, release: Release) -> None:
    show_moved_cells(reviewed, release, most=MOVED_SHOWN)
    say_labelled(
        "",
        f"decide with `borderledger accept {release.release_id} --reason …`"
        f" or `borderledger refuse {release.release_id} --reason …`",
    )


def show_moved_cells(reviewed: Review, release: Release, most: int | None = None) -> None:
    """Print the cells that moved in a held release, largest change first. most: how many at most;
    None for all."""
    moved = reviewed.moved.filter(pl.col("release_id") == release.release_id)
    for row in moved[:most].iter_rows(named=True):
        before, after = (
            "none" if row[name] is None else f"{row[name]:,}"
            for name in ("figure_before", "figure_after")
        )
        change = f"{before} -> {after} ({row['difference']:+,})"
        say_labelled("", f"{row['period']}  {row['cell']}: {change}")
    if most is not None and (more := len(moved) - most) > 0:
        say_labelled(
            "",
            f"and {counted(more, 'more cell')}: "
            f"`borderledger releases {release.release_id}` lists them all",
        )


def show_failed_checks(results: Sequence[GateResult]) -> None:
    """Print each failed check with some of the rows that broke it, on standard error."""
    for result in results:
        if result.status == "failed":
            warn(
                f"{result.severity}: {result.table}: {result.check}{_rows(result)}: {result.notes}"
            )
            if result.examples:
                warn(f"  {result.examples}")


def show_failed_in_blocks(results: Sequence[GateResult]) -> None:
    """Print each failed check as a block of lines, whatever the width, with some of the rows that
    broke it, a line each."""
    for result in results:
        if result.status == "failed":
            say_labelled(result.severity, f"{result.table}: {result.check}{_rows(result)}")
            say_labelled("", result.notes)
            if observed := result.observed_besides_count:
                say_labelled("", f"observed {observed}")
            for row in json.loads(result.examples or "[]"):
                say_labelled("", _as_line(row))


def _rows(result: GateResult) -> str:
    return f", {counted(result.unexpected_count, 'row')}" if result.unexpected_count else ""


def _as_line(row: object) -> str:
    """A row that broke a check, or one value of it, as text."""
    if isinstance(row, dict):
        return ", ".join(f"{name}: {value}" for name, value in row.items())
    return str(row)
