"""The command `fetch` on the agencies' sites: a project whose catalogue leads to local TLS
servers, in a process of its own."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import certifi
import pytest

from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from tests.conftest import copy_project, start_command
from tests.support.agencies import DETENTION_SECOND, Agencies
from tests.support.cbp_files import BY_AREA, BY_STATE
from tests.support.publisher_server import trusted_authority
from tests.support.workbooks import DETENTION

CATALOGUE = "orchestration/catalogue/datasets"
DATASETS = (BY_AREA, BY_STATE, DETENTION)


@pytest.fixture
def agencies() -> Iterator[Agencies]:
    made = Agencies()
    yield made
    made.close()


@pytest.fixture
def project(agencies: Agencies, tmp_path: Path) -> Path:
    """A copy of the project with the landing pages of these agencies."""
    project = copy_project(tmp_path / "project")
    for name, dataset in agencies.catalogue().items():
        path = project / CATALOGUE / f"{name}.yaml"
        line = f"landing_page: {dataset.landing_page}"
        path.write_text(re.sub("^landing_page: .*$", line, path.read_text(), flags=re.MULTILINE))
    return project


def fetched(
    project: Path,
    home: Path,
    *datasets: str,
    landing: Path | str = "",
    trusted: Path | None = None,
) -> CompletedProcess[str]:
    environment = os.environ | {
        "BORDERLEDGER_HOME": str(home),
        "BORDERLEDGER_LANDING": str(landing),
        "BORDERLEDGER_OFFLINE": "0",
        "REQUESTS_CA_BUNDLE": str(trusted or trusted_authority(project)),
        "NO_PROXY": "*",
    }
    environment.pop("COLUMNS", None)  # whole lines, as in a pipe
    return start_command(["fetch", *datasets], environment, project)


def test_the_command_takes_in_what_is_listed_and_says_in_a_line_who_is_down(
    agencies: Agencies, project: Path, tmp_path: Path
) -> None:
    """Also with a landing folder that does not exist: that is an error, at the end."""
    home, nope = tmp_path / "home", tmp_path / "nope"
    agencies.cbp.close()
    done = fetched(project, home, *DATASETS, landing=nope)
    name = agencies.cbp.url.removeprefix("https://")
    lines = done.stdout.splitlines()
    assert lines[0] == f"unreachable  {name}: no connection: connection refused"
    assert [line.split()[0] for line in lines[1:]] == ["archived"] * 2
    assert done.stderr.splitlines() == [
        f"borderledger: landing folder {nope}: found no such folder, expected a landing folder"
    ]
    assert done.returncode == 2
    releases = Archive(Settings(home).archive).releases()
    assert [release.source for release in releases][-1] == agencies.ice.url + DETENTION_SECOND


def test_the_command_asks_no_server_with_a_certificate_of_an_unknown_authority(
    agencies: Agencies, project: Path, tmp_path: Path
) -> None:
    done = fetched(project, tmp_path / "home", DETENTION, trusted=Path(certifi.where()))
    assert done.returncode == 0
    assert "its certificate is not trusted: " in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert agencies.requests() == []
