"""Commands about builds: to what one can roll back, and that a rollback waits for a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.builds.build import Build
from orchestration.builds.publishing import (
    WAS_PUBLISHED,
    foreign_log,
    publish,
    published_build,
    published_is_whole,
)
from orchestration.cli import builds as commands
from orchestration.cli.main import main
from orchestration.settings import Settings
from tests.support.builds import overwrite_bytes, sealed_build
from tests.support.lock_holder import held_by_another, let_go


class NoHistory:
    """Takes what the command reports to Dagster's history, which takes seconds to open."""

    def __init__(self) -> None:
        self.reported: list[Build] = []

    def report_published(self, build: Build) -> None:
        self.reported.append(build)

    @contextmanager
    def opened(self, _: Settings) -> Iterator["NoHistory"]:
        yield self


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The home that the command uses."""
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path / "home"))
    return Settings.from_environment()


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> NoHistory:
    history = NoHistory()
    monkeypatch.setattr(commands, "dagster_runs", history.opened)
    return history


def test_a_rollback_waits_for_a_run_which_would_publish_after_it(
    settings: Settings, history: NoHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sealed_build(settings, "run-1---", 1), sealed_build(settings, "run-2---", 2)
    publish(first, settings)
    publish(second, settings)
    said: list[str] = []
    with held_by_another(settings.home) as run:

        def end_the_run(sentence: str) -> None:
            said.append(sentence)
            assert published_build(settings) == second, "nothing is published meanwhile"
            let_go(run)

        monkeypatch.setattr(commands, "warn", end_the_run)
        with pytest.raises(SystemExit) as ended:
            main(["rollback", first.build_id])
    assert ended.value.code == 0
    waits = f"waiting for another run (process {run.pid}) that is using {settings.home}"
    assert said == [waits]
    assert published_build(settings) == first
    assert history.reported == [first]


def test_only_a_whole_build_that_was_made_to_be_published_can_be_rolled_back_to(
    settings: Settings, history: NoHistory, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged, first = sealed_build(settings, "run-1---", 1), sealed_build(settings, "run-2---", 2)
    overwrite_bytes(damaged)
    rebuild = sealed_build(settings, "run-3---", 3)
    settings.rebuilds.mkdir()
    rebuild.folder.rename(settings.rebuilds / rebuild.build_id)
    for name in (rebuild.build_id, "nope"):
        with pytest.raises(SystemExit) as ended:
            main(["rollback", name])
        assert ended.value.code == 2
        printed = " ".join(capsys.readouterr().err.split())
        message = f"found no sealed build {name!r}, expected one of: {first.build_id}"
        assert printed == f"borderledger: {message}"
    assert history.reported == []
    assert not settings.published.exists()


def test_the_beginning_of_an_id_names_a_build_unless_there_are_several(
    settings: Settings,
    history: NoHistory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(commands, "restore", lambda *_: None)
    first, second = sealed_build(settings, "run-1---", 1), sealed_build(settings, "run-2---", 2)
    publish(second, settings)
    for beginning in ("2", ""):
        with pytest.raises(SystemExit) as ended:
            main(["rollback", beginning])
        assert ended.value.code == 2
    ambiguous, empty = capsys.readouterr().err.split("borderledger: ")[1:]
    both = f"{first.build_id}, {second.build_id}"
    expected = f"found 2 sealed builds '2', expected the beginning of one of: {both}"
    assert " ".join(ambiguous.split()) == expected
    assert " ".join(empty.split()) == f"found no sealed build '', expected one of: {both}"
    assert published_build(settings) == second
    with pytest.raises(SystemExit) as ended:
        main(["rollback", first.build_id[:-7]])
    assert ended.value.code == 0
    assert published_build(settings) == first
    assert history.reported == [first]


@pytest.mark.parametrize("name", ["published", "{build_id}"])
def test_a_rollback_to_the_published_build_says_so_and_publishes_nothing(
    name: str,
    settings: Settings,
    history: NoHistory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("orchestration.cli.report.restore", lambda *_: None)
    build = sealed_build(settings, "run-1---")
    publish(build, settings)
    before = settings.published.stat().st_ctime_ns
    with pytest.raises(SystemExit) as ended:
        main(["rollback", name.format(build_id=build.build_id)])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"Build {build.build_id} is the published one already.\n"
    assert history.reported == []
    assert settings.published.stat().st_ctime_ns == before
    assert not (build.folder / WAS_PUBLISHED).exists()


def test_a_rollback_to_the_published_build_replaces_a_damaged_file(
    settings: Settings,
    history: NoHistory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(commands, "restore", lambda *_: None)
    build = sealed_build(settings, "run-1---")
    publish(build, settings)
    foreign_log(settings).write_bytes(b"changes")
    with pytest.raises(SystemExit) as ended:
        main(["rollback", "published"])
    assert ended.value.code == 0
    assert f"Published build {build.build_id} again." in capsys.readouterr().out
    assert published_is_whole(settings)
    assert history.reported == [build]


def test_a_published_file_without_an_archive_is_verified(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where the archive is not mounted; a home in which nothing was ever run is refused."""
    with pytest.raises(SystemExit) as ended:
        main(["verify"])
    assert ended.value.code == 2
    publish(sealed_build(settings, "run-1---"), settings)
    with pytest.raises(SystemExit) as ended:
        main(["verify"])
    assert ended.value.code == 0
    assert "Verified 1 build, 1 published file" in capsys.readouterr().out
