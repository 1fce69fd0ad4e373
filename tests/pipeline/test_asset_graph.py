"""The asset graph equals its snapshot, so that a review shows every change to it."""

from pathlib import Path

from orchestration.settings import Lake, Settings
from tests.pipeline.asset_graph import SNAPSHOT, describe_graph, graph_of_code_location


def test_the_asset_graph_equals_the_snapshot(tmp_path: Path) -> None:
    found = graph_of_code_location(tmp_path).splitlines()
    expected = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    assert found == expected, (
        "the asset graph has changed; if that is intended, run `make snapshot`"
    )


def test_a_home_with_a_lake_has_one_asset_more_which_the_job_makes(tmp_path: Path) -> None:
    from orchestration.assets.names import LAKE
    from orchestration.definitions import build_defs

    lake = Lake("postgres:dbname=lake", "/srv/lake")
    with_lake = build_defs(Settings(tmp_path, lake=lake))
    more = set(describe_graph(with_lake).splitlines()) - set(SNAPSHOT.read_text().splitlines())
    assert more == {"lake (published) <- sealed_build"}
    assert LAKE in with_lake.resolve_job_def("build").asset_layer.executable_asset_keys


def test_the_snapshot_shows_groups_dependencies_and_checks() -> None:
    import dagster as dg

    @dg.asset(group_name="facts")
    def later(earlier: int) -> None: ...

    @dg.asset(group_name="raw")
    def earlier() -> None: ...

    @dg.asset_check(asset=earlier)
    def is_unique() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    definitions = dg.Definitions(assets=[later, earlier], asset_checks=[is_unique])
    assert describe_graph(definitions) == (
        "earlier (raw)\n    check is_unique\nlater (facts) <- earlier\n"
    )
