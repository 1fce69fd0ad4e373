"""The run's build, its raw tables and the provenance tables."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import duckdb
from pydantic import Field

from orchestration.assets.archive import OWNERS, archive_key
from orchestration.assets.table_metadata import table_metadata
from orchestration.builds.build import build_of_run, open_build
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.publishing import latest_like, published_is_whole
from orchestration.builds.raw_tables import load_provenance, load_raw_dataset
from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.archive import Archive
from orchestration.review.review import review
from orchestration.settings import Settings

BUILD = dg.AssetKey("build")
PROVENANCE = {
    "raw/vocabulary": "The labels that releases may have, with their spellings.",
    "meta/releases": "Every release with its record and verdict.",
    "meta/rejected_rows": "Rows that could not be typed, with the reason.",
    "meta/held_cells": "The cells that moved in held releases.",
    "meta/row_envelopes": "The number of rows of each month of a release, and the bounds on it.",
    "meta/corrections": "The corrections of publishers' errors, per release that has them.",
}


class BuildConfig(dg.Config):
    """Whether to build, and from which releases."""

    force: bool = Field(default=False, description="Build even if nothing is new.")
    as_of: str | None = Field(
        default=None,
        description="A day, YYYY-MM-DD: build from the releases published by then, into a separate "
        "file below rebuilds/, and publish nothing.",
    )


def build_asset(settings: Settings) -> dg.AssetsDefinition:
    """The run's own database file. If nothing is new it is not built, and nothing downstream
    runs."""

    @dg.asset(
        key=BUILD,
        group_name="build",
        deps=[archive_key(name) for name in load_catalogue()],
        description="The run's own DuckDB file, built from scratch from the archive. Nothing is "
        "built if archive, code, models and suites are those of an earlier build.",
        owners=OWNERS,
        kinds={"duckdb"},
        output_required=False,
        required_resource_keys={"home"},
    )
    def build(context: dg.AssetExecutionContext, config: BuildConfig) -> Iterator[dg.Output[None]]:
        as_of = None if config.as_of is None else date.fromisoformat(config.as_of)
        inputs = fingerprint(Archive(settings.archive), as_of)
        existing = latest_like(inputs.digest, settings)
        is_wanted = config.force or as_of is not None or not published_is_whole(settings)
        if existing is not None and not is_wanted:
            context.log.info(f"nothing is new since build {existing.build_id}")
            return
        folder = settings.builds if as_of is None else settings.rebuilds
        opened = open_build(folder, context.run.run_id, inputs, as_of)
        context.log.info(f"building {opened.build_id}")
        connection = duckdb.connect(str(opened.database))
        connection.execute("create schema raw; create schema meta")
        connection.close()
        yield dg.Output(None, metadata={"build": opened.build_id, "fingerprint": inputs.digest})

    return build


def raw_assets(settings: Settings) -> dg.AssetsDefinition:
    """One raw table per dataset, and the provenance tables."""
    catalogue = load_catalogue()
    specs = [
        dg.AssetSpec(
            key=["raw", dataset.name],
            deps=[archive_key(dataset.name), BUILD],
            group_name="raw",
            description=f"{dataset.title}: every cell of every release as text.",
            owners=OWNERS,
            kinds={"duckdb"},
            metadata={"dagster/table_name": f"raw.{dataset.name}"},
        )
        for dataset in catalogue.values()
    ] + [
        dg.AssetSpec(
            key=key.split("/"),
            deps=[BUILD],
            group_name=key.split("/")[0],
            description=description,
            owners=OWNERS,
            kinds={"duckdb"},
            metadata={"dagster/table_name": key.replace("/", ".")},
        )
        for key, description in PROVENANCE.items()
    ]

    @dg.multi_asset(name="raw", specs=specs, required_resource_keys={"home"})
    def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        build = build_of_run(settings, context.run.run_id)
        archive = Archive(settings.archive)
        reviewed = review(archive, build.as_of)
        connection = duckdb.connect(str(build.database))
        try:
            for dataset in catalogue.values():
                load_raw_dataset(connection, archive, dataset, reviewed)
            load_provenance(connection, reviewed, catalogue, build.folder)
            context.log.info(f"loaded {len(specs)} raw tables")
            for spec in specs:
                yield dg.MaterializeResult(
                    asset_key=spec.key, metadata=table_metadata(connection, *spec.key.path)
                )
        finally:
            connection.close()

    return raw
