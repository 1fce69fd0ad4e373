"""A publisher's site on a local server."""

from collections.abc import Iterator

import pytest

from orchestration.sources import host
from tests.support.publisher_server import Publisher, trusted_authority


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that pass by a proxy of the machine."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def publisher(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Publisher]:
    """A server whose certificate is trusted, and which may be asked again at once."""
    authority = trusted_authority(tmp_path_factory.mktemp("tls"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    monkeypatch.setattr(host, "RETRY_SECONDS", 0.0)
    server = Publisher()
    yield server
    server.close()
