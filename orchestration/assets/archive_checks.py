"""Checks on what comes in: they stop no run, and say what a person should look at.

What belongs here: one function per check, each of what is known of one dataset, and reporting their
results. A check is an ERROR where a table is wrong or empty because of it, else a WARN.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NotRequired, TypedDict

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)

from orchestration.assets.archive import show_releases
from orchestration.assets.names import LANDING, archive_key, source_key
from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.intake.source_health import Health, SourceHealth, read_health
from orchestration.releases.archive import Archive
from orchestration.releases.freshness import dataset_freshness
from orchestration.releases.release import Release
from orchestration.review.review import Review, review
from orchestration.settings import Settings
from orchestration.wording import counted

LANDING_CHECK = "landing_folders_are_readable"


@dataclass(frozen=True)
class Known:
    """What is known of a dataset when its checks run."""

    dataset: Dataset
    reviewed: Review
    health: SourceHealth
    today: date

    @property
    def accepted(self) -> list[Release]:
        return self.reviewed.accepted(self.dataset.name)


@dataclass(frozen=True)
class Trouble:
    """Why a check does not pass. is_error: a table is wrong or empty because of it."""

    sentences: list[str]
    is_error: bool = False


class Outcome(TypedDict):
    """The fields in which a result within a run and one outside of it are alike."""

    passed: bool
    severity: NotRequired[dg.AssetCheckSeverity]
    description: NotRequired[str]
    metadata: NotRequired[dict[str, dg.MetadataValue]]


def nothing_is_refused(known: Known) -> Trouble | None:
    """Every file that was taken in can be used, or somebody has decided that it cannot."""
    refused = known.reviewed.unresolved(known.dataset.name)
    sentences = [
        f"{release.release_id}, published {release.published}: {release.reason}; once it needs no "
        f"more attention: `borderledger refuse {release.release_id} --reason …`"
        for release in refused
    ]
    return Trouble(sentences, is_error=not known.accepted) if sentences else None


def nothing_is_held(known: Known) -> Trouble | None:
    """No release waits for a decision."""
    sentences = [
        f"{release.release_id}, published {release.published}: {_first_of(release.findings)}; "
        f"decide with `borderledger accept {release.release_id} --reason …` or `borderledger "
        "refuse …`, or with the job decide"
        for release in known.reviewed.waiting(known.dataset.name)
    ]
    return Trouble(sentences, is_error=not known.accepted) if sentences else None


def _first_of(findings: Sequence[str]) -> str:
    """The first of several findings, and how many there are more: `borderledger releases` and the
    archive's page list all of them."""
    first, *more = findings
    return f"{first}; and {counted(len(more), 'more finding')}" if more else first


def publisher_is_reachable(known: Known) -> Trouble | None:
    """The publisher's site answered when it was asked last."""
    health = known.health
    if health.problem is None:
        return None
    nights = health.nights_unreachable
    since = f" (night {nights} in a row)" if nights > 1 else ""
    return Trouble([f"{health.problem}{since}"])


def listing_is_sane(known: Known) -> Trouble | None:
    """The publisher's listing links to files that the catalogue knows, and to all that it had."""
    return Trouble(list(known.health.findings)) if known.health.findings else None


def newest_release_is_recent(known: Known) -> Trouble | None:
    """The newest release is not older than the publisher's cadence allows."""
    newest = max((release.published_on for release in known.accepted), default=None)
    found = dataset_freshness(known.dataset, newest, known.today)
    if not found.overdue_by:
        return None
    return Trouble(
        [
            f"the newest release is of {found.newest}; the next was due by {found.due_by}, "
            f"{counted(found.overdue_by, 'day')} ago ({known.dataset.cadence})"
        ]
    )


Check = Callable[[Known], Trouble | None]
ALWAYS: tuple[Check, ...] = (nothing_is_refused, nothing_is_held)
OF_SITES: tuple[Check, ...] = (publisher_is_reachable, listing_is_sane)
OF_CADENCES: tuple[Check, ...] = (newest_release_is_recent,)
CHECKS = {check.__name__: check for check in (*ALWAYS, *OF_SITES, *OF_CADENCES)}


