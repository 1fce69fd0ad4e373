"""The report, when a build is published without a run, or its tables are exported."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from orchestration.builds.build import Build
from orchestration.builds.publishing import published_build
from orchestration.catalogue.dataset import load_catalogue
from orchestration.cli.interruption import is_for_a_signal
from orchestration.cli.output import warn
from orchestration.exports.exporting import Exported, exported_tables
from orchestration.report.downloads import Download, address_of
from orchestration.report.writing import is_report_of, link_downloads, restore_report
from orchestration.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from pathlib import Path


def restore(build: Build, settings: Settings) -> None:
    """Make the home's report that of the published build, unless it is. A build of other code may
    lack what a page needs: then a line says so, and the figures are published all the same."""
    try:
        exported = exported_tables(settings.export)
        downloads = _downloads(exported, build, settings.report)
        restore_report(build, settings, load_catalogue(), downloads)
    except Exception as error:
        if is_for_a_signal(error):
            raise KeyboardInterrupt from error
        warn(f"the report could not be made that of build {build.build_id}: {_first_line(error)}")


def ensure_report(build: Build, settings: Settings) -> None:
    """Restore the report of the published build if the home has another one, or none: the command
    that published it was interrupted."""
    if not is_report_of(build, settings):
        restore(build, settings)


def link_export(exported: Exported, settings: Settings) -> None:
    """Let the report link the files of the home's export, if it is of the published build. Where it
    cannot, a line says so: the files are written."""
    try:
        build = published_build(settings)
        if build is not None and build.build_id == exported.build_id:
            downloads = _downloads(exported, build, settings.report)
            link_downloads(build, load_catalogue(), downloads)
    except (duckdb.Error, OSError, ConfigurationError) as error:
        warn(f"the report does not link these files: {_first_line(error)}")


def _downloads(exported: Exported | None, build: Build, report: "Path") -> Sequence[Download]:
    """The files of an export, if it is of this build."""
    if exported is None or exported.build_id != build.build_id:
        return ()
    return [
        Download(name, one.rows, address_of(one.csv, report), address_of(one.parquet, report))
        for name, one in exported.tables.items()
    ]


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
