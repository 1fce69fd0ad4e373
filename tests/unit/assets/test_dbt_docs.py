"""dbt's documentation as one page: the project's models, the file's columns, no way out."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.assets.dbt_docs import catalog_of, page_of

HOSTILE = "</script><script>alert(1)</script>"


def node(schema: str, name: str) -> dict[str, Any]:
    return {"schema": schema, "name": name, "config": {"materialized": "view"}}


MANIFEST = {
    "metadata": {"send_anonymous_usage_stats": True, "user_id": "someone"},
    "macros": {
        "ours": {"package_name": "borderledger"},
        "dbt's": {"package_name": "dbt"},
    },
    "nodes": {"model.x": node("main", "x"), "model.step": node("staging", "step")},
    "sources": {"source.y": {"schema": "raw", "name": "y", "description": HOSTILE}},
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "border.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema meta")
        connection.execute(
            "create table meta.columns as select * from (values"
            " ('main', 'x', 'b', 'BIGINT', 2, 'B.'), ('main', 'x', 'a', 'DATE', 1, 'A.'),"
            " ('raw', 'y', 'c', 'VARCHAR', 1, 'C.')) as"
            " t(schema_name, table_name, column_name, data_type, position, description)"
        )
    return path


def test_the_catalog_has_the_columns_of_what_is_published(database: Path) -> None:
    catalog = catalog_of(database, MANIFEST)
    assert list(catalog["nodes"]) == ["model.x"]
    columns = catalog["nodes"]["model.x"]["columns"]
    assert [(name, column["type"], column["index"]) for name, column in columns.items()] == [
        ("a", "DATE", 1),
        ("b", "BIGINT", 2),
    ]
    assert catalog["nodes"]["model.x"]["metadata"]["type"] == "VIEW"
    assert catalog["sources"]["source.y"]["columns"]["c"]["comment"] == "C."


def test_the_page_has_the_project_and_sends_nothing(database: Path) -> None:
    page = page_of(MANIFEST, catalog_of(database, MANIFEST))
    assert "INLINE DATA" not in page
    [text] = re.findall(r'\{"metadata":\{"send_anonymous_usage_stats".*?\n', f"{page}\n")
    manifest, _ = json.JSONDecoder().raw_decode(text)
    assert manifest["metadata"] == {"send_anonymous_usage_stats": False, "user_id": None}
    assert list(manifest["macros"]) == ["ours"]
    assert manifest["sources"]["source.y"]["description"] == HOSTILE


def test_a_description_does_not_end_the_script(database: Path) -> None:
    page = page_of(MANIFEST, catalog_of(database, MANIFEST))
    assert HOSTILE not in page


def test_nothing_is_asked_for_when_the_page_opens(database: Path) -> None:
    page = page_of(MANIFEST, catalog_of(database, MANIFEST))
    assert 'xlink:href="{{ getIcon(' not in page.replace("ng-attr-xlink", "")
    assert "favicon.ico" not in page
    assert re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="https?://', page) == []
