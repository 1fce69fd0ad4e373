"""Dagster's home and its instance with our settings, in a folder of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.automation.instance import prepare_dagster_home
from orchestration.settings import Settings


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
