"""Dagster's home and its instance with our settings, in a folder of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.automation.instance import prepare_dagster_home
from orchestration.settings import Settings
from tests.support.histories import prepare_with_history


@pytest.fixture
def opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], dg.DagsterInstance]]:
    """Opens the history of one home, as each Dagster process does for itself."""
    for name in ("DAGSTER_HOME", "DAGSTER_EVENT_BATCH_SIZE"):
        monkeypatch.setenv(name, "0")  # so that it is restored at the end
    prepare_dagster_home(Settings(tmp_path))
    instances: list[dg.DagsterInstance] = []

    def open_one() -> dg.DagsterInstance:
        instances.append(dg.DagsterInstance.get())
        return instances[-1]

    yield open_one
    for instance in instances:
        instance.dispose()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a home in which nothing has run."""
    monkeypatch.setenv("DAGSTER_HOME", "")  # so that it is restored at the end
    return Settings(tmp_path)


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The history of the home."""
    prepare_with_history(settings)
    with dg.DagsterInstance.get() as opened:
        yield opened
