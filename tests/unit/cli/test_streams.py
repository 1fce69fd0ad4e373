"""Output that cannot be written: the device is full, or the reader of a pipe has gone."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import PROJECT

FULL = Path("/dev/full")
MANY = "from range(100000)"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Runs the command, in a home with a published file, with other streams than those of users."""
    home = tmp_path_factory.mktemp("home")
    duckdb.connect(str(home / "border.duckdb")).close()
    environment = os.environ | {"BORDERLEDGER_HOME": str(home)}
    environment.pop("COLUMNS", None)  # so that no line is wrapped

    def run(*arguments: str, **streams: Any) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            cwd=PROJECT,
            env=environment,
            text=True,
            timeout=300,
            check=False,
            **streams,
        )
        return done

    return run


@pytest.fixture
def closed_pipe() -> int:
    """The end of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize("arguments", [("sql", "select 1", "--csv"), ("sql", MANY), ("status",)])
def test_a_full_device_is_named_and_not_the_home(
    arguments: tuple[str, ...], command: Command
) -> None:
    """Also where the whole output fits into a buffer, which is written last."""
    with FULL.open("w") as full:
        done = command(*arguments, stdout=full.fileno(), stderr=subprocess.PIPE)
    assert done.returncode == 3
    assert done.stderr == (
        "borderledger: standard output: cannot be written: No space left on device; make room "
        "where it goes, or send it elsewhere\n"
    )


@pytest.mark.parametrize(
    "arguments", [("sql", MANY, "--csv"), ("sql", MANY, "--json"), ("status",), ("--help",)]
)
def test_a_pipe_that_is_closed_ends_every_command_quietly(
    arguments: tuple[str, ...], command: Command, closed_pipe: int
) -> None:
    """With the exit code of what is neither a gate's refusal nor a mistake in the arguments."""
    done = command(*arguments, stdout=closed_pipe, stderr=subprocess.PIPE)
    os.close(closed_pipe)
    assert (done.returncode, done.stderr) == (3, "")


def test_errors_that_nobody_reads_keep_their_exit_code(command: Command, closed_pipe: int) -> None:
    for arguments in (("sql",), ("diff", "a", "b")):
        done = command(*arguments, stdout=subprocess.PIPE, stderr=closed_pipe)
        assert (done.returncode, done.stdout) == (2, "")
    os.close(closed_pipe)


@pytest.mark.parametrize(("arguments", "code"), [(("status",), 0), (("diff", "a", "b"), 2)])
def test_a_process_without_its_streams_does_its_work(
    arguments: tuple[str, ...], code: int, command: Command
) -> None:
    """As where a service manager closes them."""

    def close_both() -> None:
        os.closerange(1, 3)

    assert command(*arguments, preexec_fn=close_both).returncode == code
