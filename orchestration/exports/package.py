"""The data package (datapackage.org, version 2) of an export: what its files are, and how each
column of a CSV file is read."""

from collections.abc import Sequence
from typing import Any

from orchestration.exports.files import File, TableFiles, is_nested
from orchestration.exports.tables import About, Column, Table

NAME = "borderledger"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
TITLE = "US border statistics from the agencies' own releases"
CONTRIBUTORS = "The Borderledger contributors"
LICENCE_FILE = "LICENSE.md"
FIELD_TYPES = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "FLOAT": "number",
    "TIME": "time",
    "TIMESTAMP": "datetime",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "VARCHAR": "string",
}


def data_package(about: About, tables: Sequence[TableFiles]) -> dict[str, Any]:
    """The descriptor of an export, as JSON has it. Each table is one resource: its CSV file, with
    the Parquet file of the same rows beside it."""
    publishers = dict.fromkeys(source.publisher for source in about.sources)
    exported = {files.table.name for files in tables}
    return {
        "$schema": PROFILE,
        "name": NAME,
        "title": TITLE,
        "description": (
            "Tables of one build of Borderledger. README.md says how they are written, "
            "dictionary.csv what each column means."
        ),
        "id": about.build_id,
        "version": about.build_id,
        "created": f"{about.built_at:%Y-%m-%dT%H:%M:%SZ}",
        "licenses": [
            {
                "name": "other-pd",
                "path": LICENCE_FILE,
                "title": "Public domain in the United States (17 USC 105); see LICENSE.md",
            }
        ],
        "contributors": [
            {"title": CONTRIBUTORS, "roles": ["wrangler"]},
            *({"title": publisher, "roles": ["creator"]} for publisher in publishers),
        ],
        "sources": [
            {"title": f"{source.title} ({source.publisher})", "path": source.page}
            for source in about.sources
        ],
        "resources": [_resource(files, exported) for files in tables],
    }


def _resource(files: TableFiles, exported: set[str]) -> dict[str, Any]:
    return {
        "name": files.table.name,
        "type": "table",
        "description": files.table.description,
        "path": files.csv.path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_content(files.csv),
        "rows": files.rows,
        "schema": _schema(files, exported),
        "parquet": {
            "path": files.parquet.path,
            "mediatype": "application/vnd.apache.parquet",
            **_content(files.parquet),
        },
    }


def _content(file: File) -> dict[str, Any]:
    return {"bytes": file.size_bytes, "hash": f"sha256:{file.sha256}"}


def _schema(files: TableFiles, exported: set[str]) -> dict[str, Any]:
    """The Table Schema of a CSV file. A reference to a table that is not in the export is left
    out: it would lead nowhere."""
    table = files.table
    schema: dict[str, Any] = {
        "$schema": SCHEMA_PROFILE,
        "fields": [_field(column, files) for column in table.columns],
        "fieldsMatch": "exact",
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    if foreign := [
        {"fields": [column.name], "reference": {"resource": other, "fields": [field]}}
        for column, other, field in _references(table)
        if other in exported
    ]:
        schema["foreignKeys"] = foreign
    return schema


def _references(table: Table) -> list[tuple[Column, str, str]]:
    """The columns that refer to another table, with that table and its column."""
    return [
        (column, *column.references)
        for column in table.columns
        if column.references and column.references[0] != table.name
    ]


def _field(column: Column, files: TableFiles) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": field_type(column.type)}
    if column.type == "BOOLEAN":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    if column.name in files.missing:
        word = files.missing[column.name]
        field["missingValues"] = [] if word is None else [word]
    if column.unit:
        field["unit"] = column.unit
    return field | {"description": column.description}


def field_type(kind: str) -> str:
    """The type of Table Schema for a type of DuckDB."""
    if is_nested(kind):
        return "array" if kind.endswith("]") else "object"
    if kind.startswith("DECIMAL"):
        return "number"
    if kind.endswith(("INT", "INTEGER")):
        return "integer"
    return FIELD_TYPES.get(kind, "any")
