"""dbt in this process, on a small project: what it makes, what it says if it cannot, and that it
lets go of the file, also if it is interrupted."""

import os
import signal
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.contracts.connection import Connection
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from orchestration.assets import dbt_command
from orchestration.assets.dbt_command import make_models
from orchestration.assets.dbt_project import DbtError
from orchestration.builds.build import Build
from tests.pipeline.browser.serving import wait

SECONDS = 60
PROJECT = """
name: small
version: "1.0"
profile: small
flags: {send_anonymous_usage_stats: false, use_colors: false, log_level_file: none}
"""
PROFILE = """
small:
  target: build
  outputs:
    build: {type: duckdb, path: "{{ env_var('BORDERLEDGER_BUILD', 'border.duckdb') }}", threads: 1}
"""
MODELS = {
    "first": "select 1 as number",
    "second": "select number + 1 as number from {{ ref('first') }}",
    "faulty": "select no_such_column from {{ ref('first') }}",
    "endless": "select sum(hash(range)) as number from range(1000000000000000)",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "models").mkdir()
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILE)
    for name, query in MODELS.items():
        config = "{{ config(materialized='table') }} "
        (folder / "models" / f"{name}.sql").write_text(config + query)
    return folder


@pytest.fixture
def build(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """A build of the small project."""
    monkeypatch.setattr(dbt_command, "DBT_PROJECT", project)
    monkeypatch.setattr(dbt_command, "prepare_manifest", lambda: None)
    yield Build(tmp_path)
    assert "BORDERLEDGER_BUILD" not in os.environ


def output(build: Build) -> str:
    log = build.folder / "dbt" / "output.log"
    return log.read_text() if log.exists() else ""


def test_the_selected_models_are_made_and_the_file_is_free(
    build: Build, capfd: pytest.CaptureFixture[str]
) -> None:
    assert [one.unique_id for one in make_models(build, "first")] == ["model.small.first"]
    assert [one.unique_id for one in make_models(build, "second")] == ["model.small.second"]
    with duckdb.connect(str(build.database), read_only=True) as connection:
        assert connection.execute("from second").fetchall() == [(2,)]
    assert output(build).count("Running with dbt=") >= 2
    assert capfd.readouterr().out == ""


def test_a_model_that_cannot_be_made_is_named_with_dbts_output(build: Build) -> None:
    with pytest.raises(DbtError, match=r"faulty: .*no_such_column") as error:
        make_models(build, "first faulty")
    assert str(build.folder / "dbt" / "output.log") in str(error.value)
    with duckdb.connect(str(build.database)) as connection:
        assert connection.execute("from first").fetchall() == [(1,)]


@pytest.mark.parametrize("unnoticed", [0, 1], ids=["during the query", "just before it"])
def test_an_interrupt_ends_the_query_and_frees_the_file(
    build: Build, monkeypatch: pytest.MonkeyPatch, unnoticed: int
) -> None:
    """unnoticed: how many cancellations come before the query has begun."""
    handler = signal.getsignal(signal.SIGTERM)
    numbers, cancel = count(), DuckDBConnectionManager.cancel

    def cancel_or_not(manager: DuckDBConnectionManager, connection: Connection) -> None:
        if next(numbers) >= unnoticed:
            cancel(manager, connection)

    monkeypatch.setattr(DuckDBConnectionManager, "cancel", cancel_or_not)

    def interrupt() -> None:
        assert wait(lambda: "START sql table model main.endless" in output(build), SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    operator = threading.Thread(target=interrupt)
    operator.start()
    with pytest.raises(KeyboardInterrupt):
        make_models(build, "endless")
    operator.join()
    assert signal.getsignal(signal.SIGTERM) == handler
    with duckdb.connect(str(build.database)) as connection:
        assert connection.execute("from duckdb_tables() select table_name").fetchall() == []
