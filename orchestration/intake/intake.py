"""Intake: validate one candidate and archive it, as accepted or as refused with a reason.

What belongs here: archiving one candidate, and reading archived releases again when the
code that read them has changed. The checks are in `file_checks`, parsing is in `readers`,
storage in `releases`.
"""

import hashlib
import inspect
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import polars as pl

from orchestration.catalogue import file_names
from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.intake import file_checks, name_notes
from orchestration.intake.file_checks import check_file, is_past
from orchestration.intake.name_notes import notes_on_name
from orchestration.intake.outcome import IntakeOutcome, OutcomeKind
from orchestration.readers import read_release, reader_version
from orchestration.releases.archive import Archive
from orchestration.releases.checks import Refusal
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import Redating, Release, release_id_of
from orchestration.settings import Settings
from orchestration.sources.candidate import Candidate

log = logging.getLogger(__name__)


class Intake:
    """Takes candidates into one archive. catalogue: default: the project's."""

    def __init__(self, settings: Settings, catalogue: Mapping[str, Dataset] | None = None) -> None:
        self.settings = settings
        self.archive = Archive(settings.archive)
        self.catalogue = load_catalogue() if catalogue is None else catalogue
        self.known = {(r.dataset, r.release_id): r for r in self.archive.releases()}

    def holds(self, dataset: str, sha256: str) -> bool:
        """Whether the archive has a release of these bytes, accepted or refused."""
        return any(
            release.sha256 == sha256
            for release in self.known.values()
            if release.dataset == dataset
        )

    def take(self, candidate: Candidate) -> IntakeOutcome:
        """Archive the candidate as accepted or refused, and return the outcome. A refused file
        that comes back under another name or date is checked again: the refusal may have been
        due to its name or date, not to its bytes."""
        try:
            content = self._content(candidate)
        except (OSError, Refusal) as error:
            return IntakeOutcome(candidate.source, candidate.dataset, "skipped", str(error), None)
        known = self.known.get((candidate.dataset, release_id_of(content)[0]))
        if known is not None and not self._is_to_be_checked_again(candidate, known):
            return _duplicate(candidate, known)
        dataset = self.catalogue[candidate.dataset]
        record = new_record(
            candidate, content, dataset.reader, self._version(dataset), datetime.now(UTC)
        )
        release, rows = self._check(record, content)
        if known and release.verdict == "refused" and not _is_same_claim(candidate, known):
            return _duplicate(candidate, known)
        if known is not None:
            release = release.model_copy(update={"decisions": known.decisions})
        release = self.archive.store(release, content, rows)
        self.known[release.dataset, release.release_id] = release
        kind: OutcomeKind = "archived" if release.verdict == "accepted" else "refused"
        return IntakeOutcome(candidate.source, candidate.dataset, kind, release.reason, release)

    def refresh(self, datasets: Iterable[Dataset]) -> None:
        """Read and check again, from the archived bytes, every release that an older version of
        the code read, whose rows are missing or changed, or whose publication lay ahead and is
        past. Raises ArchiveError if the bytes of any release differ from those that were
        archived."""
        versions = {dataset.name: self._version(dataset) for dataset in datasets}
        for old in list(self.known.values()):
            content = self.archive.bytes_of(old)
            version = versions.get(old.dataset, old.reader_version)
            is_whole = self.archive.rows_are_whole(old)
            if not is_whole:
                log.warning("reading %s again: its rows are missing or changed", old.describe())
            elif old.reader_version != version:
                log.info("reading %s again with a newer reader", old.describe())
            elif _has_waited(old):
                log.info("reading %s again: the day of its publication has come", old.describe())
            else:
                continue
            self._restate(old, content)

    def read_again(self, release: Release) -> Release:
        """Read and check one release again, from its archived bytes. Returns it as it is now.
        Raises ArchiveError if the bytes differ from those that were archived."""
        return self._restate(release, self.archive.bytes_of(release))

    def _restate(self, old: Release, content: bytes) -> Release:
        dataset = self.catalogue.get(old.dataset)
        version = old.reader_version if dataset is None else self._version(dataset)
        new, rows = self._check(old.model_copy(update={"reader_version": version}), content)
        restated = self.archive.restate(new, rows)
        self.known[new.dataset, new.release_id] = restated
        return restated

    def _is_to_be_checked_again(self, candidate: Candidate, known: Release) -> bool:
        """True for a refused file under another name or date, or once its publication is past, and
        for one that has come under a name that says nothing and now has one that does."""
        if known.verdict == "accepted":
            recognises = self.catalogue[known.dataset].recognises
            return recognises(candidate.file_name) and not recognises(known.file_name)
        return _has_waited(known) or not _is_same_claim(candidate, known)

    def redate(
        self, release: Release, published_on: PublicationDate, reason: str, by: str
    ) -> Release:
        """Correct the publication date of an archived release, and check its file under it.
        Raises Refusal, and changes nothing, if the file cannot be of that date."""
        redated = release.model_copy(
            update={
                "published_on": published_on.on,
                "published_precision": published_on.precision,
            }
        )
        checked, rows = self._check(redated, self.archive.bytes_of(release))
        if checked.verdict == "refused":
            raise Refusal(checked.checks[0], checked.reason or "")
        redating = Redating(
            was_on=release.published_on,
            was_precision=release.published_precision,
            reason=reason,
            by=by,
            on=datetime.now(UTC),
        )
        stored = self.archive.redate(checked, redating, rows)
        self.known[stored.dataset, stored.release_id] = stored
        return stored

    def _version(self, dataset: Dataset) -> str:
        """Digest everything besides the bytes that decides a record: reader, checks, notes,
        limits."""
        code = "".join(map(inspect.getsource, (file_checks, name_notes, file_names)))
        decides = reader_version(dataset) + code + repr(self.settings.limits)
        return hashlib.sha256(decides.encode()).hexdigest()[:12]

    def _content(self, candidate: Candidate) -> bytes:
        limit = self.settings.limits.release_bytes
        with candidate.open() as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise Refusal("size_is_bounded", f"found a file larger than {limit:,} bytes")
        return content

    def _check(self, record: Release, content: bytes) -> tuple[Release, pl.DataFrame | None]:
        """Return the record with its verdict, and the parsed rows if it is accepted."""
        dataset, limits = self.catalogue[record.dataset], self.settings.limits
        try:
            parsed = read_release(content, dataset, record.published, limits)
            first, last = check_file(parsed, dataset, record, limits.untyped_row_share)
        except Refusal as error:
            return record.refused(error.check, f"{record.file_name}: {error}"), None
        typed_rows = len(parsed.typed)
        accepted = {
            "verdict": "accepted",
            "checks": (),
            "reason": None,
            "rows": typed_rows,
            "untyped_rows": len(parsed.rows) - typed_rows,
            "first_month": first,
            "last_month": last,
            "notes": (*parsed.notes, *notes_on_name(record, dataset, first)),
        }
        release_id = pl.lit(record.release_id).alias("release_id")
        return record.model_copy(update=accepted), parsed.rows.select(release_id, pl.all())


