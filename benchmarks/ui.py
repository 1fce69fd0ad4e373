"""How fast the UI is: `python -m benchmarks.ui [--releases DIR ...] [--runs N]`.

It makes a home, offline, from the bundle and the landing folders, starts `borderledger ui` on it,
and measures as its user does, with requests:

- start: from the command to the first answer with the assets of the code location;
- reload: the button that reloads the code location, until it is loaded;
- quiet nightly run: from launching the job nightly, when nothing is new, to its success.

A bare import of dagster and dagster-dbt is timed right before and after each, as a machine may be
busy: the ratio to the mean of the two says more than the seconds.
"""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.homes import options_of, published_home
from benchmarks.measurement import PROJECT, CommandFailed, measure

TIMES_THE_IMPORT = 2.0  # the aim for start and reload
QUIET_SECONDS = 10.0  # the aim for a quiet nightly run
LONGEST_SECONDS = 600.0
POLL_SECONDS = 0.1
ENDED = ("SUCCESS", "FAILURE", "CANCELED")
LOCATION = "orchestration.definitions"
ASSETS = "{ assetNodes { id } }"
RELOAD = f"""mutation {{ reloadRepositoryLocation(repositoryLocationName: "{LOCATION}") {{
  ... on WorkspaceLocationEntry {{ locationOrLoadError {{ __typename }} }} }} }}"""
LAUNCH = f"""mutation {{ launchRun(executionParams: {{mode: "default", runConfigData: {{}},
  selector: {{repositoryLocationName: "{LOCATION}", repositoryName: "__repository__",
  pipelineName: "nightly"}}}}) {{ ... on LaunchRunSuccess {{ run {{ runId }} }} }} }}"""
BUSY = """{ runsOrError(filter: {statuses: [QUEUED, STARTING, STARTED]}) {
  ... on Runs { results { runId } } } }"""


@dataclass(frozen=True)
class Timed:
    """Seconds of one thing that a user waits for, and of a bare import before and after it.

    aim: at most so many times the import, or None; the aim in seconds, or None.
    """

    what: str
    seconds: float
    import_seconds: tuple[float, float]
    times_the_import: float | None = None
    most_seconds: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the bare import it took."""
        return self.seconds / (sum(self.import_seconds) / 2)

    @property
    def met(self) -> bool:
        """Whether it was as fast as it should be."""
        return (self.times_the_import is None or self.ratio <= self.times_the_import) and (
            self.most_seconds is None or self.seconds <= self.most_seconds
        )

    def __str__(self) -> str:
        before, after = self.import_seconds
        aim = (
            f"{self.times_the_import:.0f} times the import"
            if self.times_the_import is not None
            else f"{self.most_seconds:.0f} s"
        )
        return (
            f"{self.what}: {self.seconds:.1f} s, {self.ratio:.1f} times a bare import "
            f"({before:.1f} s before, {after:.1f} s after); aim: {aim}: "
            f"{'met' if self.met else 'NOT met'}"
        )


def main() -> int:
    """Measure and print. Returns 0 if everything was measured, whether or not the aims are met, and
    1 if something failed."""
    options = options_of("benchmarks.ui", __doc__, 2, "quiet nightly runs")
    try:
        with published_home(options.releases) as made:
            for timed in _measure_all(made.home, made.environment, options.runs):
                print(timed, flush=True)
    except CommandFailed as error:
        print(f"benchmarks.ui: {error}", file=sys.stderr)
        return 1
    return 0


def _measure_all(home: Path, environment: Mapping[str, str], runs: int) -> Iterator[Timed]:
    before = _import_seconds(environment)
    with _ui(home, environment) as ui:
        seconds = _seconds(lambda: ui.wait_until(ui.shows_assets))
        after = _import_seconds(environment)
        yield Timed("start", seconds, (before, after), times_the_import=TIMES_THE_IMPORT)
        ui.wait_until(ui.runs_nothing)
        before = _import_seconds(environment)
        seconds = _seconds(ui.reload)
        after = _import_seconds(environment)
        yield Timed("reload", seconds, (before, after), times_the_import=TIMES_THE_IMPORT)
        for _ in range(runs):
            before = after
            seconds = _seconds(ui.run_nightly)
            ui.wait_until(ui.runs_nothing)
            after = _import_seconds(environment)
            yield Timed("quiet nightly run", seconds, (before, after), most_seconds=QUIET_SECONDS)


def _import_seconds(environment: Mapping[str, str]) -> float:
    command = [sys.executable, "-c", "import dagster, dagster_dbt"]
    return measure(command, environment)[0].wall_seconds


def _seconds(do: Callable[[], None]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


class _Ui:
    """A UI that has been started, and may not answer yet."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
        self._process, self._port, self._log = process, port, log

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition. Raises CommandFailed if the UI has ended, or it takes too long."""
        until = time.monotonic() + LONGEST_SECONDS
        while not holds():
            if self._process.poll() is not None or time.monotonic() > until:
                raise CommandFailed(f"the UI does not get there:\n{self._log.read_text()}")
            time.sleep(POLL_SECONDS)

    def shows_assets(self) -> bool:
        try:
            return bool(self._ask(ASSETS)["assetNodes"])
        except OSError:  # it does not listen yet
            return False

    def runs_nothing(self) -> bool:
        return not self._ask(BUSY)["runsOrError"]["results"]

    def reload(self) -> None:
        found = self._ask(RELOAD)["reloadRepositoryLocation"]
        if found["locationOrLoadError"]["__typename"] != "RepositoryLocation":
            raise CommandFailed(f"the code location does not load:\n{self._log.read_text()}")

    def run_nightly(self) -> None:
        run = self._ask(LAUNCH)["launchRun"]["run"]["runId"]
        query = f'{{ runOrError(runId: "{run}") {{ ... on Run {{ status }} }} }}'
        status = ""

        def has_ended() -> bool:
            nonlocal status
            status = self._ask(query)["runOrError"]["status"]
            return status in ENDED

        self.wait_until(has_ended)
        if status != "SUCCESS":
            raise CommandFailed(f"the run ended with {status}:\n{self._log.read_text()}")

    def _ask(self, query: str) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=LONGEST_SECONDS) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)["data"]
            return found


@contextmanager
def _ui(home: Path, environment: Mapping[str, str]) -> Iterator[_Ui]:
    """Start the UI; at the end stop it, and wait for that."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / "ui.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", "ui", "--port", str(port)],
            cwd=PROJECT,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _Ui(process, port, log)
    finally:
        process.terminate()
        process.wait(LONGEST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
