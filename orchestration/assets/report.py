"""The report on the published file, as an asset."""

from collections.abc import Iterator

import dagster as dg

from orchestration.assets.names import OWNERS, REPORT, SEALED
from orchestration.builds.publishing import published_build
from orchestration.catalogue.dataset import load_catalogue
from orchestration.report.writing import publish_report
from orchestration.settings import Settings


def report_asset(settings: Settings) -> dg.AssetsDefinition:
    """The report, made once its build is published: a fault in a page keeps no figure back."""

    @dg.asset(
        key=REPORT,
        group_name="published",
        deps=[SEALED],
        description="Pages of charts, each with its figures, its query and its releases, that open "
        "from disk: `report/index.html` in the home. Always of the published build.",
        owners=OWNERS,
        kinds={"html"},
        tags={"stage": "published"},
        required_resource_keys={"home"},
    )
    def report(context: dg.AssetExecutionContext) -> Iterator[dg.Output[None]]:
        build = published_build(settings)
        if build is None:
            raise dg.Failure("found no published build; launch the job build", allow_retries=False)
        path = publish_report(build, settings, load_catalogue())
        context.log.info(f"wrote the report: {path}")
        yield dg.Output(
            None, metadata={"build": build.build_id, "path": dg.MetadataValue.path(str(path))}
        )

    return report
