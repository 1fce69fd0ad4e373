"""A fill on two workers beside one by a single process.

What belongs here: starting both, and what is to be compared. The commands are those of
docs/off-one-machine.md.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from orchestration.releases.archive import STAGING, Archive, ArchiveError
from tests.conftest import run_command
from tests.support.dask_workers import cluster, documented_command
from tests.support.postgres import documented_settings, postgres

STEP_LINE = re.compile(
    r"^\d\d:\d\d:\d\d  (\w+) +"
    r"(?:took in \d+ files?|compared \d+ releases?|\d+ releases? accepted, \d+ held)$",
    re.MULTILINE,
)
STATUSES = "select status from runs"
STARTED = "select step_key from event_logs where dagster_event_type = 'STEP_START'"


@dataclass(frozen=True)
class Filled:
    """outcomes: as the command prints them. shown: the steps of which it prints a line.
    statuses: of the runs in Dagster's history. steps: in the order in which they began; one that
    began again is there twice. dead: the exit codes of the workers that ended. half_written: what
    is in the archive under no release's name. damaged: releases that are not whole."""

    outcomes: list[str]
    shown: list[str]
    digest: str
    statuses: list[str]
    steps: list[str]
    dead: list[int]
    half_written: list[Path]
    damaged: list[str]


def alone(folder: Path, landing: Sequence[Path]) -> tuple[list[str], str]:
    """What `fetch` prints, and the digest of the archive."""
    printed = run_command(folder, "fetch", landing=joined(landing)).stdout.splitlines()
    return printed, Archive(folder / "archive").digest()


def filled(
    folder: Path,
    programs: Path,
    landing: Sequence[Path],
    elsewhere: Sequence[Path],
    dying: str | None,
    batches: int,
) -> Filled:
    """Fill an archive on the workers `one` and `two`.

    folder: gets everything. landing: the folders of the command and of the first worker; elsewhere:
    of the second, with the same files. dying: the worker that is killed in its first batch.
    """
    archive, home = folder / "shared" / "archive", folder / "home"
    (home / "dagster").mkdir(parents=True)
    (home / "dagster" / "dagster.yaml").write_text(documented_settings())
    with postgres(programs) as url, pytest.MonkeyPatch.context() as patched:
        variables = {"BORDERLEDGER_ARCHIVE": str(archive), "BORDERLEDGER_POSTGRES": url}
        for name, value in variables.items():
            patched.setenv(name, value)
        folders = {"one": str(joined(landing)), "two": str(joined(elsewhere))}
        with cluster(folder, folders, variables, dying) as started:
            command = documented_command("fill", started.scheduler)
            done = run_command(home, *command, f"--batches={batches}", landing=joined(landing))
            if dying is not None:
                started.workers[dying].wait()
            dead = [code for w in started.workers.values() if (code := w.poll()) is not None]
        statuses, steps = _selected(url, STATUSES), _selected(url, STARTED)
    return Filled(
        # between the number of files and what to do next
        outcomes=done.stdout.splitlines()[1:-1],
        shown=STEP_LINE.findall(done.stderr),
        digest=Archive(archive).digest(),
        statuses=statuses,
        steps=steps,
        dead=dead,
        half_written=[path for path in archive.glob(f"{STAGING}*") if path.is_dir()],
        damaged=_damaged(Archive(archive)),
    )


def joined(folders: Sequence[Path]) -> Path:
    """Several landing folders as `run_command` and BORDERLEDGER_LANDING take them."""
    return Path(os.pathsep.join(map(str, folders)))


def _selected(url: str, query: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [str(one) for (one,) in connection.execute(text(query))]
    engine.dispose()
    return found


def _damaged(archive: Archive) -> list[str]:
    found = [str(folder) for folder in archive.foreign_folders()]
    for release in archive.releases():
        try:
            archive.bytes_of(release)
        except ArchiveError as error:
            found.append(str(error))
        if not archive.rows_are_whole(release):
            found.append(f"{release.describe()}: rows")
    return found
