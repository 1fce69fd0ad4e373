"""The dbt models as assets: facts in one step and marts in another, so that gates run between
them."""

import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import (
    DagsterDbtTranslator,
    DbtCliInvocation,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)
from packaging.version import Version

from orchestration.assets.asset_tags import tags_of
from orchestration.assets.column_lineage import column_lineage, lineage_metadata
from orchestration.assets.dbt_output import dbt_output_in
from orchestration.assets.model_metadata import model_metadata
from orchestration.assets.names import OWNERS
from orchestration.assets.table_metadata import table_metadata
from orchestration.assets.working_build import WorkingBuild, kind_of_build
from orchestration.builds.build import Build
from orchestration.builds.trial import trial_of
from orchestration.settings import DBT_PROJECT

log = logging.getLogger(__name__)

SELECTIONS = {
    "facts": (
        "borderledger.staging borderledger.intermediate.figures "
        "borderledger.intermediate.revisions borderledger.facts resource_type:seed"
    ),
    "marts": "borderledger.intermediate.claims borderledger.marts",
}


class Translator(DagsterDbtTranslator):
    """Names each model's group after its folder, and gives its owner and its name in the published
    file."""

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
            **model_metadata(dbt_resource_props, table),
            "dagster/table_name": table,
        }

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        key = self.get_asset_key(dbt_resource_props)
        return tags_of(key, self.get_group_name(dbt_resource_props) or "staging")


def dbt_project() -> DbtProject:
    return DbtProject(DBT_PROJECT, profiles_dir=DBT_PROJECT)


class Dbt(DbtCliResource):
    """dagster-dbt's resource without two things that it does before each command and that take
    seconds: starting dbt only to ask its version, and loading dbt's adapter into this process for
    metadata that is not used here."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


def dbt_resource() -> Dbt:
    """dbt as installed beside this interpreter, whatever the PATH, run in a build's folder."""
    os.environ["BORDERLEDGER_DBT"] = str(Path(sys.executable).with_name("dbt"))
    folder, executable = str(DBT_PROJECT), str(DBT_PROJECT / "dbt-in-build")
    return Dbt(project_dir=folder, profiles_dir=folder, dbt_executable=executable)


def prepare_manifest() -> None:
    """Parse the dbt project if its manifest is missing, damaged or older than its files."""
    project = dbt_project()
    manifest = project.manifest_path
    sources = [
        path
        for path in DBT_PROJECT.rglob("*")
        if path.suffix in (".sql", ".yml", ".csv") and "target" not in path.parts
    ]
    newest = max(path.stat().st_mtime for path in sources)
    if not _is_whole(manifest) or manifest.stat().st_mtime < newest:
        folder = str(Path(sys.executable).parent)  # the preparer looks for dbt on the PATH only
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])
        project.preparer.prepare(project)


def _is_whole(manifest: Path) -> bool:
    """Whether the manifest is there and can be read; one that cannot is named and set aside."""
    try:
        content = json.loads(manifest.read_bytes())
    except FileNotFoundError:
        return False
    except ValueError as error:
        problem = str(error)
    else:
        if isinstance(content, dict):
            return True
        problem = "no JSON object"
    aside = manifest.with_name(f"{manifest.name}.damaged")
    log.warning(
        "%s: found no readable manifest (%s), set aside as %s and made anew",
        manifest,
        problem,
        aside.name,
    )
    manifest.replace(aside)
    return False


def model_keys() -> set[dg.AssetKey]:
    """The assets of all models and seeds."""
    nodes = json.loads(dbt_project().manifest_path.read_bytes())["nodes"].values()
    made = (node for node in nodes if node["resource_type"] in ("model", "seed"))
    return {Translator().get_asset_key(node) for node in made}


def model_assets(name: str, working: WorkingBuild) -> dg.AssetsDefinition:
    """The models of one step, `facts` or `marts`, as assets."""
    project = dbt_project()

    @dbt_assets(
        manifest=project.manifest_path,
        name=name,
        select=SELECTIONS[name],
        dagster_dbt_translator=Translator(),
        required_resource_keys={"home", "dbt"},
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        """Build dbt's models of this stage in the build's file."""
        build, dbt = working.of(context), context.resources.dbt
        if trial_of(build) is not None:
            make_staging(dbt, build, sorted(key.path[-1] for key in context.selected_asset_keys))
        with dbt_output_in(build.folder / "dbt" / "output.log"):
            # dbt locks the file until it ends
            events = list(in_build(dbt, build, ["build"], context).stream())
        yield from _with_content(events, context, build)

    return models


def in_build(
    dbt: Dbt, build: Build, command: list[str], context: dg.AssetExecutionContext | None = None
) -> DbtCliInvocation:
    """Start dbt on a build's file, without unit tests. context: of the assets that it makes."""
    os.environ["BORDERLEDGER_BUILD_FOLDER"] = str(build.folder)
    return dbt.cli(
        [*command, "--exclude-resource-type", "unit_test", "--no-write-json"],
        manifest=None if context else dbt_project().manifest_path,
        context=context,
        target_path=build.folder / "dbt",
    )


def make_staging(dbt: Dbt, build: Build, models: Iterable[str]) -> None:
    """Make what models of a trial are built from and a finished build no longer has: the views,
    tables and seeds of the schema staging."""
    parts = ("borderledger.staging", "borderledger.intermediate", "resource_type:seed")
    wanted = " ".join(f"+{model},{part}" for model in models for part in parts)
    in_build(dbt, build, ["build", "--select", wanted]).wait()


def _with_content(
    events: list[Any], context: dg.AssetExecutionContext, build: Build
) -> Iterator[Any]:
    """The events, with metadata about its content on each event of a table."""
    connection = duckdb.connect(str(build.database), read_only=True)
    try:
        for event in events:
            if isinstance(event, dg.Output):
                key = context.asset_key_for_output(event.output_name)
                *schema, name = key.path
                place = schema[0] if schema else "main"
                lineage = lineage_metadata(column_lineage(), f"{place}.{name}")
                content = table_metadata(connection, place, name) | lineage
                yield event.with_metadata({**content, **kind_of_build(build), **event.metadata})
            else:
                yield event
    finally:
        connection.close()
