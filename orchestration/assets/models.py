"""The dbt models as assets: facts in one step, marts in another, gates between them."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from packaging.version import Version

from orchestration.assets.archive import OWNERS
from orchestration.builds.build import Build, build_of_run
from orchestration.builds.sql import identifier, literal
from orchestration.settings import DBT_PROJECT, Settings

NEWEST, WIDEST_BAR = 12, 12
SELECTIONS = {
    "facts": "borderledger.staging borderledger.facts resource_type:seed",
    "marts": "borderledger.marts",
}


class Translator(DagsterDbtTranslator):
    """Groups by folder, an owner for every model, and its name in the published file."""

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
        # the manifest is parsed on no file in particular, so it says that the database is memory
        name = dbt_resource_props.get("alias") or dbt_resource_props["name"]
        table = f"{dbt_resource_props['schema']}.{name}"
        return {**super().get_metadata(dbt_resource_props), "dagster/table_name": table}


def dbt_project() -> DbtProject:
    return DbtProject(DBT_PROJECT, profiles_dir=DBT_PROJECT)


class Dbt(DbtCliResource):
    """dagster-dbt's resource without what it would do before each command, some seconds each:
    start dbt only to ask its version, and load dbt's adapter into this process for metadata
    that are not asked for."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


def dbt_resource() -> Dbt:
    """dbt as installed beside this interpreter, whatever the PATH, in a build's folder."""
    os.environ["BORDERLEDGER_DBT"] = str(Path(sys.executable).with_name("dbt"))
    folder, executable = str(DBT_PROJECT), str(DBT_PROJECT / "dbt-in-build")
    return Dbt(project_dir=folder, profiles_dir=folder, dbt_executable=executable)


def prepare_manifest() -> None:
    """Parse the dbt project, if its manifest is missing or older than its files."""
    project = dbt_project()
    manifest = project.manifest_path
    sources = [
        path
        for path in DBT_PROJECT.rglob("*")
        if path.suffix in (".sql", ".yml", ".csv") and "target" not in path.parts
    ]
    newest = max(path.stat().st_mtime for path in sources)
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        beside = str(Path(sys.executable).parent)  # the preparer looks for dbt on the PATH only
        os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", os.defpath)])
        project.preparer.prepare(project)


def model_assets(name: str, settings: Settings) -> dg.AssetsDefinition:
    """The models of one step, `facts` or `marts`."""
    project = dbt_project()

    @dbt_assets(
        manifest=project.manifest_path,
        name=name,
        select=SELECTIONS[name],
        dagster_dbt_translator=Translator(),
    )
    def models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        build = build_of_run(settings, context.run.run_id)
        os.environ["BORDERLEDGER_BUILD_FOLDER"] = str(build.folder)
        invocation = dbt.cli(
            ["build", "--exclude-resource-type", "unit_test", "--no-write-json"],
            context=context,
            target_path=build.folder / "dbt",
        )
        events = list(invocation.stream())  # dbt holds the file until it is done
        yield from _with_content(events, context, build)

    return models


def _with_content(
    events: list[Any], context: dg.AssetExecutionContext, build: Build
) -> Iterator[Any]:
    """The events, those of tables with row count and newest months."""
    connection = duckdb.connect(str(build.database), read_only=True)
    try:
        for event in events:
            if isinstance(event, dg.Output):
                key = context.asset_key_for_output(event.output_name)
                content = _content(connection, key.path[-1], key.path[:-1])
                yield event.with_metadata({**content, **event.metadata})
            else:
                yield event
    finally:
        connection.close()


def _content(
    connection: duckdb.DuckDBPyConnection, name: str, prefix: list[str]
) -> dict[str, dg.MetadataValue]:
    schema = prefix[0] if prefix else "main"
    [(is_table,)] = connection.execute(
        "select count(*) > 0 from information_schema.tables"
        f" where table_schema = {literal(schema)} and table_name = {literal(name)}"
    ).fetchall()
    if not is_table:  # a table macro
        return {}
    table = f"{identifier(schema)}.{identifier(name)}"
    rows = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
    content: dict[str, dg.MetadataValue] = {"dagster/row_count": dg.MetadataValue.int(rows)}
    columns = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
    if "month" not in columns or prefix:
        return content
    figures = [c for c in ("encounters", "between_ports", "at_ports", "total") if c in columns]
    current = "where is_current" if "is_current" in columns else ""
    sums = ", ".join(f"sum({c})::bigint as {c}" for c in figures)
    if not figures:
        return content
    newest = connection.execute(
        f"select strftime(month, '%Y-%m'), {sums} from {table} {current}"
        f" group by month order by month desc limit {NEWEST}"
    ).fetchall()
    content["newest months"] = dg.MetadataValue.md(_markdown(["month", *figures], newest))
    return content


def _markdown(header: list[str], rows: list[tuple[Any, ...]]) -> str:
    """A table, with a bar for the first figure."""
    largest = max((row[1] or 0 for row in rows), default=0) or 1
    lines = [f"| {' | '.join(header)} | |", "| --- " * (len(header) + 1) + "|"]
    for row in rows:
        figures = ["" if cell is None else f"{cell:,}" for cell in row[1:]]
        bar = "█" * round(WIDEST_BAR * (row[1] or 0) / largest)
        lines.append(f"| {row[0]} | {' | '.join(figures)} | {bar} |")
    return "\n".join(lines)
