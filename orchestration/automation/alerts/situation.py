"""Finding out what is wrong: reads archive, builds, health of the sources and Dagster's history.

What belongs here: reading. What makes an alert of it is in `conditions`.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeVar

from orchestration.automation.alerts.conditions import FailedRun, Published, Situation
from orchestration.automation.instance import prepare_dagster_home
from orchestration.builds.build import sealed_builds
from orchestration.builds.gate_results import GateResult
from orchestration.builds.publishing import published_build
from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.source_health import Health, read_health
from orchestration.releases.archive import Archive
from orchestration.releases.freshness import freshness_of, published_freshness
from orchestration.review.review import review
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

log = logging.getLogger(__name__)

WILL_RETRY_TAG = "dagster/will_retry"
FailedRuns = Callable[[], Sequence[FailedRun]]
T = TypeVar("T")

# schedules and sensors launch these; whoever launches another job sees it fail
UNWATCHED_JOBS = ("nightly", "build", "clean")
RUNS_READ = 10  # of a job; more than Dagster repeats


def situation_of(
    settings: Settings,
    failed_runs: FailedRuns | None,
    looked_at: datetime | None = None,
    now: datetime | None = None,
    ended_early: Sequence[str] | None = None,
) -> Situation:
    """What is wrong in a home. A part that cannot be read is not known, with a warning: it does
    not keep the alerts on the others from being sent.

    failed_runs: finds the runs that failed; None if that is not known here.
    looked_at: when a nightly run last succeeded; None: when the publishers were last asked.
    ended_early: why the command nightly ended outside of its runs; None if that is not known here.
    """
    today = (now or datetime.now(UTC)).date()
    catalogue, health = load_catalogue(), read_health(settings)
    releases = _known("releases", lambda: review(Archive(settings.archive)).releases)
    runs = None if failed_runs is None else _known("runs", lambda: list(failed_runs()))
    fresh = None
    if releases is not None:
        looked_on = looked_at.date() if looked_at else last_look(health)
        fresh = [
            published_freshness(looked_on, today),
            *freshness_of(catalogue, releases, today),
        ]
    return Situation(
        catalogue=catalogue,
        published=_published(settings),
        releases=releases,
        gates=_known("checks", lambda: _gates(settings)),
        health=health,
        freshness=fresh,
        failed_runs=runs,
        ended_early=ended_early,
        ui=settings.ui_origin and settings.ui_origin.rstrip("/"),
    )


def last_look(health: Health) -> date | None:
    """The day on which the publishers were last asked, whether they answered or not; None if they
    never were, as in a home that is always offline."""
    asked = [source.asked_on for source in health.sources.values() if source.asked_on is not None]
    return max(asked).astimezone(UTC).date() if asked else None


def failed_runs_of(settings: Settings) -> list[FailedRun]:
    """The failed runs in the history of this home, as `failed_runs_in` finds them; none if Dagster
    has not run in it."""
    if not settings.dagster_home.is_dir():
        return []
    prepare_dagster_home(settings)
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        return failed_runs_in(instance)


def failed_runs_in(instance: "DagsterInstance") -> list[FailedRun]:
    """The newest finished run of each job that nobody watches, where it failed, from Dagster's
    history. A run that Dagster is about to repeat does not count: its repetition does."""
    found = (_newest_run(instance, job) for job in UNWATCHED_JOBS)
    return [failed for failed in found if failed is not None]


def _newest_run(instance: "DagsterInstance", job: str) -> FailedRun | None:
    """The newest finished run of a job, if it failed."""
    import dagster as dg

    from orchestration.automation.run_failures import failure_in

    statuses = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    records = instance.get_run_records(
        dg.RunsFilter(job_name=job, statuses=statuses), limit=RUNS_READ
    )
    for record in records:  # newest first
        run = record.dagster_run
        if run.tags.get(WILL_RETRY_TAG) == "true":
            continue
        if run.status == dg.DagsterRunStatus.SUCCESS:
            return None
        ended_at = datetime.fromtimestamp(record.end_time or 0, UTC)
        failure = failure_in(instance, run)
        return FailedRun(run.run_id, job, failure.reason, ended_at, failure.is_gate_refusal)
    return None


def _known(what: str, find: Callable[[], T]) -> T | None:
    """A part of the situation; None, with a warning, if it cannot be found out."""
    try:
        return find()
    except Exception as error:  # of any library: the other alerts are sent whatever it is
        log.warning("alerts on %s are left as they are: %s: %s", what, type(error).__name__, error)
        return None


def _gates(settings: Settings) -> list[GateResult]:
    """The results of the newest sealed build. Raises Unreadable."""
    sealed = sealed_builds(settings.builds)
    return sealed[-1].stored_gate_results if sealed else []


def _published(settings: Settings) -> Published | None:
    if not settings.published.exists():
        return None
    build = _known("the published file", lambda: published_build(settings))
    if build is None:
        return Published(None, None)
    return Published(build.build_id, build.record.built_at.date())
