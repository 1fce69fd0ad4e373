"""Dagster's history in PostgreSQL, with the settings that docs/operations.md gives."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import create_engine, text

from orchestration.assets.working_build import BUILD
from orchestration.automation.old_runs import delete_runs, old_runs
from orchestration.definitions import build_defs
from orchestration.settings import Settings
from tests.conftest import run_command
from tests.support.lakes import Server
from tests.support.postgres import documented_settings

TABLE = dg.AssetKey(["raw", "cbp_southwest_encounters"])


@dg.op
def nothing() -> None:
    """A step, so that a run can be executed."""


@dg.job
def idle() -> None:
    nothing()


def test_runs_are_recorded_in_postgresql(
    own_home: Path, postgres_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a night on which nothing is new, and a run of the job build, of one table."""
    dagster_home = own_home / "dagster"
    dagster_home.mkdir()
    (dagster_home / "dagster.yaml").write_text(documented_settings())
    url = postgres_server.history()
    monkeypatch.setenv("BORDERLEDGER_POSTGRES", url)
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))
    run_command(own_home, "nightly")
    with dg.DagsterInstance.get() as instance:
        built = _build_one_table(own_home, instance)
    engine = create_engine(url)
    with engine.connect() as connection:
        runs = connection.execute(text("select pipeline_name, status from runs")).fetchall()
        query = text("select count(*) from asset_check_executions where run_id = :run")
        checked = int(connection.execute(query, {"run": built}).scalar_one())
    engine.dispose()
    assert {tuple(run) for run in runs} == {("nightly", "SUCCESS"), ("build", "SUCCESS")}
    assert checked > 0
    assert (dagster_home / "dagster.yaml").read_text() == documented_settings()
    assert list(dagster_home.rglob("*.db")) == []
    run_command(own_home, "clean", "--json")
    with dg.DagsterInstance.get() as instance:
        latest = {run.run_id for run in instance.get_runs()}
        replaced = idle.execute_in_process(instance=instance).run_id
        old = [run.run_id for run in old_runs(instance, datetime.now(UTC) + timedelta(days=1))]
        assert old == [replaced], "without those shown as the latest"
        delete_runs(instance, old)
        assert {run.run_id for run in instance.get_runs()} == latest
    run_command(own_home, "backup", str(tmp_path / "backup.tar"), "--with-history")


def _build_one_table(home: Path, instance: dg.DagsterInstance) -> str:
    """Make one table, on a trial, and check it. Returns the run's id."""
    job = build_defs(Settings(home)).resolve_job_def(BUILD)
    done = job.execute_in_process(instance=instance, asset_selection=[TABLE])
    assert done.success
    return done.run_id
