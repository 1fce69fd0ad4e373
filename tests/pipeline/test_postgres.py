"""Dagster's history in PostgreSQL, with the settings that docs/operations.md gives."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import create_engine, text

from orchestration.automation.old_runs import delete_runs, old_runs
from tests.conftest import run_command
from tests.support.postgres import documented_settings, postgres, programs

PROGRAMS = programs()
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="needs PostgreSQL's initdb, found none")


@dg.op
def nothing() -> None:
    """A step, so that a run can be executed."""


@dg.job
def idle() -> None:
    nothing()


def test_runs_are_recorded_in_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PROGRAMS is not None
    home = tmp_path / "home"
    dagster_home = home / "dagster"
    dagster_home.mkdir(parents=True)
    (dagster_home / "dagster.yaml").write_text(documented_settings())
    with postgres(PROGRAMS) as url:
        monkeypatch.setenv("BORDERLEDGER_POSTGRES", url)
        run_command(home, "nightly")
        engine = create_engine(url)
        with engine.connect() as connection:
            runs = connection.execute(text("select pipeline_name, status from runs")).fetchall()
        engine.dispose()
        assert ("nightly", "SUCCESS") in [tuple(run) for run in runs]
        assert {status for _, status in runs} == {"SUCCESS"}
        assert (dagster_home / "dagster.yaml").read_text() == documented_settings()
        assert list(dagster_home.rglob("*.db")) == []
        run_command(home, "clean", "--json")
        monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))
        with dg.DagsterInstance.get() as instance:
            latest = {run.run_id for run in instance.get_runs()}
            replaced = idle.execute_in_process(instance=instance).run_id
            old = [run.run_id for run in old_runs(instance, datetime.now(UTC) + timedelta(days=1))]
            assert old == [replaced], "without those shown as the latest"
            delete_runs(instance, old)
            assert {run.run_id for run in instance.get_runs()} == latest
        run_command(home, "backup", str(tmp_path / "backup.tar"), "--with-history")
