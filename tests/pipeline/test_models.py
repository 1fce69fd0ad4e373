"""The dbt project: its unit tests, on an empty database with the right shape."""

from pathlib import Path

from tests.conftest import run_dbt


def test_every_dbt_unit_test_passes(empty_build: Path) -> None:
    tested = run_dbt(empty_build, "test", "--select", "test_type:unit")
    assert tested.returncode == 0, tested.stdout
    passed = [line for line in tested.stdout.splitlines() if "PASS=" in line]
    assert passed, tested.stdout
    assert "PASS=0" not in passed[-1], "no unit test ran"
