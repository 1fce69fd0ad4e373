"""The end of a build: sealed and published; and the published file."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import dagster as dg

from orchestration.assets.check_docs import FOLDER as CHECKS
from orchestration.assets.dataset_lineage import datasets_of_tables
from orchestration.assets.names import OWNERS, PUBLISHED, SEALED
from orchestration.assets.working_build import WorkingBuild, kind_of_build
from orchestration.builds.build import Build, BuildRecord
from orchestration.builds.columns import AboutTables
from orchestration.builds.connection import connected
from orchestration.builds.publishing import checks_gone, publish
from orchestration.builds.sealing import seal
from orchestration.builds.trial import trial_of
from orchestration.gates.suites import declared_checks, load_suites
from orchestration.settings import Settings
from orchestration.wording import counted, form

# no dataset that is asked for every night is published more seldom than every two months
STALE_DAYS, OLD_DAYS = 60, 45


def sealed_asset(
    settings: Settings, working: WorkingBuild, tables: Iterable[dg.AssetKey]
) -> dg.AssetsDefinition:
    """The build once all of its gates have passed. tables: every table in it, so that no gate can
    be bypassed."""

    @dg.asset(
        key=SEALED,
        group_name="published",
        deps=sorted(tables),
        description="The run's file once every check has run and every critical one has passed: "
        "closed, checksummed, and then published. In a run of some tables only, nothing.",
        owners=OWNERS,
        kinds={"duckdb"},
        tags={"stage": "published"},
        required_resource_keys={"home"},
    )
    def sealed_build(context: dg.AssetExecutionContext) -> Iterator[dg.Output[None]]:
        build = working.of(context)
        if trial_of(build) is not None:
            context.log.info(f"{build.build_id} is a trial; only the job build publishes")
            yield dg.Output(None, metadata=kind_of_build(build))
            return
        gone = checks_gone(declared_checks(), settings)
        if gone:
            are = form(len(gone), "is", "are")
            number = counted(len(gone), "check")
            context.log.warning(f"{number} of the published build {are} gone: {gone}")
        record = sealed(build)
        publish(build, settings)
        context.log.info(f"published build {record.build_id}")
        context.log_event(published_event(record, settings))
        yield dg.Output(
            None, metadata={**_metadata(record), "checks gone": ", ".join(gone) or "none"}
        )

    return sealed_build


def published_spec() -> dg.AssetSpec:
    """`border.duckdb`, which no run makes: it is replaced by a build that is published, by a later
    one or, on rollback, by an earlier one."""
    return dg.AssetSpec(
        PUBLISHED,
        deps=[SEALED],
        group_name="published",
        description="The DuckDB file that analysts open. A build that has passed its gates "
        "replaces it, by one atomic rename; so does a rollback. The last builds are kept.",
        owners=OWNERS,
        kinds={"duckdb"},
        tags={"stage": "published"},
        freshness_policy=dg.FreshnessPolicy.time_window(
            fail_window=timedelta(days=STALE_DAYS), warn_window=timedelta(days=OLD_DAYS)
        ),
    )


def published_event(record: BuildRecord, settings: Settings) -> dg.AssetMaterialization:
    """What Dagster shows of the published file from now on."""
    path = dg.MetadataValue.path(str(settings.published))
    # written with the report, once the file is published
    checks = dg.MetadataValue.path(str(settings.report / CHECKS / "index.html"))
    return dg.AssetMaterialization(
        PUBLISHED, metadata={**_metadata(record), "path": path, "results of the checks": checks}
    )


def sealed(build: Build) -> BuildRecord:
    """Seal a build whose tables and checks are done. Raises SealError."""
    with connected(build.database, read_only=True) as connection:
        [(releases, held)] = connection.execute(
            "select count(*) filter (where verdict = 'accepted'),"
            " count(*) filter (where verdict = 'held') from meta.releases"
        ).fetchall()
    keys = {suite.table: suite.key for suite in load_suites()}
    return seal(build, releases, declared_checks(), held, AboutTables(keys, datasets_of_tables()))


def _metadata(record: BuildRecord) -> dict[str, str | int]:
    return {
        "build": record.build_id,
        "sha256": record.sha256,
        "size": record.size_bytes,
        "releases": record.releases,
        "held": record.held,
        "checks": record.checks,
        "warnings": record.warnings,
    }
