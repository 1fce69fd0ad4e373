"""Fetch: find candidates at every source and take each one in, one after the other.

What belongs here: the order of the sources (bundle, landing folders, publishers' sites).
"""

import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.intake.intake import Intake
from orchestration.intake.outcome import IntakeOutcome
from orchestration.intake.source_health import Health, LandingHealth, change_health
from orchestration.printable import printable
from orchestration.settings import BUNDLED, Settings
from orchestration.sources import landing
from orchestration.sources.candidate import Candidate


def fetch(
    settings: Settings,
    datasets: Iterable[str] | None = None,
    catalogue: Mapping[str, Dataset] | None = None,
    ask: Container[str] | None = None,
    when_new: Callable[[], object] | None = None,
) -> list[IntakeOutcome]:
    """Take in every candidate for these datasets (None: all) from the bundle, the landing
    folders and, unless offline, the publishers' sites. Returns one outcome per candidate; a
    bad file does not stop the others. What was wrong with a source is left in its health. Raises
    ArchiveError if the archive cannot be read.

    catalogue: default: the project's. Its landing pages are the only hosts that are asked.
    ask: the datasets whose sites are asked; None: all of them.
    when_new: called as soon as a release from a folder is new.
    """
    catalogue = load_catalogue() if catalogue is None else catalogue
    wanted = catalogue if datasets is None else {name: catalogue[name] for name in datasets}
    intake = Intake(settings, catalogue)
    intake.archive.clear_leftovers()
    intake.refresh(wanted.values())
    outcomes = [_foreign(path) for path in intake.archive.foreign_folders()]
    for found in candidates_of_folders(settings, catalogue):
        if isinstance(found, IntakeOutcome):
            if datasets is None:
                outcomes.append(found)
        elif found.dataset in wanted:
            outcomes.append(intake.take(found))
            if when_new is not None and outcomes[-1].kind == "archived":
                when_new()
                when_new = None
    _note_landing(settings, catalogue)
    if not settings.offline:
        from orchestration.intake.publishers import ask_publishers  # requests is slow to import

        asked = {name: wanted[name] for name in wanted if ask is None or name in ask}
        outcomes += ask_publishers(asked, catalogue, intake)
    return outcomes


def candidates_of_folders(
    settings: Settings, catalogue: Mapping[str, Dataset]
) -> Iterator[Candidate | IntakeOutcome]:
    """Yield every candidate of the bundle and the landing folders, in the order in which they are
    taken in, and an outcome for each path that is in the wrong place."""
    for folder in (BUNDLED, *settings.landing):
        for found in landing.candidates(folder, catalogue, settings.limits.settle_seconds):
            yield _skipped(found, folder) if isinstance(found, landing.Skipped) else found


def landing_problems(settings: Settings) -> list[str]:
    """Return why landing folders that the operator has set cannot be read, one sentence each.
    A fetch passes over them; its caller is to report them as an error at the end."""
    closed = _closed(settings, load_catalogue())
    return [f"landing folder {found.folder}: {found.problem}" for found in closed]


def _note_landing(settings: Settings, catalogue: Mapping[str, Dataset]) -> None:
    closed = tuple(_closed(settings, catalogue))

    def noted(health: Health) -> Health:
        return health.model_copy(update={"landing": closed})

    change_health(settings, noted)


def _closed(settings: Settings, catalogue: Mapping[str, Dataset]) -> list[LandingHealth]:
    return [
        LandingHealth(folder=printable(str(found.path)), problem=found.reason)
        for folder in settings.landing
        for found in landing.closed(folder, catalogue)
    ]


def _foreign(folder: Path) -> IntakeOutcome:
    reason = "found a folder that the archive has not made, expected none; it is passed over"
    return IntakeOutcome(printable(str(folder)), None, "skipped", reason, None)


def _skipped(found: landing.Skipped, folder: Path) -> IntakeOutcome:
    inside = found.path.relative_to(folder)
    source = os.fsencode(inside if inside.parts else found.path).decode(errors="backslashreplace")
    return IntakeOutcome(printable(source), None, "skipped", found.reason, None)
