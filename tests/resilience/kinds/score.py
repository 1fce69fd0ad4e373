"""Every kind on every dataset that it fits, with what it hits drawn at random.

What belongs here: which files are used, and the order of the trials. A kind needs at least the
bundled transcriptions; the agencies' own files are used where they are.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from orchestration.catalogue.events import load_events
from orchestration.settings import BUNDLED
from tests.resilience.faults.false_alarms import Alarm, Search
from tests.resilience.faults.faulty_releases import File
from tests.resilience.kinds.first_releases import FIRST_RELEASE_KINDS
from tests.resilience.kinds.kinds import KINDS
from tests.resilience.kinds.published import Published, after, read_published
from tests.resilience.kinds.trial import Bench, Instance, instances
from tests.resilience.kinds.workbook import Workbook, read_workbook
from tests.resilience.kinds.workbook_kinds import WORKBOOK_KINDS

TRANSCRIBED = {
    "cbp_southwest_summary": "2024-12/*.csv",
    "cbp_southwest_summary_by_area": "2024-10/*.csv",
    "ohss_usbp_summary_by_region": "2024-12/*.csv",
    "ohss_repatriations_summary": "2024-11/*.csv",
}
CUTS = {
    "cbp_southwest_encounters": "2024-12/*.csv",
    "cbp_nationwide_encounters_by_area": "2024-10/*.csv",
    "cbp_nationwide_encounters_by_state": "2023-12/*.csv",
}
# a workbook, and one published after it; of the key metrics there is only one, saved anew
WORKBOOKS = {
    "ohss_monthly_tables": [("2024-08-09", "2024-11-08")],
    "ohss_key_metrics_usbp": [("2024-12", "2024-12")],
    "ice_detention_statistics": [
        ("2022-03-17", "2022-05-24"),
        ("2023-03-16", "2023-05-31"),
        ("2024-02-29", "2024-03-14"),
        ("2024-03-14", "2024-03-29"),
    ],
}
# the first release of a dataset, and another dataset that it is compared with
FIRST_RELEASES = (
    ("cbp_nationwide_encounters_by_area", "cbp_southwest_encounters"),
    ("cbp_nationwide_encounters_by_state", "cbp_nationwide_encounters_by_area"),
    ("cbp_southwest_encounters", "cbp_southwest_summary"),
)
EARLIER, LATER = "2025-01", "2025-02"  # later than every month in these files
DRAWS = 20


@dataclass(frozen=True)
class Files:
    """The files to draw from. real: the folders with the agencies' own files; may be empty."""

    real: tuple[Path, ...]

    def published(self, dataset: str) -> Published | None:
        """One CSV file of a dataset; None if it is not here."""
        patterns = {name: (BUNDLED, text) for name, text in TRANSCRIBED.items()}
        for folder in self.real:
            patterns |= {
                name: (folder, text) for name, text in CUTS.items() if (folder / name).is_dir()
            }
        if dataset not in patterns:
            return None
        folder, pattern = patterns[dataset]
        [path] = (folder / dataset).glob(pattern)
        return _read(path, dataset)

    def pairs(self, dataset: str) -> list[tuple[Workbook, Workbook]]:
        """Workbooks of a dataset, each with one published after it."""
        paths = {p.parent.name: p for folder in self.real for p in (folder / dataset).glob("*/*")}
        return [
            (_read_workbook(paths[one], dataset), _read_workbook(paths[other], dataset))
            for one, other in WORKBOOKS[dataset]
            if one in paths and other in paths
        ]


@cache
def _read(path: Path, dataset: str) -> Published:
    return read_published(path, dataset)


@cache
def _read_workbook(path: Path, dataset: str) -> Workbook:
    return read_workbook(path, dataset)


def inflict_kinds(
    files: Files, seed: str, number: int, folder: Path, only: str = ""
) -> Iterator[Instance]:
    """So many instances of every kind whose name contains `only`, on every dataset."""
    bench = Bench(folder)
    for dataset in (*TRANSCRIBED, *CUTS):
        file = files.published(dataset)
        for kind in KINDS:
            if file is not None and only in kind.name:
                random = Random(f"{seed} {kind.name} {dataset}")
                yield from instances(kind, file, random, number, bench)
    yield from _in_first_releases(files, seed, number, bench, only)
    yield from _in_workbooks(files, seed, number, bench, only)


def _in_first_releases(
    files: Files, seed: str, number: int, bench: Bench, only: str
) -> Iterator[Instance]:
    for dataset, other in FIRST_RELEASES:
        file, beside = files.published(dataset), files.published(other)
        for kind in FIRST_RELEASE_KINDS:
            if file is None or beside is None or only not in kind.name:
                continue
            labels = [name for name in file.labels if name in beside.labels]
            random = Random(f"{seed} {kind.name} {dataset}")
            for _ in range(number):
                drawn = kind.draw(file, labels, random)
                if drawn is None:
                    continue
                observed = bench.outcome(beside.on(EARLIER), drawn.faulty.on(LATER))
                yield Instance(kind.name, dataset, drawn.about, observed)


def _in_workbooks(
    files: Files, seed: str, number: int, bench: Bench, only: str
) -> Iterator[Instance]:
    for kind in WORKBOOK_KINDS:
        for dataset in kind.datasets:
            pairs = files.pairs(dataset)
            if not pairs or only not in kind.name:
                continue
            random = Random(f"{seed} {kind.name} {dataset}")
            for _ in range(number):
                before, later = random.choice(pairs)
                new = _new_months(before, later)
                drawn = next(filter(None, (kind.draw(later, new, random) for _ in range(DRAWS))))
                published = later.published if before is not later else LATER
                sound = bench.outcome(before.as_published(), later.changed({}, published))
                if sound.outcome not in ("archived", "rows rejected"):
                    raise AssertionError(f"saved anew, {later.path.name} is not accepted: {sound}")
                faulty = later.changed(drawn[0], published)
                observed = bench.outcome(before.as_published(), faulty)
                yield Instance(kind.name, dataset, drawn[1], observed)


def _new_months(before: Workbook, later: Workbook) -> list[str]:
    """The months that only the later workbook has, but for those of known events; the last one
    where a workbook is compared with itself."""
    known, months = (set(b.cells["month"].drop_nulls()) for b in (before, later))
    new = sorted(month for month in months - known if month[:7] not in load_events())
    return new or sorted(months)[-1:]


def search_sound_months(files: Files, folder: Path) -> Search:
    """Every month of every CSV file as a new month, nothing altered: none may be held."""
    alarms: list[Alarm] = []
    count = 0
    for dataset in (*TRANSCRIBED, *CUTS):
        file = files.published(dataset)
        if file is None:
            continue
        bench = Bench(folder / dataset)
        bench.folder.mkdir()
        for month in file.months[1:-1]:
            before, next_one = _next(file, month)
            observed = bench.outcome(before, next_one)
            count += 1
            if observed.outcome != "archived":
                alarms.append(Alarm(next_one.name, f"{observed.outcome}: {observed.message}"))
        shutil.rmtree(bench.folder)
    return Search("real months, each as a new month", count, tuple(alarms))


def _next(file: Published, month: str) -> tuple[File, File]:
    new = f"{after(month)}-01"
    return file.through(month).on(after(new, 0)), file.through(new).on(after(new, 1))
