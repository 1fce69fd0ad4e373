"""Readers while builds are published: some seconds here, longer with `python -m
tests.resilience.readers_under_load`. And that mixed reads and errors would be noticed."""

import shutil
import time
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.build import all_builds
from orchestration.builds.sql import literal
from orchestration.settings import Settings
from tests.resilience.readers_under_load.reader import Seen, Tally
from tests.resilience.readers_under_load.traffic import (
    KEPT,
    Readers,
    prepare,
    publish_under_readers,
    read_while,
)
from tests.resilience.readers_under_load.versions import Version

SECONDS = 5.0
FEW = Readers(coming_and_going=1, staying=0)


@pytest.fixture(scope="module")
def prepared(
    bundle_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, list[Version]]:
    return prepare(bundle_home, tmp_path_factory.mktemp("readers"))


@pytest.mark.long
def test_readers_see_no_error_and_no_mixture(
    prepared: tuple[Settings, list[Version]],
) -> None:
    settings, versions = prepared
    traffic = publish_under_readers(settings, versions, SECONDS, Readers())
    assert traffic.is_clean, [tally.examples for tally in traffic.tallies]
    assert traffic.publishes > KEPT
    coming, staying = traffic.tallies[:8], traffic.tallies[8:]
    assert max(tally.versions for tally in coming) > 1
    assert [tally.versions for tally in staying] == [1, 1]
    assert len(all_builds(settings.builds)) == KEPT, (
        "the oldest builds are deleted while files are read"
    )


def test_a_mixture_of_two_builds_is_counted(
    prepared: tuple[Settings, list[Version]], tmp_path: Path
) -> None:
    one, other = prepared[1][:2]
    mixed = Path(shutil.copy(one.build.database, tmp_path / "border.duckdb"))
    mixed.chmod(0o644)
    with duckdb.connect(str(mixed)) as connection:
        connection.execute(f"attach {literal(other.build.database)} as other (read_only)")
        connection.execute("delete from southwest_border_monthly")
        connection.execute(
            "insert into southwest_border_monthly from other.southwest_border_monthly"
        )
    [tally] = read_while(_wait_a_little, mixed, [one.seen, other.seen], FEW)
    assert tally.errors == 0
    assert tally.mixed == tally.reads > 0
    assert one.build.build_id in tally.examples[0]


def test_a_half_written_file_is_an_error(
    prepared: tuple[Settings, list[Version]], tmp_path: Path
) -> None:
    one = prepared[1][0]
    content = one.build.database.read_bytes()
    (tmp_path / "border.duckdb").write_bytes(content[: len(content) // 2])
    [tally] = read_while(_wait_a_little, tmp_path / "border.duckdb", [one.seen], FEW)
    assert tally.errors > 0


def test_an_open_session_that_sees_another_build_is_counted() -> None:
    first, second = (Seen(build_id, 1, 1, ()) for build_id in ("first", "second"))
    known = {seen.build_id: seen for seen in (first, second)}
    tallies: dict[bool, Tally] = {}
    for stays in (True, False):
        tallies[stays] = Tally("made for a test")
        tallies[stays].add(first, None, known, stays)
        tallies[stays].add(second, first, known, stays)
    assert (tallies[True].mixed, tallies[False].mixed) == (1, 0)


def _wait_a_little() -> None:
    time.sleep(1.5)
