"""Quoting for the few statements that are not dbt's: names and texts, never pasted raw.

Binding parameters would be the usual way, but in duckdb 1.5 it imports pandas (1 s)."""

from pathlib import Path

Comments = dict[str, str]


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | Path) -> str:
    """A quoted SQL string."""
    return "'" + str(value).replace("'", "''") + "'"
