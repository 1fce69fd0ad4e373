"""Commands about builds: builds, diff, rollback, verify."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from orchestration.builds.build import Build, sealed_builds
from orchestration.builds.difference import differences
from orchestration.builds.lock import exclusive
from orchestration.builds.publishing import (
    PublishError,
    only_build,
    published_build,
    published_is_whole,
    roll_back,
)
from orchestration.builds.verification import Verified
from orchestration.builds.verification import verify as verify_home
from orchestration.cli.job import dagster_runs
from orchestration.cli.lake import ensure_in_lake
from orchestration.cli.options import FAILED, json_option, settings_with
from orchestration.cli.output import say, show_table, warn, warn_labelled
from orchestration.cli.report import ensure_report, restore
from orchestration.gates.suites import load_suites
from orchestration.lake.verification import verify_lake
from orchestration.settings import ConfigurationError, Settings
from orchestration.wording import counted, form

MEGABYTE = 1_000_000  # bytes


@click.command()
@json_option
def builds(as_json: bool) -> int:
    """List the builds that are kept.

    Newest last; then the builds as of a day."""
    settings = settings_with()
    current = published_build(settings)
    records = [
        build.record.model_dump(mode="json")
        | {"published": current is not None and current.folder == build.folder}
        for build in sealed_builds(settings.builds, settings.rebuilds)
    ]
    columns = ("build", "state", "releases", "checks", "warnings", "size")
    show_table(columns, list(map(_row, records)), records if as_json else None)
    if not as_json:
        say(f"{counted(len(records), 'build')}.")
    return 0


def _row(record: Mapping[str, Any]) -> tuple[str | int, ...]:
    """What is listed of a build, in at most 80 columns."""
    as_of = f"as of {record['as_of']}" if record["as_of"] else ""
    counts = (record[name] for name in ("releases", "checks", "warnings"))
    size = f"{record['size_bytes'] / MEGABYTE:,.0f} MB"
    return record["build_id"], "published" if record["published"] else as_of, *counts, size


@click.command()
@click.argument("one")
@click.argument("other")
@json_option
def diff(one: str, other: str, as_json: bool) -> int:
    """Compare two builds table by table.

    Shows, for each table that differs, how many rows OTHER adds, removes and changes relative to
    ONE, and how many are reissued: the same, but from another release. A build is named by its id,
    as `builds` shows it, by the beginning of it, or `published`."""
    settings = settings_with()
    kept = (settings.builds, settings.rebuilds)
    files = [_named_build(name, settings, *kept).database for name in (one, other)]
    keys = {suite.table: suite.key for suite in load_suites()}
    found = differences(files[0], files[1], keys)
    columns = ("added", "removed", "changed", "reissued", "table")
    differing = [table for table in found if table.digest_before != table.digest_after]
    rows = [
        (table.rows_added, table.rows_removed, table.rows_changed, table.rows_reissued, table.table)
        for table in differing
    ]
    show_table(columns, rows, [asdict(table) for table in found] if as_json else None)
    if not as_json:
        equal = len(found) - len(differing)
        say(f"{equal} of {counted(len(found), 'table')} {form(equal, 'is', 'are')} equal.")
    return 0


@click.command()
@click.argument("build")
def rollback(build: str) -> int:
    """Publish the earlier build BUILD again.

    BUILD is its id, as `builds` shows it, or the beginning of it. Waits for a run that goes on,
    which would publish its own build afterwards."""
    settings = settings_with()
    build_id = _named_build(build, settings, settings.builds).build_id
    with exclusive(settings.home, settings.limits.wait_seconds, warn):
        current = published_build(settings)
        if current is not None and current.build_id == build_id and published_is_whole(settings):
            ensure_report(current, settings)  # an earlier rollback to it may have been interrupted
            say(f"Build {build_id} is the published one already.")
            ensure_in_lake(current, settings)
            return 0
        restored = roll_back(build_id, settings)
        with dagster_runs(settings) as runs:
            runs.report_published(restored)
        restore(restored, settings)
        say(f"Published build {restored.build_id} again.")
        ensure_in_lake(restored, settings)
    return 0


@click.command()
@json_option
def verify(as_json: bool) -> int:
    """Check archive, builds, published file and lake for damage.

    Compares them with the digests recorded when they were written, and the files of the lake with
    their sizes."""
    settings = settings_with()
    if not settings.archive.exists() and not settings.published.exists():
        raise ConfigurationError(f"{settings.home}: found no archive, expected the home of a run")
    in_lake = verify_lake(settings.lake) if settings.lake else ()
    return show_verified([*verify_home(settings), *in_lake], as_json)


def show_verified(verified: Sequence[Verified], as_json: bool = False) -> int:
    """Print what is damaged of what was verified. Returns the exit code."""
    damaged = [found for found in verified if found.problem is not None]
    if as_json:
        click.echo(json.dumps([asdict(found) for found in verified], indent=2))
    else:
        for found in damaged:
            warn_labelled("damaged", f"{found.kind}: {found.problem}")
        counts = Counter(found.kind for found in verified)
        listed = ", ".join(counted(n, kind) for kind, n in counts.items())
        say(f"Verified {listed or 'nothing'}: {len(damaged)} damaged.")
    return FAILED if damaged else 0


def _named_build(name: str, settings: Settings, *folders: Path) -> Build:
    """The sealed build of this id, or of an id that begins so, below the folders, or the published
    one. Raises ConfigurationError."""
    if name == "published":
        published = published_build(settings)
        if published is None:
            raise ConfigurationError("found no published build; run `borderledger nightly`")
        return published
    try:
        return only_build(name, *folders)
    except PublishError as error:
        raise ConfigurationError(str(error)) from error
