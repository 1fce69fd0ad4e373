"""The type checker, as one more test: so it runs beside the others, not before them."""

import subprocess
import sys

from tests.conftest import PROJECT


def test_every_type_holds() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
