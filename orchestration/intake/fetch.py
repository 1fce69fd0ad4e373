"""Fetch: find candidates at every source and take each one in, one after the other.

What belongs here: the order of the sources (bundle, landing folders, publishers' sites).
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.intake.intake import Intake
from orchestration.intake.outcome import IntakeOutcome
from orchestration.printable import printable
from orchestration.settings import BUNDLED, Settings
from orchestration.sources import landing

SHOWN = 5


def fetch(settings: Settings, datasets: Iterable[str] | None = None) -> list[IntakeOutcome]:
    """Take in every candidate for these datasets (None: all) from the bundle, the landing
    folders and, unless offline, the publishers' sites. Returns one outcome per candidate; a
    bad file does not stop the others. Raises ArchiveError if the archive cannot be read."""
    catalogue = load_catalogue()
    wanted = catalogue if datasets is None else {name: catalogue[name] for name in datasets}
    intake = Intake(settings)
    intake.archive.clear_leftovers()
    intake.refresh(wanted.values())
    outcomes = [_foreign(path) for path in intake.archive.foreign_folders()]
    for folder in (BUNDLED, *settings.landing):
        for found in landing.candidates(folder, catalogue, settings.limits.settle_seconds):
            if isinstance(found, landing.Skipped):
                if datasets is None:
                    outcomes.append(_skipped(found, folder))
            elif found.dataset in wanted:
                outcomes.append(intake.take(found))
    if not settings.offline:
        for dataset in wanted.values():
            if not dataset.bundled:
                # datasets that share a page leave out the same files
                seen = {(outcome.source, outcome.reason) for outcome in outcomes}
                outcomes += [
                    outcome
                    for outcome in _from_site(dataset, intake, settings)
                    if outcome.dataset or (outcome.source, outcome.reason) not in seen
                ]
    return outcomes


def _foreign(folder: Path) -> IntakeOutcome:
    reason = "found a folder that the archive has not made, expected none; it is passed over"
    return IntakeOutcome(printable(str(folder)), None, "skipped", reason, None)


def _skipped(found: landing.Skipped, folder: Path) -> IntakeOutcome:
    inside = found.path.relative_to(folder)
    source = os.fsencode(inside if inside.parts else found.path).decode(errors="backslashreplace")
    return IntakeOutcome(printable(source), None, "skipped", found.reason, None)


def _from_site(dataset: Dataset, intake: Intake, settings: Settings) -> Iterator[IntakeOutcome]:
    from orchestration.sources.host import Unreachable  # requests is slow to import
    from orchestration.sources.sites import Site

    incoming = settings.home / "incoming" / dataset.name
    site = Site(dataset, settings.limits, settings.home / "incoming" / f"{dataset.name}.json")
    try:
        for candidate in site.new_candidates(incoming):
            yield intake.take(candidate)
            site.remember(candidate)
            candidate.path.unlink(missing_ok=True)
    except Unreachable as error:
        yield IntakeOutcome(dataset.landing_page, dataset.name, "unreachable", str(error), None)
    for failure in site.failures:
        yield IntakeOutcome(dataset.landing_page, dataset.name, "unreachable", failure, None)
    for left_out in _first(site.left_out):
        yield IntakeOutcome(dataset.landing_page, dataset.name, "skipped", left_out, None)
    if site.unmatched:
        yield IntakeOutcome(dataset.landing_page, None, "skipped", _named(site.unmatched), None)


def _first(left_out: list[str]) -> list[str]:
    """The first sentences on files that cannot be used, and one with the number of the others."""
    more = len(left_out) - SHOWN
    rest = [f"found {more:,} more files that cannot be used"] if more > 0 else []
    return left_out[:SHOWN] + rest


def _named(unmatched: list[str]) -> str:
    """The sentence on files of a listing that are of no dataset."""
    more = f" and {len(unmatched) - SHOWN} more" if len(unmatched) > SHOWN else ""
    return (
        f"found files that match the names of no dataset: {', '.join(unmatched[:SHOWN])}{more}; "
        "if one is a release, its name belongs in the catalogue's file_pattern"
    )
