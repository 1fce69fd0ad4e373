"""One run's build: its folder, its database file and its record.

builds/<build_id>/border.duckdb    the file: open, then sealed
                  made-of.json     its fingerprint, taken before anything is read, the day as of
                                   which it is built, and the operator's claims
                  gates.json       the results of the gates so far
                  checks.json      Great Expectations' own results of them, for their pages
                  build.json       the record; written last, so that only a sealed build has one
"""

import contextlib
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from orchestration.builds.claim_files import ClaimFile
from orchestration.builds.fingerprint import Fingerprint
from orchestration.builds.gate_results import GateResult
from orchestration.durable import remove_folder, replace, sha256_of

log = logging.getLogger(__name__)

START_FORMAT = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"\d{8}T\d{6}Z-.{1,8}")  # when it was opened, and the beginning of its run's id

T = TypeVar("T")


class Unreadable(Exception):
    """A file of a build that cannot be read: which, what was found, what was expected."""


class BuildRecord(BaseModel):
    """The record of a sealed build.

    sha256, size_bytes: of its database file.
    releases: how many accepted releases it contains; held: how many wait for a decision.
    as_of: it contains the releases published by this day; None for all releases.
    """

    model_config = ConfigDict(frozen=True)

    build_id: str
    built_at: datetime
    fingerprint: str
    sha256: str
    size_bytes: int
    releases: int
    checks: int
    warnings: int
    held: int = 0
    as_of: date | None = None


class MadeOf(BaseModel):
    """The inputs of a build, stored when it is opened.

    claims: the operator's files, which may change while the build is made.
    """

    model_config = ConfigDict(frozen=True)

    fingerprint: Fingerprint
    as_of: date | None = None
    claims: tuple[ClaimFile, ...] = ()


@dataclass(frozen=True)
class Build:
    """A build below `builds/`, `rebuilds/` or `trials/`, open or sealed."""

    folder: Path

    @property
    def build_id(self) -> str:
        return self.folder.name

    @property
    def database(self) -> Path:
        return self.folder / "border.duckdb"

    @property
    def is_sealed(self) -> bool:
        return (self.folder / "build.json").exists()

    @property
    def is_whole(self) -> bool:
        """Whether it is sealed, its database is still the one that was sealed, and the files beside
        it can be read."""
        return (
            not self.unreadable
            and self.database.is_file()
            and sha256_of(self.database) == self.record.sha256
        )

    @property
    def record(self) -> BuildRecord:
        """The record of a sealed build. Raises Unreadable."""
        path = self.folder / "build.json"
        return _parsed(path, BuildRecord.model_validate_json, "the record of a sealed build")

    @property
    def made_of(self) -> Fingerprint:
        """The fingerprint when it was opened. A release that is taken in during the run changes
        the archive's fingerprint but not this one, so the next run sees that it is new. Raises
        Unreadable."""
        return self._stored_inputs.fingerprint

    @property
    def as_of(self) -> date | None:
        """It is built from the releases published by this day; None, as in every published build,
        for all releases. Raises Unreadable."""
        return self._stored_inputs.as_of

    @property
    def claims(self) -> tuple[ClaimFile, ...]:
        """The operator's files of claims when it was opened. Raises Unreadable."""
        return self._stored_inputs.claims

    @property
    def _stored_inputs(self) -> MadeOf:
        path = self.folder / "made-of.json"
        return _parsed(path, MadeOf.model_validate_json, "the inputs of a build")

    @property
    def unreadable(self) -> list[str]:
        """What is wrong with each file of a sealed build, beside its database, that cannot be
        read."""
        problems = []
        for read in (
            lambda: self.record,
            lambda: self._stored_inputs,
            lambda: self.stored_gate_results,
        ):
            try:
                read()
            except Unreadable as error:
                problems.append(str(error))
        return problems

    @property
    def gate_results(self) -> list[GateResult]:
        """The results of the gates so far, in the order in which they ran. Results that cannot be
        read count as none, with a warning: nothing is sealed without results."""
        try:
            return self.stored_gate_results
        except Unreadable as error:
            _warn_once(str(error))
            return []

    @property
    def stored_gate_results(self) -> list[GateResult]:
        """As `gate_results`, for those to whom none and unreadable are not the same. Raises
        Unreadable."""
        path = self.folder / "gates.json"
        if not path.exists():
            return []
        parse = TypeAdapter(list[GateResult]).validate_json
        return _parsed(path, parse, "the results of the gates")

    def add_gate_results(self, results: list[GateResult]) -> None:
        """Store results, each in the place of an earlier one of the same check: a run that goes
        on from a failure runs checks again."""
        by_check = {(result.table, result.check): result for result in self.gate_results}
        by_check |= {(result.table, result.check): result for result in results}
        rows = [result.model_dump() for result in by_check.values()]
        text = json.dumps(rows, indent=1)
        replace(self.folder / "gates.json", lambda path: path.write_text(text, encoding="utf-8"))


