"""Publish builds over and over while readers read, and count errors and mixed reads.

    python -m tests.resilience.readers_under_load [--seconds 60] [--home HOME] [--json]

Eight readers open, query and close in a loop, two stay open. Without --home the job first
publishes the bundled figures in a temporary home. The exit code is 1 if any reader saw an
error or a mixture of two builds.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.conftest import run_command
from tests.resilience.readers_under_load.traffic import (
    Readers,
    Traffic,
    prepare,
    publish_under_readers,
)

COLUMNS = ("reader", "reads", "errors", "mixed", "versions seen", "slowest (ms)")


def main() -> int:
    """Publish and read. Returns 0, or 1 if a reader saw an error or a mixture."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.resilience.readers_under_load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="default 60")
    parser.add_argument("--home", type=Path, help="a home with a published build")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="readers-") as name:
        folder = Path(name)
        home = options.home or folder / "bundle"
        if options.home is None:
            run_command(home, "nightly")
        settings, versions = prepare(home, folder)
        traffic = publish_under_readers(settings, versions, options.seconds, Readers())
    if options.json:
        print(json.dumps(asdict(traffic), indent=2))
    else:
        print_traffic(traffic, Console())
    return 0 if traffic.is_clean else 1


def print_traffic(traffic: Traffic, console: Console) -> None:
    """Print a row per reader, the number of publishes, and examples of what went wrong. A read
    is four queries; it is mixed if their answers come from different builds."""
    table = Table(title="Readers while builds are published")
    for number, name in enumerate(COLUMNS):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    for number, tally in enumerate(traffic.tallies, start=1):
        counts = (tally.reads, tally.errors, tally.mixed, tally.versions)
        cells = (f"{n:,}" for n in counts)
        table.add_row(f"{number}, {tally.reader}", *cells, f"{tally.slowest_ms:,.0f}")
    console.print(table)
    reads = sum(tally.reads for tally in traffic.tallies)
    console.print(
        f"{traffic.publishes:,} publishes in {traffic.seconds:g} s, {reads:,} reads of the file."
    )
    for tally in traffic.tallies:
        for example in tally.examples:
            console.print(f"{tally.reader}: {example}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
