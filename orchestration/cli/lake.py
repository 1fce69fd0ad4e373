"""The command lake, and the lake when a build is published without a run."""

import click

from orchestration.builds.build import Build
from orchestration.builds.lock import exclusive
from orchestration.builds.publishing import published_build
from orchestration.cli.options import json_option, settings_with
from orchestration.cli.output import say, show_table, warn
from orchestration.lake.connection import LakeError
from orchestration.lake.publication import publish
from orchestration.lake.snapshots import snapshots
from orchestration.settings import ConfigurationError, Lake, Settings
from orchestration.wording import counted


@click.command()
@click.option("--publish", "to_publish", is_flag=True, help="First publish the published build.")
@json_option
def lake(to_publish: bool, as_json: bool) -> int:
    """List the builds in the lake, for readers elsewhere.

    Newest last. The job publishes each build; --publish does so now, unless it is the newest."""
    settings = settings_with()
    if settings.lake is None:
        raise ConfigurationError(
            "found no lake; set BORDERLEDGER_LAKE and BORDERLEDGER_LAKE_DATA: see "
            "docs/off-one-machine.md"
        )
    if to_publish:
        with exclusive(settings.home, settings.limits.wait_seconds, warn):
            build = published_build(settings)
            if build is None:
                raise ConfigurationError("found no published build; run `borderledger nightly`")
            ensure_in_lake(build, settings)
    found = snapshots(settings.lake)
    rows = [(one.number, one.build_id, f"{one.published_at:%Y-%m-%d %H:%M:%S}") for one in found]
    records = [
        {"snapshot": one.number, "build_id": one.build_id, "at": one.published_at.isoformat()}
        for one in found
    ]
    show_table(("snapshot", "build", "published (UTC)"), rows, records if as_json else None)
    if not as_json:
        say(f"{counted(len(found), 'build')} in the lake.")
    return 0


def lake_problem(build: Build | None, lake: Lake) -> str | None:
    """Why readers elsewhere do not have the published build: the lake has another one, or cannot be
    read. None if they have it. build: the published one, if there is one."""
    try:
        found = snapshots(lake)
    except (ConfigurationError, LakeError) as error:
        return str(error)
    newest = found[-1].build_id if found else "none"
    if build is None or newest == build.build_id:
        return None
    return f"has build {newest}; `borderledger lake --publish` publishes {build.build_id}"


def ensure_in_lake(build: Build, settings: Settings) -> None:
    """Make the published build the newest snapshot of the home's lake, if it has one, unless it is.
    Raises as `lake.publication.publish` does."""
    if settings.lake is None:
        return
    published = publish(build, settings.lake)
    if published.written:
        say(f"Published build {build.build_id} into the lake: snapshot {published.snapshot.number}")
