"""Batches: the candidates of the bundle and the landing folders, split so that several processes
can take them in at once.

What belongs here: which candidates go together, and taking in one batch. Where a batch is taken in
is decided in `automation`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.intake.fetch import candidates_of_folders
from orchestration.intake.intake import Intake
from orchestration.intake.outcome import IntakeOutcome, OutcomeKind
from orchestration.releases.archive import Archive
from orchestration.releases.publication import PublicationDate
from orchestration.settings import BUNDLED, ConfigurationError, Settings
from orchestration.sources.candidate import Candidate
from orchestration.wording import counted

CHUNK = 1 << 20  # bytes
WORKBOOK = 30  # times as long as a text file of so many bytes takes: it is compressed, and XML


class Listed(BaseModel):
    """A candidate in a form that another machine can open, which has its landing folders in the
    same order, but perhaps elsewhere.

    folder: the position of its folder: 0 for the bundle, then the landing folders.
    path: below that folder, `<dataset>/<date>/<file>`.
    position: among all candidates, as one process would take them in.
    sha256: of its bytes; None for a file that could not be read.
    is_new: whether the archive held no release of these bytes when the candidates were listed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: int
    path: str
    position: int
    sha256: str | None
    is_new: bool


@dataclass(frozen=True)
class Plan:
    """The candidates in batches, that with the most work first, and by their positions the outcomes
    that need no reading."""

    batches: tuple[tuple[Listed, ...], ...]
    skipped: dict[int, IntakeOutcome]


@dataclass
class _Group:
    """The candidates of a dataset that have the same bytes: which of them comes first decides the
    outcome of the others, so that they stay together. work: in bytes of a text file."""

    work: int
    listed: list[Listed] = field(default_factory=list)


def plan(settings: Settings, most: int) -> Plan:
    """List every candidate of the bundle and the landing folders, and split them into at most so
    many batches of about the same work. Raises ArchiveError if the archive cannot be read."""
    catalogue, folders = load_catalogue(), _folders(settings)
    known = {(r.dataset, r.sha256) for r in Archive(settings.archive).releases()}
    groups: dict[tuple[str, str], _Group] = {}
    skipped: dict[int, IntakeOutcome] = {}
    for position, found in enumerate(candidates_of_folders(settings, catalogue)):
        if isinstance(found, IntakeOutcome):
            skipped[position] = found
            continue
        assert found.below is not None
        sha256, size_bytes = _hashed(found, settings.limits.release_bytes)
        listed = Listed(
            folder=folders.index(found.below),
            path=found.source,
            position=position,
            sha256=sha256,
            is_new=(found.dataset, sha256) not in known,
        )
        key = (found.dataset, sha256 or found.source)
        work = size_bytes * (WORKBOOK if found.path.suffix.lower() == ".xlsx" else 1)
        groups.setdefault(key, _Group(work)).listed.append(listed)
    return Plan(tuple(_split(groups.values(), most)), skipped)


def take_batch(settings: Settings, batch: Iterable[Listed]) -> Iterator[tuple[int, IntakeOutcome]]:
    """Take in each candidate of a batch. Yields its position and its outcome, which is the same
    when a batch is taken in again because the process that began it has died."""
    intake = Intake(settings)
    first: set[tuple[str, str]] = set()
    for listed in batch:
        candidate = _candidate(listed, settings, intake.catalogue)
        if (reason := _why_changed(listed, candidate, settings)) is not None:
            skipped = IntakeOutcome(candidate.source, candidate.dataset, "skipped", reason, None)
            yield listed.position, skipped
            continue
        outcome = intake.take(candidate)
        if listed.is_new and listed.sha256 and (candidate.dataset, listed.sha256) not in first:
            first.add((candidate.dataset, listed.sha256))
            outcome = _as_first_time(outcome)
        yield listed.position, outcome


def missing_in(archive: Archive, outcomes: Iterable[IntakeOutcome]) -> list[IntakeOutcome]:
    """The outcomes whose release this archive lacks: whoever took it in has another archive."""
    known = {(release.dataset, release.sha256) for release in archive.releases()}
    return [
        outcome
        for outcome in outcomes
        if (of := outcome.release) is not None and (of.dataset, of.sha256) not in known
    ]


def _folders(settings: Settings) -> list[Path]:
    return [BUNDLED, *settings.landing]


def _hashed(candidate: Candidate, limit: int) -> tuple[str | None, int]:
    """The hash of a candidate's bytes, and how many there are; None for a file that cannot be read,
    or that is too large for a release: intake says so."""
    digest, size = hashlib.sha256(), 0
    try:
        with candidate.open() as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                if size > limit:
                    return None, size
    except OSError:
        return None, 0
    return digest.hexdigest(), size


def _split(groups: Iterable[_Group], most: int) -> list[tuple[Listed, ...]]:
    """Give each group, that with the most work first, to the batch that has the least so far."""
    batches: list[_Group] = [_Group(0) for _ in range(most)]
    for group in sorted(groups, key=lambda g: (-g.work, g.listed[0].position)):
        smallest = min(batches, key=lambda batch: (batch.work, len(batch.listed)))
        smallest.work += group.work
        smallest.listed += group.listed
    batches.sort(key=lambda batch: -batch.work)
    return [
        tuple(sorted(batch.listed, key=lambda listed: listed.position))
        for batch in batches
        if batch.listed
    ]


def _candidate(listed: Listed, settings: Settings, catalogue: Mapping[str, Dataset]) -> Candidate:
    """The candidate in this machine's folders. Raises ConfigurationError for a folder that this
    machine does not have, LookupError for a dataset, and ValueError for a path that is none of a
    candidate."""
    folders = _folders(settings)
    if listed.folder >= len(folders):
        raise ConfigurationError(
            f"BORDERLEDGER_LANDING: found {counted(len(folders) - 1, 'folder')} where this worker "
            f"runs, expected those of the fill, at least {listed.folder}"
        )
    folder = folders[listed.folder]
    dataset, published_on, name = listed.path.split("/")
    date = PublicationDate.parse(published_on)
    path = folder / listed.path
    return Candidate(path, catalogue[dataset].name, date, name, listed.path, below=folder)


def _why_changed(listed: Listed, candidate: Candidate, settings: Settings) -> str | None:
    """Why a file is not the one that was listed; None if it is, or if intake is to say why it
    cannot be read."""
    found = _hashed(candidate, settings.limits.release_bytes)[0]
    if found is None or listed.sha256 is None or found == listed.sha256:
        return None
    return (
        f"found sha256 {found}, expected {listed.sha256}, with which the file was listed: it has "
        "changed since, or this machine has another file at this place"
    )


def _as_first_time(outcome: IntakeOutcome) -> IntakeOutcome:
    """The outcome of a file that was new when it was listed: if the archive holds it by now, then
    because an earlier try of the same batch took it in."""
    if outcome.kind != "duplicate" or outcome.release is None:
        return outcome
    kind: OutcomeKind = "archived" if outcome.release.verdict == "accepted" else "refused"
    return replace(outcome, kind=kind, reason=outcome.release.reason)
