"""Exports loaded back into DuckDB, as another tool would load them."""

import json
from pathlib import Path
from typing import Any

import duckdb

from orchestration.builds.sealing import content_digests
from orchestration.builds.sql import identifier, literal
from tests.support.published_file import ask

# how a program that knows Table Schema types a column that it has read as text
CASTS = {
    "array": "{}::json::varchar[]",
    "boolean": "{}::boolean",
    "date": "{}::date",
    "datetime": "{}::timestamptz",
    "integer": "{}::bigint",
    "number": "{}::double",
    "string": "{}",
}


def package_of(folder: Path) -> dict[str, Any]:
    """The data package of an export."""
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def parquet_digests(folder: Path) -> dict[str, str]:
    """The content digest of each table of an export, from its Parquet files."""
    return _digests(
        {
            one["name"]: f"from read_parquet({literal(folder / one['parquet']['path'])})"
            for one in package_of(folder)["resources"]
        }
    )


def csv_digests(folder: Path) -> dict[str, str]:
    """The content digest of each table of an export, from its CSV files, read as the data package
    says."""
    return _digests(
        {one["name"]: _typed(folder, one) for one in package_of(folder)["resources"]},
    )


def published_digests(home: Path) -> dict[str, str]:
    """The content digest of each table of schema main, as the published file has recorded it."""
    query = "select table_name, digest from meta.tables where schema_name = 'main'"
    return dict(ask(home, query))


def _typed(folder: Path, resource: dict[str, Any]) -> str:
    """A query that reads a CSV file as its Table Schema says. A quoted empty field is a text."""
    schema, csv = resource["schema"], literal(folder / resource["path"])
    names = ", ".join(f"{literal(field['name'])}: 'varchar'" for field in schema["fields"])
    columns = ", ".join(_column(field, schema["missingValues"]) for field in schema["fields"])
    return (
        f"select {columns} from read_csv({csv}, header = true, delim = ',', quote = '\"',"
        f" escape = '\"', columns = {{{names}}}, nullstr = 'no such text', auto_detect = false)"
    )


def _column(field: dict[str, Any], missing: list[str]) -> str:
    column = identifier(field["name"])
    words = field.get("missingValues", missing)
    text = f"coalesce({column}, '')"
    if words:
        text = f"case when {text} not in ({', '.join(map(literal, words))}) then {text} end"
    return f"{CASTS[field['type']].format(f'({text})')} as {column}"


def _digests(queries: dict[str, str]) -> dict[str, str]:
    with duckdb.connect() as connection:
        for name, query in queries.items():
            connection.execute(f"create view {identifier(name)} as {query}")
        return {str(one["table_name"]): str(one["digest"]) for one in content_digests(connection)}
