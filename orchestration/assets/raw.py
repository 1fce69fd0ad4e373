"""The run's build and its raw tables."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import duckdb
from pydantic import Field

from orchestration.assets.archive import OWNERS, archive_key
from orchestration.builds.build import build_of_run, open_build
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.publishing import latest_like, published_is_whole
from orchestration.builds.raw_tables import load_provenance, load_raw_dataset
from orchestration.builds.sql import identifier, literal
from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.archive import Archive
from orchestration.review.review import review
from orchestration.settings import Settings

BUILD = dg.AssetKey("build")
PROVENANCE = {
    "raw/vocabulary": "Every label that a release may carry.",
    "meta/releases": "Every release with its record and verdict.",
    "meta/rejected_rows": "Rows that could not be typed, with their reason.",
    "meta/held_cells": "The cells that moved in held releases.",
    "meta/row_envelopes": "How many rows each month of a release has, and may have.",
    "meta/corrections": "The corrections of publishers' errors, for each release that has them.",
}


class BuildConfig(dg.Config):
    """Whether to build at all, and from which releases."""

    force: bool = Field(default=False, description="Build although nothing is new.")
    as_of: str | None = Field(
        default=None,
        description="A day, YYYY-MM-DD: build from the releases published by then, into a file "
        "of its own below rebuilds/, and publish nothing.",
    )


def build_asset(settings: Settings) -> dg.AssetsDefinition:
    """The run's own database file; not made where nothing is new, and then nothing
    downstream runs."""

    @dg.asset(
        key=BUILD,
        group_name="build",
        deps=[archive_key(name) for name in load_catalogue()],
        description="The run's own DuckDB file, built anew from the archive. Nothing is built "
        "when archive, code, models and suites are those of an earlier build.",
        owners=OWNERS,
        kinds={"duckdb"},
        output_required=False,
        required_resource_keys={"home"},
    )
    def build(context: dg.AssetExecutionContext, config: BuildConfig) -> Iterator[dg.Output[None]]:
        as_of = None if config.as_of is None else date.fromisoformat(config.as_of)
        made_of = fingerprint(Archive(settings.archive), as_of)
        alike = latest_like(made_of.digest, settings)
        is_new = config.force or as_of is not None or not published_is_whole(settings)
        if alike is not None and not is_new:
            context.log.info(f"nothing is new since build {alike.build_id}")
            return
        folder = settings.builds if as_of is None else settings.rebuilds
        opened = open_build(folder, context.run.run_id, made_of, as_of)
        context.log.info(f"building {opened.build_id}")
        connection = duckdb.connect(str(opened.database))
        connection.execute("create schema raw; create schema meta")
        connection.close()
        yield dg.Output(
            None,
            metadata={"build": opened.build_id, "fingerprint": made_of.digest},
        )

    return build


def raw_assets(settings: Settings) -> dg.AssetsDefinition:
    """One raw table a dataset, and the tables of provenance."""
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
                    asset_key=spec.key, metadata=_content(connection, *spec.key.path)
                )
        finally:
            connection.close()

    return raw


def _content(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str
) -> dict[str, dg.MetadataValue]:
    """Row count, and the columns with the comments that they carry in the file."""
    rows = connection.execute(
        f"select count(*) from {identifier(schema)}.{identifier(name)}"
    ).fetchall()[0][0]
    columns = connection.execute(
        "select column_name, lower(data_type), comment from duckdb_columns()"
        f" where schema_name = {literal(schema)} and table_name = {literal(name)}"
        " order by column_index"
    ).fetchall()
    described = [dg.TableColumn(column, kind, comment) for column, kind, comment in columns]
    return {
        "dagster/row_count": dg.MetadataValue.int(rows),
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(described)),
    }
