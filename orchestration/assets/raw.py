"""The run's build, its raw tables and the provenance tables."""

from collections.abc import Iterator

import dagster as dg

from orchestration.assets.archive_checks import show_changes
from orchestration.assets.asset_tags import tags_of
from orchestration.assets.names import BUILD, OWNERS, archive_key
from orchestration.assets.table_metadata import (
    PROVENANCE_TABLES,
    TableMetadata,
    commented_schema,
    raw_schema,
)
from orchestration.assets.working_build import WorkingBuild, kind_of_build
from orchestration.builds.connection import connected
from orchestration.builds.raw_tables import load_provenance, load_raw_dataset
from orchestration.catalogue.dataset import load_catalogue
from orchestration.gates.check_results import CODE_REFERENCES, asset_key_of, code_references
from orchestration.releases.archive import Archive
from orchestration.review.review import review
from orchestration.settings import Settings

DESCRIPTIONS = {
    "raw.vocabulary": "The labels that releases may have, with their spellings.",
    "meta.releases": "Every release with its record and verdict.",
    "meta.rejected_rows": "Rows that could not be typed, with the reason.",
    "meta.held_cells": "The cells that moved in held releases.",
    "meta.row_envelopes": "The number of rows of each month of a release, and the bounds on it.",
    "meta.corrections": "The corrections of publishers' errors, per release that has them.",
}


def build_asset(settings: Settings, working: WorkingBuild) -> dg.AssetsDefinition:
    """The run's own database file."""

    spec = dg.AssetSpec(
        BUILD,
        deps=[archive_key(name) for name in load_catalogue()],
        group_name="build",
        description="The DuckDB file that a run writes into. The job `build` makes every table "
        "anew from the archive; a run of some tables only works on a trial, a copy of the newest "
        "build, which is never published.",
        owners=OWNERS,
        kinds={"duckdb"},
        tags=tags_of(BUILD, "build"),
    )

    # of another name than the job
    @dg.multi_asset(name="open_build", specs=[spec], required_resource_keys={"home"})
    def build(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Open the build that this run writes into."""
        show_changes(context, settings)  # what the command has decided, or a gate
        opened = working.open(context.run)
        context.log.info(f"building {opened.build_id}")
        return dg.MaterializeResult(
            value=None,
            asset_key=BUILD,
            metadata=kind_of_build(opened)
            | {"fingerprint": dg.MetadataValue.text(opened.made_of.digest)},
        )

    return build


def raw_specs() -> list[dg.AssetSpec]:
    """One raw table per dataset, and the provenance tables."""
    datasets = [
        dg.AssetSpec(
            key=["raw", dataset.name],
            deps=[archive_key(dataset.name), BUILD],
            group_name="raw",
            description=f"{dataset.title}, each release as text: {dataset.rows_in_words}.",
            owners=OWNERS,
            kinds={"duckdb"},
            tags=tags_of(dg.AssetKey(["raw", dataset.name]), "raw"),
            metadata=_metadata(f"raw.{dataset.name}", raw_schema(dataset)),
        )
        for dataset in load_catalogue().values()
    ]
    provenance = [
        dg.AssetSpec(
            asset_key_of(table),
            deps=[BUILD],
            group_name=table.partition(".")[0],
            description=description,
            owners=OWNERS,
            kinds={"duckdb"},
            tags=tags_of(asset_key_of(table), table.partition(".")[0]),
            metadata=_metadata(table, commented_schema(PROVENANCE_TABLES[table])),
        )
        for table, description in DESCRIPTIONS.items()
    ]
    return datasets + provenance


def raw_assets(settings: Settings, working: WorkingBuild) -> dg.AssetsDefinition:
    """The raw tables and the provenance tables, which one step loads."""
    catalogue = load_catalogue()

    @dg.multi_asset(name="raw", specs=raw_specs(), can_subset=True, required_resource_keys={"home"})
    def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        """Load the accepted releases' cells, and what the review found, into the build's file."""
        build, selected = working.of(context), context.selected_asset_keys
        archive = Archive(settings.archive)
        reviewed = review(archive, build.as_of)
        with connected(build.database) as connection:
            for dataset in catalogue.values():
                if dg.AssetKey(["raw", dataset.name]) in selected:
                    load_raw_dataset(connection, archive, dataset, reviewed)
            if selected & set(map(asset_key_of, DESCRIPTIONS)):
                load_provenance(connection, reviewed, catalogue, build.folder)
            context.log.info(f"loaded {len(selected)} raw tables")
            described = TableMetadata(connection)
            for key in sorted(selected):
                content = described.of(*key.path)
                yield dg.MaterializeResult(
                    value=None, asset_key=key, metadata=content | kind_of_build(build)
                )

    return raw


def _metadata(table: str, schema: dg.TableSchema) -> dict[str, object]:
    """What is known of a table before it is built: its name, its columns and its suite."""
    return {
        "dagster/table_name": table,
        "dagster/column_schema": schema,
        CODE_REFERENCES: code_references(f"expectations/{table}.yaml"),
    }
