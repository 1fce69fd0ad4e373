"""A reader of the published file, in a process of its own like an analyst's session.

    python -m tests.resilience.readers_under_load.reader FILE KNOWN STOP [--stay-open]

What belongs here: reading FILE again and again until the file STOP exists, and counting what
went wrong. It prints a line when it is ready, and its tally at the end. KNOWN is a JSON file
with the figures of each whole build.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
from pydantic import TypeAdapter

EXAMPLES = 3
READY = "ready"
PAUSE_SECONDS = 0.02  # leaves a core to the publisher


@dataclass(frozen=True)
class Seen:
    """The figures that a reader saw, each by a query of its own."""

    build_id: str
    encounters: int
    monthly: int
    digests: tuple[str, ...]


@dataclass
class Tally:
    """The counts of one reader.

    reads: how often it read the file, with four queries each time.
    mixed: reads whose answers were not all from one build.
    versions: reads that found another build than the one before, including the first.
    examples: descriptions of the first few errors and mixed reads.
    """

    reader: str
    reads: int = 0
    errors: int = 0
    mixed: int = 0
    versions: int = 0
    slowest_ms: float = 0.0
    examples: list[str] = field(default_factory=list)

    def add_error(self, error: Exception) -> None:
        self.errors += 1
        self._example(f"{type(error).__name__}: {error}")

    def add(self, seen: Seen, last: Seen | None, known: dict[str, Seen], stays: bool) -> None:
        """Count a read: mixed if it differs from its build's figures, or if a session that
        stays open sees another build than before."""
        self.reads += 1
        self.versions += last is None or last.build_id != seen.build_id
        if known.get(seen.build_id) != seen:
            self.mixed += 1
            self._example(f"found {seen}, expected {known.get(seen.build_id)}")
        elif stays and last is not None and last != seen:
            self.mixed += 1
            self._example(f"found {seen} in a session that had seen {last}")

    def _example(self, text: str) -> None:
        if len(self.examples) < EXAMPLES:
            self.examples.append(text)


def see(connection: duckdb.DuckDBPyConnection) -> Seen:
    """Query the build and its figures, one after the other."""

    def one(query: str) -> list[tuple[str, ...]]:
        return connection.execute(query).fetchall()

    [(build_id,)] = one("select build_id from meta.builds")
    [(encounters,)] = one("select sum(encounters)::bigint from fct_encounters")
    [(monthly,)] = one("select sum(total)::bigint from southwest_border_monthly")
    digests = one("select digest from meta.tables order by schema_name, table_name")
    return Seen(build_id, int(encounters), int(monthly), tuple(digest for (digest,) in digests))


def open_and_close(file: Path, known: dict[str, Seen], stop: Path) -> Tally:
    """Open, read and close, over and over."""

    def read() -> Seen:
        with _opened(file) as connection:
            return see(connection)

    return _read_until("opens and closes", read, known, stop, stays=False)


def stay_open(file: Path, known: dict[str, Seen], stop: Path) -> Tally:
    """Open once, and read over and over."""
    with _opened(file) as connection:
        return _read_until("stays open", lambda: see(connection), known, stop, stays=True)


def _opened(file: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(file), read_only=True, config={"threads": 1})


def _read_until(
    kind: str, read: Callable[[], Seen], known: dict[str, Seen], stop: Path, stays: bool
) -> Tally:
    """Read until the stop file exists, and count what was seen."""
    tally, last = Tally(kind), None
    while not stop.exists():
        started = time.perf_counter()
        try:
            seen = read()
            tally.add(seen, last, known, stays)
            last = seen
        except (duckdb.Error, OSError, ValueError, TypeError) as error:
            tally.add_error(error)
        _time(tally, started)
        time.sleep(PAUSE_SECONDS)
    return tally


def write_known(path: Path, seen: list[Seen]) -> None:
    """Write the figures of each build, for readers to load."""
    path.write_text(json.dumps([asdict(one) for one in seen]))


def _load_known(path: Path) -> dict[str, Seen]:
    loaded = TypeAdapter(list[Seen]).validate_json(path.read_bytes())
    return {seen.build_id: seen for seen in loaded}


def _time(tally: Tally, started: float) -> None:
    tally.slowest_ms = max(tally.slowest_ms, 1000 * (time.perf_counter() - started))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.resilience.readers_under_load.reader", description=__doc__
    )
    for name in ("file", "known", "stop"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--stay-open", action="store_true")
    options = parser.parse_args()
    read = stay_open if options.stay_open else open_and_close
    known = _load_known(options.known)
    print(READY, flush=True)
    print(json.dumps(asdict(read(options.file, known, options.stop))))


if __name__ == "__main__":
    main()
