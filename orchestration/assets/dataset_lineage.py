"""From which datasets each table is, read from dbt's manifest.

What belongs here: following each model to its raw tables. Where single columns come from is in
`column_lineage`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from orchestration.assets.dbt_project import read_manifest
from orchestration.catalogue.dataset import load_catalogue
from orchestration.gates.suites import OF_CLAIMS

CLAIMS_ARE_OF = "main.measures"


@cache
def datasets_of_tables() -> Mapping[str, tuple[str, ...]]:
    """By table (schema.name), the datasets that it is made from, sorted. Without the tables that
    no dataset is in."""
    return datasets_by_table(read_manifest()) | {
        f"raw.{name}": (name,) for name in load_catalogue()
    }


def datasets_by_table(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The same for the models of a manifest, and for the tables of claims, whose figures are those
    of the measures."""
    parents: Mapping[str, list[str]] = manifest["parent_map"]
    sources = manifest["sources"]
    names = load_catalogue()
    found: dict[str, frozenset[str]] = {}

    def datasets(node: str) -> frozenset[str]:
        if node not in found:
            source = sources.get(node)
            own = {source["name"]} & set(names) if source else set()
            found[node] = frozenset(own).union(*map(datasets, parents.get(node, ())))
        return found[node]

    tables = {
        f"{node['schema']}.{node['name']}": tuple(sorted(datasets(node_id)))
        for node_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    of_claims = {f"main.{name}": tables.get(CLAIMS_ARE_OF, ()) for name in OF_CLAIMS}
    return {table: names for table, names in (tables | of_claims).items() if names}
