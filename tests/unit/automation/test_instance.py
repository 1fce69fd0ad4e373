"""Dagster's settings in a home: ours are written once, the operator's are kept."""

import hashlib
import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration.automation import instance
from orchestration.automation.instance import INSTANCE, SHIPPED, prepare_dagster_home
from orchestration.automation.run_history import EventLog
from orchestration.automation.runs import open_runs
from orchestration.settings import ConfigurationError, Settings
from tests.conftest import PROJECT
from tests.support.postgres import documented_settings

EDITED = "# ours\n" + INSTANCE.read_text()


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Dagster's settings are in a new home."""
    monkeypatch.setenv("DAGSTER_HOME", "")  # so that it is restored at the end
    path = tmp_path / "dagster" / "dagster.yaml"
    path.parent.mkdir()
    return path


def prepare(settings_file: Path) -> None:
    prepare_dagster_home(Settings(settings_file.parents[1]))


def test_a_new_home_gets_our_settings(settings_file: Path) -> None:
    prepare(settings_file)
    assert settings_file.read_text() == INSTANCE.read_text()
    assert not list(settings_file.parent.glob(".*"))


def test_a_home_is_prepared_without_dagster(tmp_path: Path) -> None:
    """It takes seconds to import, during which the code server can start."""
    code = (
        "import sys, pathlib; from orchestration.cli.job import prepare_dagster_home; "
        "from orchestration.settings import Settings; "
        "prepare_dagster_home(Settings(pathlib.Path(sys.argv[1]))); "
        "print('dagster' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_settings_that_somebody_edited_are_kept_without_a_word(
    settings_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings_file.write_text(EDITED)
    prepare(settings_file)
    assert settings_file.read_text() == EDITED
    assert not caplog.text


def test_an_unedited_copy_of_earlier_settings_is_replaced(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = "telemetry:\n  enabled: false\n"
    monkeypatch.setattr(instance, "SHIPPED", (hashlib.sha256(earlier.encode()).hexdigest(),))
    settings_file.write_text(earlier)
    prepare(settings_file)
    assert settings_file.read_text() == INSTANCE.read_text()


@pytest.mark.parametrize("lacking", ["run_launcher", "run_monitoring"])
def test_edited_settings_that_let_a_dead_run_block_are_reported_once(
    settings_file: Path, lacking: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = yaml.safe_load(EDITED)
    del found[lacking]
    text = yaml.safe_dump(found)
    settings_file.write_text(text)
    with caplog.at_level(logging.WARNING):
        prepare(settings_file)
        prepare(settings_file)
    [record] = caplog.records
    message = record.getMessage()
    assert message.startswith(f"{settings_file}: found no {lacking}, without which")
    assert message.endswith(f"copy it from {INSTANCE}")
    assert settings_file.read_text() == text


@pytest.mark.parametrize("text", ["a: b: c", "- a list\n"])
def test_settings_that_are_none_are_a_configuration_error(settings_file: Path, text: str) -> None:
    settings_file.write_text(text)
    with pytest.raises(ConfigurationError, match=str(settings_file)):
        prepare(settings_file)


def test_every_earlier_text_is_known() -> None:
    """A text that we shipped, and that is not in `SHIPPED`, would count as the operator's."""
    name = str(INSTANCE.relative_to(PROJECT))
    log = _git("log", "--format=%H", "--", name)
    if log.returncode != 0:
        pytest.skip("needs the project's history, found none")
    texts = [_git("show", f"{commit}:{name}") for commit in log.stdout.decode().split()]
    digests = {hashlib.sha256(t.stdout).hexdigest() for t in texts if t.returncode == 0}
    committed = _git("show", f"HEAD:{name}").stdout
    assert digests - {hashlib.sha256(committed).hexdigest()} <= set(SHIPPED)
    assert hashlib.sha256(INSTANCE.read_bytes()).hexdigest() not in SHIPPED


def test_an_address_that_is_not_set_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")  # so that it is restored at the end
    monkeypatch.delenv("BORDERLEDGER_POSTGRES", raising=False)
    settings = Settings(tmp_path / "home")
    settings.dagster_home.mkdir(parents=True)
    file = settings.dagster_home / "dagster.yaml"
    file.write_text(documented_settings())
    prepare_dagster_home(settings)
    with (
        pytest.raises(ConfigurationError, match=f"^{file}: .*BORDERLEDGER_POSTGRES"),
        open_runs(settings, lambda _: idle),
    ):
        pass


@dg.job
def idle() -> None:
    """A job without steps."""


@pytest.mark.parametrize("name", ["plain", "o[d]d", "st*r", "100%20", "a b", "a#b", "it's ~"])
def test_the_history_is_in_the_home_with_our_settings(
    name: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")  # so that it is restored at the end
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("links")))
    home = tmp_path / name
    prepare_dagster_home(Settings(home))
    with dg.DagsterInstance.get() as instance:
        instance.create_run_for_job(idle)
        assert isinstance(instance.event_log_storage, EventLog)
        assert not instance.telemetry_enabled
    assert (home / "dagster" / "history" / "runs.db").exists()
    assert (home / "dagster" / "schedules" / "schedules.db").exists()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def _git(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, check=False)
