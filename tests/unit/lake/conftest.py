"""Fixtures that the tests of lakes share."""

import pytest

from orchestration.settings import Limits, Settings


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which tests seal small builds, each newer than the ones before."""
    return Settings(tmp_path_factory.mktemp("home"), limits=Limits(builds_kept=9))
