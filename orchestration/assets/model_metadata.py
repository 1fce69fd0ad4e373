"""What Dagster shows of a dbt model before it is ever built: columns, lineage, its files.

What belongs here: reading dbt's manifest for Dagster's metadata.
"""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import dagster as dg

from orchestration.assets.column_lineage import (
    Lineage,
    lineage_in_words,
    lineage_metadata,
    seed_columns,
)
from orchestration.assets.table_metadata import Metadata, named_schema
from orchestration.gates.check_results import CODE_REFERENCES, code_references
from orchestration.settings import DBT_PROJECT, EXPECTATIONS, PROJECT


def model_metadata(node: Mapping[str, Any], table: str, lineage: Lineage) -> Metadata:
    """A node's lineage, its columns if its YAML lists none, and references to its files.

    node: of dbt's manifest. table: its schema and name. lineage: of every table.
    """
    metadata = lineage_metadata(lineage, table)
    if words := lineage_in_words(lineage, table):
        metadata["where columns come from"] = words
    columns = _columns(node, lineage.get(table, ()))
    if columns and not node.get("columns"):
        metadata["dagster/column_schema"] = dg.MetadataValue.table_schema(named_schema(columns))
    metadata[CODE_REFERENCES] = code_references(*_files(node, table))
    return metadata


def _columns(node: Mapping[str, Any], with_lineage: Iterable[str]) -> list[str]:
    if node["resource_type"] == "seed":
        return seed_columns(DBT_PROJECT / node["original_file_path"])
    return list(with_lineage)


def _files(node: Mapping[str, Any], table: str) -> list[str]:
    """The node's own file, its YAML and its suite, as paths from the project's folder."""
    own = [node["original_file_path"]]
    if patch := node.get("patch_path"):  # `borderledger://models/…`
        own.append(str(patch).partition("://")[2])
    folder = PurePosixPath(DBT_PROJECT.relative_to(PROJECT).as_posix())
    files = [str(folder / path) for path in own]
    suite = EXPECTATIONS / f"{table}.yaml"
    if suite.exists():
        files.append(suite.relative_to(PROJECT).as_posix())
    return files
