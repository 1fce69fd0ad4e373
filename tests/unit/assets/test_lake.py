"""The asset of the lake: only where there is one, and a fault in it is the run's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dagster as dg

from orchestration.assets.lake import lake_assets
from orchestration.assets.names import LAKE
from orchestration.builds.publishing import publish
from orchestration.settings import Lake, Settings
from tests.support.lakes import Reader, lake_build


def run(settings: Settings) -> dg.ExecuteInProcessResult:
    home = dg.ResourceDefinition.none_resource()
    return dg.materialize(lake_assets(settings), resources={"home": home}, raise_on_error=False)


def test_a_home_without_a_lake_has_no_such_asset(tmp_path: Path) -> None:
    assert lake_assets(Settings(tmp_path)) == []


def test_the_published_build_becomes_a_snapshot_and_a_failure_fails_the_run(
    new_lake: Callable[[], Lake], lake_reader: Reader, tmp_path: Path
) -> None:
    lake = new_lake()
    settings = Settings(tmp_path, lake=lake)
    assert not run(settings).success, "nothing is published"
    build = lake_build(settings, "run-1---", 3)
    publish(build, settings)
    [done] = run(settings).asset_materializations_for_node("lake")
    assert done.asset_key == LAKE
    shown = {name: done.metadata[name].value for name in ("build", "snapshot", "tables kept")}
    assert shown == {"build": build.build_id, "snapshot": 1, "tables kept": 0}
    assert lake_reader.builds(lake) == [build.build_id]
    down = replace(lake, data=f"{lake.data}/gone")
    failed = run(replace(settings, lake=down))
    assert not failed.success
    assert lake_reader.builds(lake) == [build.build_id]
