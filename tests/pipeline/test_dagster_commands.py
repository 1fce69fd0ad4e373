"""Dagster's own commands find the code location without an option."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.automation.instance import INSTANCE
from tests.conftest import PROJECT


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("dg", "check", "defs"), "All definitions loaded successfully"),
        pytest.param(
            ("dagster", "definitions", "validate"),
            "Validation successful for code location orchestration.definitions",
            marks=pytest.mark.long,
        ),
    ],
    ids=["dg", "dagster"],
)
def test_the_definitions_are_found_and_whole(
    command: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    dagster_home = tmp_path / "home" / "dagster"
    dagster_home.mkdir(parents=True)
    (dagster_home / "dagster.yaml").write_bytes(INSTANCE.read_bytes())
    done = subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=PROJECT,
        env=os.environ
        | {
            "BORDERLEDGER_HOME": str(tmp_path / "home"),
            "DAGSTER_HOME": str(dagster_home),
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert says in done.stdout + done.stderr
    assert not (tmp_path / ".dagster").exists(), "nothing was collected for telemetry"
