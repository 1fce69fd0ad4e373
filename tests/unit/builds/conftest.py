"""Fixtures that the tests of builds share."""

from pathlib import Path

import pytest

from orchestration.settings import Limits, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own, in which two builds are kept."""
    return Settings(home=tmp_path / "home", limits=Limits(builds_kept=2))
