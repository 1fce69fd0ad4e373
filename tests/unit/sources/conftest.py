"""A publisher's site on a local server."""

from collections.abc import Iterator

import pytest

from tests.support.publisher_server import Publisher


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    server = Publisher()
    yield server
    server.close()
