"""Quoting of names and texts in the few SQL statements outside dbt.

Binding parameters would be the usual way, but in duckdb 1.5 that imports pandas (1 s)."""

from pathlib import Path


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | Path) -> str:
    """A quoted SQL string."""
    return "'" + str(value).replace("'", "''") + "'"
