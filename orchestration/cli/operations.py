"""Commands of the operator: backup, restore, clean."""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from orchestration.builds.backup import back_up
from orchestration.builds.backup import restore as restore_home
from orchestration.builds.lock import exclusive
from orchestration.builds.verification import verify
from orchestration.cli.builds import show_verified
from orchestration.cli.options import json_option, settings_with
from orchestration.cli.output import say, show_table, warn
from orchestration.settings import MOST_DAYS, ConfigurationError, Settings
from orchestration.wording import counted

FILE_NAME = "borderledger-%Y%m%dT%H%M%SZ.tar.gz"
days_option = click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    help="Older than so many days; default: BORDERLEDGER_RETENTION_DAYS.",
)


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--with-history", is_flag=True, help="With Dagster's history, if it is in files.")
def backup(target: Path, with_history: bool) -> int:
    """Back up archive, published build and settings.

    TARGET is a new file, compressed if its name ends in .gz, or a folder, in which the file is
    named by the time. A run may go on meanwhile. The backup is compared with its digests."""
    settings = _existing_home()
    if target.is_dir():
        target = target / datetime.now(UTC).strftime(FILE_NAME)
    if target.exists():
        raise ConfigurationError(f"{target}: found a file, expected a new one")
    if not target.parent.is_dir():
        raise ConfigurationError(f"{target.parent}: found no folder, expected one for the backup")
    contents = back_up(settings, target, with_history=with_history)
    build = contents.published or "no build"
    size = target.stat().st_size
    say(f"Backed up {counted(len(contents.files), 'file')} and {build}: {target} ({size:,} bytes)")
    return 0


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(source: Path) -> int:
    """Fill an empty home from the backup SOURCE.

    Publishes its build, then verifies the home."""
    settings = settings_with()
    contents = restore_home(settings, source)
    build = contents.published or "no build"
    say(f"Restored {counted(len(contents.files), 'file')} and {build}: {settings.home}")
    return show_verified(list(verify(settings)))


@click.command()
@days_option
@click.option("--dry-run", is_flag=True, help="List what would be deleted, and keep it.")
@json_option
def clean(days: int | None, dry_run: bool, as_json: bool) -> int:
    """Delete old runs, rebuilds, trials and leftovers.

    Neither releases nor the published build, nor the builds kept for a rollback. Waits for a run
    that goes on."""
    settings = _existing_home()
    with exclusive(settings.home, settings.limits.wait_seconds, warn):
        from orchestration.automation.instance import prepare_dagster_home

        prepare_dagster_home(settings)
        import dagster as dg

        from orchestration.automation.retention import expired, remove, total_bytes

        with dg.DagsterInstance.get() as instance:
            found = expired(settings, instance, days)
            if not dry_run:
                remove(found, instance)
    columns = ("kind", "name", "size_bytes")
    records = [{column: asdict(one)[column] for column in columns} for one in found]
    rows = [tuple(record.values()) for record in records]
    show_table(columns, rows, records if as_json else None)
    if not as_json:
        counts = Counter(one.kind for one in found)
        listed = ", ".join(f"{number} x {kind}" for kind, number in counts.items()) or "nothing"
        done = "Would delete" if dry_run else "Deleted"
        say(f"{done} {listed}: {total_bytes(found):,} bytes.")
    return 0


def _existing_home() -> Settings:
    settings = settings_with()
    if not settings.archive.exists():
        raise ConfigurationError(f"{settings.home}: found no archive, expected the home of a run")
    return settings
