"""Quoting of names and texts in the few SQL statements outside dbt, and the errors of DuckDB.

Binding parameters would be the usual way, but in duckdb 1.5 that imports pandas (1 s)."""

import glob
from pathlib import Path


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | Path) -> str:
    """A quoted SQL string."""
    return "'" + str(value).replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """A quoted path for `read_parquet` and its like, which take `*`, `?` and `[` for patterns."""
    return literal(glob.escape(str(path)))


def first_line(error: Exception) -> str:
    """What an error of DuckDB says, without its further lines: a place in a statement, advice."""
    return str(error).partition("\n")[0]
