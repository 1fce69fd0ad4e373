"""Queries on a published file, and the figures that CBP published."""

from pathlib import Path
from typing import Any

import duckdb

SOUTHWEST_BY_FISCAL_YEAR = {
    2019: 977_509,
    2020: 458_088,
    2021: 1_734_686,
    2022: 2_378_944,
    2023: 2_475_669,
    2024: 2_135_005,
}
# an analyst's session that stays open and, when it receives a line, reads its file again
OPEN_SESSION = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as session:
    query = "select build_id from meta.builds"
    print(session.execute(query).fetchall()[0][0], flush=True)
    sys.stdin.readline()
    assert session.execute("select count(*) from fct_encounters").fetchall()[0][0] > 0
    print(session.execute(query).fetchall()[0][0], flush=True)
"""


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    """The rows that a query on a home's published file returns."""
    with duckdb.connect(str(home / "border.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def digests(home: Path) -> dict[str, str]:
    """The content digest of each table of a home's published file, by schema and name."""
    return dict(ask(home, "select schema_name || '.' || table_name, digest from meta.tables"))
