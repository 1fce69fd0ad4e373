"""The dbt models as assets: facts in one step and marts in another, so that gates run between
them."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration.assets.asset_tags import tags_of
from orchestration.assets.column_lineage import Lineage, column_lineage, lineage_metadata
from orchestration.assets.dbt_command import MadeNode, make_models
from orchestration.assets.dbt_project import manifest_path, read_manifest
from orchestration.assets.model_metadata import model_metadata
from orchestration.assets.names import OWNERS
from orchestration.assets.table_metadata import TableMetadata
from orchestration.assets.working_build import WorkingBuild, kind_of_build
from orchestration.builds.build import Build
from orchestration.builds.connection import connected
from orchestration.builds.trial import trial_of
from orchestration.gates.suites import load_suites

SELECTIONS = {
    "facts": "borderledger.staging borderledger.intermediate borderledger.facts resource_type:seed",
    "marts": "borderledger.marts",
}


class Translator(DagsterDbtTranslator):
    """Names each model's group after its folder, and gives its owner and its name in the published
    file."""

    @cached_property
    def _lineage(self) -> Lineage:
        """Asked for once, as it hashes the whole project."""
        return column_lineage()

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return (
            str(dbt_resource_props["fqn"][1])
            if dbt_resource_props["resource_type"] == "model"
            else "staging"
        )

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return OWNERS

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props.get("description") or "")

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        # the manifest is parsed without a build's file, so the database it names is `memory`
        name = dbt_resource_props.get("alias") or dbt_resource_props["name"]
        table = f"{dbt_resource_props['schema']}.{name}"
        return {
            **super().get_metadata(dbt_resource_props),
            **model_metadata(dbt_resource_props, table, self._lineage),
            "dagster/table_name": table,
        }

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        key = self.get_asset_key(dbt_resource_props)
        return tags_of(key, self.get_group_name(dbt_resource_props) or "staging")


def model_keys() -> set[dg.AssetKey]:
    """The assets of all models and seeds."""
    nodes = read_manifest()["nodes"].values()
    made = (node for node in nodes if node["resource_type"] in ("model", "seed"))
    translator = Translator()
    return {translator.get_asset_key(node) for node in made}


def model_assets(name: str, working: WorkingBuild) -> dg.AssetsDefinition:
    """The models of one step, `facts` or `marts`, as assets."""

    @dbt_assets(
        manifest=manifest_path(),
        name=name,
        select=SELECTIONS[name],
        dagster_dbt_translator=Translator(),
        required_resource_keys={"home"},
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        """Build dbt's models of this stage in the build's file."""
        build, names = working.of(context), sorted(k.path[-1] for k in context.selected_asset_keys)
        if trial_of(build) is not None:
            make_staging(build, names)
        selected = " ".join(names) if context.is_subset else SELECTIONS[name]
        yield from _materialized(run_dbt(build, selected), build)

    return models


def run_dbt(build: Build, select: str) -> list[MadeNode]:
    """Make the selected models in a build's file; see `make_models`."""
    keys = {suite.table: suite.key for suite in load_suites()}
    os.environ["BORDERLEDGER_KEYS"] = json.dumps(keys)  # see macros/sorted_by_key.sql
    return make_models(build, select)


def make_staging(build: Build, models: Iterable[str]) -> None:
    """Make what models of a trial are built from and a finished build no longer has: the views,
    tables and seeds of the schema staging."""
    parts = ("borderledger.staging", "borderledger.intermediate", "resource_type:seed")
    run_dbt(build, " ".join(f"+{model},{part}" for model in models for part in parts))


def _materialized(made: list[MadeNode], build: Build) -> Iterator[dg.MaterializeResult[None]]:
    """An event for each model that was made, with metadata about its content."""
    every_lineage, translator = column_lineage(), Translator()
    nodes = read_manifest()["nodes"]
    with connected(build.database, read_only=True) as connection:
        described = TableMetadata(connection)
        for one in made:
            key = translator.get_asset_key(nodes[one.unique_id])
            *schema, name = key.path
            place = schema[0] if schema else "main"
            lineage = lineage_metadata(every_lineage, f"{place}.{name}")
            content = described.of(place, name) | lineage
            about = content | kind_of_build(build) | {"Execution Duration": one.seconds}
            yield dg.MaterializeResult(value=None, asset_key=key, metadata=about)
