"""Channels: the Apprise URLs in BORDERLEDGER_ALERTS, and sending a message to one of them.

What belongs here: everything that knows Apprise. Its URLs contain passwords and tokens: a channel
is shown by its schema only, and what Apprise logs stays here.
"""

import http
import logging
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from orchestration.settings import Settings

if TYPE_CHECKING:
    from apprise import Apprise

VARIABLE = "BORDERLEDGER_ALERTS"
# Slack, Teams, e-mail and webhooks. Apprise has many more: some run programs or write to the
# system's log, and the others have not been tried. `https` is the address that Slack or Teams gives
SCHEMAS = {
    *("slack", "workflow", "workflows", "https"),
    *("mailto", "mailtos", "json", "jsons", "form", "forms", "xml", "xmls"),
}
# they name files, or make Apprise fetch or keep some
FORBIDDEN = {"template", "pgp", "pgppub", "pgpprv", "wkd", "store"}
SEND_SECONDS = 20.0
HTTP_STATUS = re.compile(r"error=(\d{3})\b")


@dataclass(frozen=True)
class Channel:
    """Where messages go. name: its schema, numbered if an earlier channel has the same."""

    name: str
    url: SecretStr


def channels_of(settings: Settings) -> tuple[list[Channel], list[str]]:
    """The channels in the settings, and a sentence about each entry that is none."""
    channels: list[Channel] = []
    problems: list[str] = []
    seen: Counter[str] = Counter()
    for number, url in enumerate(settings.alerts, start=1):
        schema, separator, _ = url.get_secret_value().partition("://")
        schema = schema.lower()
        if not separator or schema not in SCHEMAS:
            problems.append(
                f"{VARIABLE}: entry {number} of {len(settings.alerts)}: found no Apprise URL of a "
                f"schema that is allowed, expected one of {', '.join(sorted(SCHEMAS))}"
            )
            continue
        seen[schema] += 1
        name = schema if seen[schema] == 1 else f"{schema} {seen[schema]}"
        channels.append(Channel(name, url))
    return channels, problems


def send(channel: Channel, title: str, body: str, *, seconds: float = SEND_SECONDS) -> str | None:
    """Send a message. Returns None once the channel has taken it, else why it has not, without
    anything of its URL. Takes at most so many seconds, and raises nothing."""
    problems: list[str | None] = []

    def deliver() -> None:
        try:
            problems.append(_deliver(channel, title, body))
        except Exception as error:  # its text may have a part of the URL
            problems.append(f"an unexpected {type(error).__name__}")

    # a thread that the process does not wait for at its end: a service may never stop answering
    thread = threading.Thread(target=deliver, daemon=True)
    thread.start()
    thread.join(seconds)
    return problems[0] if problems else f"no answer within {seconds:g} seconds"


def _deliver(channel: Channel, title: str, body: str) -> str | None:
    import apprise  # half a second, and two more for its plugins

    with _intercepted() as statuses:
        service, problem = _service_of(channel)
        if service is None:
            return problem
        taken = service.notify(
            body, title, apprise.NotifyType.WARNING, body_format=apprise.NotifyFormat.TEXT
        )
        return None if taken else _failure(statuses)


def _service_of(channel: Channel) -> tuple["Apprise | None", str]:
    """The service of a channel, and why there is none. It writes no file, shows no image of
    another site, follows no redirect with its password, and fails if it fails."""
    import apprise
    from apprise.plugins import url_to_dict

    asset = apprise.AppriseAsset(
        app_id="Borderledger",
        app_desc="Alerts of Borderledger",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        service_timeout=0,  # ours ends the wait; Apprise's leaves a thread that the exit waits for
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        pgp_autogen=False,
        pem_autogen=False,
        http_redirects=False,
    )
    parts: dict[str, Any] | None = url_to_dict(  # type: ignore[no-untyped-call]
        channel.url.get_secret_value()
    )
    if parts is None or parts["schema"] not in SCHEMAS:
        return None, "its URL is not one that Apprise knows"
    if used := sorted(FORBIDDEN & {name.lower() for name in parts.get("qsd", {})}):
        return None, f"its URL has the parameter {', '.join(used)}, which is not allowed"
    plugin = apprise.Apprise.instantiate(parts, asset=asset)
    if plugin is None:
        return None, "its URL is not one that Apprise can use"
    plugin.optional = False
    return apprise.Apprise(plugin, asset=asset), ""


def _failure(statuses: Sequence[int]) -> str:
    """Why a message was not taken, from the HTTP statuses that Apprise has logged."""
    if not statuses:
        return "it could not be reached, or did not take the message"
    phrases = [f" ({status.phrase})" for status in http.HTTPStatus if status == statuses[-1]]
    return f"it answered {statuses[-1]}{''.join(phrases)}"


@contextmanager
def _intercepted() -> Iterator[list[int]]:
    """Keep what Apprise and urllib3 log in this thread out of every log: it has addresses and parts
    of the URL, at the level DEBUG the whole of it. Yields the HTTP statuses in it."""
    statuses: list[int] = []
    thread = threading.get_ident()

    def is_of_another_thread(record: logging.LogRecord) -> bool:
        if record.thread != thread:
            return True
        statuses.extend(map(int, HTTP_STATUS.findall(record.getMessage())))
        return False

    # a logger's filter comes before every handler, also those of its parents
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3.connectionpool")]
    for logger in loggers:
        logger.addFilter(is_of_another_thread)
    try:
        yield statuses
    finally:
        for logger in loggers:
            logger.removeFilter(is_of_another_thread)
