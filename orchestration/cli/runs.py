"""Commands that run the job: nightly, rebuild, ui."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.builds.build import Build
from orchestration.builds.claim_files import claim_files
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.lock import exclusive
from orchestration.builds.lost_releases import why_incomplete, why_not_fetched
from orchestration.builds.publishing import (
    latest_like,
    publish,
    published_build,
    published_is_whole,
    state_of_published,
)
from orchestration.claims.files import unusable_files
from orchestration.cli.ahead import ahead
from orchestration.cli.job import announced, become_service, dagster_runs, listen, start_ui
from orchestration.cli.lake import ensure_in_lake
from orchestration.cli.options import (
    FAILED,
    GATE_REFUSED,
    USAGE,
    folder,
    settings_with,
)
from orchestration.cli.output import report_errors, say, warn
from orchestration.cli.problems import (
    report_held,
    report_outcomes,
    report_problems,
    show_failed_checks,
)
from orchestration.cli.report import ensure_report, restore
from orchestration.intake.fetch import fetch, landing_problems
from orchestration.releases.archive import Archive
from orchestration.report.writing import FIRST_PAGE
from orchestration.review.review import review
from orchestration.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from orchestration.automation.runs import Run, Runs


@click.command()
@click.option("--landing", multiple=True, type=folder, help="A landing folder; may be repeated.")
@click.option("--offline", is_flag=True, help="Do not ask the publishers' sites.")
@click.option("--force", is_flag=True, help="Build even if nothing is new.")
def nightly(landing: tuple[Path, ...], offline: bool, force: bool) -> int:
    """Run the whole job: fetch releases, build, gate, publish."""
    settings = settings_with(landing, offline)
    with announced(settings):
        return _nightly(settings, force)


def _nightly(settings: Settings, force: bool) -> int:
    """Run the whole job. Returns the exit code."""
    with exclusive(settings.home, settings.limits.wait_seconds, warn), ahead() as libraries:
        if (reason := why_not_fetched(settings)) is not None:
            raise ConfigurationError(reason)
        outcomes = fetch(settings, when_new=libraries.begin)
        report_outcomes(outcomes)
        refused_now = sum(outcome.kind == "refused" for outcome in outcomes)
        reviewed = review(Archive(settings.archive))
        made_of = fingerprint(Archive(settings.archive), claim_files(settings))
        existing = None if force else latest_like(made_of.digest, settings)
        if existing is None:
            libraries.begin()
            report_held(reviewed)
        with dagster_runs(settings, outcomes, libraries.checking()) as runs:
            code = _run(runs, settings, existing)
    if code == 0:
        report_problems(review(Archive(settings.archive)), refused_now)
    problems = [*landing_problems(settings), *unusable_files(settings)]
    report_errors(problems)
    return code or (USAGE if problems else 0)


def _run(runs: "Runs", settings: Settings, existing: Build | None) -> int:
    """Record what was fetched, build unless there is a build of it, and announce what is wrong.
    Returns the exit code."""
    run = runs.nightly()
    if run.succeeded and existing is None:
        run = runs.build()
    if not run.succeeded or (existing is None and run.build is None):
        runs.announce()  # first, so that the last line is why the run failed
        return _failed(run)
    if existing is not None:
        _keep(existing, runs, settings)
    elif run.build is not None:
        say(f"Published build {run.build.build_id}: {settings.published}")
        say(f"Report: {settings.report / FIRST_PAGE}")
        for release in run.held:
            warn(f"A gate held {release.describe()}")
    runs.announce()
    return 0


def _keep(build: Build, runs: "Runs", settings: Settings) -> None:
    """Leave what is published, or publish this build again if the file is gone or damaged."""
    if published_is_whole(settings):
        published = published_build(settings) or build  # after a rollback, an earlier one
        ensure_report(published, settings)
        say(f"Nothing is new since build {build.build_id}.")
        ensure_in_lake(published, settings)
        return
    was = state_of_published(settings)
    publish(build, settings)
    runs.report_published(build)
    restore(build, settings)
    say(f"The published file was {was}; build {build.build_id} is published again.")
    ensure_in_lake(build, settings)


@click.command()
@click.option("--as-of", required=True, help="A day, YYYY-MM-DD.")
def rebuild(as_of: str) -> int:
    """Build a separate file as of a day.

    It contains the releases published by that day; nothing is published."""
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        raise ConfigurationError(
            f"--as-of: found {as_of!r}, expected a day such as 2024-12-20"
        ) from None
    settings = settings_with()
    if not review(Archive(settings.archive), day).accepted():
        raise ConfigurationError(
            why_incomplete(settings)
            or f"found no release published by {day}, expected at least one"
        )
    with dagster_runs(settings) as runs:
        run = runs.rebuild(day)
    if run.succeeded and run.build:
        say(f"Built {run.build.build_id} as of {day}: {run.build.database}")
        return 0
    return _failed(run)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=3000,
    show_default=True,
    help="Port on the loopback address.",
)
@click.option(
    "--only",
    type=click.Choice(["web", "daemon", "code"]),
    help="Start one of the three services: web server, daemon, code server.",
)
@click.option("--read-only", is_flag=True, help="Show everything; launch and change nothing.")
def ui(port: int, only: str | None, read_only: bool) -> int:
    """Start Dagster's web server and daemon on the loopback address.

    With --only, as services that are restarted one by one: see docs/operations.md."""
    settings = settings_with()
    if only in ("daemon", "code"):
        if read_only:
            raise ConfigurationError(f"--read-only: found --only {only}, expected --only web")
        become_service(settings, only)
    with listen(port) as listening:
        say(f"Dagster UI: http://127.0.0.1:{port} (stop with Ctrl+C)")
        if start_ui(settings, listening, only_web=only == "web", read_only=read_only):
            return 0
    warn("Dagster's daemon ended, and the UI with it; its last lines say why.")
    return FAILED


def _failed(run: "Run") -> int:
    """Print why a run failed. Returns the exit code."""
    if run.refused_by_gate:
        results = run.build.gate_results if run.build else []
        show_failed_checks(results)
        if not any(result.blocks for result in results):  # a check could not be evaluated
            warn(f"A gate failed {run.reason}")
        warn("A gate refused the run; the published file is unchanged.")
        return GATE_REFUSED
    warn(f"The run failed: {run.reason}")
    return FAILED
