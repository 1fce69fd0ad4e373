"""Where the scripts of the charts come from."""

from pathlib import Path

import pytest

from orchestration.report import scripts


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A new report, an earlier one, and the installation."""
    found = {name: tmp_path / name for name in ("new", "earlier", "installed")}
    for folder in found.values():
        folder.mkdir()
    monkeypatch.setattr(scripts, "INSTALLED", found["installed"])
    return found


@pytest.mark.parametrize("place", ["earlier", "installed"])
def test_they_are_copied_from_where_they_are(place: str, folders: dict[str, Path]) -> None:
    (folders[place] / scripts.NAME).write_text(f"of {place}")
    scripts.write_scripts(folders["new"], folders["earlier"])
    assert (folders["new"] / scripts.NAME).read_text() == f"of {place}"


def test_they_are_made_where_there_are_none(folders: dict[str, Path]) -> None:
    scripts.write_scripts(folders["new"], folders["earlier"])
    assert "vegaEmbed" in (folders["new"] / scripts.NAME).read_text()
