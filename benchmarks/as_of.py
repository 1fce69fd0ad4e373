"""Time of a query as of a day, compared with the same query on the current table.

    python -m benchmarks.as_of FILE

Every macro `…_as_of` of which the file has the current table is measured, as of the day on which
the newest release was published: both queries then return the same rows. They alternate in this
process on one published file whose pages are in memory. `figures_as_of` chooses among releases on
every day, so that there is no current table to compare it with.
"""

import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROUNDS = 41
TIMES_THE_CURRENT_TABLE = 2.0
AIMS = {"southwest_border_monthly_as_of": 5.0}  # of macros that have an aim of their own
WHOLE = ("southwest_border_monthly_as_of",)  # read as they are: a row is a month
SUFFIX = "_as_of"


@dataclass(frozen=True)
class AsOf:
    """Median times of one query, as of a day and on the current table, in milliseconds."""

    macro: str
    as_of_milliseconds: float
    current_milliseconds: float

    @property
    def ratio(self) -> float:
        return self.as_of_milliseconds / self.current_milliseconds

    @property
    def aim(self) -> float:
        """The ratio that it must stay under."""
        return AIMS.get(self.macro, TIMES_THE_CURRENT_TABLE)

    @property
    def met(self) -> bool:
        return self.ratio < self.aim


def measure_as_of(published: Path, rounds: int = ROUNDS) -> tuple[AsOf, ...]:
    """Query every as-of macro of a published file and its current table, each `rounds` times."""
    with duckdb.connect(str(published), read_only=True) as connection:
        [(day,)] = connection.execute("select max(published_on) from dim_release").fetchall()
        return tuple(
            AsOf(
                macro,
                *_medians(
                    connection, _query(connection, macro, table), f"{macro}('{day}')", table, rounds
                ),
            )
            for macro, table in _current_tables(connection).items()
        )


def _current_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The current table of each as-of macro that has one, in the order of the macros' names."""
    macros = connection.execute(
        "select function_name from duckdb_functions()"
        " where function_type = 'table_macro' and database_name = current_database() order by all"
    ).fetchall()
    tables = {
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
    }
    candidates = (
        (macro, f"{prefix}{macro.removesuffix(SUFFIX)}")
        for (macro,) in macros
        if macro.endswith(SUFFIX)
        for prefix in ("fct_", "")
    )
    return {macro: table for macro, table in candidates if table in tables}


def _query(connection: duckdb.DuckDBPyConnection, macro: str, table: str) -> str:
    """A sum by year and by the table's first label; `{}` is the relation."""
    if macro in WHOLE:
        return "from {}"
    columns = connection.execute(f"describe {table}").fetchall()
    label = next(name for name, kind, *_ in columns if kind == "VARCHAR")
    figure = next(
        name for name, kind, *_ in columns if kind in ("BIGINT", "DOUBLE") and name != "fiscal_year"
    )
    return f"select fiscal_year, {label}, sum({figure}) from {{}} group by all"


def _medians(
    connection: duckdb.DuckDBPyConnection, query: str, as_of: str, current: str, rounds: int
) -> tuple[float, float]:
    """Median milliseconds of both queries. They alternate; a first round is not counted."""
    taken: dict[str, list[float]] = {as_of: [], current: []}
    for _ in range(rounds + 1):
        for relation, times in taken.items():
            started = time.perf_counter()
            connection.execute(query.format(relation)).fetchall()
            times.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken[as_of][1:]), statistics.median(taken[current][1:])


if __name__ == "__main__":
    measured = measure_as_of(Path(sys.argv[1]))
    for found in measured:
        print(
            f"{found.macro}: {found.as_of_milliseconds:.1f} ms, current"
            f" {found.current_milliseconds:.1f} ms, {found.ratio:.1f} x,"
            f" aim under {found.aim:.0f} x: {'met' if found.met else 'NOT met'}"
        )
    sys.exit(0 if all(found.met for found in measured) else 1)
