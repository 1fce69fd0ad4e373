"""Where the columns of each model come from, read from its compiled SQL.

What belongs here: compiling the dbt project, reading its SQL with sqlglot, and keeping the result
in a file beside dbt's manifest, because it only changes with the project. Nothing depends on it
but what Dagster shows: what cannot be read is left out with a warning.
"""

import csv
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.assets.dbt_project import project_digest
from orchestration.assets.table_metadata import Metadata, columns_before_dbt
from orchestration.durable import replace
from orchestration.gates.check_results import asset_key_of
from orchestration.settings import DBT_PROJECT

log = logging.getLogger(__name__)

TABLE_MACRO = "table_macro"  # a materialization without columns of its own

# by table (schema.name) and column, the columns (table, column) that it is made of; none for a
# column of constants or of numbers of rows
Lineage = Mapping[str, Mapping[str, Sequence[tuple[str, str]]]]


def lineage_metadata(lineage: Lineage, table: str) -> Metadata:
    """A table's lineage for Dagster. Empty for a table without lineage."""
    columns = lineage.get(table)
    if not columns:
        return {}
    deps = {
        column: [dg.TableColumnDep(asset_key_of(source), name) for source, name in sources]
        for column, sources in columns.items()
    }
    return {"dagster/column_lineage": dg.MetadataValue.column_lineage(dg.TableColumnLineage(deps))}


def lineage_in_words(lineage: Lineage, table: str) -> dg.MetadataValue | None:
    """A table's lineage as a list for a person, because Dagster's own UI draws none; None for a
    table without lineage."""
    columns = lineage.get(table)
    return dg.MetadataValue.md("\n".join(_lines(columns))) if columns else None


