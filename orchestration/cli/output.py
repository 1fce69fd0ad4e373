"""The command's output: tables and lines for people, JSON for programs.

What belongs here: how things look on a terminal. The commands decide what is shown.
"""

import json
import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

import click
import polars as pl
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from orchestration.builds.gate_results import GateResult
from orchestration.intake.outcome import IntakeOutcome
from orchestration.printable import printable
from orchestration.releases.release import Release
from orchestration.review.review import Review

MOVED_SHOWN = 5
INDENT = "  "
WIDEST = 10_000  # characters; wider than any table

_out = Console()
_err = Console(stderr=True)


def say(text: str) -> None:
    """Print text on standard output."""
    _out.print(_safe(text), soft_wrap=True)


def width() -> int:
    """How many characters a line has: the terminal's, in a pipe 80 or COLUMNS."""
    return _out.width


def say_above(text: str) -> None:
    """Print the line that others belong to (`say_below`); wrapped as they are."""
    _say_wrapped(text, "")


def say_below(text: str) -> None:
    """Print text that belongs to the line before it, indented; wrapped on a terminal, and where a
    width is set (COLUMNS). In a pipe it stays one line, which can be searched."""
    _say_wrapped(text, INDENT)


def _say_wrapped(text: str, indent: str) -> None:
    if not (_out.is_terminal or "COLUMNS" in os.environ):
        say(f"{indent}{text}")
        return
    room = max(_out.width - len(INDENT), 1)
    wrapped = textwrap.fill(
        " ".join(piece for word in printable(text).split() for piece in _pieces(word, room)),
        _out.width,
        initial_indent=indent,
        subsequent_indent=INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    _out.print(Text(wrapped), soft_wrap=True)


def _pieces(word: str, room: int) -> list[str]:
    """A word in pieces that fit into a line; a URL stays one."""
    if "://" in word:
        return [word]
    return [word[start : start + room] for start in range(0, len(word), room)]


def say_json(value: object) -> None:
    """Print a value as JSON, in which what is without bound is null: it knows no infinity."""
    click.echo(json.dumps(_finite(value), indent=2, allow_nan=False))


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def warn(text: str) -> None:
    """Print text on standard error."""
    _err.print(_safe(text), soft_wrap=True)


def _safe(text: str) -> Text:
    """Text in which nothing is markup or control. Further lines are indented, so that none of
    them looks like a line of the command's own."""
    return Text("\n  ".join(map(printable, text.split("\n"))))


def report_outcomes(outcomes: list[IntakeOutcome]) -> None:
    """Print a line for each outcome worth reporting, and the number of the other files. Datasets
    of one publisher may have the same line, such as that it does not answer: it is printed once."""
    reported = [outcome for outcome in outcomes if outcome.is_worth_reporting]
    for line in dict.fromkeys(f"{outcome.kind:<12} {outcome.detail}" for outcome in reported):
        say(line)
    if duplicates := len(outcomes) - len(reported):
        say(f"duplicate    {duplicates} files that the archive already holds")


def report_errors(errors: Sequence[str]) -> None:
    """Print errors that have not stopped a command, as `main` prints one that has."""
    for error in errors:
        warn(f"borderledger: {error}")


def report_problems(reviewed: Review, refused_now: int) -> None:
    """One line if releases are refused or held: how many, how many of them are new, and where
    the reasons are."""
    held = len(reviewed.held())
    in_part = len(reviewed.waiting()) - held
    refused = len(reviewed.unresolved())
    if refused or held or in_part:
        new = f" ({refused_now} in this run)" if refused_now else ""
        parts = f", {in_part} held in part" if in_part else ""
        say(f"{refused} refused{new}, {held} held{parts}: see `borderledger releases --problems`")


def report_held(reviewed: Review) -> None:
    """Print the releases that wait for a decision, and the cells that moved most."""
    show_problems(reviewed, reviewed.waiting())


def show_problems(reviewed: Review, releases: Sequence[Release]) -> None:
    """Print releases that are refused or held: a block of lines for each, whatever the width."""
    for release in releases:
        kind = "held" if release.is_waiting else release.verdict
        say(f"{kind:<12} {release.describe()}")
        for finding in release.findings:
            say(f"             {finding}")
        if release.is_waiting:
            _show_what_to_decide(reviewed, release)


def _show_what_to_decide(reviewed: Review, release: Release) -> None:
    show_moved_cells(reviewed, release, most=MOVED_SHOWN)
    say(
        f"             decide with `borderledger accept {release.release_id} --reason …`"
        f" or `borderledger refuse {release.release_id} --reason …`"
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
        line = f"{row['period']}  {row['cell']}: {before} -> {after} ({row['difference']:+,})"
        say(f"             {line}")
    if most is not None and len(moved) > most:
        say(
            f"             and {len(moved) - most:,} more cells: "
            f"`borderledger releases {release.release_id}` lists them all"
        )


def show_failed_checks(results: list[GateResult]) -> None:
    """Print each failed check with some of the rows that broke it."""
    for result in results:
        if result.status == "failed":
            count = f", {result.unexpected_count} rows" if result.unexpected_count else ""
            warn(
                f"{result.severity}: {result.table}: {result.check}{count}: {result.notes}",
            )
            if result.examples:
                warn(f"  {result.examples}")


def show_table(
    title: str,
    columns: Sequence[str],
    rows: list[tuple[Any, ...]],
    as_json: list[dict[str, Any]] | None = None,
) -> None:
    """Print rows as a table, or as a block of lines each if they are wider than the terminal; as
    JSON if its records are given."""
    if as_json is not None:
        click.echo(json.dumps(as_json, indent=2))
        return
    table = Table(title=title)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*map(as_cell, row))
    if Measurement.get(_out, _out.options.update(max_width=WIDEST), table).maximum <= _out.width:
        _out.print(table)
    else:
        _print_blocks(columns, rows)


def _print_blocks(columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Print each row as lines of a name and a value, without those that have no value."""
    widest = max(map(len, columns))
    for number, row in enumerate(rows):
        if number:
            _out.print()
        for column, value in zip(columns, row, strict=True):
            shown = as_cell(value).plain.replace("\n", ", ")
            if shown:
                say(f"{column.replace('_', ' '):<{widest}}  {shown}")


def show_facts(title: str, facts: dict[str, Any]) -> None:
    """Print names and values, one pair per line."""
    table = Table(title=title, show_header=False)
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), as_cell(value))
    _out.print(table)


def as_cell(value: Any) -> Text:
    """A value as text in a table."""
    if value is None:
        return Text()
    shown = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return Text("\n".join(map(printable, shown.split("\n"))))
