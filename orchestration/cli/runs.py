"""Commands that run the job or show its state: nightly, rebuild, status, ui."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.automation.last_run import last_run_of
from orchestration.builds.build import Build
from orchestration.builds.claim_files import claim_files
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.lock import exclusive
from orchestration.builds.lost_releases import why_incomplete, why_not_fetched
from orchestration.builds.outdated import why_outdated
from orchestration.builds.publishing import (
    foreign_log,
    latest_like,
    publish,
    published_build,
    published_is_whole,
)
from orchestration.claims.files import unusable_files
from orchestration.cli.ahead import ahead
from orchestration.cli.freshness import as_records, freshness_now, show_overdue
from orchestration.cli.job import announced, become_service, dagster_runs, listen, start_ui
from orchestration.cli.lake import ensure_in_lake, lake_problem
from orchestration.cli.options import (
    FAILED,
    GATE_REFUSED,
    USAGE,
    folder,
    json_option,
    settings_with,
)
from orchestration.cli.output import report_errors, say, say_labelled, show_facts, warn
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
        existing = latest_like(made_of.digest, settings)
        existing = None if force else existing
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
    was = _what_is_wrong(settings)
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
@json_option
def status(as_json: bool) -> int:
    """Show the state of archive, builds and published file."""
    settings = settings_with()
    archive = Archive(settings.archive)
    reviewed = review(archive)
    every, accepted, held = reviewed.releases, reviewed.accepted(), reviewed.held()
    current = published_build(settings)
    last = last_run_of(settings)
    made_of = fingerprint(archive, claim_files(settings))
    outdated = why_outdated(current, made_of, settings)
    health: dict[str, Any] = {
        "published": settings.published.exists(),
        "build": current.build_id if current else None,
        "age_hours": _age_hours(current),
        "up_to_date": not outdated,
        "last_run": last.describe() if last else "none recorded",
        "releases": len(accepted),
        "held": len(held),
        "held_in_part": len(reviewed.waiting()) - len(held),
        "refused": sum(release.verdict == "refused" for release in every),
        "withdrawn": sum(release.verdict == "withdrawn" for release in every),
        "published_file": _what_is_wrong(settings) if settings.published.exists() else "none",
        **_in_lake(current, settings),
        "claim_files": len(settings.claims),
        "newest_publication": max((str(r.published_on) for r in every), default=None),
        "home": str(settings.home),
    }
    fresh, unusable = freshness_now(settings, reviewed), unusable_files(settings)
    if as_json:
        more = {
            "outdated_because": outdated,
            "last_run_outcome": last and last.outcome,
            "last_run_reason": last and last.reason,
            "unusable_claim_files": unusable,
            "freshness": as_records(fresh),
        }
        click.echo(json.dumps(health | more, indent=2))
        return 0
    if outdated:
        health["up_to_date"] = f"no: {', '.join(outdated)}"
    if unusable:
        usable = len(settings.claims) - len(unusable)
        health["claim_files"] = f"{usable} of {len(settings.claims)} usable"
    show_facts(health)
    show_overdue(fresh)
    for problem in unusable:
        say_labelled("unusable", problem)
    return 0


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


def _what_is_wrong(settings: Settings) -> str:
    """The state of the published file, in a word or two."""
    if not settings.published.exists():
        return "gone"
    if foreign_log(settings).exists():
        return "altered by a write-ahead log"
    return "whole" if published_is_whole(settings) else "damaged"


def _in_lake(current: Build | None, settings: Settings) -> dict[str, str]:
    """The state of the lake, of a home that has one."""
    if settings.lake is None:
        return {}
    problem = lake_problem(current, settings.lake)
    return {"lake": f"not up to date: {problem}" if problem else "up to date"}


def _age_hours(build: Build | None) -> float | None:
    if build is None:
        return None
    return round((datetime.now(UTC) - build.record.built_at).total_seconds() / 3600, 1)
