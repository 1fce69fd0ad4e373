"""The published build in the lake, as an asset: only of a home that has a lake."""

from collections.abc import Iterator

import dagster as dg

from orchestration.assets.names import LAKE, OWNERS, SEALED
from orchestration.builds.publishing import published_build
from orchestration.lake.publication import publish
from orchestration.settings import Settings


def lake_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The lake, written once its build is published as a file: a fault in it keeps neither the file
    nor the report back."""
    lake = settings.lake
    if lake is None:
        return []

    @dg.asset(
        key=LAKE,
        group_name="published",
        deps=[SEALED],
        description="The published build in DuckLake, for readers on other machines: each build is "
        "one snapshot, written in one transaction. `borderledger lake` lists them.",
        owners=OWNERS,
        kinds={"ducklake", "postgres"},
        tags={"stage": "published"},
        required_resource_keys={"home"},
    )
    def in_lake(context: dg.AssetExecutionContext) -> Iterator[dg.Output[None]]:
        build = published_build(settings)
        if build is None:
            raise dg.Failure("found no published build; launch the job build", allow_retries=False)
        published = publish(build, lake)
        context.log.info(f"build {build.build_id} is snapshot {published.snapshot.number}")
        yield dg.Output(
            None,
            metadata={
                "build": build.build_id,
                "snapshot": published.snapshot.number,
                "tables written": published.written,
                "tables kept": published.kept,
            },
        )

    return [in_lake]
