"""The type checker as a test, so that it runs in parallel with the others."""

import subprocess
import sys

from tests.conftest import PROJECT


def test_the_type_checker_finds_no_errors() -> None:
    command = [sys.executable, "-m", "pyrefly", "check"]
    checked = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