def new_record(
    candidate: Candidate, content: bytes, reader: str, reader_version: str, retrieved_at: datetime
) -> Release:
    """Return the record of an unchecked candidate; it counts as refused until checks pass."""
    release_id, sha256 = release_id_of(content)
    return Release(
        release_id=release_id,
        dataset=candidate.dataset,
        sha256=sha256,
        size_bytes=len(content),
        file_name=candidate.file_name,
        source=candidate.source,
        published_on=candidate.published_on.on,
        published_precision=candidate.published_on.precision,
        retrieved_at=retrieved_at,
        reader=reader,
        reader_version=reader_version,
        verdict="refused",
        reason="not checked yet",
        rows=0,
        untyped_rows=0,
        first_month=None,
        last_month=None,
        notes=(),
    )


def _has_waited(known: Release) -> bool:
    """Whether a release was refused for a publication that lay ahead, and that is past."""
    return "publication_is_past" in known.checks and is_past(known.published)


def _is_same_claim(candidate: Candidate, known: Release) -> bool:
    """Whether a candidate has the name and the date under which the release was taken in."""
    dates = (known.published, known.filed)
    return candidate.file_name == known.file_name and candidate.published_on in dates


def _duplicate(candidate: Candidate, known: Release) -> IntakeOutcome:
    reason = known.reason
    if not _is_same_claim(candidate, known):
        verdict = f", which is {known.verdict}" if known.verdict != "accepted" else ""
        reason = (
            f"{candidate.file_name}: found the same bytes as release {known.describe()}{verdict}"
        )
    return IntakeOutcome(candidate.source, candidate.dataset, "duplicate", reason, known)
