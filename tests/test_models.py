"""The dbt project: its unit tests, on an empty database with the right shape."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb

from orchestration.builds.raw_tables import load_provenance, load_raw_dataset
from orchestration.releases.archive import Archive
from orchestration.releases.catalogue import load_catalogue
from orchestration.settings import DBT_PROJECT
from orchestration.vintages.holds import judge


def dbt(database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            *arguments,
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(database.parent / "target")),
            *("--log-path", str(database.parent / "logs")),
        ],
        env=os.environ | {"BORDERLEDGER_BUILD": str(database), "DO_NOT_TRACK": "1"},
        cwd=database.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_every_dbt_unit_test_passes(tmp_path: Path) -> None:
    database = tmp_path / "empty.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema raw; create schema meta")
        archive = Archive(tmp_path / "archive")
        nothing = judge(archive)
        for dataset in load_catalogue().values():
            load_raw_dataset(connection, archive, dataset, nothing)
        load_provenance(connection, nothing, load_catalogue(), tmp_path)
    built = dbt(database, "build", "--empty", "--exclude-resource-type", "unit_test")
    assert built.returncode == 0, built.stdout
    tested = dbt(database, "test", "--select", "test_type:unit")
    assert tested.returncode == 0, tested.stdout
    passed = [line for line in tested.stdout.splitlines() if "PASS=" in line]
    assert passed, tested.stdout
    assert "PASS=0" not in passed[-1], "no unit test ran"
