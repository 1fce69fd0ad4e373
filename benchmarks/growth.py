"""How the whole job grows with the archive.

    python -m benchmarks.growth [--times 1 10 100] [--releases DIR] [--json] [--plot PNG]

For each number of times the rows (see `replicas`), it runs `borderledger nightly` twice, offline
and in a home of its own: on the first night, when every release is new, and on the next one, when
each CBP dataset has one new release. Then dbt alone makes the encounters tables of the second
night again (see `baselines`). It prints wall time, processor time and the peak memory of all
processes together (see `measurement`), and the time of each step of both runs.

100 times the rows are 23 million rows, and take 10 GB of the temporary folder and over an hour.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measurement import PROJECT, CommandFailed, Measured
from benchmarks.replicas import next_day, replicas
from benchmarks.results import DBT_ALONE, Baseline
from benchmarks.workspace import Workspace

RELEASES = PROJECT.parent / "shared" / "releases"
MEBIBYTE = 2**20
BEFORE = "before the steps"  # fetch, review, imports
DECADES = [10**power for power in range(10)]


@dataclass(frozen=True)
class Night:
    """One run of the whole job.

    steps: seconds by step, in the order in which they started; first those before any step.
    """

    name: str
    measured: Measured
    steps: dict[str, float]


@dataclass(frozen=True)
class Growth:
    """The nights on so many times the rows. rows: of the CBP files, on the first night. dbt_alone:
    the encounters tables of the last night."""

    times: int
    rows: int
    nights: tuple[Night, ...]
    dbt_alone: Baseline

    @property
    def runs(self) -> Iterator[tuple[str, Measured]]:
        """Each run by its name."""
        for night in self.nights:
            yield night.name, night.measured
        yield self.dbt_alone.name, self.dbt_alone.measured


def main() -> int:
    """Measure and print. Returns 0 if everything was measured, and 1 if something failed."""
    options = _options()
    console = Console(stderr=True)
    found: list[Growth] = []
    try:
        for one in _measure(options.releases, sorted(options.times)):
            found.append(one)
            console.print(_nights(found))  # the next one may take hours
    except (CommandFailed, OSError) as error:
        console.print(f"benchmarks.growth: {error}", markup=False, soft_wrap=True)
        return 1
    if options.plot:
        plot(found, options.plot)
    if options.json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        Console().print(_nights(found), _steps(found))
    return 0


def plot(found: Sequence[Growth], path: Path) -> None:
    """Draw processor time and peak memory by the number of rows, as a PNG. Both axes are
    logarithmic, so that a straight line at 45 degrees is linear growth."""
    import altair as alt

    def panel(field: str, title: str) -> alt.Chart:
        points = {"values": list(_points(found))}
        chart: alt.Chart = (
            alt.Chart(alt.InlineData.from_dict(points))
            .mark_line(point=True)
            .encode(
                x=alt.X("rows:Q", title="rows of the CBP files")
                .scale(type="log")
                .axis(format="~s", values=DECADES),
                y=alt.Y(f"{field}:Q", title=title)
                .scale(type="log")
                .axis(format=",", values=DECADES),
                color=alt.Color("run:N", title=None, sort=None),
            )
            .properties(width=340, height=260)
        )
        return chart

    both = alt.hconcat(
        panel("seconds", "processor time, seconds"), panel("megabytes", "peak memory, MB")
    )
    both.save(path, format="png", scale_factor=1.5)


def _points(found: Sequence[Growth]) -> Iterator[dict[str, Any]]:
    for one in found:
        for name, measured in one.runs:
            yield {
                "rows": one.rows,
                "run": name,
                "seconds": measured.cpu_seconds,
                "megabytes": measured.peak_bytes / MEBIBYTE,
            }


def _measure(releases: Path, times: Sequence[int]) -> Iterator[Growth]:
    for number in times:
        with tempfile.TemporaryDirectory(prefix="growth-") as folder:
            workspace, landing = Workspace(Path(folder)), Path(folder, "landing")
            workspace.prepare()
            rows = replicas(releases, landing, number)
            first = _night("first night", workspace, workspace.nightly("job", [landing]))
            next_day(landing)
            following = workspace.next_night("job", [landing])
            next_one = _night("next night, one new release each", workspace, following)
            dbt_alone = workspace.baseline("job", DBT_ALONE)
            yield Growth(number, rows, (first, next_one), dbt_alone)


def _night(name: str, workspace: Workspace, measured: Measured) -> Night:
    steps = workspace.steps("job")
    before = min(step.started_at for step in steps) - measured.started_at
    return Night(name, measured, {BEFORE: before} | {step.name: step.seconds for step in steps})


def _nights(found: Sequence[Growth]) -> Table:
    table = Table("times", "rows", "run", "wall", "processor", "peak memory", title="Growth")
    for one in found:
        for name, measured in one.runs:
            table.add_row(
                f"{one.times} x",
                f"{one.rows:,}",
                name,
                f"{measured.wall_seconds:,.1f} s",
                f"{measured.cpu_seconds:,.1f} s",
                f"{measured.peak_bytes / MEBIBYTE:,.0f} MB",
            )
    return table


def _steps(found: Sequence[Growth]) -> Table:
    nights = [(f"{one.times} x, {night.name}", night) for one in found for night in one.nights]
    table = Table("step", *(title for title, _ in nights), title="Wall time of each step")
    for step in dict.fromkeys(step for _, night in nights for step in night.steps):
        seconds = (night.steps.get(step) for _, night in nights)
        table.add_row(step, *("" if taken is None else f"{taken:,.1f} s" for taken in seconds))
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 100], metavar="N")
    parser.add_argument(
        "--releases", type=Path, default=RELEASES, help="landing folder; default: %(default)s"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the growth as a picture")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
