"""The report, when a build is published without a run, or its tables are exported."""

import duckdb

from orchestration.builds.build import Build
from orchestration.builds.lock import exclusive
from orchestration.builds.publishing import published_build
from orchestration.catalogue.dataset import load_catalogue
from orchestration.cli.output import warn
from orchestration.exports.exporting import Exported
from orchestration.report.beside import as_written
from orchestration.report.downloads import Download, address_of
from orchestration.report.writing import FOLDER, publish_report, restore_report
from orchestration.settings import Settings


def restore(build: Build, settings: Settings) -> None:
    """Make the home's report that of a build which was published again. A build of other code may
    lack a table that a page needs: then the report stays, and a line says so."""
    try:
        restore_report(build, settings, load_catalogue())
    except duckdb.Error as error:
        warn(f"the report is still that of another build: {str(error).splitlines()[0]}")


def link_downloads(exported: Exported, settings: Settings) -> None:
    """Let the report link the files of an export of the published build. A home without a report,
    or whose published build is no longer kept, stays as it is."""
    build = published_build(settings)
    if build is None or build.build_id != exported.build_id or not settings.report.exists():
        return
    from orchestration.assets.check_docs import check_docs
    from orchestration.assets.dbt_docs import dbt_docs  # imports dagster-dbt

    checks = as_written(check_docs(), build.folder / FOLDER)  # to make them takes seconds
    downloads = [
        Download(
            name,
            one.rows,
            address_of(one.csv, settings.report),
            address_of(one.parquet, settings.report),
        )
        for name, one in exported.tables.items()
    ]
    with exclusive(settings.home, settings.limits.wait_seconds, warn):
        publish_report(build, settings, load_catalogue(), (dbt_docs(), checks), downloads)
