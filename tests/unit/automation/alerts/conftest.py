"""Receivers of alerts on this machine."""

from collections.abc import Iterator

import pytest

from tests.support.receivers import MailServer, Webhook


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A webhook that takes everything."""
    server = Webhook()
    yield server
    server.close()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server that takes everything."""
    server = MailServer()
    yield server
    server.close()
