"""The UI and the browser page of all tests here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.pipeline.browser.serving import Server, browse, serve_copy


@pytest.fixture(scope="package")
def server(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The UI on a copy of the bundle's home. Its landing folder is empty."""
    with serve_copy(bundle_home, tmp_path_factory.mktemp("ui")) as running:
        yield running


@pytest.fixture(scope="package")
def page() -> Iterator[Page]:
    with browse() as opened:
        yield opened
