"""A release and its record: the metadata of one published file.

What belongs here: the types, and how a release is named and described. The archive decides
where the bytes are stored.
"""

import hashlib
import re
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from orchestration.releases.checks import Check
from orchestration.releases.publication import Precision, PublicationDate
from orchestration.wording import counted

Verdict = Literal["accepted", "held", "refused", "withdrawn"]
Decided = Literal["accepted", "refused", "withdrawn", "reinstated"]

REDATED = "publication date corrected by "  # how the note on a correction begins


class Decision(BaseModel):
    """A person's decision: to accept a held release, or to refuse it for good; to withdraw a
    release from the next builds, or to reinstate one, as if nobody had decided on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Decided
    reason: str
    by: str
    on: datetime


class Redating(BaseModel):
    """A person's correction of a publication date. was_on, was_precision: the date before it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    was_on: date
    was_precision: Precision
    reason: str
    by: str
    on: datetime

    @property
    def was(self) -> PublicationDate:
        return PublicationDate(self.was_on, self.was_precision)

    def describe(self) -> str:
        return f"{REDATED}{self.by} on {self.on:%Y-%m-%d}, was {self.was}: {self.reason}"


class GateHold(BaseModel):
    """A release held because rows of it, and of no other, failed a check on the tables of a build.

    run_id: the run in which that happened. rows: how many rows failed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    table: str
    check: str
    rows: int
    examples: str | None
    on: datetime

    def describe(self) -> str:
        return f"held by a gate: {self.table}: {self.check} failed for {counted(self.rows, 'row')}"


class Release(BaseModel):
    """The record of one release, stored beside its bytes.

    release_id: the first 16 hex digits of sha256.
    published_on: the day; if only the month is known, its last day.
    rows: the number of typed rows; untyped_rows: of rejected rows.
    first_month, last_month: the span of the typed rows.
    verdict: `accepted` or `refused` by its file alone; `review` decides whether an accepted
        release is held for what it revised.
    reason: why it was refused or is held, or what was decided; None for an accepted release.
    checks: the checks that refused or hold it.
    rows_sha256: the hash of the file of its parsed rows; None without rows.
    decisions: what people decided on it; the last one counts.
    redatings: how people corrected its publication date, first correction first.
    held_by_gate: the check that its rows failed, if a gate holds it until a person decides.
    held_tables: the tables of it that `review` holds while the rest of it counts.
    held_for: what `review` holds it for, or its held_tables, a sentence each; what it was held for
        if a person has accepted it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    release_id: str
    dataset: str
    sha256: str
    size_bytes: int
    file_name: str
    source: str
    published_on: date
    published_precision: Precision
    retrieved_at: datetime
    reader: str
    reader_version: str
    verdict: Verdict
    reason: str | None
    rows: int
    untyped_rows: int
    first_month: date | None
    last_month: date | None
    notes: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    rows_sha256: str | None = None
    decisions: tuple[Decision, ...] = ()
    redatings: tuple[Redating, ...] = ()
    held_by_gate: GateHold | None = None
    held_tables: tuple[str, ...] = ()
    held_for: tuple[str, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """The decision that counts; None without one, or once the release is reinstated. Nobody
        can accept a file without rows, as older versions allowed."""
        last = self.decisions[-1] if self.decisions else None
        if last is None or last.verdict == "reinstated":
            return None
        return None if last.verdict == "accepted" and self.rows_sha256 is None else last

    @property
    def is_waiting(self) -> bool:
        """Whether the release, or a table of it, is held until a person decides."""
        return self.verdict == "held" or bool(self.held_tables)

    @property
    def repost(self) -> int:
        """The number that a file gets when it is published again under the same name: 0 for
        `_0`, 1 for `_1`, …; -1 without one."""
        found = re.search(r"_(\d{1,2})\.[A-Za-z]+$", self.file_name)
        return int(found[1]) if found else -1

    @property
    def published(self) -> PublicationDate:
        return PublicationDate(self.published_on, self.published_precision)

    @property
    def filed(self) -> PublicationDate:
        """The publication date under which it was taken in."""
        return self.redatings[0].was if self.redatings else self.published

    @property
    def folder_name(self) -> str:
        return f"{self.filed}_{self.release_id}"

    @property
    def bytes_name(self) -> str:
        """The file's name in the archive. The publisher's name, which may contain anything, is
        in the record only."""
        suffix = Path(self.file_name).suffix.lower()
        return "release" + (suffix if suffix in (".csv", ".xlsx") else ".bin")

    def refused(self, check: Check, reason: str) -> "Release":
        """Return this release as refused, without the facts that come from its rows."""
        without_rows: dict[str, object] = {
            "rows": 0,
            "untyped_rows": 0,
            "first_month": None,
            "last_month": None,
        }
        without_rows |= {"rows_sha256": None, "notes": ()}
        verdict = {"verdict": "refused", "checks": (check,), "reason": reason}
        return self.model_copy(update=without_rows | verdict)

    @property
    def findings(self) -> tuple[str, ...]:
        """Why it was refused or is held, one finding each, without the name of its file. A file is
        refused for one thing, a release may be held for several."""
        if self.is_waiting and self.held_for:
            return self.held_for
        return () if self.reason is None else (self.reason.removeprefix(f"{self.file_name}: "),)

    def describe(self) -> str:
        return f"{self.release_id} ({self.dataset}, {self.file_name}, published {self.published})"

    def describe_intake(self) -> str:
        """Return the release in words, with the number of rows that cannot be typed, if any."""
        if not self.untyped_rows:
            return self.describe()
        rows = counted(self.untyped_rows, "row")
        return (
            f"{self.describe()}; {rows} that cannot be typed: corrected, or in meta.rejected_rows "
            "of the next build"
        )


def release_id_of(content: bytes) -> tuple[str, str]:
    """Return (release_id, sha256) of a file's bytes."""
    digest = hashlib.sha256(content).hexdigest()
    return digest[:16], digest