def archive_checks(settings: Settings) -> dg.AssetChecksDefinition:
    """The checks on every archive, and the one on the landing folders."""
    catalogue = load_catalogue()
    specs = [_spec(check, dataset) for dataset in catalogue.values() for check in _of(dataset)]
    landing = dg.AssetCheckSpec(
        LANDING_CHECK, asset=LANDING, description="Every landing folder is there and can be read."
    )

    @dg.multi_asset_check(
        name="archive_checks",
        specs=[*specs, landing],
        can_subset=True,
        description="Checks what came in; stops no run.",
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        """Say what a person should look at."""
        health, reviewed = read_health(settings), review(Archive(settings.archive))
        selected = context.selected_asset_check_keys
        for key, trouble in _troubles(catalogue.values(), reviewed, health):
            if key in selected:
                _log(context, key, trouble)
                yield dg.AssetCheckResult(
                    asset_key=key.asset_key, check_name=key.name, **_result(trouble)
                )
        key = dg.AssetCheckKey(LANDING, LANDING_CHECK)
        if key in selected:
            problems = [f"{f.folder}: {f.problem}" for f in health.landing if f.problem]
            trouble = Trouble(problems, is_error=True) if problems else None
            _log(context, key, trouble)
            yield dg.AssetCheckResult(
                asset_key=LANDING, check_name=LANDING_CHECK, **_result(trouble)
            )

    return checks


def show_changes(
    context: dg.OpExecutionContext | dg.AssetExecutionContext, settings: Settings
) -> None:
    """Show the releases that have changed since they were shown last, as by a decision or a gate,
    with the results of the checks on their archives: a person sees at once that the trouble is
    over, or that there is one, rather than after the next night."""
    reviewed = review(Archive(settings.archive))
    changed = show_releases(context, settings, reviewed)
    datasets = [dataset for name, dataset in load_catalogue().items() if name in changed]
    for key, trouble in _troubles(datasets, reviewed, read_health(settings)):
        # not an event of this run, which has not planned these checks
        context.instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=key.asset_key,
                check_name=key.name,
                target_materialization_data=_latest(context.instance, key.asset_key),
                **_result(trouble),
            )
        )


def _latest(
    instance: dg.DagsterInstance, asset: dg.AssetKey
) -> AssetCheckEvaluationTargetMaterializationData | None:
    """The materialization that a check is about. Without it Dagster compares times, of which one
    has whole seconds only, and takes the result for one on an earlier materialization."""
    for record in instance.fetch_materializations(asset, limit=1).records:
        return AssetCheckEvaluationTargetMaterializationData(
            storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
        )
    return None


def _troubles(
    datasets: Iterable[Dataset], reviewed: Review, health: Health
) -> Iterator[tuple[dg.AssetCheckKey, Trouble | None]]:
    """Each check on the archives of these datasets, with why it does not pass."""
    today = datetime.now(UTC).date()
    for dataset in datasets:
        known = Known(dataset, reviewed, health.of(dataset.name), today)
        for check in _of(dataset):
            yield dg.AssetCheckKey(archive_key(dataset.name), check.__name__), check(known)


def _of(dataset: Dataset) -> tuple[Check, ...]:
    """The checks on a dataset's archive."""
    of_cadence = OF_CADENCES if dataset.overdue_days is not None else ()
    return (*ALWAYS, *(() if dataset.bundled else OF_SITES), *of_cadence)


def _spec(check: Check, dataset: Dataset) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check.__name__,
        asset=archive_key(dataset.name),
        description=check.__doc__,
        # a check waits for the source, not for partitions, which the job nightly does not make
        additional_deps=[source_key(dataset), LANDING],
    )


def _log(
    context: dg.AssetCheckExecutionContext, key: dg.AssetCheckKey, trouble: Trouble | None
) -> None:
    if trouble is not None:
        log = context.log.error if trouble.is_error else context.log.warning
        if key.name == publisher_is_reachable.__name__:  # as the fetch has said, once a publisher
            log = context.log.debug
        log(f"{key.asset_key.path[-1]}: {key.name} failed: {'; '.join(trouble.sentences)}")


def _result(trouble: Trouble | None) -> Outcome:
    """What Dagster shows of a check with this trouble."""
    if trouble is None:
        return {"passed": True}
    sentences = trouble.sentences
    return {
        "passed": False,
        "severity": dg.AssetCheckSeverity.ERROR if trouble.is_error else dg.AssetCheckSeverity.WARN,
        "description": sentences[0] if len(sentences) == 1 else f"{len(sentences)} findings",
        "metadata": {"found": dg.MetadataValue.md("\n".join(f"- {one}" for one in sentences))},
    }
