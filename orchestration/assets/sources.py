"""Where releases come from: the bundle, landing folders, the publishers' sites.

One step looks everywhere, takes in what it finds, and shows each release that is new, or has
another verdict than before, as a partition of its dataset's archive.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import dagster as dg
from pydantic import Field

from orchestration.assets.archive import show_releases
from orchestration.assets.names import BUNDLED, LANDING, OWNERS, SOURCE_VERSION, source_key
from orchestration.builds.lost_releases import why_not_fetched
from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.intake.fetch import fetch
from orchestration.intake.outcome import IntakeOutcome, lines_of
from orchestration.intake.source_health import read_health
from orchestration.releases.archive import Archive
from orchestration.releases.freshness import PUBLISHED_DAYS
from orchestration.review.review import review
from orchestration.settings import Settings
from orchestration.wording import counted

COLUMNS = ("outcome", "dataset", "source", "detail")
# every night; one may be missed
LOOKED_AT = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(days=PUBLISHED_DAYS), warn_window=timedelta(hours=36)
)


class FetchConfig(dg.Config):
    """Where to look for releases, besides the bundle and the places named in the environment."""

    landing: list[str] = Field(
        default_factory=list,
        description="Landing folders, laid out <dataset>/<YYYY-MM[-DD]>/<file>, below those in "
        "BORDERLEDGER_LANDING or BORDERLEDGER_LANDING_ROOTS.",
    )
    offline: bool = Field(default=False, description="Do not ask the publishers' sites.")


def source_assets(
    settings: Settings, fetched: Sequence[IntakeOutcome] | None = None
) -> dg.AssetsDefinition:
    """One asset for the bundle, one for the landing folders, and one per publisher.

    fetched: the outcomes, if the command that runs the job has fetched already.
    """
    catalogue = load_catalogue()
    publishers: dict[dg.AssetKey, list[Dataset]] = {}
    for dataset in catalogue.values():
        if not dataset.bundled:
            publishers.setdefault(source_key(dataset), []).append(dataset)
    specs = [
        _spec(BUNDLED, "The figures that the project carries, transcribed from the publishers'."),
        _spec(LANDING, "The landing folders, into which people put files as published."),
        *(_publisher(key, datasets) for key, datasets in publishers.items()),
    ]

    @dg.multi_asset(name="sources", specs=specs, can_subset=True, required_resource_keys={"home"})
    def sources(
        context: dg.AssetExecutionContext, config: FetchConfig
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Look for releases at every source, and archive those that are new and valid."""
        selected = context.selected_asset_keys
        asked = {d.name for key, group in publishers.items() if key in selected for d in group}
        if fetched is None:
            if (reason := why_not_fetched(settings)) is not None:
                raise dg.Failure(reason, allow_retries=False)
            launched = settings.launched_with(config.landing, config.offline or not asked)
            outcomes = fetch(launched, ask=asked)
            _log(context, outcomes)
        else:  # the command has shown them
            outcomes = list(fetched)
        reviewed = review(Archive(settings.archive))
        context.log.info(
            f"{counted(len(reviewed.accepted()), 'release')} accepted, {len(reviewed.held())} "
            f"held, {len(reviewed.refused())} in quarantine"
        )
        show_releases(context, settings, reviewed)
        health = read_health(settings)
        for key in sorted(selected):
            datasets = {dataset.name for dataset in publishers.get(key, ())}
            silent = {name: health.sources[name].problem for name in datasets & set(health.sources)}
            yield _materialized(key, datasets, outcomes, silent)

    return sources


def _spec(key: dg.AssetKey, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=key,
        group_name="sources",
        description=description,
        owners=OWNERS,
        tags={"stage": "sources"},
        kinds={"https" if key not in (BUNDLED, LANDING) else "file"},
        freshness_policy=LOOKED_AT,
    )


def _publisher(key: dg.AssetKey, datasets: Sequence[Dataset]) -> dg.AssetSpec:
    pages = "\n".join(f"- [{d.title}]({d.landing_page}): {d.cadence}" for d in datasets)
    spec = _spec(key, f"The listings of the {datasets[0].publisher}, asked every night.")
    return spec.replace_attributes(metadata={"listings": dg.MetadataValue.md(pages)})


def _log(context: dg.AssetExecutionContext, outcomes: Sequence[IntakeOutcome]) -> None:
    for kind, detail in lines_of(outcomes):
        if kind == "archived":
            context.log.info(f"archived {detail}")
        else:
            context.log.warning(f"{kind}: {detail}")


def _materialized(
    key: dg.AssetKey,
    datasets: set[str],
    outcomes: Sequence[IntakeOutcome],
    silent: Mapping[str, str | None],
) -> dg.MaterializeResult[None]:
    """What is shown of a source. silent: why the listing of a dataset was not read the last time;
    None for one that was."""
    unread = [f"- {name}: {problem}" for name, problem in sorted(silent.items()) if problem]
    mine = [o for o in outcomes if _came_from(o, key, datasets)]
    shown = [outcome for outcome in mine if outcome.is_worth_reporting]
    records = [dg.TableRecord(dict(zip(COLUMNS, _row(outcome), strict=True))) for outcome in shown]
    schema = dg.TableSchema([dg.TableColumn(name) for name in COLUMNS])
    return dg.MaterializeResult(
        value=None,
        asset_key=key,
        metadata={
            "files": len(mine),
            "new": sum(outcome.kind == "archived" for outcome in mine),
            "refused": sum(outcome.kind == "refused" for outcome in mine),
            **({"not reached": dg.MetadataValue.md("\n".join(unread))} if unread else {}),
            **({"outcomes": dg.MetadataValue.table(records, schema)} if shown else {}),
        },
        data_version=dg.DataVersion(SOURCE_VERSION),
    )


def _came_from(outcome: IntakeOutcome, key: dg.AssetKey, datasets: set[str]) -> bool:
    """Whether an outcome is of this source: a site's has a URL, the bundle's a bundled dataset."""
    if outcome.source.startswith(("https://", "http://")):
        return outcome.dataset in datasets
    dataset = load_catalogue().get(outcome.dataset or "")
    return key == (BUNDLED if dataset is not None and dataset.bundled else LANDING)


def _row(outcome: IntakeOutcome) -> tuple[str, ...]:
    detail = outcome.reason or (outcome.release.describe_intake() if outcome.release else "")
    return outcome.kind, outcome.dataset or "", outcome.source, detail
