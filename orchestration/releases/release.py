"""A release and its record: what is known of one published file.

What belongs here: the types and how a release is named and described. Where its bytes are
kept is the archive's business.
"""

import hashlib
import re
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from orchestration.releases.checks import Check
from orchestration.releases.publication import Precision, PublicationDate

Verdict = Literal["accepted", "held", "refused"]


class Decision(BaseModel):
    """What a person decided on a release that was held: to let it in, or to refuse it for good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Literal["accepted", "refused"]
    reason: str
    by: str
    on: datetime


class Release(BaseModel):
    """What is known of one release: the record beside its bytes.

    release_id: the first 16 hex digits of sha256.
    published_on: a date; known only to the month, the last day of that month.
    rows: typed rows; untyped_rows: rows kept aside with a reason.
    first_month, last_month: the months that the typed rows span.
    verdict: `accepted` or `refused` by what its file is; whether an accepted one is held for
        what it revised, is told by `vintages`.
    reason: why it was refused; None for an accepted release.
    checks: the checks that refused or hold it.
    rows_sha256: of the file of its parsed rows; None without rows.
    decisions: what people decided on it, the last one holds.
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

    @property
    def decision(self) -> Decision | None:
        return self.decisions[-1] if self.decisions else None

    @property
    def repost(self) -> int:
        """A file that is posted again under its name gets `_0`, `_1`, …; -1 without."""
        found = re.search(r"_(\d{1,2})\.[A-Za-z]+$", self.file_name)
        return int(found[1]) if found else -1

    @property
    def published(self) -> PublicationDate:
        return PublicationDate(self.published_on, self.published_precision)

    @property
    def folder_name(self) -> str:
        return f"{self.published}_{self.release_id}"

    @property
    def bytes_name(self) -> str:
        """The publisher's file name is kept in the record only: it may hold anything."""
        suffix = Path(self.file_name).suffix.lower()
        return "release" + (suffix if suffix in (".csv", ".xlsx") else ".bin")

    def refused(self, check: Check, reason: str) -> "Release":
        """This release without what the reading of its rows had shown."""
        unread: dict[str, object] = {
            "rows": 0,
            "untyped_rows": 0,
            "first_month": None,
            "last_month": None,
        }
        unread |= {"rows_sha256": None, "notes": ()}
        verdict = {"verdict": "refused", "checks": (check,), "reason": reason}
        return self.model_copy(update=unread | verdict)

    def describe(self) -> str:
        return f"{self.release_id} ({self.dataset}, {self.file_name}, published {self.published})"

    def describe_intake(self) -> str:
        """The release, and how many of its rows were kept aside, if any were."""
        if not self.untyped_rows:
            return self.describe()
        return f"{self.describe()}; {self.untyped_rows} rows kept aside, see meta.rejected_rows"


def release_id_of(content: bytes) -> tuple[str, str]:
    """(release_id, sha256) of a file's bytes."""
    digest = hashlib.sha256(content).hexdigest()
    return digest[:16], digest
