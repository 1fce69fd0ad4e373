"""Starting the UI: the port, and the proxy's address. Announcing that the command has failed."""

import socket
from pathlib import Path

import pytest

from orchestration.cli.job import announced, listen, start_ui
from orchestration.cli.main import main
from orchestration.durable import WriteError
from orchestration.settings import ConfigurationError, Settings
from tests.support.receivers import Webhook, settings_to


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


@pytest.mark.parametrize("has_channel", [True, False])
def test_an_error_outside_of_a_run_is_announced_and_raised_again(
    has_channel: bool, tmp_path: Path
) -> None:
    """As a full disk before the first run, which no history has. Without a channel it says nothing
    of alerts, as its own message is what people read."""
    webhook = Webhook()
    settings = settings_to(tmp_path, *([webhook.url] if has_channel else []))
    with pytest.raises(WriteError, match="disk"), announced(settings):
        raise WriteError("archive: cannot be written: the disk is full")
    webhook.close()
    assert webhook.titles == ["Borderledger: The command nightly failed"] * has_channel
    assert (tmp_path / "alerts.json").exists() == has_channel
