"""The command that exports the published tables, on the bundled figures."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from frictionless import validate

from tests.conftest import PROJECT, run_command
from tests.support.exports import csv_digests, package_of, parquet_digests, published_digests
from tests.support.published_file import ask


@pytest.fixture(scope="module")
def exported(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of every table of the bundle's published file. Not to be changed."""
    folder = tmp_path_factory.mktemp("exported") / "export"
    done = run_command(bundle_home, "export", str(folder))
    assert re.search(r"Wrote \d\d tables of build \S+ as CSV and Parquet", done.stdout)
    return folder


def test_every_table_loads_back_with_its_recorded_digest(bundle_home: Path, exported: Path) -> None:
    digests = published_digests(bundle_home)
    assert len(digests) > 80
    assert parquet_digests(exported) == digests
    assert csv_digests(exported) == digests


def test_the_data_package_holds_for_every_row(exported: Path) -> None:
    report = validate(str(exported / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "rowNumber", "fieldName", "note"])
    assert report.stats["tasks"] == len(package_of(exported)["resources"])


def test_every_table_and_column_is_described(exported: Path) -> None:
    for resource in package_of(exported)["resources"]:
        assert resource["description"], resource["name"]
        for field in resource["schema"]["fields"]:
            assert field["description"], f"{resource['name']}.{field['name']}"
            assert field["type"] != "any", f"{resource['name']}.{field['name']}"


def test_two_exports_of_a_build_have_the_same_bytes(
    bundle_home: Path, exported: Path, tmp_path: Path
) -> None:
    run_command(bundle_home, "export", str(tmp_path / "again"))
    again, first = package_of(tmp_path / "again"), package_of(exported)
    assert again == first


def test_an_export_without_a_folder_is_in_the_home(own_home: Path) -> None:
    tables = ("--tables", "dim_month,dim_area", "--tables", "measures")
    done = run_command(own_home, "export", *tables, "--json")
    assert set(json.loads(done.stdout)["tables"]) == {"dim_month", "dim_area", "measures"}
    found = sorted(path.name for path in (own_home / "export" / "data").glob("*.csv"))
    assert found == ["dim_area.csv", "dim_month.csv", "measures.csv"]
    assert 'href="../export/data/dim_area.csv"' in _data_page(own_home)


def test_the_report_does_not_link_an_export_elsewhere(own_home: Path, tmp_path: Path) -> None:
    """Which may be moved, and is not there for who opens the report on another machine."""
    before = _data_page(own_home)
    run_command(own_home, "export", str(tmp_path / "elsewhere"), "--tables", "dim_area")
    assert _data_page(own_home) == before


def _data_page(home: Path) -> str:
    return (home / "report" / "data.html").read_text(encoding="utf-8")


def test_an_unknown_table_is_a_usage_error(bundle_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    done = run_command(bundle_home, "export", str(folder), "--tables", "fct_encounter", expect=2)
    assert "found table 'fct_encounter'" in done.stderr
    assert "fct_encounters" in done.stderr
    assert not folder.exists()


def test_nothing_is_exported_before_the_first_build(tmp_path: Path) -> None:
    done = run_command(tmp_path / "home", "export", str(tmp_path / "export"), expect=2)
    assert "found no published file; run `borderledger nightly`" in done.stderr


def test_both_citations_have_what_the_standard_requires(bundle_home: Path, exported: Path) -> None:
    for path in (PROJECT / "CITATION.cff", exported / "CITATION.cff"):
        _check_citation(yaml.safe_load(path.read_text(encoding="utf-8")))
    project = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["version"], project["license"]) == (declared["version"], declared["license"])
    build = yaml.safe_load((exported / "CITATION.cff").read_text(encoding="utf-8"))
    [(build_id, built_on)] = ask(
        bundle_home, "select build_id, (built_at at time zone 'UTC')::date from meta.builds"
    )
    assert (build["version"], build["date-released"]) == (build_id, built_on)
    publishers = {one["authors"][0]["name"] for one in build["references"]}
    assert "U.S. Customs and Border Protection" in publishers


def _check_citation(cited: dict[str, Any]) -> None:
    """Raises AssertionError for what Citation File Format 1.2.0 does not allow, as far as it is
    used here."""
    assert cited["cff-version"] == "1.2.0"
    assert cited["message"]
    assert cited["title"]
    assert cited["type"] in ("software", "dataset")
    assert cited["authors"]
    assert set(cited) <= {
        *("cff-version", "message", "title", "type", "authors", "abstract", "version", "license"),
        *("date-released", "references"),
    }
    assert isinstance(cited["version"], str), "YAML has not taken it for a number"
    assert isinstance(cited.get("date-released", date.min), date)
    for entity in [*cited["authors"], *(one["authors"][0] for one in cited.get("references", []))]:
        assert set(entity) == {"name"}
        assert entity["name"]
    for reference in cited.get("references", []):
        assert set(reference) == {"type", "title", "url", "authors"}
        assert reference["type"] == "data"
        assert reference["url"].startswith("https://")
