"""Fixtures that the tests of lakes share."""

from collections.abc import Callable, Iterator

import pytest

from orchestration.lake.connection import loaded
from orchestration.settings import Lake, Limits, Settings
from tests.support.lakes import Reader, Server, what_is_missing
from tests.support.postgres import postgres, programs


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A private PostgreSQL, which takes seconds to start."""
    if missing := what_is_missing():
        pytest.skip(missing)
    folder = programs()
    assert folder is not None
    with postgres(folder) as url:
        yield Server(url)


@pytest.fixture(scope="session")
def reader(server: Server) -> Iterator[Reader]:
    with loaded(Lake(server.catalogue(), "/")) as connection:
        yield Reader(connection)


@pytest.fixture(scope="session")
def new_lake(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Lake]:
    """Makes lakes that nobody has written yet, with their data in folders."""

    def make() -> Lake:
        return Lake(server.catalogue(), str(tmp_path_factory.mktemp("data")))

    return make


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which tests seal small builds, each newer than the ones before."""
    return Settings(tmp_path_factory.mktemp("home"), limits=Limits(builds_kept=9))
