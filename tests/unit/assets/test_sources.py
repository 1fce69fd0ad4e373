"""The step that fetches: what it says of what it found."""

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.assets import sources
from orchestration.assets.names import source_key
from orchestration.automation.console import console
from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.outcome import IntakeOutcome
from orchestration.intake.source_health import SourceHealth, change_health
from orchestration.settings import Settings
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST

READABLE: dict[str, Any] = {"loggers": {"console": {"config": {}}}}


def fetching(home: Path) -> dg.JobDefinition:
    return dg.Definitions(
        assets=[sources.source_assets(Settings(home))],
        resources={"home": dg.ResourceDefinition.none_resource()},
        jobs=[dg.define_asset_job("fetching")],
        loggers={"console": console},
    ).resolve_job_def("fetching")


def test_a_silent_publisher_is_one_line_however_many_datasets_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    outcomes = [
        IntakeOutcome("www.cbp.gov", dataset, "unreachable", "no connection", None)
        for dataset in (BY_AREA, BY_STATE, SOUTHWEST)
    ]
    monkeypatch.setattr(sources, "fetch", lambda *_, **__: outcomes)
    assert fetching(tmp_path).execute_in_process(run_config=READABLE).success
    said = [line for line in capfd.readouterr().err.splitlines() if "unreachable" in line]
    assert [line.partition("warning: ")[2] for line in said] == [
        "unreachable: www.cbp.gov: no connection"
    ]


def test_a_publisher_that_was_not_reached_is_named_on_its_source(tmp_path: Path) -> None:
    silent = SourceHealth(dataset=SOUTHWEST, problem="www.cbp.gov: no connection")
    change_health(
        Settings(tmp_path), lambda h: h.model_copy(update={"sources": {SOUTHWEST: silent}})
    )
    made = sources.source_assets(Settings(tmp_path), fetched=[])
    done = dg.materialize([made], resources={"home": None})
    shown = {
        event.asset_key: event.materialization.metadata.get("not reached")
        for event in done.get_asset_materialization_events()
    }
    of_cbp = shown.pop(source_key(load_catalogue()[SOUTHWEST]))
    assert of_cbp == dg.MetadataValue.md(f"- {SOUTHWEST}: www.cbp.gov: no connection")
    assert set(shown.values()) == {None}


def test_nothing_is_fetched_into_the_place_of_an_archive(own_home: Path) -> None:
    shutil.rmtree(own_home / "archive")
    with pytest.raises(dg.Failure, match="archive: found no release, expected those that"):
        fetching(own_home).execute_in_process()
    assert not (own_home / "archive").exists()
