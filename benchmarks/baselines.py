"""The baselines: the tables of a published file, made again by DuckDB or by dbt alone.

    python -m benchmarks.baselines duckdb PUBLISHED.duckdb COMPILED FOLDER
    python -m benchmarks.baselines dbt PUBLISHED.duckdb COMPILED FOLDER [SELECTION]

Both begin with a copy of the published file's raw tables and provenance, and make the models into
`FOLDER/border.duckdb`:

- duckdb: the query of each model as dbt has compiled it for the job, one statement after the
  other, in a process that has imported DuckDB and nothing else. Every table and view is made, but
  not sorted, described or checked;
- dbt: `dbt build` of the same project, as an engineer would run it every night, with its stored
  parse. SELECTION is dbt's, default everything.

Neither reads a publisher's file, keeps an archive, runs a check, or publishes. COMPILED is the
folder of the job's compiled models. Prints JSON: wall and processor seconds of the work, without
Python's start, and the rows of each table, which the caller compares with the job's.
"""

import contextlib
import io
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
COPIED = ("raw", "meta")
KINDS = {"table": "table {name} as {query}", "view": "view {name} as {query}"}
MACRO = "macro {name}({parameters}) as table {query}"
FISCAL_YEAR = "macro main.fiscal_year(day) as year(day) + (month(day) >= 10)::integer"


@dataclass(frozen=True)
class Model:
    """A model or seed: its name in the file, and the statement that makes it, without `create`."""

    name: str
    statement: str


def main() -> None:
    how, published, compiled, folder, *selection = sys.argv[1:]
    database = Path(folder) / "border.duckdb"
    models = list(_models(Path(compiled))) if how == "duckdb" else []
    started = (time.perf_counter(), time.process_time())
    _copy(Path(published), database)
    if how == "duckdb":
        _make(models, database)
    else:
        _build(Path(folder), selection)
    wall, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
    found = {"wall_seconds": wall, "cpu_seconds": cpu, "rows": rows_by_table(database)}
    json.dump(found, sys.stdout)


def _copy(published: Path, database: Path) -> None:
    """Copy the raw tables and their provenance, as the job has loaded them."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"attach '{published}' as published (read_only)")
        for schema in (*COPIED, "staging"):
            connection.execute(f"create schema {schema}")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'published'"
        ).fetchall()
        for schema, table in tables:
            if schema in COPIED:
                connection.execute(
                    f'create table {schema}."{table}" as from published.{schema}."{table}"'
                )


def _models(compiled: Path) -> Iterator[Model]:
    """The models and seeds in an order in which each comes after those that it reads."""
    nodes = json.loads((PROJECT / "target" / "manifest.json").read_bytes())["nodes"]
    made = {k: n for k, n in nodes.items() if n["resource_type"] in ("model", "seed")}
    parents = {
        key: [one for one in node["depends_on"].get("nodes", ()) if one in made]
        for key, node in made.items()
    }
    for key in TopologicalSorter(parents).static_order():
        node = made[key]
        name = f'{node["schema"]}."{node["name"]}"'
        path = compiled / "borderledger" / node["original_file_path"]
        yield Model(name, _seed(node, name) if "seed" in key[:4] else _model(node, name, path))


def _seed(node: dict[str, Any], name: str) -> str:
    path, types = PROJECT / node["original_file_path"], node["config"]["column_types"]
    given = f", types = {types}" if types else ""
    return f"table {name} as from read_csv('{path}', header = true{given})"


def _model(node: dict[str, Any], name: str, path: Path) -> str:
    form = KINDS.get(node["config"]["materialized"], MACRO)
    parameters = ", ".join(node["config"].get("parameters", ()))
    return form.format(name=name, query=path.read_text(), parameters=parameters)


def _make(models: list[Model], database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create {FISCAL_YEAR}")
        for model in models:
            connection.execute(f"create {model.statement}")


def _build(folder: Path, selection: list[str]) -> None:
    """Run `dbt build` in this process, which imports it for this."""
    from dbt.cli.main import dbtRunner

    shutil.copyfile(PROJECT / "target" / "partial_parse.msgpack", folder / "partial_parse.msgpack")
    os.chdir(folder)  # the profile names the file without a path
    command = ["build", "--exclude-resource-type", "unit_test", "--no-write-json"]
    command += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    command += ["--target-path", str(folder), "--log-path", str(folder)]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        result = dbtRunner().invoke(command + (["--select", *selection] if selection else []))
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    assert result.success, printed.getvalue()[-2000:]


def rows_by_table(database: Path) -> dict[str, int]:
    """The number of rows of each table and view of schema main."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
        return {
            name: connection.execute(f'select count(*) from main."{name}"').fetchall()[0][0]
            for (name,) in sorted(tables)
        }


if __name__ == "__main__":
    main()
