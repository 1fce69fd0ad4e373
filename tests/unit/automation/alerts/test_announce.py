"""Announcing: one message about each thing, once, whoever announces and however often."""

import logging
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.automation.alerts import announce as announcing
from orchestration.automation.alerts.announce import MESSAGES, announce
from orchestration.automation.alerts.conditions import FailedRun
from orchestration.builds.publishing import publish
from tests.conftest import PROJECT
from tests.support.builds import sealed_build
from tests.support.receivers import (
    HIDDEN,
    MailServer,
    Webhook,
    settings_to,
    with_unreadable_folders,
)

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
LANDING = "Borderledger: A landing folder cannot be read"
FAILED = FailedRun("0b1c2d3e", "nightly", "in step raw: no space", NOW)


def test_each_thing_is_announced_once(tmp_path: Path, webhook: Webhook) -> None:
    settings = settings_to(tmp_path, webhook.url)
    with_unreadable_folders(settings, "/srv/a", "/srv/b")
    sent = [announce(settings, now=NOW + timedelta(days=day)) for day in range(3)]
    assert sent == [2, 0, 0]
    assert webhook.titles == [LANDING, LANDING]
    assert ["/srv/a" in message.body for message in webhook.received] == [True, False]


def test_what_comes_back_is_announced_again(tmp_path: Path, webhook: Webhook) -> None:
    settings = settings_to(tmp_path, webhook.url)
    for folders in (["/srv/a"], [], ["/srv/a"]):
        with_unreadable_folders(settings, *folders)
        announce(settings, now=NOW)
    assert webhook.titles == [LANDING, LANDING]


def test_every_channel_gets_it(tmp_path: Path, webhook: Webhook, mail_server: MailServer) -> None:
    settings = settings_to(tmp_path, webhook.url, mail_server.url)
    with_unreadable_folders(settings, "/srv/a")
    assert announce(settings, now=NOW) == 1
    assert webhook.titles == [mail.title for mail in mail_server.received] == [LANDING]


def test_a_failed_run_says_what_readers_see(tmp_path: Path, webhook: Webhook) -> None:
    settings = settings_to(tmp_path, webhook.url, ui_origin="https://ledger.example.gov/")
    build = sealed_build(settings, "12345678")
    publish(build, settings)
    assert announce(settings, lambda: [FAILED], now=NOW) == 1
    [message] = webhook.received
    assert message.title == "Borderledger: The job nightly failed"
    assert message.body.splitlines() == [
        "Why: in step raw: no space",
        f"Readers still see build {build.build_id} of {build.record.built_at:%Y-%m-%d}.",
        "Run `borderledger status`, or open https://ledger.example.gov/runs/0b1c2d3e; once the "
        "cause is gone, `borderledger nightly`.",
    ]


def test_a_job_that_fails_every_night_is_one_message_until_it_succeeds(
    tmp_path: Path, webhook: Webhook
) -> None:
    settings = settings_to(tmp_path, webhook.url)
    tonight = FailedRun("9f8e7d6c", "nightly", "in step raw: no space", NOW + timedelta(days=1))
    for runs in ([FAILED], [tonight], [], [tonight]):
        announce(settings, lambda runs=runs: runs, now=NOW)  # type: ignore[misc]
    assert len(webhook.received) == 2


def test_a_command_that_ends_outside_of_its_runs_is_one_message_until_it_does_not(
    tmp_path: Path, webhook: Webhook
) -> None:
    """What does not know of the command, such as Dagster's daemon, leaves what is known."""
    settings = settings_to(tmp_path, webhook.url)
    for number, ended_early in enumerate((["disk I/O error"], None, ["disk I/O error"], [])):
        announce(settings, list, now=NOW, ended_early=ended_early)
        assert len(webhook.received) == 1, number
    assert webhook.received[0].title == "Borderledger: The command nightly failed"
    assert webhook.received[0].body.splitlines() == [
        "Why: disk I/O error",
        "Readers see nothing yet: no file is published.",
        "Run `borderledger status`, then `borderledger nightly`.",
    ]
    announce(settings, list, now=NOW, ended_early=["disk I/O error"])
    assert len(webhook.received) == 2


def test_who_does_not_know_of_runs_leaves_what_is_known(tmp_path: Path, webhook: Webhook) -> None:
    settings = settings_to(tmp_path, webhook.url)
    for failed_runs in (lambda: [FAILED], None, lambda: [FAILED]):
        announce(settings, failed_runs, now=NOW)
    assert len(webhook.received) == 1


