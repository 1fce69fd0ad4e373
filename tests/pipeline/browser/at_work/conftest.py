"""The UI on which decisions and runs follow one another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.browser.serving import Server, serve_copy


@pytest.fixture(scope="package")
def server(bad_night_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The UI on a copy of the home of one bad night. Its landing folder is empty."""
    with serve_copy(bad_night_home, tmp_path_factory.mktemp("ui-at-work")) as running:
        yield running
