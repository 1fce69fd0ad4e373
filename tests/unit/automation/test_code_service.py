"""The code server below the UI: it is started again when it ends, and ends with the UI."""

import sys
import time
from pathlib import Path

import pytest
import yaml

from orchestration.automation import code_service
from orchestration.automation.code_service import running_code_server, workspace_of

WAIT_SECONDS = 60
STARTED, ENDED = "started\n", "ended\n"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a stand-in for the code server says that it started and ended. The first one ends by
    itself, the second one with its standard input."""
    log = tmp_path / "log"
    code = (
        "import sys\n"
        f"log = open({str(log)!r}, 'a+'); log.seek(0)\n"
        "again = bool(log.read())\n"
        f"log.write({STARTED!r}); log.flush()\n"
        "if again:\n"
        f"    sys.stdin.read(); log.write({ENDED!r})\n"
    )
    monkeypatch.setattr(
        code_service, "code_server_command", lambda *_, **__: [sys.executable, "-c", code]
    )
    monkeypatch.setattr(code_service, "RESTART_SECONDS", 0.05)
    monkeypatch.setenv("DAGSTER_IS_DEV_CLI", "")
    return log


def test_it_is_started_again_and_ends_at_the_end(log: Path) -> None:
    with running_code_server() as socket:
        until = time.monotonic() + WAIT_SECONDS
        while not log.exists() or log.read_text() != STARTED * 2:
            assert time.monotonic() < until, "it is not started again"
            time.sleep(0.02)
    assert log.read_text() == STARTED * 2 + ENDED
    assert not socket.parent.exists()


def test_nobody_else_may_enter_the_folder_of_its_socket(log: Path) -> None:
    with running_code_server() as socket:
        assert socket.parent.stat().st_mode & 0o077 == 0


def test_the_workspace_file_names_the_socket() -> None:
    [entry] = yaml.safe_load(workspace_of(Path("/a: b/code.sock")))["load_from"]
    assert entry["grpc_server"]["socket"] == "/a: b/code.sock"
