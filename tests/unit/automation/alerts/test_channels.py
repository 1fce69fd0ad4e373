"""Sending to a channel: what arrives, what is not allowed, and that no secret is shown."""

import logging
import socket
from pathlib import Path

import pytest
import requests
from pydantic import SecretStr

from orchestration.automation.alerts.channels import Channel, channels_of, send
from tests.support.receivers import HIDDEN, MailServer, Received, Webhook, settings_to

TITLE, BODY = "A title", "Why: <b>a & b</b>\nReaders see [x](y)."


def channel(url: str) -> Channel:
    return Channel(url.partition("://")[0], SecretStr(url))


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def test_a_webhook_gets_title_and_body(webhook: Webhook) -> None:
    assert send(channel(webhook.url), TITLE, BODY) is None
    assert webhook.received == [Received(TITLE, BODY)]


def test_a_mail_has_title_and_body_as_plain_text(mail_server: MailServer) -> None:
    assert send(channel(mail_server.url), TITLE, BODY) is None
    [mail] = mail_server.received
    assert mail.title == TITLE
    assert mail.body.splitlines() == BODY.splitlines()


@pytest.mark.parametrize(
    ("status", "answered"), [(404, "404 (Not Found)"), (500, "500 (Internal"), (302, "302 (Found)")]
)
def test_a_channel_that_refuses_is_reported_by_its_answer(
    webhook: Webhook, status: int, answered: str
) -> None:
    webhook.status = status
    problem = send(channel(webhook.url), TITLE, BODY)
    assert problem is not None
    assert problem.startswith(f"it answered {answered}")
    assert webhook.received == []


@pytest.mark.parametrize("schema", ["json", "mailto"])
def test_a_channel_that_cannot_be_reached_is_reported(schema: str) -> None:
    url = f"{schema}://127.0.0.1:{closed_port()}/?from=a@example.org&to=b@example.org"
    problem = send(channel(url), TITLE, BODY)
    assert problem == "it could not be reached, or did not take the message"


def test_an_endless_answer_is_not_waited_for(webhook: Webhook) -> None:
    webhook.seconds = 3.0
    send(channel("json://127.0.0.1:1/"), TITLE, BODY)  # Apprise is imported
    problem = send(channel(webhook.url), TITLE, BODY, seconds=0.2)
    assert problem == "no answer within 0.2 seconds"


@pytest.mark.parametrize("optional", ["retry=0", "optional=yes"])
def test_a_failure_is_a_failure_even_if_the_url_calls_it_optional(
    webhook: Webhook, optional: str
) -> None:
    webhook.status = 500
    assert send(channel(f"{webhook.url}?{optional}"), TITLE, BODY) is not None


@pytest.mark.parametrize(
    "parameter",
    ["template=/etc/passwd", "Template=file:///etc/passwd", "pgp=encrypt", "pgppub=/k", "wkd=yes"],
)
def test_a_url_may_not_name_files(mail_server: MailServer, parameter: str) -> None:
    problem = send(channel(f"{mail_server.url}&{parameter}"), TITLE, BODY)
    assert problem is not None
    assert problem.endswith("which is not allowed")
    assert mail_server.received == []


@pytest.mark.parametrize(
    "url",
    [
        "syslog://",
        "dbus://",
        "glib://",
        "gnome://",
        "macosx://",
        "windows://",
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "apprise://127.0.0.1/token",
        "hidden-7c1f",
        "hidden-7c1f://x",
    ],
)
def test_a_schema_that_is_not_allowed_is_no_channel_and_not_shown(tmp_path: Path, url: str) -> None:
    channels, problems = channels_of(settings_to(tmp_path, "json://127.0.0.1/", url))
    assert [channel.name for channel in channels] == ["json"]
    [problem] = problems
    assert problem.startswith("BORDERLEDGER_ALERTS: entry 2 of 2: ")
    assert url not in problem


def test_channels_are_named_by_their_schema_and_number(tmp_path: Path) -> None:
    urls = ("slack://A/B/C", "JSON://a/", "slack://D/E/F", "mailtos://u:p@example.org")
    channels, problems = channels_of(settings_to(tmp_path, *urls))
    assert [channel.name for channel in channels] == ["slack", "json", "slack 2", "mailtos"]
    assert problems == []


@pytest.mark.parametrize("url", ["slack://hidden-7c1f", "https://127.0.0.1/hidden-7c1f"])
def test_an_unusable_url_is_reported_without_it(url: str) -> None:
    problem = send(channel(url), TITLE, BODY)
    assert problem is not None
    assert problem.startswith("its URL is not one that Apprise ")
    assert HIDDEN not in problem


@pytest.mark.parametrize(
    "template",
    [
        "json://me:hidden-7c1f@127.0.0.1:{port}/hidden-7c1f?-key=hidden-7c1f",
        "mailto://me:hidden-7c1f@127.0.0.1:{port}/?from=a@example.org&to=b@example.org",
        "slack://hidden-7c1f",
        "https://127.0.0.1:{port}/hidden-7c1f",
    ],
)
def test_no_secret_is_logged_printed_or_returned(
    template: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    found = channel(template.format(port=closed_port()))
    with caplog.at_level(logging.DEBUG):
        problem = send(found, TITLE, BODY)
    printed = capfd.readouterr()
    assert problem is not None
    assert HIDDEN not in f"{problem}{found!r}{caplog.text}{printed.out}{printed.err}"


def test_no_secret_of_a_request_that_succeeds_is_logged(
    webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert send(channel(webhook.url), TITLE, BODY) is None
    assert HIDDEN not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "workflows://prod.logic.azure.com:443/hidden-7c1f/hidden-7c1f",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    ],
)
def test_slack_and_teams_get_text_without_markup_or_mentions(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would go to them, which no test may reach."""
    posted: list[str] = []

    def taken(*_: object, data: str, allow_redirects: bool, **__: object) -> requests.Response:
        assert not allow_redirects  # it would take the token along
        posted.append(data)
        response = requests.Response()
        response.status_code = 200
        response._content = b"ok"
        return response

    monkeypatch.setattr(requests, "post", taken)
    monkeypatch.setattr(requests, "request", taken)
    assert send(channel(url), TITLE, "File: [click](http://evil.example) <!channel>.") is None
    [message] = posted
    assert TITLE in message
    assert "<!channel>" not in message
    assert "[click](" not in message or '"mrkdwn": false' in message
