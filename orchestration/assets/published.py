"""The published warehouse: the run's file, sealed and published."""

import dagster as dg
import duckdb

from orchestration.assets.archive import OWNERS
from orchestration.builds.build import build_of_run, seal
from orchestration.builds.publishing import checks_gone, publish
from orchestration.gates.suites import load_suites
from orchestration.settings import Settings


def published_asset(settings: Settings, deps: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """`border.duckdb`. deps: every table in it, so that no gate can be bypassed."""

    @dg.asset(
        key="border_duckdb",
        group_name="published",
        deps=deps,
        description="The published DuckDB file that analysts open: sealed, checksummed, published "
        "by one atomic rename. The last builds are kept for rollback.",
        owners=OWNERS,
        kinds={"duckdb"},
        required_resource_keys={"home"},
    )
    def border_duckdb(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        build = build_of_run(settings, context.run.run_id)
        with duckdb.connect(str(build.database), read_only=True) as connection:
            [(releases, held)] = connection.execute(
                "select count(*) filter (where verdict = 'accepted'),"
                " count(*) filter (where verdict = 'held') from meta.releases"
            ).fetchall()
        declared = [(s.table, e.check_name) for s in load_suites() for e in s.expectations]
        gone = checks_gone(declared, settings)
        if gone:
            context.log.warning(f"{len(gone)} checks of the published build are gone: {gone}")
        record = seal(build, releases, declared, held)
        if record.as_of is None:
            publish(build, settings)
            context.log.info(f"published build {record.build_id}")
        else:
            context.log.info(f"built as of {record.as_of}: {build.database}")
        return dg.MaterializeResult(
            metadata={
                "build": record.build_id,
                "sha256": record.sha256,
                "size": record.size_bytes,
                "releases": record.releases,
                "held": record.held,
                "checks": record.checks,
                "warnings": record.warnings,
                "checks gone": ", ".join(gone) or "none",
                "path": dg.MetadataValue.path(
                    str(settings.published if record.as_of is None else build.database)
                ),
            }
        )

    return border_duckdb
