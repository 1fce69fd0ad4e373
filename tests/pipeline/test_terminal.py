"""How the command's output reads on a terminal of 80 columns, and in a pipe."""

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.conftest import copy_project, run_command, start_python
from tests.pipeline.conftest import COLUMNS, LOGGED, PRINTED

COMMANDS = (
    "releases",
    "releases --problems",
    "gates",
    "gates --all",
    "claims",
    "claims 2024-nov-change",
    "builds",
    "status",
    "alerts",
    "verify",
    "measures",
    "measures southwest-encounters-nobody-knows",
    "check --measure encounters --period 2024-11 --value 1",
    "diff published published",
)
# what is never cut: an address, a path, a file's name, a command
WHOLE = re.compile(r"\s*(?:`[^`]+`\S*|\S*://\S+|\S*/\S+|\S+\.(?:csv|xlsx)\S*)$")
OF_DBT = re.compile(
    r"\bdbt\b|partial.parse|deprecat|registered adapter|found \d+ models|concurrency:|"
    r"finished running|completed successfully",
    re.IGNORECASE,
)
AGE = re.compile(r"(?<=^age hours) +[0-9.]+$", re.MULTILINE)
Run = Callable[[Path, str, int | None], CompletedProcess[str]]
DEFINE = (
    "from orchestration.definitions import build_defs;"
    "from orchestration.settings import Settings;"
    "build_defs(Settings.from_environment())"
)
DEPRECATED = "version: 2\nodd_key: [1]\n"  # dbt warns of a key that it does not know


def too_wide(printed: str) -> Iterator[str]:
    """The lines of more than 80 columns that a word which must stay whole does not explain."""
    for line in printed.splitlines():
        if len(line) > COLUMNS and not WHOLE.match(line):
            yield line


def words(printed: str) -> list[str]:
    """The words that are printed, without the age of a build, which grows from call to call."""
    return AGE.sub("", printed).split()


@pytest.fixture(params=["bundle_home", "bad_night_home", "every_release_home"])
def home(request: pytest.FixtureRequest) -> Path:
    """The bundle's home, that of a bad night, and that of every real release."""
    found: Path = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def run() -> Run:
    """Runs a command on a home that stays as it is, at a terminal of so many columns or in a pipe;
    once for all tests."""

    def printed(home: Path, command: str, columns: int | None) -> CompletedProcess[str]:
        return run_command(home, *command.split(), columns=columns, expect=None)

    return cache(printed)


@pytest.mark.parametrize("command", COMMANDS)
def test_lines_fit_a_terminal(command: str, home: Path, run: Run) -> None:
    done = run(home, command, COLUMNS)
    printed = done.stdout + done.stderr
    assert printed.strip()
    assert list(too_wide(printed)) == []
    assert not OF_DBT.search(printed)


@pytest.mark.parametrize("command", COMMANDS)
def test_in_a_pipe_it_says_the_same_in_whole_lines(command: str, home: Path, run: Run) -> None:
    """Wrapped lines put together are the lines of the pipe, so that nothing is cut."""
    piped, wrapped = (run(home, command, columns) for columns in (None, COLUMNS))
    for whole, parts in ((piped.stdout, wrapped.stdout), (piped.stderr, wrapped.stderr)):
        assert words(parts) == words(whole)
        assert len(whole.splitlines()) <= len(parts.splitlines())
    for line in piped.stdout.splitlines():
        assert len(line) <= COLUMNS or " " in line.strip() or WHOLE.match(line)


def test_a_release_is_one_line_of_the_list(bad_night_home: Path) -> None:
    first, *lines, counts, more = run_command(bad_night_home, "releases").stdout.splitlines()
    assert first.split() == ["release", "dataset", "published", "verdict", "rows"]
    assert counts.startswith(f"{len(lines)} releases: ")
    assert counts.endswith(" accepted, 3 held, 1 held in part.")
    assert sum("  held in part " in line for line in lines) == 1
    for line in lines:
        known = run_command(bad_night_home, "releases", line.split()[0]).stdout
        assert f"\ndataset      {line.split()[1]}\n" in known
    assert more.startswith("`borderledger releases RELEASE`")


def test_the_run_of_a_bad_night_has_nothing_of_dbt(bad_night_home: Path) -> None:
    printed, logged = ((bad_night_home / name).read_text() for name in (PRINTED, LOGGED))
    assert "checks ran, " in logged
    assert not OF_DBT.search(printed + logged)
    times = r"\d\d:\d\d:\d\d  |\d+ alerts are "
    assert all(re.match(times, line) for line in logged.splitlines()), "one line a message"


def test_the_lines_of_a_run_fit_a_terminal(quiet_night_home: Path) -> None:
    """Also the warnings of what is held, and where nothing is new."""
    printed, logged = ((quiet_night_home / name).read_text() for name in (PRINTED, LOGGED))
    assert "Nothing is new since build " in printed
    assert "nothing_is_held failed" in " ".join(logged.split())
    assert list(too_wide(printed + logged)) == []
    problems = "3 releases are held, 1 is held in part: see `borderledger releases --problems`"
    assert problems in " ".join(printed.split())


@pytest.mark.long
def test_parsing_the_project_prints_nothing(tmp_path: Path) -> None:
    """Neither that dbt parses it nor what dbt warns of."""
    project = copy_project(tmp_path / "project")
    (project / "dbt_project" / "models" / "odd.yml").write_text(DEPRECATED)
    for parsed in (project / "dbt_project" / "target").iterdir():
        parsed.unlink()
    environment = os.environ | {"BORDERLEDGER_HOME": str(tmp_path / "home")}
    done = start_python(["-c", DEFINE], environment, project)
    assert (project / "dbt_project" / "target" / "manifest.json").exists()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
