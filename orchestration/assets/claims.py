"""The claims as assets: checked once the measures of a build are there."""

from collections.abc import Iterator

import dagster as dg

from orchestration.assets.asset_tags import tags_of
from orchestration.assets.names import OWNERS
from orchestration.assets.table_metadata import TableMetadata, commented_schema
from orchestration.assets.working_build import WorkingBuild, kind_of_build
from orchestration.builds.connection import connected
from orchestration.claims.tables import TABLES, write_claims
from orchestration.gates.check_results import CODE_REFERENCES, code_references
from orchestration.wording import counted

NEEDED = [dg.AssetKey("measures"), dg.AssetKey(["meta", "releases"])]


def claim_specs() -> list[dg.AssetSpec]:
    """The claims with their verdicts, and what those rest on."""
    return [_spec(table) for table in TABLES]


def claim_assets(working: WorkingBuild) -> dg.AssetsDefinition:
    """Both tables, which one step makes."""

    @dg.multi_asset(name="claims", specs=claim_specs(), required_resource_keys={"home"})
    def claims(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        """Check every claim against the measures of the build."""
        build = working.of(context)
        with connected(build.database) as connection:
            counts = write_claims(connection, build.folder, working.claims(build))
            listed = "; ".join(f"{number} {verdict}" for verdict, number in counts.most_common())
            context.log.info(f"checked {counted(counts.total(), 'claim')}: {listed}")
            described = TableMetadata(connection)
            for table in TABLES:
                name = table.removeprefix("main.")
                content = described.of("main", name)
                yield dg.MaterializeResult(
                    value=None, asset_key=dg.AssetKey(name), metadata=content | kind_of_build(build)
                )

    return claims


def _spec(table: str) -> dg.AssetSpec:
    key = dg.AssetKey(table.removeprefix("main."))
    comments = TABLES[table]
    return dg.AssetSpec(
        key,
        deps=NEEDED,
        group_name="marts",
        description=comments.table,
        owners=OWNERS,
        kinds={"duckdb"},
        tags=tags_of(key, "marts"),
        metadata={
            "dagster/table_name": table,
            "dagster/column_schema": commented_schema(comments),
            CODE_REFERENCES: code_references(f"expectations/{table}.yaml"),
        },
    )
