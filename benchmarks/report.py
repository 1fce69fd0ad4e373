"""What the report adds to the nightly run.

    python -m benchmarks.report [--releases DIR ...] [--runs N]

Each run makes a home, offline, from the bundle and the landing folders. The step `report` of that
run is compared with all the rest of it, from the command's first instruction to its last, so that
both are measured on the same machine in the same minute.
"""

import json
import sys
from pathlib import Path
from statistics import median

from benchmarks.homes import options_of, published_home
from benchmarks.measurement import CommandFailed, measure

MOST_PERCENT = 10.0  # the aim, at the full archive


def main() -> int:
    """Measure and print. Returns 0 if everything was measured, whether or not the aim is met, and
    1 if something failed."""
    options = options_of("benchmarks.report", __doc__, 2, "runs")
    try:
        measured = [_measured(options.releases) for _ in range(options.runs)]
    except CommandFailed as error:
        print(f"benchmarks.report: {error}", file=sys.stderr)
        return 1
    share = median(100 * report / (whole - report) for report, whole in measured)
    met = "met" if share <= MOST_PERCENT else "NOT met"
    each = ", ".join(f"{report:.1f} of {whole:.1f} s" for report, whole in measured)
    print(f"report: {each}; it adds {share:.1f} % (median); aim: {MOST_PERCENT:.0f} %: {met}")
    return 0


def _measured(releases: list[Path]) -> tuple[float, float]:
    """The seconds of the step `report`, and of the whole run that it is in."""
    with published_home(releases) as made:
        steps = [sys.executable, "-m", "benchmarks.steps", str(made.home)]
        found = json.loads(measure(steps, made.environment)[1])
    [seconds] = [
        step["ended_at"] - step["started_at"] for step in found if step["name"] == "report"
    ]
    return seconds, made.took.wall_seconds


if __name__ == "__main__":
    sys.exit(main())
