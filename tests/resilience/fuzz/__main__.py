"""The long form: every reader, about ten minutes on one core.

What belongs here: the command line, the table, and saving the files behind findings.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from orchestration.readers import READERS
from tests.conftest import REAL_RELEASES
from tests.resilience.fuzz.intake_of_input import take_in
from tests.resilience.fuzz.rounds import Tally, fuzz
from tests.resilience.fuzz.seeds import real_seeds, small_seeds
from tests.resilience.fuzz.watched_process import MEBIBYTE, Watch

INPUTS = 2_000  # for each reader
COLUMNS = (
    *("reader", "seeds", "inputs tried", "read", "refused", "other errors"),
    *("slowest (s)", "peak memory (MB)"),
)
out = Console()


def main(arguments: Sequence[str] | None = None) -> int:
    """Give every reader its files. Returns 0, or 1 if any was neither read nor refused."""
    options = _options(arguments)
    seeds = (*small_seeds(), *real_seeds(REAL_RELEASES))
    if not real_seeds(REAL_RELEASES):
        out.print("without the agencies' own files: found no ../shared/releases")
    tallies = []
    with Watch(take_in) as watch:
        for reader in options.reader or sorted(READERS):
            tally = fuzz(reader, seeds, options.inputs, options.seed, watch)
            tallies.append(tally)
            out.print(f"{reader}: {tally.tried:,} files, {len(tally.findings)} findings")
            _print_findings(tally, options.keep)
    out.print(_as_table(tallies, options.seed))
    _print_costs(tallies)
    return int(any(tally.findings for tally in tallies))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.resilience.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS, help="files for each reader")
    parser.add_argument(
        "--seed", type=int, default=0, help="a different seed makes different files"
    )
    parser.add_argument("--reader", action="append", choices=sorted(READERS), help="only this one")
    parser.add_argument(
        "--keep", type=Path, help="folder in which to save the files behind findings"
    )
    return parser.parse_args(arguments)


def _print_findings(tally: Tally, keep: Path | None) -> None:
    for number, finding in enumerate(tally.findings):
        out.print(str(finding), markup=False, soft_wrap=True, highlight=False)
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^A-Za-z0-9._-]+", "-", finding.given.name)
            suffix = Path(finding.given.file_name).suffix
            (keep / f"{name}-{number}{suffix}").write_bytes(finding.given.content)


def _print_costs(tallies: Sequence[Tally]) -> None:
    """Print each reader's slowest file and the one that took the most memory."""
    for tally in tallies:
        for word, tried in (("slowest", tally.slowest), ("largest", tally.largest)):
            if tried:
                line = f"{tally.reader}, {word}: {tried.cost}, {tried.given.name}"
                out.print(line, markup=False, soft_wrap=True, highlight=False)


def _as_table(tallies: Sequence[Tally], seed: int) -> Table:
    table = Table(title=f"Every reader, seed {seed}")
    for number, column in enumerate(COLUMNS):
        table.add_column(column, justify="right" if number else "left", no_wrap=not number)
    for tally in tallies:
        counts = (tally.seeds, tally.tried, tally.read, tally.refused, len(tally.findings))
        costs = ("", "")
        if tally.slowest and tally.largest:
            peak = tally.largest.answer.peak // MEBIBYTE
            costs = (f"{tally.slowest.answer.seconds:.2f}", f"{peak:,}")
        table.add_row(tally.reader, *(f"{count:,}" for count in counts), *costs)
    return table


if __name__ == "__main__":
    sys.exit(main())