@cache
def column_lineage(project: Path = DBT_PROJECT) -> Lineage:
    """The lineage of every model and view of the dbt project, from the file beside its manifest if
    the project is still the one that the file was made from. Empty if dbt cannot compile it. Read
    once in a process, as dbt's manifest is."""
    digest, kept = _digest(project), project / "target" / "column_lineage.json"
    try:
        found = json.loads(kept.read_bytes())
        if found["project"] == digest:
            return _as_tuples(found["tables"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none yet, or none that can be read: it is made anew
    try:
        lineage = lineage_of(compiled_manifest(project), project)
        text = json.dumps({"project": digest, "tables": lineage})
        kept.parent.mkdir(exist_ok=True)
        replace(kept, lambda path: path.write_text(text))
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("%s: found no column lineage: %s", project, error)
        return {}
    return lineage


def compiled_manifest(project: Path) -> dict[str, Any]:
    """dbt's manifest with the SQL of each model; from `target` if it has that, else from
    compiling the project. Raises SubprocessError or OSError."""
    parsed = project / "target" / "manifest.json"
    if parsed.exists():
        manifest: dict[str, Any] = json.loads(parsed.read_bytes())
        if all(node.get("compiled_code") for node in _models(manifest)):
            return manifest
    with tempfile.TemporaryDirectory(prefix="borderledger-") as folder:
        partial = project / "target" / "partial_parse.msgpack"
        if partial.exists():  # else dbt parses the project anew
            shutil.copy(partial, folder)
        dbt = str(Path(sys.executable).with_name("dbt"))
        folders = ["--project-dir", project, "--profiles-dir", project, "--target-path", folder]
        subprocess.run(  # noqa: S603
            [dbt, "compile", "--quiet", *map(str, folders)],
            cwd=folder,  # takes the empty database, which the profile names without a path
            env=os.environ | {"DO_NOT_TRACK": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        compiled: dict[str, Any] = json.loads(Path(folder, "manifest.json").read_bytes())
        return compiled


def lineage_of(manifest: Mapping[str, Any], project: Path = DBT_PROJECT) -> Lineage:
    """The lineage of every table and view of a manifest with compiled SQL. A model whose SQL
    sqlglot cannot read is left out, with a warning.

    project: has the seeds, whose columns their files name.
    """
    from sqlglot import MappingSchema, exp
    from sqlglot.errors import SqlglotError

    schema = MappingSchema(dialect="duckdb")
    columns: dict[str, list[str]] = {}
    lineage: dict[str, dict[str, list[tuple[str, str]]]] = {}

    def add(table: str, names: Sequence[str]) -> None:
        columns[table] = list(names)
        schema.add_table(exp.to_table(table), dict.fromkeys(names, "unknown"), dialect="duckdb")

    for table, names in columns_before_dbt().items():
        add(table, names)
    for node in _in_order(manifest):
        table = _table(node)
        if node["resource_type"] == "seed":
            add(table, seed_columns(project / node["original_file_path"]))
            continue
        try:
            lineage[table] = _sources(node["compiled_code"], schema, columns)
        except SqlglotError as error:
            log.warning("%s: found no column lineage: %s", node["original_file_path"], error)
            continue
        add(table, list(lineage[table]))
    return lineage


def seed_columns(path: Path) -> list[str]:
    """The columns of a seed's file."""
    with path.open(newline="", encoding="utf-8") as file:
        return next(csv.reader(file))


def _sources(
    sql: str, schema: Any, columns: Mapping[str, Sequence[str]]
) -> dict[str, list[tuple[str, str]]]:
    """By column of a query, the columns of known tables that it is made of."""
    from sqlglot import exp, parse_one
    from sqlglot.lineage import lineage

    query = parse_one(sql, dialect="duckdb")
    for table in query.find_all(exp.Table):
        table.set("catalog", None)  # dbt writes the name of the file in front of the schema
    # selects trimmed for display take four fifths of the time
    found = lineage(None, query, schema, dialect="duckdb", copy=False, trim_selects=False)
    return {column: sorted(set(_leaves(node, columns))) for column, node in found.items()}


def _leaves(node: Any, columns: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The columns of known tables at the ends of a column's lineage."""
    from sqlglot import exp

    for leaf in node.walk():
        source = None if leaf.downstream else leaf.expression.find(exp.Table)
        if source is not None:
            table, column = f"{source.db}.{source.name}", exp.to_column(leaf.name).name
            if column in columns.get(table, ()):
                yield table, column


def _in_order(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The seeds, and the models after the ones that they select from; no table macros."""
    nodes, seen = manifest["nodes"], set()

    def visit(name: str) -> Iterator[Mapping[str, Any]]:
        if name in seen or name not in nodes:
            return
        seen.add(name)
        for needed in nodes[name]["depends_on"].get("nodes", ()):
            yield from visit(needed)
        yield nodes[name]

    for node in _models(manifest):
        for found in visit(node["unique_id"]):
            if found["config"]["materialized"] != TABLE_MACRO:
                yield found


def _models(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def _table(node: Mapping[str, Any]) -> str:
    return f"{node['schema']}.{node.get('alias') or node['name']}"


def _lines(columns: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[str]:
    """A line for each column, with a link to the asset of each source."""
    for column, sources in columns.items():
        by_table: dict[str, list[str]] = {}
        for table, name in sources:
            by_table.setdefault(table, []).append(f"`{name}`")
        linked = [f"{', '.join(names)} of {_link(table)}" for table, names in by_table.items()]
        yield f"- `{column}`: {'; '.join(linked) or 'no column, written in the model'}"


def _link(table: str) -> str:
    path = asset_key_of(table).path
    return f"[{path[-1]}](/assets/{'/'.join(path)})"


def _digest(project: Path) -> str:
    """One hash over what the lineage is made from: the project, the tables that it starts from,
    and the version of sqlglot."""
    made_of = f"{version('sqlglot')}\n{columns_before_dbt()}\n{project_digest(project)}"
    return hashlib.sha256(made_of.encode()).hexdigest()


def _as_tuples(tables: Mapping[str, Mapping[str, Sequence[Sequence[str]]]]) -> Lineage:
    return {
        table: {
            column: [(source, name) for source, name in sources]
            for column, sources in columns.items()
        }
        for table, columns in tables.items()
    }