def _parsed(path: Path, parse: Callable[[bytes], T], expected: str) -> T:
    """What is in a file of a build. expected: in words. Raises Unreadable."""
    try:
        return parse(path.read_bytes())
    except FileNotFoundError:
        found = "no file"
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror})"
    except ValidationError as error:
        first = error.errors(include_url=False)[0]  # one line, and enough to find the place
        place = "".join(f"{part}: " for part in first["loc"])
        found = f"a damaged file ({place}{first['msg']})"
    raise Unreadable(f"{path}: found {found}, expected {expected}")


@cache
def _warn_once(text: str) -> None:
    """Log a warning, but not again for every time that a process looks at its builds."""
    log.warning(text)


def open_build(
    builds: Path,
    run_id: str,
    made_of: Fingerprint,
    as_of: date | None = None,
    claims: tuple[ClaimFile, ...] = (),
) -> Build:
    """Create the folder of a run's build, and remove builds that earlier runs left unsealed.

    run_id: of the first run, if this run repeats one: what goes on from a failure finds its build
        by it.
    """
    builds.mkdir(parents=True, exist_ok=True)
    for build in all_builds(builds):
        if not build.is_sealed:
            remove_folder(build.folder)
    folder = new_folder(builds, run_id)
    text = MadeOf(fingerprint=made_of, as_of=as_of, claims=claims).model_dump_json(indent=1)
    replace(folder / "made-of.json", lambda path: path.write_text(text, encoding="utf-8"))
    return Build(folder)


def new_folder(builds: Path, run_id: str) -> Path:
    """Create a folder for a build that a run opens."""
    folder = builds / f"{_start_time(builds)}-{run_id[:8]}"
    folder.mkdir(parents=True)
    return folder


def _start_time(builds: Path) -> str:
    """The time now, but at least a second after the newest build: the order of the builds' names
    is the order of the builds, even if the clock was set back."""
    start = datetime.now(UTC)
    for build in all_builds(builds)[-1:]:
        with contextlib.suppress(ValueError):  # digits that are no time
            prefix = build.build_id.partition("-")[0]
            newest = datetime.strptime(prefix, START_FORMAT).replace(tzinfo=UTC)
            start = max(start, newest + timedelta(seconds=1))
    return start.strftime(START_FORMAT)


def builds_of_run(run_id: str, *folders: Path) -> list[Build]:
    """The builds below these folders that a run has opened, oldest first within a folder."""
    return [build for build in all_builds(*folders) if build.build_id.endswith(f"-{run_id[:8]}")]


def all_builds(*folders: Path) -> list[Build]:
    """Every build below these folders, sealed or not: folder by folder, oldest first. A folder with
    a name of another form, such as one that the operator has put aside, is nobody's build."""
    return [
        Build(path)
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if NAME.fullmatch(path.name) and path.is_dir()
    ]


def sealed_builds(*folders: Path) -> list[Build]:
    """The sealed ones of all builds below these folders, in the same order. One whose record
    cannot be read is left out, with a warning: it is damaged, and the others are not."""
    return [build for build in all_builds(*folders) if _has_record(build)]


def _has_record(build: Build) -> bool:
    """Whether a build is sealed and its record can be read."""
    try:
        _ = build.record
    except Unreadable as error:
        if build.is_sealed:  # neither open nor deleted meanwhile
            _warn_once(str(error))
        return False
    return True
