"""A reader of the published file, as an analyst's session is: a process of its own.

    python -m tests.resilience.publish.reading FILE KNOWN STOP [--stay-open]

What belongs here: looking at the file again and again until the file STOP is there, and
counting what went wrong. It says when it is ready to begin, and at the end its tally. KNOWN is
a JSON file with what each build shows when it is whole.
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
PAUSE_SECONDS = 0.02  # leaves a processor to the one who publishes


@dataclass(frozen=True)
class Seen:
    """What a reader saw, each by a query of its own."""

    build_id: str
    encounters: int
    monthly: int
    digests: tuple[str, ...]


@dataclass
class Tally:
    """What a reader has met with.

    looks: how often it looked, with four queries each time.
    mixed: how often the answers were not all of one build.
    versions: how often it found another build than the time before, the first one included.
    examples: some of what went wrong.
    """

    reader: str
    looks: int = 0
    errors: int = 0
    mixed: int = 0
    versions: int = 0
    slowest_ms: float = 0.0
    examples: list[str] = field(default_factory=list)

    def add_error(self, error: Exception) -> None:
        self.errors += 1
        self._example(f"{type(error).__name__}: {error}")

    def add(self, seen: Seen, last: Seen | None, known: dict[str, Seen], stays: bool) -> None:
        """Count what was seen: mixed where it is not what its build shows when whole, or where
        a session that stays open sees another build than before."""
        self.looks += 1
        self.versions += last is None or last.build_id != seen.build_id
        if known.get(seen.build_id) != seen:
            self.mixed += 1
            self._example(f"found {seen}, expected {known.get(seen.build_id)}")
        elif stays and last is not None and last != seen:
            self.mixed += 1
            self._example(f"found {seen} in a session that had seen {last}")

    def _example(self, told: str) -> None:
        if len(self.examples) < EXAMPLES:
            self.examples.append(told)


def see(connection: duckdb.DuckDBPyConnection) -> Seen:
    """Ask for the build and its figures, one after another."""

    def one(query: str) -> list[tuple[str, ...]]:
        return connection.execute(query).fetchall()

    [(build_id,)] = one("select build_id from meta.builds")
    [(encounters,)] = one("select sum(encounters)::bigint from fct_encounters")
    [(monthly,)] = one("select sum(total)::bigint from southwest_border_monthly")
    digests = one("select digest from meta.tables order by schema_name, table_name")
    return Seen(build_id, int(encounters), int(monthly), tuple(digest for (digest,) in digests))


def read_on(file: Path, known: dict[str, Seen], stop: Path) -> Tally:
    """Open, look, close, over and over."""

    def look() -> Seen:
        with _opened(file) as connection:
            return see(connection)

    return _looked("opens and closes", look, known, stop, stays=False)


def stay_open(file: Path, known: dict[str, Seen], stop: Path) -> Tally:
    """Open once, and look over and over."""
    with _opened(file) as connection:
        return _looked("stays open", lambda: see(connection), known, stop, stays=True)


def _opened(file: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(file), read_only=True, config={"threads": 1})


def _looked(
    kind: str, look: Callable[[], Seen], known: dict[str, Seen], stop: Path, stays: bool
) -> Tally:
    """Look until told to stop, and count what was seen."""
    tally, last = Tally(kind), None
    while not stop.exists():
        started = time.perf_counter()
        try:
            seen = look()
            tally.add(seen, last, known, stays)
            last = seen
        except (duckdb.Error, OSError, ValueError, TypeError) as error:
            tally.add_error(error)
        _time(tally, started)
        time.sleep(PAUSE_SECONDS)
    return tally


def write_known(path: Path, seen: list[Seen]) -> None:
    """Write what each build shows, for readers to load."""
    path.write_text(json.dumps([asdict(one) for one in seen]))


def _load_known(path: Path) -> dict[str, Seen]:
    loaded = TypeAdapter(list[Seen]).validate_json(path.read_bytes())
    return {seen.build_id: seen for seen in loaded}


def _time(tally: Tally, started: float) -> None:
    tally.slowest_ms = max(tally.slowest_ms, 1000 * (time.perf_counter() - started))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.resilience.publish.reading", description=__doc__
    )
    for name in ("file", "known", "stop"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--stay-open", action="store_true")
    options = parser.parse_args()
    read = stay_open if options.stay_open else read_on
    known = _load_known(options.known)
    print(READY, flush=True)
    print(json.dumps(asdict(read(options.file, known, options.stop))))


if __name__ == "__main__":
    main()
