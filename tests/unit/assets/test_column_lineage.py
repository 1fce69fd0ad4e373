"""Column lineage: every column of every table has its sources, and a broken model harms nothing."""

import json
import logging
import shutil
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.assets import column_lineage as module
from orchestration.assets.column_lineage import (
    Lineage,
    column_lineage,
    lineage_in_words,
    lineage_metadata,
    lineage_of,
)
from orchestration.settings import DBT_PROJECT

WRITTEN_IN_THE_MODEL = {  # columns of main without a source, and why
    "cut_comparison.cut": "each comparison is named in the model",
    "cut_comparison.other_cut": "each comparison is named in the model",
    "deportations_by_fiscal_year.agency": "each measure is named in the model",
    "deportations_by_fiscal_year.measure": "each measure is named in the model",
    "dim_release.cut": "each dataset's cut is named in the model",
    "fct_border_patrol_by_region_by_release.rounded_to": "OHSS rounds every figure to ten",
    "fct_border_patrol_by_sector_by_release.rounded_to": "OHSS rounds every figure to ten",
    "fct_custody_outcomes_by_family_status_by_release.rounded_to": "OHSS rounds each to ten",
    "fct_custody_outcomes_by_release.rounded_to": "OHSS rounds every figure to ten",
    "fct_deportations_by_arresting_agency.rounded_to": "OHSS rounds every figure to ten",
    "fct_deportations_by_citizenship.rounded_to": "OHSS rounds every figure to ten",
    "fct_deportations_by_criminality.rounded_to": "OHSS rounds every figure to ten",
    "fct_deportations_by_release.citizenship": "not broken down",
    "ohss_fiscal_years.rounded_to": "OHSS rounds every figure to ten",
}


@pytest.fixture(scope="module")
def manifest(empty_build: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((empty_build / "compiled.json").read_bytes())
    return found


@pytest.fixture(scope="module")
def lineage(manifest: dict[str, Any]) -> Lineage:
    return lineage_of(manifest)


@pytest.fixture
def project(tmp_path: Path, empty_build: Path) -> Path:
    """A copy of the dbt project with its compiled manifest."""
    ignored = shutil.ignore_patterns("target", "logs")
    copy = Path(shutil.copytree(DBT_PROJECT, tmp_path / "dbt_project", ignore=ignored))
    (copy / "target").mkdir()
    shutil.copy(empty_build / "compiled.json", copy / "target" / "manifest.json")
    return copy


def test_every_table_and_view_has_lineage_for_the_columns_that_it_has(
    lineage: Lineage, empty_build: Path
) -> None:
    with duckdb.connect(str(empty_build / "border.duckdb"), read_only=True) as connection:
        built = connection.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index)"
            " from duckdb_columns() where schema_name in ('main', 'staging') and not internal"
            " group by all"
        ).fetchall()
    seeds = {f"staging.{path.stem}" for path in DBT_PROJECT.glob("seeds/*.csv")}
    found = {table: sorted(columns) for table, columns in lineage.items()}
    assert found == {table: sorted(cols) for table, cols in built if table not in seeds}


def test_every_column_of_main_has_a_source_or_a_reason(lineage: Lineage) -> None:
    without = {
        f"{table.removeprefix('main.')}.{column}"
        for table, columns in lineage.items()
        if table.startswith("main.")
        for column, sources in columns.items()
        if not sources
    }
    assert without == set(WRITTEN_IN_THE_MODEL)


def test_a_figure_is_traced_through_joins_and_macros(lineage: Lineage) -> None:
    assert lineage["main.fct_encounters"]["encounters"] == [
        ("main.fct_encounters_by_release", "encounters")
    ]
    raw = "raw.cbp_southwest_encounters"
    assert (raw, "encounters") in lineage["staging.stg_cbp_southwest_encounters"]["encounters"]
    assert ("raw.vocabulary", "label") in lineage["staging.stg_cbp_southwest_encounters"][
        "component"
    ]


def test_dagster_and_a_person_see_the_sources() -> None:
    lineage: Lineage = {"main.t": {"a": [("staging.s", "x"), ("staging.s", "y")], "b": []}}
    value = lineage_metadata(lineage, "main.t")["dagster/column_lineage"]
    assert isinstance(value, dg.TableColumnLineageMetadataValue)
    deps = value.column_lineage.deps_by_column
    assert [(d.asset_key, d.column_name) for d in deps["a"]] == [
        (dg.AssetKey(["staging", "s"]), "x"),
        (dg.AssetKey(["staging", "s"]), "y"),
    ]
    assert deps["b"] == []
    words = lineage_in_words(lineage, "main.t")
    assert words is not None
    assert words.value == (
        "- `a`: `x`, `y` of [s](/assets/staging/s)\n- `b`: no column, written in the model"
    )
    assert lineage_metadata(lineage, "main.other") == {}
    assert lineage_in_words(lineage, "main.other") is None


def test_a_model_that_cannot_be_read_is_left_out_with_a_warning(
    manifest: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    name = "model.borderledger.fct_street_releases"
    broken = manifest["nodes"][name] | {"compiled_code": "select ( from"}
    with caplog.at_level(logging.WARNING):
        found = lineage_of({"nodes": manifest["nodes"] | {name: broken}})
    assert "main.fct_street_releases" not in found
    assert "main.fct_encounters" in found
    assert "models/facts/fct_street_releases.sql: found no column lineage" in caplog.text


def test_it_is_kept_beside_the_manifest_and_made_anew_when_the_project_changes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def counted(*arguments: Any) -> Lineage:
        made.append(arguments)
        return {"main.t": {"a": [("main.s", str(len(made)))]}}

    def asked() -> Lineage:
        column_lineage.cache_clear()  # as in another process
        return column_lineage(project)

    monkeypatch.setattr(module, "lineage_of", counted)
    first = asked()
    assert asked() == first == {"main.t": {"a": [("main.s", "1")]}}
    model = project / "models" / "facts" / "fct_encounters.sql"
    content = model.read_text()
    model.write_text(content + "-- changed")
    assert asked() == {"main.t": {"a": [("main.s", "2")]}}
    (project / "target" / "column_lineage.json").write_text('{"project": "cut of')
    assert asked() == {"main.t": {"a": [("main.s", "3")]}}


def test_a_project_that_dbt_cannot_compile_has_none_and_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (project / "target" / "manifest.json").unlink()
    failing = project / "dbt"
    failing.write_text("#!/bin/sh\nexit 2\n")
    failing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(project / "python"))
    with caplog.at_level(logging.WARNING):
        assert column_lineage(project) == {}
    assert f"{project}: found no column lineage" in caplog.text
