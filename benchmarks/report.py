"""What the report adds to the nightly run.

    python -m benchmarks.report [--releases DIR ...] [--runs N]

It makes a home, offline, from the bundle and the landing folders, and builds in it again, as on
every night but the first. The step `report` of each such run is compared with all the rest of the
run, from the command's first instruction to its last, so that both are measured in the same minute.
"""

import json
import sys
from statistics import median

from benchmarks.homes import PublishedHome, options_of, published_home
from benchmarks.measurement import CommandFailed, measure

MOST_PERCENT = 10.0  # the aim, at the full archive


def main() -> int:
    """Measure and print. Returns 0 if everything was measured, whether or not the aim is met, and
    1 if something failed."""
    options = options_of("benchmarks.report", __doc__, 2, "runs")
    try:
        with published_home(options.releases) as made:
            measured = [_measured(made) for _ in range(options.runs)]
    except CommandFailed as error:
        print(f"benchmarks.report: {error}", file=sys.stderr)
        return 1
    share = median(100 * report / (whole - report) for report, whole in measured)
    met = "met" if share <= MOST_PERCENT else "NOT met"
    each = ", ".join(f"{report:.1f} of {whole:.1f} s" for report, whole in measured)
    print(f"report: {each}; it adds {share:.1f} % (median); aim: {MOST_PERCENT:.0f} %: {met}")
    return 0


def _measured(made: PublishedHome) -> tuple[float, float]:
    """The seconds of the step `report`, and of the whole run that it is in."""
    nightly = [sys.executable, "-m", "orchestration.cli", "nightly", "--force"]
    took, _ = measure(nightly, made.environment)
    steps = [sys.executable, "-m", "benchmarks.steps", str(made.home)]
    found = json.loads(measure(steps, made.environment)[1])
    [seconds] = [
        step["ended_at"] - step["started_at"] for step in found if step["name"] == "report"
    ]
    return seconds, took.wall_seconds


if __name__ == "__main__":
    sys.exit(main())
