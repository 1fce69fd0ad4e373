"""Time of a query as of a day, compared with the same query on the current table.

    python -m benchmarks.as_of FILE

The two queries alternate in this process on one published file whose pages are in memory.
"""

import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROUNDS = 21
QUERIES = {
    "encounters_as_of": "select fiscal_year, component, sum(encounters) from {} group by all",
    "encounters_by_state_as_of": "select fiscal_year, state, sum(encounters) from {} group by all",
    "southwest_encounters_as_of": (
        "select fiscal_year, demographic, sum(encounters) from {} group by all"
    ),
    "southwest_border_monthly_as_of": "from {}",
    "deportations_as_of": "select fiscal_year, agency, action, sum(people) from {} group by all",
    "custody_outcomes_as_of": (
        "select fiscal_year, agency, outcome, sum(people) from {} group by all"
    ),
    "custody_outcomes_by_family_status_as_of": (
        "select fiscal_year, family_status, outcome, sum(people) from {} group by all"
    ),
}
CURRENT = {
    "encounters_as_of": "fct_encounters",
    "encounters_by_state_as_of": "fct_encounters_by_state",
    "southwest_encounters_as_of": "fct_southwest_encounters",
    "southwest_border_monthly_as_of": "southwest_border_monthly",
    "deportations_as_of": "fct_deportations",
    "custody_outcomes_as_of": "fct_custody_outcomes",
    "custody_outcomes_by_family_status_as_of": "fct_custody_outcomes_by_family_status",
}


@dataclass(frozen=True)
class AsOf:
    """Median times of one query, as of a day and on the current table, in milliseconds."""

    macro: str
    as_of_milliseconds: float
    current_milliseconds: float

    @property
    def ratio(self) -> float:
        return self.as_of_milliseconds / self.current_milliseconds


def measure_as_of(published: Path) -> tuple[AsOf, ...]:
    """Query every as-of macro of a published file, as of the median of its publication dates."""
    with duckdb.connect(str(published), read_only=True) as connection:
        days = connection.execute("select published_on from dim_release order by all").fetchall()
        day = days[len(days) // 2][0]
        return tuple(
            AsOf(macro, *_medians(connection, f"{macro}('{day}')", CURRENT[macro], query))
            for macro, query in QUERIES.items()
        )


def _medians(
    connection: duckdb.DuckDBPyConnection, as_of: str, current: str, query: str
) -> tuple[float, float]:
    """Median milliseconds of both queries. They alternate; the first round is not counted."""
    taken: dict[str, list[float]] = {as_of: [], current: []}
    for _ in range(ROUNDS):
        for table, times in taken.items():
            started = time.perf_counter()
            connection.execute(query.format(table)).fetchall()
            times.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken[as_of][1:]), statistics.median(taken[current][1:])


if __name__ == "__main__":
    for found in measure_as_of(Path(sys.argv[1])):
        print(
            f"{found.macro}: {found.as_of_milliseconds:.1f} ms, current"
            f" {found.current_milliseconds:.1f} ms, {found.ratio:.1f} x"
        )
