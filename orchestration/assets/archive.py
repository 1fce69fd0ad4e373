"""The archive of each dataset: what this run found, and every release with its record."""

from collections.abc import Iterator

import dagster as dg
import polars as pl
from pydantic import Field

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.intake.fetch import fetch
from orchestration.intake.outcome import IntakeOutcome
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.review import Review, review
from orchestration.settings import Settings

OWNERS = ["team:borderledger"]
MOVED_SHOWN = 100
COLUMNS = (
    "published",
    "verdict",
    "reason",
    "rows",
    "months",
    "file_name",
    "untyped_rows",
    "release_id",
)


class FetchConfig(dg.Config):
    """Where to look for releases, besides the bundle and the places named in the environment."""

    landing: list[str] = Field(
        default_factory=list,
        description="Landing folders, laid out <dataset>/<YYYY-MM[-DD]>/<file>, below those in "
        "BORDERLEDGER_LANDING or BORDERLEDGER_LANDING_ROOTS.",
    )
    offline: bool = Field(default=False, description="Do not ask the publishers' sites.")


def archive_assets(settings: Settings) -> dg.AssetsDefinition:
    """One asset per dataset, all materialized by one step that fetches releases."""
    catalogue = load_catalogue()
    specs = [
        dg.AssetSpec(
            key=archive_key(dataset.name),
            group_name="archive",
            description=f"{dataset.title}. {dataset.meaning}",
            owners=OWNERS,
            kinds={"excel" if dataset.tables else "csv"},
            metadata={
                "publisher": dataset.publisher,
                "landing page": dg.MetadataValue.url(dataset.landing_page),
                "cadence": dataset.cadence,
                "licence": dataset.licence,
                "traps": dg.MetadataValue.md("\n".join(f"- {trap}" for trap in dataset.traps)),
            },
        )
        for dataset in catalogue.values()
    ]

    @dg.multi_asset(name="archive", specs=specs, required_resource_keys={"home"})
    def archive(
        context: dg.AssetExecutionContext, config: FetchConfig
    ) -> Iterator[dg.MaterializeResult[None]]:
        outcomes = fetch(settings.launched_with(config.landing, config.offline))
        _log_outcomes(context, outcomes)
        reviewed = review(Archive(settings.archive))
        for release in reviewed.waiting():
            context.log.warning(f"held: {release.describe()}: {release.reason}")
        accepted, held = len(reviewed.accepted()), len(reviewed.held())
        refused = sum(release.verdict == "refused" for release in reviewed.releases)
        context.log.info(f"{accepted} releases accepted, {held} held, {refused} in quarantine")
        for dataset in catalogue.values():
            yield _materialized(dataset, reviewed, outcomes)

    return archive


def archive_key(dataset: str) -> dg.AssetKey:
    return dg.AssetKey(["archive", dataset])


def _log_outcomes(context: dg.AssetExecutionContext, outcomes: list[IntakeOutcome]) -> None:
    """Log one line for each outcome that is worth reporting."""
    for outcome in outcomes:
        if outcome.kind == "archived":
            context.log.info(f"archived {outcome.detail}")
        elif outcome.is_worth_reporting:
            context.log.warning(f"{outcome.kind}: {outcome.detail}")


def _materialized(
    dataset: Dataset, reviewed: Review, outcomes: list[IntakeOutcome]
) -> dg.MaterializeResult[None]:
    mine = [release for release in reviewed.releases if release.dataset == dataset.name]
    accepted, held = reviewed.accepted(dataset.name), reviewed.held(dataset.name)
    waiting = reviewed.waiting(dataset.name)
    new = [o for o in outcomes if o.dataset == dataset.name and o.kind == "archived"]
    newest = max((release.published_on for release in accepted), default=None)
    return dg.MaterializeResult(
        asset_key=archive_key(dataset.name),
        metadata={
            "releases": len(accepted),
            "held": len(held),
            "held in part": len(waiting) - len(held),
            "refused": sum(release.verdict == "refused" for release in mine),
            "withdrawn": sum(release.verdict == "withdrawn" for release in mine),
            "new in this run": len(new),
            "newest publication": "none" if newest is None else newest.isoformat(),
            "dagster/row_count": sum(release.rows for release in accepted),
            "every release": _table(mine),
            **({"cells that moved": _moved(reviewed, dataset)} if waiting else {}),
        },
    )


def _table(releases: list[Release]) -> dg.MetadataValue:
    newest_first = sorted(releases, key=lambda r: (r.published_on, r.release_id), reverse=True)
    return dg.MetadataValue.table(
        records=[dg.TableRecord(dict(zip(COLUMNS, _row(r), strict=True))) for r in newest_first],
        schema=dg.TableSchema(columns=[dg.TableColumn(name) for name in COLUMNS]),
    )


def _moved(reviewed: Review, dataset: Dataset) -> dg.MetadataValue:
    """The cells that moved in held releases, largest change first."""
    moved = reviewed.moved.filter(pl.col("dataset") == dataset.name).drop("dataset")
    records = [
        dg.TableRecord({name: "" if cell is None else cell for name, cell in row.items()})
        for row in moved[:MOVED_SHOWN].iter_rows(named=True)
    ]
    columns = [dg.TableColumn(name) for name in moved.columns]
    return dg.MetadataValue.table(records=records, schema=dg.TableSchema(columns=columns))


def _row(release: Release) -> tuple[str | int, ...]:
    months = f"{release.first_month:%Y-%m} to {release.last_month:%Y-%m}" if release.rows else ""
    return (
        str(release.published),
        release.verdict,
        release.reason or "",
        release.rows,
        months,
        release.file_name,
        release.untyped_rows,
        release.release_id,
    )
