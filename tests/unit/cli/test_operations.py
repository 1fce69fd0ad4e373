"""Commands of the operator: cleaning waits for a run."""

from pathlib import Path

import pytest

from orchestration.cli import operations
from orchestration.cli.main import main
from orchestration.settings import Settings
from tests.support.builds import filled_build
from tests.support.lock_holder import held_by_another, let_go
from tests.support.reviews import FIRST, archive_of


def test_cleaning_waits_for_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")  # so that it is restored at the end
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path))
    archive_of(tmp_path, FIRST)
    build = filled_build(Settings.from_environment(), "run-one-")
    said: list[str] = []
    with held_by_another(tmp_path) as run:

        def end_the_run(sentence: str) -> None:
            said.append(sentence)
            let_go(run)

        monkeypatch.setattr(operations, "warn", end_the_run)
        with pytest.raises(SystemExit) as ended:
            main(["clean"])
    assert ended.value.code == 0
    assert said == [f"waiting for another run (process {run.pid}) that is using {tmp_path}"]
    assert "Deleted nothing" in capsys.readouterr().out
    assert build.folder.is_dir(), "it is not old"
