"""dbt's parsed manifest: when it is made anew."""

import json
import logging
import shutil
from pathlib import Path

import pytest

from orchestration.assets import models
from orchestration.settings import DBT_PROJECT


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The manifest of a copy of the dbt project, which has none yet."""
    ignored = shutil.ignore_patterns("target", "logs")
    copy = Path(shutil.copytree(DBT_PROJECT, tmp_path / "dbt_project", ignore=ignored))
    (copy / "target").mkdir()
    monkeypatch.setattr(models, "DBT_PROJECT", copy)
    monkeypatch.setenv("PATH", "/usr/bin")  # as the job may find it: dbt is not on it
    path: Path = models.dbt_project().manifest_path
    return path


def test_a_damaged_manifest_is_set_aside_with_a_warning_and_made_anew(
    manifest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manifest.write_bytes(b'{"nodes": {"cut of')
    with caplog.at_level(logging.WARNING):
        models.prepare_manifest()
    assert "model.borderledger.fct_encounters" in json.loads(manifest.read_bytes())["nodes"]
    assert f"{manifest}: found no readable manifest" in caplog.text
    aside = manifest.with_name("manifest.json.damaged")
    assert aside.read_bytes() == b'{"nodes": {"cut of'
    assert aside.name in caplog.text

    caplog.clear()
    whole = manifest.stat().st_mtime_ns
    models.prepare_manifest()  # a whole one that is newer than the project's files stays
    assert manifest.stat().st_mtime_ns == whole
    assert not caplog.records


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00", b"[]", b"null"])
def test_what_is_no_json_object_is_a_damaged_manifest(
    manifest: Path, damage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = []
    preparer = type(models.dbt_project().preparer)
    monkeypatch.setattr(preparer, "prepare", lambda *_: parsed.append("parsed"))
    manifest.write_bytes(damage)
    models.prepare_manifest()
    assert parsed == ["parsed"]
    assert not manifest.exists()
