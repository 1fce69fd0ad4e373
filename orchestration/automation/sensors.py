"""The sensors: a build follows when something is new, a file that is put into a landing folder is
fetched, and what is wrong is announced.

What belongs here: when a run is launched. What it does is in the assets.
"""

import hashlib
from datetime import UTC, datetime

import dagster as dg

from orchestration.assets.names import SOURCES
from orchestration.assets.working_build import BUILD
from orchestration.automation.alerts.announce import announce
from orchestration.automation.alerts.situation import failed_runs_in
from orchestration.automation.job import NIGHTLY, READABLE
from orchestration.builds.claim_files import claim_files
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.lock import is_locked
from orchestration.builds.publishing import latest_like, published_is_whole
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from orchestration.sources.landing import settled_files
from orchestration.wording import counted

BY_COMMAND = "borderledger/command"  # tags a run of the command, which builds by itself
PARENT_TAG = "dagster/parent_run_id"  # of a run that repeats another
CHANGES_ARCHIVE = (NIGHTLY, "decide", "redate")
SELECTED_ASSETS = "__ASSET_JOB"  # the job of assets that somebody selected
RUNS_READ = 20
SECONDS, ALERT_SECONDS = 15, 60
FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]


def sensors(settings: Settings) -> dg.Definitions:
    """The sensors, which are on from the start."""
    made = [make(settings) for make in (_build_when_new, _landing_folders, _alerts)]
    return dg.Definitions(sensors=made)


def _build_when_new(settings: Settings) -> dg.SensorDefinition:
    @dg.sensor(
        job_name=BUILD,
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Launches the job build after a run of nightly, decide or redate, if the "
        "archive, the code or the operator's claims are not those of a build that exists.",
    )
    def build_when_new(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        newest = _newest_change(context.instance)
        if newest is None or newest == context.cursor:
            return dg.SkipReason("No run has finished that could have changed the archive.")
        if is_locked(settings.home):
            return dg.SkipReason("A run is using the home; it is looked at again afterwards.")
        digest = fingerprint(Archive(settings.archive), claim_files(settings)).digest
        existing = latest_like(digest, settings)
        if (
            existing is not None
            and published_is_whole(settings)
            and not _build_failed(context.instance)
        ):
            context.update_cursor(newest)
            return dg.SkipReason(f"Nothing is new since build {existing.build_id}.")
        return dg.SensorResult([dg.RunRequest(run_key=f"{digest} {newest}")], cursor=newest)

    return build_when_new


def _landing_folders(settings: Settings) -> dg.SensorDefinition:
    @dg.sensor(
        job_name=NIGHTLY,
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Launches the job nightly, without asking the publishers, when a file in a "
        "landing folder is new or has changed, and is complete.",
    )
    def landing_folders(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        wait = settings.limits.settle_seconds
        files = sorted(file for folder in settings.landing for file in settled_files(folder, wait))
        if not files and context.cursor is None:
            return dg.SkipReason("There is no file in a landing folder that is complete.")
        state = hashlib.sha256(repr(files).encode()).hexdigest()[:16]
        if state == context.cursor:
            complete = f"The {len(files)} complete files in landing folders"
            return dg.SkipReason(f"{complete} are as they were.")
        if context.cursor is not None and not files:
            context.update_cursor(state)
            return dg.SkipReason("The landing folders have been emptied.")
        of_sources = {"config": {"landing": [], "offline": True}}
        config = READABLE | {"ops": {"sources": of_sources}}
        return dg.SensorResult([dg.RunRequest(run_key=state, run_config=config)], cursor=state)

    return landing_folders


def _alerts(settings: Settings) -> dg.SensorDefinition:
    @dg.sensor(
        minimum_interval_seconds=ALERT_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Sends one message about each thing that is wrong to the channels in "
        "BORDERLEDGER_ALERTS.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        instance = context.instance
        sent = announce(settings, lambda: failed_runs_in(instance), last_nightly(instance))
        return dg.SkipReason(f"{counted(sent, 'alert')} went out.")

    return alerts


def last_nightly(instance: dg.DagsterInstance) -> datetime | None:
    """When a run of the job nightly last succeeded."""
    filters = dg.RunsFilter(job_name=NIGHTLY, statuses=[dg.DagsterRunStatus.SUCCESS])
    for record in instance.get_run_records(filters, limit=1):
        return datetime.fromtimestamp(record.end_time or 0, UTC)
    return None


def _build_failed(instance: dg.DagsterInstance) -> bool:
    """Whether the run of build that ended last failed: until one succeeds, its checks and tables
    show that, also if the published file is what it would have made."""
    ended = instance.get_runs(dg.RunsFilter(job_name=BUILD, statuses=FINISHED), limit=1)
    return bool(ended) and ended[0].is_failure


def _newest_change(instance: dg.DagsterInstance) -> str | None:
    """The id of the run that ended last, of those that may have changed the archive."""
    ended = []
    for job in (*CHANGES_ARCHIVE, SELECTED_ASSETS):
        filters = dg.RunsFilter(job_name=job, statuses=FINISHED)
        for record in instance.get_run_records(filters, limit=RUNS_READ):
            if _may_change_archive(record.dagster_run):
                ended.append((record.end_time or 0, record.dagster_run.run_id))
                break
    return max(ended)[1] if ended else None


def _may_change_archive(run: dg.DagsterRun) -> bool:
    """Whether a run may have changed the archive, and nobody builds after it. The command does; but
    a run that a person repeats in the UI has the tags of the command's."""
    if run.job_name == SELECTED_ASSETS:
        return any(key.path[0] == SOURCES for key in run.asset_selection or ())
    return BY_COMMAND not in run.tags or PARENT_TAG in run.tags
