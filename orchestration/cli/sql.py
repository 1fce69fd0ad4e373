"""The command that runs a query on the published file: sql."""

import csv
import sys
from collections import Counter
from itertools import islice
from typing import Any, TextIO

import click

from orchestration.builds.query import QueryError, Result, result_of
from orchestration.cli.interruption import insisting
from orchestration.cli.options import USAGE, json_option, settings_with
from orchestration.cli.output import say, say_json_rows, warn, width
from orchestration.cli.result_table import table_lines
from orchestration.cli.values import as_text, json_value

ROWS_SHOWN = 40


class _Command(click.Command):
    """A command whose argument may begin with a comment, which click would take for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {one}" if _is_comment(one) else one for one in args])


def _is_comment(argument: str) -> bool:
    """Whether an argument is a query that begins with a comment: options have no spaces."""
    return argument.startswith("--") and len(argument.split()) > 1


@click.command(cls=_Command)
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, with every row and column.")
@json_option
@click.option(
    "--rows",
    type=click.IntRange(min=0),
    default=ROWS_SHOWN,
    show_default=True,
    help="How many rows of a table to show; 0 for all.",
)
def sql(query: str, as_csv: bool, as_json: bool, rows: int) -> int:
    """Run a query on the published file.

    QUERY is one or several statements, of which the last one's result is printed; `-` reads them
    from standard input. They are queries (SELECT, PIVOT, DESCRIBE and the like, EXPLAIN), which can
    change nothing and reach no other file. A table is as wide as the terminal, or 80 characters in
    a pipe; what does not fit is named below it."""
    if as_csv and as_json:
        raise click.UsageError("found --csv and --json, expected one of them")
    _check_stream(sys.stdout, "output")
    query = _valid(_read() if query == "-" else query)
    try:
        with insisting(), result_of(settings_with().published, query) as result:
            if as_csv:
                _print_csv(result)
            elif as_json:
                _print_json(result)
            else:
                _print_table(result, rows)
    except QueryError as error:
        warn(f"borderledger: {error}")
        return USAGE
    return 0


def _read() -> str:
    """The query on standard input, in which bytes that are no text become surrogates."""
    _check_stream(sys.stdin, "input")
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def _valid(query: str) -> str:
    """Raises UsageError for a query that is not UTF-8, which DuckDB does not take."""
    try:
        query.encode("utf-8")
    except UnicodeEncodeError as error:
        raise click.UsageError(
            f"query: found {query[error.start]!a} at character {error.start + 1}, expected UTF-8"
        ) from error
    return query


def _check_stream(stream: TextIO | None, name: str) -> None:
    """Raises UsageError for a stream without which the process was started."""
    if stream is None:
        raise click.UsageError(f"found standard {name} closed, expected it to be open")


def _print_csv(result: Result) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows([as_text(value) for value in row] for row in result.rows)


def _print_json(result: Result) -> None:
    names = _distinct(result.columns)
    say_json_rows(dict(zip(names, map(json_value, row), strict=True)) for row in result.rows)


def _print_table(result: Result, most: int) -> None:
    rows: list[tuple[Any, ...]] = list(islice(result.rows, most or None))
    more = sum(1 for _ in result.rows)
    if not result.columns:
        return
    for line in table_lines(result.columns, result.numeric, rows, width(), more):
        say(line)
    if not rows:
        say("(no rows)")


def _distinct(names: tuple[str, ...]) -> list[str]:
    """Names of which none is there twice, as JSON needs: a second `n` is `n_2`."""
    seen: Counter[str] = Counter()
    distinct: list[str] = []
    for name in names:
        seen[name] += 1
        new = name if seen[name] == 1 else f"{name}_{seen[name]}"
        while new in distinct:
            new += "_"
        distinct.append(new)
    return distinct
