"""The UIs and the browser page of all tests here."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.pipeline.browser.serving import Server, browse, serve
from tests.support.landing_folders import write_gate_case

REFUSED = Path("cbp_southwest_encounters", "2024-12-19", "sbo-encounters-fy22-fy25-nov.csv")


@pytest.fixture(scope="package")
def server(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The UI on a copy of the bundle's home. Its landing folder is empty."""
    yield from _serving(bundle_home, tmp_path_factory.mktemp("ui"))


@pytest.fixture(scope="package")
def busy_server(bad_night_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The UI on a copy of the home of one bad night, on which runs follow."""
    yield from _serving(bad_night_home, tmp_path_factory.mktemp("busy-ui"))


def _serving(published: Path, folder: Path) -> Iterator[Server]:
    home, landing = folder / "home", folder / "landing"
    shutil.copytree(published, home)
    landing.mkdir()
    with serve(home, landing) as running:
        yield running


@pytest.fixture(scope="package")
def page() -> Iterator[Page]:
    with browse() as opened:
        yield opened


def write_refused(landing: Path) -> None:
    """Put a web site's error page, which is refused, into a landing folder."""
    made = landing.with_name("error-page")
    _write_error_page(made)
    _move(made, landing)


def write_night_after(landing: Path) -> None:
    """Put into a landing folder a web site's error page, and a release that a gate holds: all at
    once, as a person moves them there."""
    made = landing.with_name("made")
    _write_error_page(made)
    write_gate_case(made)
    _move(made, landing)


def _write_error_page(folder: Path) -> None:
    (folder / REFUSED).parent.mkdir(parents=True)
    (folder / REFUSED).write_text("<!DOCTYPE html><html><body>Access denied</body></html>\n")


def _move(made: Path, landing: Path) -> None:
    for folder in made.iterdir():
        folder.rename(landing / folder.name)
