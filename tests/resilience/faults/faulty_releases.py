"""Faulty releases, taken in as a run would.

What belongs here: putting files into a landing folder, fetching them, and the outcome for the
last one. The faults themselves are in `files`, `values` and `times`.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.fetch import fetch
from orchestration.intake.outcome import IntakeOutcome
from orchestration.releases.release import Release
from orchestration.review.review import review
from tests.resilience.faults.fault import Fault, Observed, Outcome, Sandbox, score
from tests.support.cbp_files import (
    BY_AREA,
    PEOPLE,
    SOUTHWEST,
    Made,
    citizenships,
    made,
    published_name,
)

REAL = {
    SOUTHWEST: "2024-12/sbo-encounters-fy22-fy25-nov.csv",
    BY_AREA: "2024-10/*.csv",
}
NAME = "sbo-encounters-fy22-fy25-nov.csv"
PUBLISHED = "2024-12"
NEXT = "2025-01"


@dataclass(frozen=True)
class File:
    """A file in a landing folder."""

    content: bytes
    published: str = PUBLISHED
    name: str = ""  # default: as CBP would name it
    dataset: str = SOUTHWEST


Files = Callable[[Made], tuple[File, ...]]


def take_in(sandbox: Sandbox, *files: File, beside: tuple[str, ...] = ()) -> Observed:
    """Fetch these files one after the other; returns what happened to the last one.

    beside: datasets of the bundle that are fetched as well.
    """
    for file in files:
        name = file.name or _published_name(file)
        path = sandbox.settings.landing[0] / file.dataset / file.published / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        source = path.relative_to(sandbox.settings.landing[0]).as_posix()
        outcomes = {o.source: o for o in fetch(sandbox.settings, [file.dataset, *beside])}
    return outcome_of(sandbox, outcomes[source])


def _published_name(file: File) -> str:
    try:
        return published_name(file.content, file.dataset)
    except IndexError:  # nothing in it that could be a year and a month
        return NAME


def outcome_of(sandbox: Sandbox, intake: IntakeOutcome) -> Observed:
    """What happened to one candidate, including a hold by the review and rejected rows."""
    reason = intake.reason or ""
    if intake.kind == "skipped":
        return Observed("skipped", ("landing",), reason)
    assert intake.release is not None
    if intake.kind == "duplicate" and intake.release.verdict == "accepted":
        return Observed("duplicate", ("release_id",), reason)
    [release] = [
        release
        for release in review(sandbox.archive).releases
        if (release.dataset, release.release_id)
        == (intake.release.dataset, intake.release.release_id)
    ]
    if release.verdict != "accepted":
        outcome: Outcome = "held" if release.verdict == "held" else "refused"
        return Observed(outcome, release.checks, release.reason or "")
    if release.held_tables:
        return Observed("held in part", release.checks, release.reason or "")
    if release.untyped_rows:
        return Observed(
            "rows rejected", ("cells_are_typed",), "; ".join(problems(sandbox, release))
        )
    if not_read := [note for note in release.notes if note.startswith("not read: ")]:
        return Observed("warning", (), "; ".join(not_read))
    return Observed("archived", (), "")


def problems(sandbox: Sandbox, release: Release) -> list[str]:
    """Why rows of a release were rejected."""
    rows = pl.read_parquet(sandbox.archive.rows_path(release))
    return [str(problem) for problem in rows["problem"].drop_nulls().to_list()]


def real(sandbox: Sandbox, dataset: str) -> Made | None:
    """One of CBP's own files, as it was published; None without the real releases."""
    if sandbox.real_releases is None:
        return None
    [path] = (sandbox.real_releases / dataset).glob(REAL[dataset])
    return as_made(path, dataset)


def as_made(path: Path, dataset: str) -> Made:
    """Cells of one of CBP's CSV files."""
    header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig")))
    columns = load_catalogue()[dataset].columns
    names = {text: name for name, column in columns.items() for text in column.headers}
    return Made(tuple(names[text] for text in header), tuple(header), tuple(map(tuple, rows)))


def release_fault(
    name: str,
    about: str,
    expected: Outcome,
    check: str | None,
    mentions: tuple[str, ...] | str,
    files: Files,
    dataset: str = SOUTHWEST,
    is_wide: bool = False,
    on_real: bool = True,
    is_long: bool = False,
) -> Fault:
    """A fault in a CBP release, inflicted on a made one and, if there is one, on a published
    one; the worse of the two results counts.

    files: makes the files to take in from a sound release; the last of them is the faulty one.
    is_wide: the made release has so many rows that one of them is less than half a percent.
    """
    words = (mentions,) if isinstance(mentions, str) else mentions

    def inflict(sandbox: Sandbox) -> Observed:
        own = made(dataset, people=(*PEOPLE, *citizenships(8)) if is_wide else PEOPLE)
        found = [take_in(_apart(sandbox, "made"), *files(own))]
        published = real(sandbox, dataset) if on_real else None
        if published is not None:
            found.append(take_in(_apart(sandbox, "real"), *files(published)))
        return min(found, key=lambda observed: score(fault, observed))

    fault = Fault(name, about, expected, check, words, inflict, is_long=is_long)
    return fault


def _apart(sandbox: Sandbox, name: str) -> Sandbox:
    folder = sandbox.folder / name
    folder.mkdir()
    return Sandbox(folder, sandbox.homes, sandbox.real_releases)
