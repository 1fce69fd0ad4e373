"""The asset graph equals its snapshot, so that a review shows every change to it."""

from pathlib import Path

from tests.pipeline.asset_graph import SNAPSHOT, describe_graph, graph_of_code_location


def test_the_asset_graph_equals_the_snapshot(tmp_path: Path) -> None:
    found = graph_of_code_location(tmp_path).splitlines()
    expected = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    assert found == expected, (
        "the asset graph has changed; if that is intended, run `make snapshot`"
    )


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
