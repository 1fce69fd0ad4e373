"""Check that the job and the bare script made the same tables. Comparing the speed of two programs
that do different work is worthless.

What belongs here: what is compared, and the error that shows the first differences.
"""

from pathlib import Path

import duckdb

from benchmarks.bare import CUTS

MART = "southwest_border_monthly"
HEADLINE = "month, fiscal_year, between_ports, at_ports, total, at_large"
SHOWN = 5


class Disagreement(Exception):
    """Two files that should hold the same figures differ. The message shows where."""


def assert_agree(published: Path, bare: Path) -> int:
    """Compare row counts and totals by fiscal year of the six fact tables (the
    nationwide tables by region as well, so that the southwest is compared separately), and the
    figures of the headline mart. Returns how many rows are equal; raises Disagreement."""
    job = duckdb.connect(str(published), read_only=True)
    script = duckdb.connect(str(bare), read_only=True)
    try:
        equal = sum(_compare(job, script, query) for query in _queries())
    finally:
        job.close()
        script.close()
    if not equal:
        raise Disagreement("found no row in either file, expected some")
    return equal


def _queries() -> list[str]:
    queries = [f"select {HEADLINE} from main.{MART}"]
    for cut in CUTS:
        for table in (cut.table, f"{cut.table}_by_release"):
            queries.append(
                f"select '{table}' as fact, fiscal_year, {cut.region} as region,"
                " count(*) as row_count, sum(encounters) as encounters"
                f" from main.{table} group by all"
            )
    return queries


def _compare(job: duckdb.DuckDBPyConnection, script: duckdb.DuckDBPyConnection, query: str) -> int:
    made, expected = (set(file.execute(query).fetchall()) for file in (job, script))
    if made != expected:
        lines = [f"only the job: {row}" for row in sorted(map(str, made - expected))[:SHOWN]]
        lines += [f"only the script: {row}" for row in sorted(map(str, expected - made))[:SHOWN]]
        raise Disagreement("\n".join((query, *lines)))
    return len(made)
