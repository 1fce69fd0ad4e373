"""The build that a run works on.

A run of all tables opens a build of its own, below `builds/`. A run that repeats or continues it
works on the same build. Any other run, of some tables or checks, works on a trial.
"""

from collections.abc import Set as AbstractSet
from typing import Any

import dagster as dg

from orchestration.builds.build import Build, builds_of_run, open_build
from orchestration.builds.claim_files import ClaimFile, claim_files
from orchestration.builds.connection import connected
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.lost_releases import why_incomplete
from orchestration.builds.raw_tables import create_schemas
from orchestration.builds.trial import NothingToTry, newest_build, open_trial, trial_of
from orchestration.code_digest import code_digest
from orchestration.releases.archive import Archive
from orchestration.settings import Settings

BUILD = "build"  # the job that makes and publishes all tables


class WorkingBuild:
    """Finds and opens the builds of runs.

    tables: every asset that is a part of a whole build.
    """

    def __init__(self, settings: Settings, tables: AbstractSet[dg.AssetKey]) -> None:
        self._settings = settings
        self._tables = tables

    def open(self, run: dg.DagsterRun) -> Build:
        """Open the build of a run: an empty one if the run makes every table, else a trial.
        Raises Failure if there is nothing to try it on, or if the archive has lost releases."""
        if not self._is_whole(run):
            return self._trial(run)
        if (reason := why_incomplete(self._settings)) is not None:
            raise dg.Failure(reason, allow_retries=False)
        claims = claim_files(self._settings)
        inputs = fingerprint(Archive(self._settings.archive), claims)
        build = open_build(self._settings.builds, _first(run), inputs, claims=claims)
        with connected(build.database) as connection:
            create_schemas(connection)
        return build

    def of(self, context: Any) -> Build:
        """The build that a run has opened, that of the run which it continues, or else a trial.
        Raises Failure if it cannot continue, or if there is nothing to try it on."""
        run, settings = context.run, self._settings
        for build in reversed(builds_of_run(_first(run), settings.builds, settings.trials)):
            if not build.is_sealed:
                if run.parent_run_id is not None:
                    _expect_same_code(build)
                return build
        first = context.instance.get_run_by_id(_first(run))
        if run.parent_run_id is not None and first is not None and self._is_whole(first):
            raise dg.Failure(
                f"found no open build of run {first.run_id}, which this run continues: it is "
                "finished, or a later run has removed it; launch the job build",
                allow_retries=False,
            )
        return self._trial(run)

    def of_checks(self, context: Any) -> Build:
        """The build that checks are to run on: that of the run, or the newest one, as it is, for a
        run of nothing but checks."""
        run = context.run
        only_checks = run.asset_check_selection is not None and not run.asset_selection
        if not only_checks or run.parent_run_id is not None:
            return self.of(context)
        try:
            return newest_build(self._settings)
        except NothingToTry as error:
            raise dg.Failure(str(error), allow_retries=False) from None

    def claims(self, build: Build) -> tuple[ClaimFile, ...]:
        """The operator's files of claims for a build: as they were when it was opened, since its
        fingerprint is of these; for a trial, as they are now."""
        return build.claims if trial_of(build) is None else claim_files(self._settings)

    def _trial(self, run: dg.DagsterRun) -> Build:
        try:
            return open_trial(self._settings, _first(run))
        except NothingToTry as error:
            raise dg.Failure(str(error), allow_retries=False) from None

    def _is_whole(self, run: dg.DagsterRun) -> bool:
        """Whether a run makes every table and runs every check."""
        if run.asset_selection is None:
            return run.job_name == BUILD
        return run.asset_selection >= self._tables and run.asset_check_selection is None


def kind_of_build(build: Build) -> dict[str, dg.MetadataValue]:
    """What an asset's metadata says about the build that it is in."""
    of = trial_of(build)
    if of is None:
        return {"build": dg.MetadataValue.text(build.build_id)}
    named = f"{build.build_id}, a copy of build {of}; it is not published"
    return {"trial": dg.MetadataValue.text(named)}


def _first(run: dg.DagsterRun) -> str:
    """The id of the run that this one repeats or continues, or its own."""
    return run.root_run_id or run.run_id


def _expect_same_code(build: Build) -> None:
    """Raises Failure if the code has changed since a build was opened: a build is made by one
    version of the code."""
    if build.made_of.code != code_digest():
        raise dg.Failure(
            f"found code that has changed since build {build.build_id} was opened, expected the "
            "same; launch the job build instead of continuing",
            allow_retries=False,
        )
