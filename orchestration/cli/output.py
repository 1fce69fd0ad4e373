"""The command's output: tables and lines for people, JSON for programs.

What belongs here: how things look on a terminal. The commands decide what is shown.
"""

import json
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

import click

from orchestration.printable import printable
from orchestration.wrapping import USUAL, width_of, wrapped

INDENT = "  "
GAP = "  "  # between columns
LABEL = 12  # columns of the word that says what a line is about


def say(text: str) -> None:
    """Print text on standard output: wrapped on a terminal, and where a width is set (COLUMNS). In
    a pipe it stays one line, which can be searched."""
    _print(text)


def width() -> int:
    """How many characters a line has: the terminal's, in a pipe 80 or COLUMNS."""
    return width_of(sys.stdout) or USUAL


def say_below(text: str) -> None:
    """Print text that belongs to the line before it, indented."""
    _print(text, start=INDENT)


def say_labelled(label: str, text: str) -> None:
    """Print text beside a label; one that belongs to the line before it has none."""
    _print_labelled(label, text)


def warn(text: str) -> None:
    """Print text on standard error, as `say` does."""
    _print(text, err=True)


def warn_labelled(label: str, text: str) -> None:
    """Print text on standard error, as `say_labelled` does."""
    _print_labelled(label, text, err=True)


def wrap_log() -> None:
    """Print what modules log as `warn` does: it goes to standard error, as nothing else is set."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_Wrapped())


def say_json(value: object) -> None:
    """Print a value as JSON, in which what is without bound is null: it knows no infinity."""
    click.echo(json.dumps(_finite(value), indent=2, allow_nan=False))


def say_json_rows(rows: Iterable[object]) -> None:
    """Print values as a list in JSON, each as soon as it is there, as `say_json` prints them all:
    there may be more than fit into memory."""
    encode = json.JSONEncoder(indent=2, allow_nan=False).encode
    before = "["
    for row in rows:
        text = encode(_finite(row)).replace("\n", "\n  ")
        sys.stdout.write(f"{before}\n  {text}")  # which click would flush each time
        before = ","
    click.echo("[]" if before == "[" else "\n]")


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def report_errors(errors: Sequence[str]) -> None:
    """Print errors that have not stopped a command, as `main` prints one that has."""
    for error in errors:
        warn(f"borderledger: {error}")


def show_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    as_json: list[dict[str, Any]] | None = None,
) -> None:
    """Print rows in columns, or as a block of lines each if they are wider than the terminal, or
    than 80 columns in a pipe; as JSON if its records are given. Nothing is cut."""
    if as_json is not None:
        click.echo(json.dumps(as_json, indent=2))
        return
    if not rows:
        return
    lines = _aligned(columns, rows)
    if max(map(len, lines)) <= width():
        for line in lines:
            click.echo(line)
    else:
        _print_blocks(columns, rows)


def show_facts(facts: Mapping[str, Any]) -> None:
    """Print names and values, one pair per line, without those that have no value. Of several
    values in a tuple each has a line."""
    widest = max(LABEL + 1 - len(GAP), *map(len, facts))
    for name, value in facts.items():
        heading = _heading(name)
        for one in value if isinstance(value, tuple) else (value,):
            if shown := as_cell(one):
                _print(shown, start=f"{heading:<{widest}}{GAP}")
                heading = ""


def as_cell(value: Any) -> str:
    """A value as text in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else printable(str(value))


def _aligned(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """The rows below their headings, numbers to the right."""
    by_column = []
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        cells = [_heading(name), *map(as_cell, values)]
        width = max(map(len, cells))
        to_the_right = all(isinstance(value, int | None) for value in values)
        by_column.append([f"{cell:{'>' if to_the_right else '<'}{width}}" for cell in cells])
    return [GAP.join(cells).rstrip() for cells in zip(*by_column, strict=True)]


def _print_blocks(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    for number, row in enumerate(rows):
        if number:
            click.echo()
        show_facts(dict(zip(columns, row, strict=True)))


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _print_labelled(label: str, text: str, *, err: bool = False) -> None:
    _print(text, start=f"{label:<{LABEL}} ", err=err)


def _print(text: str, *, start: str = "", err: bool = False) -> None:
    """Print text in which nothing is control. Further lines are indented more than the first, so
    that none of them looks like a line of the command's own."""
    width = width_of(sys.stderr if err else sys.stdout)
    click.echo(_as_lines(text, width, start), err=err)


def _as_lines(text: str, width: int | None, start: str = "") -> str:
    hang = " " * len(start) + INDENT
    first, *further = map(printable, text.split("\n"))
    lines = [f"{start}{first}", *(f"{hang}{line}" for line in further)]
    return "\n".join(wrapped(line, width, hang) for line in lines)


class _Wrapped(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _as_lines(super().format(record), width_of(sys.stderr))
