"""The command alerts, and what status shows of what is overdue."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.automation.last_run import remember_early_end
from tests.conftest import run_command
from tests.support.cbp_files import SOUTHWEST
from tests.support.receivers import HIDDEN, Webhook, settings_to, with_unreadable_folders
from tests.support.reviews import FIRST, archive_of

NAMES = "BORDERLEDGER_ALERTS"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    yield server
    server.close()


def test_it_lists_what_is_wrong_and_sends_nothing(
    tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAMES, webhook.url)
    with_unreadable_folders(settings_to(tmp_path), "/srv/a")
    lines = run_command(tmp_path, "alerts").stdout.splitlines()
    assert lines[0] == "new          A landing folder cannot be read"
    assert lines[1] == "             Why: /srv/a: Permission denied."
    assert lines[-1] == "1 alert; channels: json"
    [record] = json.loads(run_command(tmp_path, "alerts", "--json").stdout)
    assert (record["key"], record["state"]) == ("landing//srv/a", "new")
    assert webhook.received == []


def test_it_says_what_was_announced(
    tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.automation.alerts.announce import announce

    settings = settings_to(tmp_path, webhook.url)
    with_unreadable_folders(settings, "/srv/a")
    monkeypatch.setenv(NAMES, webhook.url)
    webhook.status = 500
    announce(settings)
    assert run_command(tmp_path, "alerts").stdout.startswith("waiting ")
    (tmp_path / "alerts.json").unlink()
    webhook.status = 200
    announce(settings)
    [record] = json.loads(run_command(tmp_path, "alerts", "--json").stdout)
    assert record["state"] == "announced"
    assert record["sent_at"] is not None


def test_it_lists_why_the_command_nightly_ended_before_its_runs(tmp_path: Path) -> None:
    remember_early_end(tmp_path, OSError("no room"))
    lines = run_command(tmp_path, "alerts").stdout.splitlines()
    assert lines[:2] == [
        "new          The command nightly failed",
        "             Why: no room",
    ]


def test_a_test_reports_each_channel_without_its_secret(
    tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAMES, webhook.url)
    assert run_command(tmp_path, "alerts", "--test").stdout == "json         sent\n"
    [message] = webhook.received
    assert message.title == "Borderledger: a test"
    monkeypatch.setenv(NAMES, f"{webhook.url} json://me:{HIDDEN}@127.0.0.1:1/ syslog://{HIDDEN}")
    done = run_command(tmp_path, "alerts", "--test", expect=3)
    assert done.stdout == "json         sent\n"
    assert "entry 3 of 3: found no Apprise URL of a schema that is allowed" in done.stderr
    assert "json 2       not sent: it could not be reached" in done.stderr
    assert HIDDEN not in done.stdout + done.stderr


def test_a_test_without_a_channel_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(NAMES, raising=False)
    done = run_command(tmp_path, "alerts", "--test", expect=2)
    assert "BORDERLEDGER_ALERTS is empty; expected one Apprise URL or more" in done.stderr


def test_an_entry_that_is_no_channel_is_a_configuration_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAMES, HIDDEN)
    done = run_command(tmp_path, "alerts", expect=2)
    assert "BORDERLEDGER_ALERTS: entry 1 of 1" in done.stderr
    assert HIDDEN not in done.stdout + done.stderr


def test_status_shows_what_is_overdue_within_80_columns(tmp_path: Path) -> None:
    archive_of(tmp_path, FIRST)
    lines = run_command(tmp_path, "status", columns=80).stdout.splitlines()
    [overdue] = [line for line in lines if line.startswith("overdue ")]
    assert overdue.startswith(f"overdue      {SOUTHWEST} by ")
    assert overdue.endswith(" days, newest 2024-12-31")
    assert len(overdue) <= 80
    fresh = json.loads(run_command(tmp_path, "status", "--json").stdout)["freshness"]
    by_name = {one["name"]: one for one in fresh}
    assert by_name[SOUTHWEST]["due_by"] == "2025-02-14"
    assert by_name[SOUTHWEST]["overdue_by"] > 0
    assert by_name["published file"]["overdue_by"] == 0
