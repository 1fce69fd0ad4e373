"""The report on the published file, as an asset."""

from collections.abc import Iterator

import dagster as dg

from orchestration.assets.check_docs import check_docs
from orchestration.assets.dbt_docs import dbt_docs
from orchestration.assets.names import OWNERS, REPORT, SEALED
from orchestration.builds.publishing import published_build
from orchestration.catalogue.dataset import load_catalogue
from orchestration.gates.resource import GREAT_EXPECTATIONS
from orchestration.report.dictionary import FIRST_PAGE as DICTIONARY
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
        required_resource_keys={"home", GREAT_EXPECTATIONS},
    )
    def report(context: dg.AssetExecutionContext) -> Iterator[dg.Output[None]]:
        build = published_build(settings)
        if build is None:
            raise dg.Failure("found no published build; launch the job build", allow_retries=False)
        beside = (dbt_docs(), check_docs(context.resources.great_expectations))
        path = publish_report(build, settings, load_catalogue(), beside)
        context.log.info(f"wrote the report: {path}")
        folders = {
            other.folder: dg.MetadataValue.path(str(path.parent / other.folder / "index.html"))
            for other in beside
        }
        dictionary = dg.MetadataValue.path(str(path.parent / DICTIONARY))
        yield dg.Output(
            None,
            metadata={
                "build": build.build_id,
                "path": dg.MetadataValue.path(str(path)),
                "dictionary": dictionary,
                **folders,
            },
        )

    return report
