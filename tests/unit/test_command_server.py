"""The server from which the tests fork the command."""

import os
from pathlib import Path

import pytest

from tests.conftest import start_command
from tests.support.command_server import command_server


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("status", "--json"), 0), (("rollback",), 2), (("claims",), 2)],
)
def test_a_forked_command_prints_and_ends_as_a_started_one_does(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    environment = os.environ | {"BORDERLEDGER_HOME": str(tmp_path), "COLUMNS": "200"}
    started = start_command(arguments, environment)
    forked = command_server().run(arguments, environment)
    assert forked.returncode == started.returncode == code
    assert (forked.stdout, forked.stderr) == (started.stdout, started.stderr)
