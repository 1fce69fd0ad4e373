"""dbt's own documentation of the models, as one page that opens from disk.

What belongs here: putting it together from the manifest that is parsed already and the columns of
the published file. dbt itself is not started: that takes seconds, and gives the same page.
"""

import json
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from orchestration.assets.dbt_project import read_manifest
from orchestration.builds.connection import connected
from orchestration.report.beside import Beside

PAGE = "dbt/task/docs/index.html"  # in dbt-core, with places for the two files that it shows
PLACES = ('"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"')
# addresses that browsers ask for before the page's own script has filled them in
UNFILLED = {
    'xlink:href="{{ getIcon(': 'ng-attr-xlink:href="{{ getIcon(',
    """href="${require('./assets/favicons/favicon.ico')}\"""": 'href="data:,"',
}
INTERNAL = ("dbt", "dbt_duckdb")  # packages whose macros are no part of the project


class NoPlace(Exception):
    """dbt's page has no place for the manifest or the catalog."""


def dbt_docs() -> Beside:
    """dbt's documentation, to be written beside the report."""
    return Beside(
        "dbt-docs", "dbt's documentation of the models, with their SQL and lineage", write
    )


def write(database: Path, folder: Path) -> None:
    """Write index.html into a new folder. database: of the published build."""
    manifest = read_manifest()
    text = page_of(manifest, catalog_of(database, manifest))
    folder.mkdir()
    (folder / "index.html").write_text(text, encoding="utf-8")


def page_of(manifest: Mapping[str, Any], catalog: Mapping[str, Any]) -> str:
    """dbt's page with the manifest and the catalog in it, which asks for nothing. Raises NoPlace
    if dbt-core's page has another form."""
    page = Path(str(distribution("dbt-core").locate_file(PAGE))).read_text(encoding="utf-8")
    for unfilled, filled in UNFILLED.items():
        page = page.replace(unfilled, filled)
    macros = {
        name: macro
        for name, macro in manifest["macros"].items()
        if macro["package_name"] not in INTERNAL
    }
    metadata = {**manifest["metadata"], "send_anonymous_usage_stats": False, "user_id": None}
    shown = {**manifest, "macros": macros, "metadata": metadata}
    for place, content in zip(PLACES, (shown, catalog), strict=True):
        if place not in page:
            raise NoPlace(f"dbt's page of documentation: found no {place}, expected one")
        # a description may have the end of a script in it
        page = page.replace(place, json.dumps(content, separators=(",", ":")).replace("</", "<\\/"))
    return page


def catalog_of(database: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What dbt's page says of tables and columns, from the file instead of by dbt's queries."""
    with connected(database, read_only=True) as connection:
        rows = connection.execute(
            "select schema_name, table_name, column_name, data_type, position, description"
            " from meta.columns order by schema_name, table_name, position"
        ).fetchall()
    columns: dict[tuple[str, str], dict[str, Any]] = {}
    for schema, table, name, kind, position, comment in rows:
        of_table = columns.setdefault((schema, table), {})
        of_table[name] = {"type": kind, "index": position, "name": name, "comment": comment}
    return {
        "metadata": {},
        "errors": None,
        "nodes": _entries(manifest["nodes"], columns),
        "sources": _entries(manifest["sources"], columns),
    }


def _entries(
    nodes: Mapping[str, Any], columns: Mapping[tuple[str, str], dict[str, Any]]
) -> dict[str, Any]:
    entries = {}
    for unique_id, node in nodes.items():
        found = columns.get((node["schema"], node["name"]))
        if found:
            entries[unique_id] = {
                "unique_id": unique_id,
                "metadata": {
                    "type": "VIEW"
                    if node.get("config", {}).get("materialized") == "view"
                    else "BASE TABLE",
                    "schema": node["schema"],
                    "name": node["name"],
                    "database": None,
                    "comment": None,
                    "owner": None,
                },
                "columns": found,
                "stats": {},
            }
    return entries
