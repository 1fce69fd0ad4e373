"""The command lake, and that a rollback takes the lake along."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from orchestration.automation.runs import Run
from orchestration.builds.build import Build
from orchestration.builds.claim_files import claim_files
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.publishing import publish, published_build, roll_back
from orchestration.cli import builds as commands
from orchestration.cli import runs
from orchestration.cli.main import main
from orchestration.releases.archive import Archive
from orchestration.settings import Lake, Settings
from tests.support.lakes import Reader, cut_short, lake_build

DOWN = "postgres:dbname=lake host=127.0.0.1 port=1 user=borderledger"


class NoHistory:
    """Takes the place of Dagster, which takes seconds to start: its runs find nothing new."""

    def nightly(self) -> Run:
        return Run("run-3---", succeeded=True, refused_by_gate=False, reason=None, build=None)

    def announce(self) -> None: ...

    def report_published(self, build: Build) -> None: ...

    @contextmanager
    def opened(self, *_: object) -> Iterator["NoHistory"]:
        yield self


@pytest.fixture
def lake(new_lake: Callable[[], Lake], monkeypatch: pytest.MonkeyPatch) -> Lake:
    """The lake that the command uses."""
    lake = new_lake()
    monkeypatch.setenv("BORDERLEDGER_LAKE", lake.catalogue)
    monkeypatch.setenv("BORDERLEDGER_LAKE_DATA", lake.data)
    return lake


@pytest.fixture
def home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> tuple[Build, Build]:
    """Two builds of the command's home, of which the second is published."""
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setattr(commands, "dagster_runs", NoHistory().opened)
    monkeypatch.setattr(runs, "dagster_runs", NoHistory().opened)
    monkeypatch.setattr(runs, "fetch", lambda *_, **__: [])
    settings = Settings.from_environment()
    made_of = fingerprint(Archive(settings.archive), claim_files(settings))
    builds = (
        lake_build(settings, "run-1---", 3),
        lake_build(settings, "run-2---", 5, made_of=made_of),
    )
    for build in builds:
        publish(build, settings)
    return builds


def run(*arguments: str) -> int | str | None:
    """The command's exit code."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code


def test_without_a_lake_the_command_says_how_to_have_one(
    home: tuple[Build, Build], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("lake") == 2
    assert "set BORDERLEDGER_LAKE and BORDERLEDGER_LAKE_DATA" in capsys.readouterr().err


def test_the_published_build_is_published_once_and_a_rollback_is_followed(
    lake: Lake,
    lake_reader: Reader,
    home: tuple[Build, Build],
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = home
    assert run("lake", "--publish") == 0
    printed = capsys.readouterr().out
    assert f"Published build {second.build_id} into the lake: snapshot 1" in printed
    assert "1 build in the lake." in printed
    assert run("lake", "--publish") == 0
    assert "Published build" not in capsys.readouterr().out
    assert run("rollback", first.build_id) == 0
    assert lake_reader.ask(lake, "select build_id from meta.builds") == [(first.build_id,)]
    capsys.readouterr()
    assert run("lake", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["build_id"] for one in listed] == [second.build_id, first.build_id]


def test_a_quiet_night_brings_the_lake_up_to_date_with_what_is_published(
    lake: Lake,
    lake_reader: Reader,
    home: tuple[Build, Build],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = home
    monkeypatch.setenv("BORDERLEDGER_LAKE", DOWN)
    assert run("nightly") == 3, "the lake is down"
    assert f"the lake at {DOWN}: " in " ".join(capsys.readouterr().err.split())
    monkeypatch.setenv("BORDERLEDGER_LAKE", lake.catalogue)
    assert run("nightly") == 0
    assert f"Nothing is new since build {second.build_id}." in capsys.readouterr().out
    roll_back(first.build_id, Settings.from_environment())
    assert run("nightly") == 0
    assert f"Nothing is new since build {second.build_id}." in capsys.readouterr().out
    assert lake_reader.builds(lake) == [second.build_id, first.build_id]


def test_a_rollback_does_not_wait_for_a_lake_that_is_down(
    home: tuple[Build, Build],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lake: Lake,
) -> None:
    monkeypatch.setenv("BORDERLEDGER_LAKE", DOWN)
    assert run("rollback", home[0].build_id) == 3
    assert published_build(Settings.from_environment()) == home[0]
    printed = capsys.readouterr()
    assert f"Published build {home[0].build_id} again." in printed.out
    said = " ".join(printed.err.split())
    assert f'borderledger: the lake at {DOWN}: connection to server at "127.0.0.1"' in said


def test_status_says_until_it_is_made_good_that_the_lake_has_another_build(
    home: tuple[Build, Build],
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def state() -> str:
        capsys.readouterr()
        assert run("status", "--json") == 0
        return str(json.loads(capsys.readouterr().out)["lake"])

    first, second = home
    assert "found no build in it" in state()
    assert run("lake", "--publish") == 0
    assert state() == "up to date"
    monkeypatch.setenv("BORDERLEDGER_LAKE", DOWN)
    assert run("rollback", first.build_id) == 3
    assert state().startswith(f"not up to date: the lake at {DOWN}: connection to server")
    monkeypatch.setenv("BORDERLEDGER_LAKE", lake.catalogue)
    command = f"`borderledger lake --publish` publishes {first.build_id}"
    assert state() == f"not up to date: has build {second.build_id}; {command}"
    assert run("lake", "--publish") == 0
    assert state() == "up to date"


def test_verify_looks_into_the_lake(
    home: tuple[Build, Build], lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("lake", "--publish") == 0
    assert run("verify") == 0
    assert ", 1 published file, 8 lake tables: 0 damaged." in capsys.readouterr().out
    cut = cut_short(lake, "main.t")
    assert run("verify") == 3
    assert f"bytes in {cut.name}, expected" in " ".join(capsys.readouterr().err.split())