def test_only_the_channel_that_failed_is_tried_again(
    tmp_path: Path, webhook: Webhook, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_to(tmp_path, webhook.url, mail_server.url)
    with_unreadable_folders(settings, "/srv/a")
    webhook.status = 503
    assert announce(settings, now=NOW) == 1
    assert "could not be sent to json: it answered 503" in caplog.text
    assert HIDDEN not in caplog.text
    webhook.status = 200
    assert announce(settings, now=NOW + timedelta(seconds=30)) == 0  # it waits a minute
    assert announce(settings, now=NOW + timedelta(minutes=2)) == 1
    assert (len(webhook.received), len(mail_server.received)) == (1, 1)


def test_a_channel_that_fails_is_tried_once_a_call(
    tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_to(tmp_path, webhook.url)
    with_unreadable_folders(settings, "/srv/a", "/srv/b", "/srv/c")
    webhook.status = 503
    assert announce(settings, now=NOW) == 0
    assert caplog.text.count("could not be sent") == 1


def test_many_alerts_at_once_do_not_flood_a_channel(tmp_path: Path, webhook: Webhook) -> None:
    settings = settings_to(tmp_path, webhook.url)
    with_unreadable_folders(settings, *(f"/srv/{number}" for number in range(30)))
    assert announce(settings, now=NOW) == 30
    assert len(webhook.received) == MESSAGES
    last = webhook.received[-1]
    assert last.title == f"Borderledger: {30 - MESSAGES + 1} more alerts"
    assert last.body.count("- A landing folder") == 30 - MESSAGES + 1
    assert announce(settings, now=NOW) == 0


def test_messages_that_take_long_are_left_to_the_next_call(
    tmp_path: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "CALL_SECONDS", 0.0)
    settings = settings_to(tmp_path, webhook.url)
    with_unreadable_folders(settings, "/srv/a", "/srv/b", "/srv/c")
    assert [announce(settings, now=NOW) for _ in range(4)] == [1, 1, 1, 0]
    assert len(webhook.received) == 3


def test_without_a_channel_the_log_says_so_once(
    tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    without = settings_to(tmp_path)
    announce(without, now=NOW)
    assert caplog.text == ""  # nothing is wrong
    with_unreadable_folders(without, "/srv/a")
    for _ in range(3):
        assert announce(without, now=NOW) == 0
    assert caplog.text.count("BORDERLEDGER_ALERTS names no channel") == 1
    assert announce(settings_to(tmp_path, webhook.url), now=NOW) == 1


def test_an_entry_that_is_no_channel_is_reported_and_the_others_are_used(
    tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_to(tmp_path, f"syslog://{HIDDEN}", webhook.url)
    with_unreadable_folders(settings, "/srv/a")
    assert announce(settings, now=NOW) == 1
    assert "entry 1 of 2" in caplog.text
    assert HIDDEN not in caplog.text


def test_a_damaged_archive_leaves_what_was_announced_of_releases(
    tmp_path: Path, webhook: Webhook
) -> None:
    settings = settings_to(tmp_path, webhook.url)
    record = settings.archive / "cbp_southwest_encounters" / "2024-12_0123456789abcdef"
    record.mkdir(parents=True)
    (record / "record.json").write_text("{torn")
    with_unreadable_folders(settings, "/srv/a")
    assert announce(settings, now=NOW) == 1


@pytest.mark.parametrize("name", ["build.json", "gates.json", "made-of.json"])
def test_a_damaged_file_of_the_published_build_stops_no_alert(
    name: str, tmp_path: Path, webhook: Webhook
) -> None:
    settings = settings_to(tmp_path, webhook.url)
    build = sealed_build(settings, "12345678")
    publish(build, settings)
    (build.folder / name).write_text("{torn")
    with_unreadable_folders(settings, "/srv/a")
    assert announce(settings, lambda: [FAILED], now=NOW) == 2
    assert set(webhook.titles) == {LANDING, "Borderledger: The job nightly failed"}


def test_an_unexpected_error_fails_nothing(
    tmp_path: Path,
    webhook: Webhook,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr(announcing, "situation_of", broken)
    with caplog.at_level(logging.WARNING):
        assert announce(settings_to(tmp_path, webhook.url), now=NOW) == 0
    assert "no alert was sent: ValueError: no such thing" in caplog.text


def test_a_home_that_does_not_exist_is_left_alone(tmp_path: Path) -> None:
    settings = settings_to(tmp_path)
    assert announce(settings_to(tmp_path / "home").widened(), now=NOW) == 0
    missing = settings.home / "none"
    assert announce(type(settings)(missing), now=NOW) == 0
    assert not missing.exists()


def test_two_processes_at_once_send_it_once(tmp_path: Path, webhook: Webhook) -> None:
    settings = settings_to(tmp_path, webhook.url)
    with_unreadable_folders(settings, "/srv/a", "/srv/b")
    webhook.seconds = 0.3
    code = (
        "from orchestration.automation.alerts.announce import announce\n"
        "from orchestration.settings import Settings\n"
        "print(sum(announce(Settings.from_environment()) for _ in range(3)))"
    )
    environment = os.environ | {
        "BORDERLEDGER_HOME": str(tmp_path),
        "BORDERLEDGER_ALERTS": webhook.url,
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    counts = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert sum(counts) == len(webhook.received) == 2


def test_nothing_of_apprise_is_imported_without_something_to_send(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from orchestration.automation.alerts.announce import announce\n"
        "from orchestration.settings import Settings\n"
        "announce(Settings.from_environment())\n"
        "print([name for name in ('apprise', 'dagster', 'requests') if name in sys.modules])"
    )
    environment = os.environ | {
        "BORDERLEDGER_HOME": str(tmp_path),
        "BORDERLEDGER_ALERTS": "json://127.0.0.1:1/",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout == "[]\n"
