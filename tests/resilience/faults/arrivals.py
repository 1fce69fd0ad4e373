"""Faulty releases, taken in as a run would.

What belongs here: laying files into a landing folder, looking, and telling what became of the
last one. Which faults there are is said in `files`, `values` and `times`.
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
from tests.resilience.faults.fault import Fault, Ground, Happened, Outcome, score
from tests.support.cbp_files import BY_AREA, PEOPLE, SOUTHWEST, Made, citizenships, made

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
    name: str = "file.csv"
    dataset: str = SOUTHWEST


Files = Callable[[Made], tuple[File, ...]]


def taken_in(ground: Ground, *files: File) -> Happened:
    """What becomes of the last of some files that come in one after the other."""
    for file in files:
        path = ground.settings.landing[0] / file.dataset / file.published / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        source = path.relative_to(ground.settings.landing[0]).as_posix()
        arrivals = {a.source: a for a in fetch(ground.settings, [file.dataset])}
    return told(ground, arrivals[source])


def told(ground: Ground, arrival: IntakeOutcome) -> Happened:
    """What became of one arrival, held releases and rows kept aside included."""
    reason = arrival.reason or ""
    if arrival.kind == "skipped":
        return Happened("left in place", ("landing",), reason)
    assert arrival.release is not None
    if arrival.kind == "duplicate" and arrival.release.verdict == "accepted":
        return Happened("no news", ("release_id",), reason)
    [release] = [
        release
        for release in review(ground.archive).releases
        if (release.dataset, release.release_id)
        == (arrival.release.dataset, arrival.release.release_id)
    ]
    if release.verdict != "accepted":
        outcome: Outcome = "held" if release.verdict == "held" else "refused"
        return Happened(outcome, release.checks, release.reason or "")
    if release.untyped_rows:
        return Happened("kept aside", ("cells_are_typed",), "; ".join(problems(ground, release)))
    return Happened("taken in", (), "")


def problems(ground: Ground, release: Release) -> list[str]:
    """Why rows of a release were kept aside."""
    rows = pl.read_parquet(ground.archive.rows_path(release))
    return [str(problem) for problem in rows["problem"].drop_nulls().to_list()]


def real(ground: Ground, dataset: str) -> Made | None:
    """A file of CBP's, as it was published."""
    if ground.real_releases is None:
        return None
    [path] = (ground.real_releases / dataset).glob(REAL[dataset])
    return as_made(path, dataset)


def as_made(path: Path, dataset: str) -> Made:
    """A CSV file of CBP's as cells."""
    header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig")))
    columns = load_catalogue()[dataset].columns
    names = {text: name for name, column in columns.items() for text in column.headers}
    return Made(tuple(names[text] for text in header), tuple(header), tuple(map(tuple, rows)))


def release_fault(
    name: str,
    about: str,
    expected: Outcome,
    check: str | None,
    names: tuple[str, ...] | str,
    files: Files,
    dataset: str = SOUTHWEST,
    is_wide: bool = False,
    on_real: bool = True,
    is_long: bool = False,
) -> Fault:
    """A fault in a release of CBP's, inflicted on one of our own making and, where they are
    here, on one that CBP published; what became of the worse of the two counts.

    files: the files that come in, the last of them faulty, made of a sound release.
    is_wide: our own has so many rows that one of them is less than half a percent.
    """
    words = (names,) if isinstance(names, str) else names

    def inflict(ground: Ground) -> Happened:
        own = made(dataset, people=(*PEOPLE, *citizenships(8)) if is_wide else PEOPLE)
        found = [taken_in(_apart(ground, "made"), *files(own))]
        published = real(ground, dataset) if on_real else None
        if published is not None:
            found.append(taken_in(_apart(ground, "real"), *files(published)))
        return min(found, key=lambda happened: score(fault, happened))

    fault = Fault(name, about, expected, check, words, inflict, is_long=is_long)
    return fault


def _apart(ground: Ground, name: str) -> Ground:
    folder = ground.folder / name
    folder.mkdir()
    return Ground(folder, ground.homes, ground.real_releases)
