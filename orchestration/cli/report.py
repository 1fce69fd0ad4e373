"""The report, when a build is published without a run."""

import duckdb

from orchestration.builds.build import Build
from orchestration.catalogue.dataset import load_catalogue
from orchestration.cli.output import warn
from orchestration.report.writing import restore_report
from orchestration.settings import Settings


def restore(build: Build, settings: Settings) -> None:
    """Make the home's report that of a build which was published again. A build of other code may
    lack a table that a page needs: then the report stays, and a line says so."""
    try:
        restore_report(build, settings, load_catalogue())
    except duckdb.Error as error:
        warn(f"the report is still that of another build: {str(error).splitlines()[0]}")
