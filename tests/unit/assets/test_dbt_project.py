"""dbt's parsed manifest: when it is made anew, and that it is whole."""

import json
import logging
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from dagster_dbt import DbtProject
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from orchestration.assets import dbt_project
from orchestration.cli import commands
from orchestration.settings import DBT_PROJECT, ConfigurationError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project, which has no manifest yet."""
    ignored = shutil.ignore_patterns("target", "logs")
    copy = Path(shutil.copytree(DBT_PROJECT, tmp_path / "dbt_project", ignore=ignored))
    monkeypatch.setattr(dbt_project, "DBT_PROJECT", copy)
    monkeypatch.setenv("PATH", "/usr/bin")  # as the job may find it: dbt is not on it
    return copy


@pytest.fixture
def manifest(project: Path) -> Path:
    (project / "target").mkdir()
    return project / "target" / "manifest.json"


@pytest.fixture
def parsed(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The manifests parsed so far: in dbt's place stands what writes a manifest with a number."""
    made: list[str] = []

    def prepare(_: object, of: DbtProject) -> None:
        made.append(json.dumps({"number": len(made)}))
        of.manifest_path.parent.mkdir(parents=True)
        of.manifest_path.with_name("partial_parse.msgpack").touch()
        of.manifest_path.write_text(made[-1])

    monkeypatch.setattr(type(DbtProject(DBT_PROJECT).preparer), "prepare", prepare)
    return made


@pytest.mark.long
def test_a_damaged_manifest_is_set_aside_with_a_warning_and_made_anew(
    manifest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manifest.write_bytes(b'{"nodes": {"cut of')
    with caplog.at_level(logging.WARNING):
        dbt_project.prepare_manifest()
    assert "model.borderledger.fct_encounters" in json.loads(manifest.read_bytes())["nodes"]
    assert manifest.with_name("partial_parse.msgpack").exists()  # so that runs need not parse
    assert f"{manifest}: found no readable manifest" in caplog.text
    aside = manifest.with_name("manifest.json.damaged")
    assert aside.read_bytes() == b'{"nodes": {"cut of'
    assert aside.name in caplog.text

    caplog.clear()
    whole = manifest.stat().st_mtime_ns
    dbt_project.prepare_manifest()
    assert manifest.stat().st_mtime_ns == whole
    assert not caplog.records


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00", b"[]", b"null"])
def test_what_is_no_json_object_is_a_damaged_manifest(
    manifest: Path, damage: bytes, parsed: list[str]
) -> None:
    manifest.write_bytes(damage)
    dbt_project.prepare_manifest()
    assert manifest.read_text() == parsed[-1]
    assert manifest.with_name("manifest.json.damaged").read_bytes() == damage


def _touch_everything(project: Path) -> None:
    for path in project.rglob("*"):
        os.utime(path)


def _change_a_model_and_keep_its_time(project: Path) -> None:
    model = next((project / "models").rglob("*.sql"))
    before = model.stat()
    model.write_text(model.read_text() + "\n-- changed")
    os.utime(model, ns=(before.st_atime_ns, before.st_mtime_ns))


def _remove_a_model(project: Path) -> None:
    next((project / "models").rglob("*.sql")).unlink()


def _parse_by_hand(project: Path) -> None:
    (project / "target" / "manifest.json").write_text('{"parsed": "for another target"}')


def _lose_the_record(project: Path) -> None:
    (project / "target" / "prepared.json").write_text("{")


@pytest.mark.parametrize(
    ("change", "times"),
    [
        (lambda _: None, 1),
        (_touch_everything, 1),
        (_change_a_model_and_keep_its_time, 2),
        (_remove_a_model, 2),
        (_parse_by_hand, 2),
        (_lose_the_record, 2),
    ],
)
def test_the_project_is_parsed_again_if_its_content_has_changed_not_its_times(
    project: Path, parsed: list[str], change: Callable[[Path], None], times: int
) -> None:
    dbt_project.prepare_manifest()
    change(project)
    dbt_project.prepare_manifest()
    assert len(parsed) == times
    assert (project / "target" / "manifest.json").read_text() == parsed[-1]


def test_of_several_at_once_one_parses_and_the_others_wait_for_it(
    project: Path, parsed: list[str]
) -> None:
    found: list[bool] = []

    def prepare() -> None:
        dbt_project.prepare_manifest()
        found.append((project / "target" / "manifest.json").exists())

    threads = [threading.Thread(target=prepare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4
    assert len(parsed) == 1


def test_a_parse_that_fails_leaves_the_manifest_as_it_was(
    project: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dbt_project.prepare_manifest()
    _change_a_model_and_keep_its_time(project)

    def fail(_: object, of: DbtProject) -> None:
        of.manifest_path.parent.mkdir(parents=True)
        of.manifest_path.write_text('{"half')
        raise RuntimeError("killed")

    with monkeypatch.context() as failing:
        failing.setattr(type(DbtProject(DBT_PROJECT).preparer), "prepare", fail)
        with pytest.raises(RuntimeError, match="killed"):
            dbt_project.prepare_manifest()
    assert (project / "target" / "manifest.json").read_text() == parsed[-1]
    dbt_project.prepare_manifest()
    assert len(parsed) == 2


@pytest.mark.parametrize("name", ["prepared.json", "manifest.json"])
def test_a_folder_in_the_place_of_a_file_is_named(
    name: str, project: Path, parsed: list[str]
) -> None:
    dbt_project.prepare_manifest()
    path = project / "target" / name
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match=f"{path}: found a folder, expected a file of"):
        dbt_project.prepare_manifest()
    path.rmdir()
    dbt_project.prepare_manifest()
    assert len(parsed) == 2


REFUSED = """The dbt CLI process with command

`dbt parse --quiet`

failed with exit code `2`. Check the stdout in the Dagster compute logs.

Errors parsed from dbt logs:

Encountered an error:
"""
SYNTAX = """Compilation Error in model dim_area (models/facts/dim_area.sql)
  Expected an expression, got 'end of statement block'
    line 20
      {% if %}"""


def test_a_project_that_cannot_be_parsed_is_an_error_in_dbts_words(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(*_: object) -> None:
        print("Encountered an error:")
        # pyrefly: ignore[direct-abstract-base-instantiation]  # dagster-dbt raises it itself
        raise DagsterDbtCliRuntimeError(f"{REFUSED}{SYNTAX}")

    monkeypatch.setattr(type(DbtProject(DBT_PROJECT).preparer), "prepare", prepare)
    monkeypatch.setattr(commands.cli, "main", lambda *_, **__: dbt_project.prepare_manifest())
    with pytest.raises(SystemExit) as stop:
        commands.run(["nightly"])
    printed = capsys.readouterr()
    expected = f"borderledger: dbt cannot parse {project}: {SYNTAX}"
    assert printed.err.split() == expected.split(), "wrapped"
    assert (stop.value.code, printed.out) == (3, "")
