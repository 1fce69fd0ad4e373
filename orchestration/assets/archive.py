"""The archive of each dataset: one partition per release.

A release becomes a partition when it is taken in, with its verdict. To materialize a partition is
to read the release again, from its archived bytes.
"""

import hashlib
import json
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

import dagster as dg
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_TAG,
    NULL_EVENT_POINTER,
    get_input_data_version_tag,
    get_input_event_pointer_tag,
)

from orchestration.assets.asset_tags import tags_of
from orchestration.assets.names import (
    LANDING,
    OWNERS,
    SOURCE_VERSION,
    archive_key,
    releases_of,
    source_key,
)
from orchestration.assets.release_metadata import held_release, release_reasons, release_rows
from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.durable import replace
from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.review import Review, review
from orchestration.settings import Settings

SHOWN = "releases-shown.json"
Shown = dict[str, str]


def archive_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """One asset per dataset."""
    return [_archive(dataset, settings) for dataset in load_catalogue().values()]


def _archive(dataset: Dataset, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=archive_key(dataset.name),
        partitions_def=releases_of(dataset.name),
        deps=[source_key(dataset), LANDING],
        group_name="archive",
        description=f"{dataset.title}. {dataset.meaning} One partition per release; to "
        "materialize one is to read the release again.",
        owners=OWNERS,
        kinds={"excel" if dataset.file_examples[0].endswith(".xlsx") else "csv"},
        tags=tags_of(archive_key(dataset.name), "archive"),
        freshness_policy=_freshness(dataset),
        metadata={
            "publisher": dataset.publisher,
            # the whole address does not wrap, and would widen the page
            "landing page": dg.MetadataValue.md(
                f"[{urlsplit(dataset.landing_page).hostname}]({dataset.landing_page})"
            ),
            "cadence": dataset.cadence,
            "licence": dataset.licence,
            "traps": dg.MetadataValue.md("\n".join(f"- {trap}" for trap in dataset.traps)),
        },
        required_resource_keys={"home"},
    )
    def archive(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Read one release again, from its archived bytes, and check it."""
        known = _release_of(dataset, context.partition_key, settings)
        Intake(settings).read_again(known)
        reviewed = review(Archive(settings.archive))
        [release] = [r for r in reviewed.releases if _id(r) == _id(known)]
        context.log.info(f"read again: {release.describe_intake()}: {release.verdict}")
        version = _version(release)
        _remember(settings, {_id(release): version})
        return dg.MaterializeResult(
            value=None,
            metadata=_metadata(release, reviewed) | _overview(dataset.name, reviewed),
            data_version=dg.DataVersion(version),
        )

    return archive


def _release_of(dataset: Dataset, partition: str, settings: Settings) -> Release:
    """The release that a partition is about. Raises Failure if the archive has it no more."""
    for release in Archive(settings.archive).releases():
        if (release.dataset, release.folder_name) == (dataset.name, partition):
            return release
    raise dg.Failure(
        f"{dataset.name}: found no release {partition} in the archive, expected one",
        allow_retries=False,
    )


def _freshness(dataset: Dataset) -> dg.FreshnessPolicy | None:
    if dataset.overdue_days is None:
        return None
    return dg.FreshnessPolicy.time_window(fail_window=timedelta(days=dataset.overdue_days))


def show_releases(
    context: dg.OpExecutionContext | dg.AssetExecutionContext, settings: Settings, reviewed: Review
) -> list[str]:
    """Show each release that is new, or whose record or verdict has changed since it was shown
    last, as a materialization of its partition. Returns the datasets of these releases."""
    shown = _shown(settings)
    changed = [r for r in reviewed.releases if shown.get(_id(r)) != _version(r)]
    datasets = list(dict.fromkeys(release.dataset for release in changed))
    for name in datasets:
        mine = [release for release in changed if release.dataset == name]
        mine.sort(key=lambda release: (release.published_on, release.release_id))
        context.instance.add_dynamic_partitions(
            releases_of(name).name or "", [release.folder_name for release in mine]
        )
        for release in mine:
            # the asset's own page shows what its latest materialization has
            overview = _overview(name, reviewed) if release is mine[-1] else {}
            context.log_event(
                dg.AssetMaterialization(
                    archive_key(name),
                    partition=release.folder_name,
                    metadata=_metadata(release, reviewed) | overview,
                    tags=_made_of(release, context.run_id),
                )
            )
    _remember(settings, {_id(release): _version(release) for release in changed})
    return datasets


def _overview(dataset: str, reviewed: Review) -> dict[str, dg.MetadataValue]:
    """All releases of a dataset, newest first, and what those that are held wait for."""
    mine = [release for release in reviewed.releases if release.dataset == dataset]
    verdicts = Counter("held in part" if r.held_tables else r.verdict for r in mine)
    overview: dict[str, dg.MetadataValue] = {
        "releases": dg.MetadataValue.text(", ".join(f"{n} {v}" for v, n in verdicts.items())),
        "every release": release_rows(mine),
    }
    if (reasons := release_reasons(mine)) is not None:
        overview["why"] = reasons
    for release in reviewed.waiting(dataset):
        overview |= held_release(release, reviewed.moved)
    return overview


def _metadata(release: Release, reviewed: Review) -> dict[str, dg.MetadataValue]:
    """What the page of a partition says of its release."""
    months = (
        f"{release.first_month:%Y-%m} to {release.last_month:%Y-%m}" if release.rows else "none"
    )
    metadata: dict[str, dg.MetadataValue] = {
        "verdict": dg.MetadataValue.text(release.verdict),
        "published": dg.MetadataValue.text(str(release.published)),
        "file": dg.MetadataValue.text(release.file_name),
        "source": dg.MetadataValue.text(release.source),
        "months": dg.MetadataValue.text(months),
        "dagster/row_count": dg.MetadataValue.int(release.rows),
        "rejected rows": dg.MetadataValue.int(release.untyped_rows),
        "release": dg.MetadataValue.text(release.release_id),
    }
    if release.is_waiting:
        metadata |= held_release(release, reviewed.moved)
    elif release.reason is not None:
        metadata["reason"] = dg.MetadataValue.text(release.reason)
    return metadata


def _made_of(release: Release, run_id: str) -> dict[str, str]:
    """The tags by which Dagster knows a release's version and those of its sources. Without the
    latter it takes the release for outdated as soon as a source is looked at again."""
    sources = (source_key(load_catalogue()[release.dataset]), LANDING)
    versions = {get_input_data_version_tag(source): SOURCE_VERSION for source in sources}
    # Dagster wants one beside each version; the source's own event comes after this one
    events = {get_input_event_pointer_tag(source): NULL_EVENT_POINTER for source in sources}
    # the run's id, as Dagster has it for an asset without a code version
    own = {DATA_VERSION_TAG: _version(release), CODE_VERSION_TAG: run_id}
    return own | versions | events


def _id(release: Release) -> str:
    return f"{release.dataset}/{release.release_id}"


def _version(release: Release) -> str:
    """A digest of what is shown of a release, and of what a build reads of it."""
    text = release.model_dump_json(exclude={"retrieved_at", "rows_sha256"})
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _shown(settings: Settings) -> Shown:
    """The version in which each release was shown last. Kept in Dagster's home, so that it goes
    with the history that it is about."""
    try:
        found = json.loads((settings.dagster_home / SHOWN).read_bytes())
    except (FileNotFoundError, ValueError):  # nothing is shown: everything is shown once more
        return {}
    return found if isinstance(found, dict) else {}


def _remember(settings: Settings, versions: Shown) -> None:
    if versions:
        settings.dagster_home.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_shown(settings) | versions, indent=1, sort_keys=True)
        replace(settings.dagster_home / SHOWN, lambda path: path.write_text(text))
