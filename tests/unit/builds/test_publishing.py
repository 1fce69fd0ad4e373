"""Publishing: one rename replaces the file, the last builds are kept for rollback."""

from pathlib import Path

import duckdb
import pytest

from orchestration.builds.build import all_builds
from orchestration.builds.publishing import (
    PublishError,
    checks_gone,
    latest_like,
    publish,
    published_build,
    published_is_whole,
    roll_back,
)
from orchestration.builds.verification import verify
from orchestration.settings import Settings
from tests.support.builds import DECLARED, overwrite_bytes, sealed_build
from tests.support.published_copies import kill_a_writing_session


def test_publishing_replaces_the_file_and_keeps_the_last_builds(settings: Settings) -> None:
    builds = []
    for n in range(4):
        builds.append(sealed_build(settings, f"run-{n}---", rows=n + 1))
        publish(builds[-1], settings)
    current = published_build(settings)
    assert current is not None
    assert current.folder == builds[-1].folder
    assert [build.folder for build in all_builds(settings.builds)] == [
        build.folder for build in builds[-2:]
    ]


def test_rollback_publishes_an_earlier_build_which_is_then_never_deleted(
    settings: Settings,
) -> None:
    first = sealed_build(settings, "run-1---", 1)
    second = sealed_build(settings, "run-2---", 2)
    publish(second, settings)
    roll_back(first.build_id, settings)
    current = published_build(settings)
    assert current is not None
    assert current.folder == first.folder
    with pytest.raises(PublishError, match=f"expected one of: {first.build_id}"):
        roll_back("nonsense", settings)


def test_a_build_whose_bytes_changed_is_not_published(settings: Settings) -> None:
    build = sealed_build(settings, "run-one-")
    overwrite_bytes(build)
    with pytest.raises(PublishError, match="expected"):
        publish(build, settings)
    assert not settings.published.exists()


def test_a_write_ahead_log_of_another_session_is_set_aside_when_a_build_is_published(
    settings: Settings,
) -> None:
    """A session that opens the published file for writing and is killed leaves its log, which
    DuckDB replays for every later reader of a file of that name."""
    publish(sealed_build(settings, "run-1---", 3), settings)
    kill_a_writing_session(settings.published, "insert into main.t values (99)")
    assert [found.problem for found in verify(settings) if found.kind == "published file"] == [
        f"{settings.published}.wal: found a write-ahead log, which alters what readers see; a "
        "session has opened the published file for writing: close it, then run "
        "`borderledger nightly`"
    ]
    assert not published_is_whole(settings)
    publish(sealed_build(settings, "run-2---", 4), settings)
    assert published_is_whole(settings)
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        assert connection.execute("select count(*) from main.t").fetchall() == [(4,)]
    assert settings.published.with_name("border.duckdb.wal.set-aside").exists()


def test_a_build_is_found_by_its_fingerprint(settings: Settings) -> None:
    build = sealed_build(settings, "run-one-")
    found = latest_like(build.record.fingerprint, settings)
    assert found is not None
    assert found.folder == build.folder
    assert latest_like("another", settings) is None


def test_results_that_cannot_be_read_count_as_none_and_do_not_stop_publishing(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    build = sealed_build(settings, "run-one-")
    publish(build, settings)
    assert checks_gone([], settings) == ["main.t: grain_is_unique"]
    gates = build.folder / "gates.json"
    gates.write_text("[{torn")
    assert [checks_gone(declared, settings) for declared in ([], DECLARED)] == [[], []]
    assert caplog.text.count(f"{gates}: found a damaged file") == 1
    later = sealed_build(settings, "run-two-", 4)
    publish(later, settings)
    assert published_build(settings) == later


def test_a_partial_file_of_another_process_is_never_written_into(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a link to the other process's build, whose bytes a copy would replace."""
    one, other = sealed_build(settings, "run-1---", 1), sealed_build(settings, "run-2---", 2)
    publish(one, settings)
    link = Path.hardlink_to

    def link_after_another(path: Path, source: Path) -> None:
        link(path, one.database)
        link(path, source)

    monkeypatch.setattr(Path, "hardlink_to", link_after_another)
    with pytest.raises(FileExistsError):
        publish(other, settings)
    assert one.is_whole
    assert published_build(settings) == one


def test_a_build_is_copied_where_there_are_no_links(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(path: Path, source: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(source), None, str(path))

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    build = sealed_build(settings, "run-1---")
    publish(build, settings)
    assert published_build(settings) == build
    assert published_is_whole(settings)
