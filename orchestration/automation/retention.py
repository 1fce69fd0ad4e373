"""Retention: what a home no longer needs after some days, and the job that deletes it.

    dagster/…                  runs of Dagster: events, results of checks, printed output
    builds/, rebuilds/         builds that were never sealed; builds as of a day
    trials/                    builds of a part of the assets
    incoming/<dataset>/        downloads that were never taken in
    *.damaged-*, *.set-aside   files that a run has put aside
    .backup-*, .restoring-*    what a killed backup or restore has left

What belongs here: what is old. The archive, the published build and the builds kept for a rollback
are never touched; publishing deletes the oldest of those.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import dagster as dg
from pydantic import Field

from orchestration.automation.old_runs import delete_runs, old_runs
from orchestration.builds.build import all_builds
from orchestration.builds.publishing import SET_ASIDE, published_build
from orchestration.durable import remove_folder
from orchestration.settings import MOST_DAYS, Settings
from orchestration.wording import counted

Kind = Literal["run", "unsealed build", "rebuild", "trial", "download", "set aside", "leftover"]


@dataclass(frozen=True)
class Expired:
    """One thing that may be deleted.

    name: the run's id and job, or the path below the home.
    path: the file or folder; None for a run.
    """

    kind: Kind
    name: str
    size_bytes: int
    path: Path | None = None
    run_id: str | None = None


def expired(
    settings: Settings,
    instance: dg.DagsterInstance,
    days: int | None = None,
    now: datetime | None = None,
) -> list[Expired]:
    """Everything in a home that was last written more than so many days ago and that nothing
    needs any more. The home must be locked, so that no run is using what is listed.

    days: default: `retention_days` of the settings. now: default: the time now.
    """
    before = (now or datetime.now(UTC)) - timedelta(days=days or settings.retention_days)
    runs = [
        Expired("run", f"{run.run_id} {run.job or ''}".strip(), run.size_bytes, run_id=run.run_id)
        for run in old_runs(instance, before)
    ]
    files = [
        Expired(kind, str(path.relative_to(settings.home)), _size(path), path=path)
        for kind, path in _replaceable(settings)
        if _last_written(path) < before
    ]
    return runs + files


def remove(found: Iterable[Expired], instance: dg.DagsterInstance) -> None:
    """Delete what `expired` has listed."""
    listed = list(found)
    delete_runs(instance, [one.run_id for one in listed if one.run_id])
    for one in listed:
        if one.path is None:
            continue
        if one.path.is_dir() and not one.path.is_symlink():
            remove_folder(one.path)
        else:
            one.path.unlink(missing_ok=True)


def total_bytes(found: Iterable[Expired]) -> int:
    """How many bytes these take on disk."""
    return sum(one.size_bytes for one in found)


class CleaningConfig(dg.Config):
    """The form of the job `clean`."""

    days: int | None = Field(
        default=None,
        ge=1,
        le=MOST_DAYS,
        description="Older than so many days; default: the setting's.",
    )
    dry_run: bool = Field(default=False, description="List what would be deleted, and keep it.")


def retention(settings: Settings) -> dg.Definitions:
    """The job `clean`, of one step, and its weekly schedule, which is on from the start. They
    need the resource `home`."""

    @dg.op(
        required_resource_keys={"home"},
        description="Delete old runs, rebuilds, trials and leftovers; never a release.",
    )
    def clean_home(context: dg.OpExecutionContext, config: CleaningConfig) -> None:
        found = expired(settings, context.instance, config.days)
        for one in found:
            context.log.info(f"{one.kind}: {one.name} ({one.size_bytes:,} bytes)")
        if not config.dry_run:
            remove(found, context.instance)
        done = "would delete" if config.dry_run else "deleted"
        context.log.info(f"{done} {counted(len(found), 'thing')}, {total_bytes(found):,} bytes")

    @dg.job(
        name="clean",
        description="Delete what is older than BORDERLEDGER_RETENTION_DAYS: runs, rebuilds, "
        "trials and leftovers, but neither releases nor published builds.",
        executor_def=dg.in_process_executor,
    )
    def clean() -> None:
        clean_home()

    weekly = dg.ScheduleDefinition(
        name="clean_weekly",
        job=clean,
        cron_schedule="0 4 * * 0",
        execution_timezone="America/Los_Angeles",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every Sunday at four o'clock in California.",
    )
    return dg.Definitions(jobs=[clean], schedules=[weekly])


def _replaceable(settings: Settings) -> Iterator[tuple[Kind, Path]]:
    """What can be made again, or is of no use, whatever its age."""
    home, published = settings.home, published_build(settings)
    for build in all_builds(settings.builds):
        if not build.is_sealed:
            yield "unsealed build", build.folder
    for build in all_builds(settings.rebuilds):
        if published is None or build.folder != published.folder:
            yield "rebuild", build.folder
    yield from (("trial", build.folder) for build in all_builds(home / "trials"))
    # the files beside these folders are what is known of the publishers' sites
    yield from (("download", path) for path in sorted(home.glob("incoming/*/*")))
    for pattern in ("*.damaged-*", f"*{SET_ASIDE}"):
        for folder in (home, settings.dagster_home):
            found = folder.glob(pattern) if folder == home else folder.rglob(pattern)
            yield from (("set aside", path) for path in sorted(found))
    for pattern in (".backup-*", ".restoring-*"):
        yield from (("leftover", path) for path in sorted(home.glob(pattern)))


def _last_written(path: Path) -> datetime:
    """When a file or folder was written, or renamed to what it is called now."""
    status = path.lstat()
    return datetime.fromtimestamp(max(status.st_mtime, status.st_ctime), UTC)


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return sum(_size(inner) for inner in path.iterdir())
    return path.lstat().st_size
