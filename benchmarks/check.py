"""How fast a statement is checked: `python -m benchmarks.check [--releases DIR ...] [--runs N]`.

It makes a home, offline, from the bundle and the landing folders, and then, in turn, checks one
statement with `borderledger check` and lets a bare process open the same file with DuckDB and read
the measure's figures. Each is a fresh process, from its first instruction to its last.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.homes import options_of, published_home
from benchmarks.measurement import CommandFailed, measure

LONGEST_SECONDS = 2.0  # the aim
MEASURE = "southwest encounters between ports"
ASKED = (
    *(f"--measure={MEASURE}", "--period=2024-11"),
    *("--test=lowest since", "--value=2020-07", "--stated-on=2024-12-20"),
)
BARE = (
    "import duckdb, sys; connection = duckdb.connect(sys.argv[1], read_only=True); "
    f"connection.execute(\"from measures where measure = '{MEASURE}'\").fetchall()"
)


def main() -> int:
    """Measure and print. Returns 0 if everything was measured, whether or not the aim is met, and
    1 if something failed."""
    options = options_of("benchmarks.check", __doc__, 5, "of each")
    try:
        with published_home(options.releases) as made:
            checked, bare = _in_turn(made.home / "border.duckdb", made.environment, options.runs)
    except CommandFailed as error:
        print(f"benchmarks.check: {error}", file=sys.stderr)
        return 1
    met = "met" if checked <= LONGEST_SECONDS else "NOT met"
    print(
        f"check: {checked:.2f} s, {checked / bare:.1f} times a bare DuckDB process ({bare:.2f} s), "
        f"medians of {options.runs}; aim: {LONGEST_SECONDS:.0f} s: {met}"
    )
    return 0


def _in_turn(published: Path, environment: Mapping[str, str], runs: int) -> tuple[float, float]:
    """The median seconds of a check, and of the bare process."""
    check = [sys.executable, "-m", "orchestration.cli", "check", *ASKED]
    bare = [sys.executable, "-c", BARE, str(published)]
    seconds = [
        [measure(command, environment)[0].wall_seconds for command in (check, bare)]
        for _ in range(runs)
    ]
    return median(pair[0] for pair in seconds), median(pair[1] for pair in seconds)


if __name__ == "__main__":
    sys.exit(main())
