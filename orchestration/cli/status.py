"""The command that shows the state of a home: status."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from orchestration.automation.last_run import LastRun, last_run_of
from orchestration.builds.build import Build
from orchestration.builds.claim_files import claim_files
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.outdated import why_outdated
from orchestration.builds.publishing import published_build, state_of_published
from orchestration.claims.files import unusable_files
from orchestration.cli.freshness import as_records, freshness_now, show_overdue
from orchestration.cli.lake import lake_problem
from orchestration.cli.options import json_option, settings_with
from orchestration.cli.output import say_labelled, show_facts
from orchestration.releases.archive import Archive
from orchestration.review.review import Review, review
from orchestration.settings import Settings


@click.command()
@json_option
def status(as_json: bool) -> int:
    """Show the state of archive, builds and published file."""
    settings = settings_with()
    archive = Archive(settings.archive)
    reviewed, current, last = review(archive), published_build(settings), last_run_of(settings)
    outdated = why_outdated(current, fingerprint(archive, claim_files(settings)), settings)
    facts = _facts(settings, reviewed, current, last, is_up_to_date=not outdated)
    fresh, unusable = freshness_now(settings, reviewed), unusable_files(settings)
    if as_json:
        more = {
            "outdated_because": outdated,
            "last_run_outcome": last and last.outcome,
            "last_run_reason": last and last.reason,
            "unusable_claim_files": unusable,
            "freshness": as_records(fresh),
        }
        click.echo(json.dumps(facts | more, indent=2))
    else:
        show_facts(facts | _in_words(settings, outdated, unusable))
        show_overdue(fresh)
        for problem in unusable:
            say_labelled("unusable", problem)
    return 0


def _facts(
    settings: Settings,
    reviewed: Review,
    current: Build | None,
    last: LastRun | None,
    is_up_to_date: bool,
) -> dict[str, Any]:
    """What both forms show, in the order in which they show it. current: the published build."""
    releases, held = reviewed.releases, reviewed.held()
    return {
        "published": settings.published.exists(),
        "build": current.build_id if current else None,
        "age_hours": _age_hours(current),
        "up_to_date": is_up_to_date,
        "last_run": last.describe() if last else "none recorded",
        "releases": len(reviewed.accepted()),
        "held": len(held),
        "held_in_part": len(reviewed.waiting()) - len(held),
        "refused": len(reviewed.refused()),
        "withdrawn": sum(release.verdict == "withdrawn" for release in releases),
        "published_file": state_of_published(settings) if settings.published.exists() else "none",
        **_in_lake(current, settings),
        "claim_files": len(settings.claims),
        "newest_publication": max((str(r.published_on) for r in releases), default=None),
        "home": str(settings.home),
    }


def _in_words(
    settings: Settings, outdated: Sequence[str], unusable: Sequence[str]
) -> dict[str, str]:
    """The facts of which a person reads more in words than in a number."""
    words = {}
    if outdated:
        words["up_to_date"] = f"no: {', '.join(outdated)}"
    if unusable:
        usable = len(settings.claims) - len(unusable)
        words["claim_files"] = f"{usable} of {len(settings.claims)} usable"
    return words


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
