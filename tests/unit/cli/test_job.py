"""Starting the UI: the port, and the proxy's address."""

import socket
from pathlib import Path

import pytest

from orchestration.cli.job import listen, start_ui
from orchestration.cli.main import main
from orchestration.settings import ConfigurationError, Settings


def test_it_listens_on_loopback_only() -> None:
    with listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_a_port_in_use_is_a_usage_error_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path / "home"))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as stopped:
            main(["ui", "--port", str(port)])
    assert stopped.value.code == 2
    printed = capsys.readouterr()
    assert f"cannot listen on 127.0.0.1, port {port}: Address already in use" in printed.err
    assert "http://" not in printed.out
    assert not (tmp_path / "home").exists()


def test_a_proxy_that_is_no_origin_is_a_configuration_error(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home", ui_origin="ledger.example.gov")
    with listen(0) as listening, pytest.raises(ConfigurationError, match="BORDERLEDGER_UI_ORIGIN"):
        start_ui(settings, listening)
    assert not settings.home.exists()
