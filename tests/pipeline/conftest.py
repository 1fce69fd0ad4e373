"""The home of one bad night, which the tests of the command and of the UI go on from, that home
after a night on which nothing was new, and one with a build as of a day."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import run_command
from tests.support.bad_night import write_bad_night, write_nights_before

PRINTED, LOGGED = "printed.txt", "logged.txt"
COLUMNS = 80
REBUILT_AS_OF = "2023-12-31"


@pytest.fixture(scope="session")
def bad_night_home(once: Callable[..., Path], bundle_home: Path) -> Path:
    """The bundle's home after one bad night, with what the command printed in `printed.txt` and
    `logged.txt`. Not to be changed."""

    def fill(home: Path) -> None:
        shutil.copytree(bundle_home, home)
        before, night = (home.with_name(f"{home.name}-{name}") for name in ("before", "landing"))
        write_nights_before(before)
        run_command(home, "fetch", landing=before)
        write_bad_night(night)
        done = run_command(home, "nightly", "--landing", str(night))
        (home / PRINTED).write_text(done.stdout)
        (home / LOGGED).write_text(done.stderr)

    return once("bad-night", fill)


@pytest.fixture(scope="session")
def quiet_night_home(once: Callable[..., Path], bad_night_home: Path) -> Path:
    """The home of the bad night, with its history, after a night on which nothing was new; what
    the command printed then on a terminal of 80 columns in the same files. Not to be changed."""

    def fill(home: Path) -> None:
        shutil.copytree(bad_night_home, home, symlinks=True)
        done = run_command(home, "nightly", columns=COLUMNS)
        (home / PRINTED).write_text(done.stdout)
        (home / LOGGED).write_text(done.stderr)

    return once("quiet-night", fill)


@pytest.fixture(scope="session")
def rebuilt_home(once: Callable[..., Path], bundle_home: Path) -> Path:
    """The bundle's home, with its history, after a build as of a day, REBUILT_AS_OF, and with a
    claim of the operator's. Not to be changed."""

    def fill(home: Path) -> None:
        shutil.copytree(bundle_home, home, symlinks=True)
        claims = home.with_name(f"{home.name}-mine.csv")
        claims.write_text(
            "claim_id,measure,period,test,value\nmine,ICE removals,FY2024,equals,271484\n"
        )
        run_command(home, "rebuild", "--as-of", REBUILT_AS_OF, claims=[claims])

    return once("rebuilt", fill)
