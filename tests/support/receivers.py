"""Receivers of alerts on this machine: a webhook and a mail server, which keep what they get.

What belongs here: the servers, and homes in which something is wrong.
"""

import json
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from pydantic import SecretStr

from orchestration.intake.source_health import Health, LandingHealth
from orchestration.settings import Settings

HIDDEN = "hidden-7c1f"  # a token, which is shown nowhere


@dataclass(frozen=True)
class Received:
    """A message as a receiver got it."""

    title: str
    body: str


class Webhook:
    """A local server that takes Apprise's `json://` messages.

    status: what it answers. seconds: how long it takes over each answer.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.status = 200
        self.seconds = 0.0
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                sent = json.loads(self.rfile.read(length))
                time.sleep(webhook.seconds)
                if webhook.status == 200:
                    webhook.received.append(Received(sent["title"], sent["message"]))
                self.send_response(webhook.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """Its Apprise URL, with a token in the path."""
        return f"json://127.0.0.1:{self._server.server_port}/{HIDDEN}"

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.received]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _AnyPort(Controller):
    """A server on a port that the system has chosen."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class MailServer:
    """A local mail server. received: subject and plain text of each message."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        mail = self

        class Handler:
            async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802
                sent = message_from_bytes(envelope.content, policy=policy.default)
                text = sent.get_body(("plain",))
                assert text is not None
                mail.received.append(Received(str(sent["Subject"]), text.get_content()))
                return "250 taken"

        self._controller = _AnyPort(Handler(), hostname="127.0.0.1", port=0)
        self._controller.start()

    @property
    def url(self) -> str:
        """Its Apprise URL."""
        return f"mailto://127.0.0.1:{self._controller.port}/?from=ledger@example.org&to=desk@example.org"

    def close(self) -> None:
        self._controller.stop()


def settings_to(home: Path, *urls: str, ui_origin: str | None = None) -> Settings:
    """Settings of a home whose alerts go to these URLs."""
    home.mkdir(exist_ok=True)
    return Settings(
        home, offline=True, ui_origin=ui_origin, alerts=tuple(SecretStr(url) for url in urls)
    )


def with_unreadable_folders(settings: Settings, *folders: str) -> None:
    """Store that these landing folders, and no others, could not be read: one alert for each."""
    landing = tuple(LandingHealth(folder=name, problem="Permission denied") for name in folders)
    path = settings.home / "incoming" / "health.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(Health(landing=landing).model_dump_json())
