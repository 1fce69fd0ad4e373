"""Verification of a lake: files that are gone or were cut short, and a lake that cannot be read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.lake.publication import publish
from orchestration.lake.verification import verify_lake
from orchestration.settings import Lake, Settings
from tests.support.lakes import TABLES, cut_short, lake_build, lose


def problems(lake: Lake) -> dict[str, str]:
    """What is wrong with a lake, by name."""
    return {found.name: found.problem for found in verify_lake(lake) if found.problem}


def test_files_that_are_gone_or_cut_short_are_named_until_they_are_written_again(
    new_lake: Callable[[], Lake], home: Settings
) -> None:
    lake, build = new_lake(), lake_build(home, "run-1---", 3)
    publish(build, lake)
    verified = {found.name for found in verify_lake(lake)}
    assert verified > {table for table in TABLES if table != "main.doubled"}, "and no view"
    assert problems(lake) == {}
    cut, gone = cut_short(lake, "main.t"), lose(lake, "raw.cells")
    found = problems(lake)
    assert found.keys() == {"main.t", "raw.cells"}
    size = cut.stat().st_size
    assert f"found {size:,} bytes in {cut.name}, expected {size + 1:,}; " in found["main.t"]
    assert f"found no file {gone.name}; " in found["raw.cells"]
    assert found["main.t"].endswith("`borderledger lake --publish` writes it again")
    publish(build, lake)
    assert problems(lake) == {}


@pytest.mark.parametrize("is_down", [True, False])
def test_a_lake_that_cannot_be_read_is_a_problem(
    is_down: bool, new_lake: Callable[[], Lake], tmp_path: Path
) -> None:
    """Its server is down, or nothing was ever published into it."""
    down = Lake("postgres:dbname=lake host=127.0.0.1 port=1 user=borderledger", str(tmp_path))
    [problem] = problems(down if is_down else new_lake()).values()
    assert ("connection to server" if is_down else "found no build in it") in problem
