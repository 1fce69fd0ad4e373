"""A home without network, its landing folder, and a release to take in."""

from pathlib import Path

import pytest

from orchestration.settings import Limits, Settings
from tests.support.cbp_files import Made, made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    limits = Limits(settle_seconds=0.0)  # no file is still being written
    return Settings(tmp_path / "home", (tmp_path / "landing",), True, limits)


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    (tmp_path / "landing").mkdir()
    return tmp_path / "landing"


@pytest.fixture(scope="module")
def good() -> Made:
    """October 2022 to November 2024."""
    return made()
