"""The real command amid hostile surroundings publishes what it publishes anywhere."""

from pathlib import Path

import pytest

from tests.support.hostile_surroundings import (
    ODD_NAME,
    run_amid_hostile_surroundings,
    run_in_a_lost_folder,
)
from tests.support.published_file import digests


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home of an odd name, in which the job has published."""
    made = tmp_path_factory.mktemp("surroundings")
    done = run_amid_hostile_surroundings(made, "nightly")
    assert done.returncode == 0, done.stderr
    assert "Published build" in done.stdout
    assert "\\u2192 São" in done.stdout  # what the terminal cannot show is escaped, the rest shown
    assert "Traceback" not in done.stderr
    return made


@pytest.mark.long
def test_the_tables_are_those_of_any_other_run(folder: Path, bundle_home: Path) -> None:
    home = folder / ODD_NAME / "home"
    assert digests(home) == digests(bundle_home)


@pytest.mark.long
def test_everything_is_in_the_home(folder: Path) -> None:
    assert [path.name for path in folder.iterdir()] == [ODD_NAME]
    odd = folder / ODD_NAME
    assert {path.name for path in odd.iterdir()} == {"home", "lan?ding", "work"}
    assert (odd / "home" / "dagster" / "history" / "runs.db").exists()


@pytest.mark.long
def test_what_was_published_is_found_again(folder: Path) -> None:
    again = run_amid_hostile_surroundings(folder, "nightly")
    assert (again.returncode, "Nothing is new since build" in again.stdout) == (0, True)
    for command in ("verify", "gates", "releases"):
        done = run_amid_hostile_surroundings(folder, command)
        assert done.returncode == 0, done.stderr


def test_a_deleted_working_directory_and_no_home_do_no_harm(
    tmp_path: Path, bundle_home: Path
) -> None:
    done = run_in_a_lost_folder(tmp_path, bundle_home, "verify")
    assert done.returncode == 0, done.stderr
    assert "0 damaged" in done.stdout
