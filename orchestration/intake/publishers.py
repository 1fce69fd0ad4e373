"""Publishers: ask each dataset's site for what is new, take it in, and note how it answered.

What belongs here: the outcomes of one site, and what they mean for its health. Imported only
by runs that are not offline: requests is slow to import.
"""

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from orchestration.catalogue.dataset import Dataset
from orchestration.durable import locked
from orchestration.intake.intake import Intake
from orchestration.intake.outcome import IntakeOutcome
from orchestration.intake.source_health import Health, SourceHealth, change_health
from orchestration.sources.failures import Failure, Unreachable
from orchestration.sources.host import Hosts
from orchestration.sources.sites import Site

SHOWN = 5


def ask_publishers(
    wanted: Mapping[str, Dataset], catalogue: Mapping[str, Dataset], intake: Intake
) -> list[IntakeOutcome]:
    """Take in what is new at the sites of the wanted datasets, and write their health. One
    process asks at a time; what a killed one has left half downloaded is removed."""
    incoming = intake.settings.home / "incoming"
    with locked(incoming / "asking.lock"):
        _clear_leftovers(incoming)
        return _Publishers(catalogue, intake, incoming).ask(wanted)


def _clear_leftovers(incoming: Path) -> None:
    """Remove downloads, which intake has taken or a killed run has left; memories stay."""
    for path in incoming.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.suffix == ".part":
            path.unlink()


class _Publishers:
    """The publishers during one fetch."""

    def __init__(self, catalogue: Mapping[str, Dataset], intake: Intake, incoming: Path) -> None:
        self._catalogue = catalogue
        self._intake = intake
        self._incoming = incoming
        self._hosts = Hosts(intake.settings.limits)
        self._named: set[str] = set()  # pages whose files of no dataset have been named

    def ask(self, wanted: Mapping[str, Dataset]) -> list[IntakeOutcome]:
        outcomes: list[IntakeOutcome] = []
        for dataset in wanted.values():
            if not dataset.bundled:
                outcomes += self._ask(dataset)
        return outcomes

    def _ask(self, dataset: Dataset) -> Iterator[IntakeOutcome]:
        """Yield the outcomes of one dataset's site, and then write its health."""
        page, name = dataset.landing_page, dataset.name
        siblings = [other for other in self._catalogue.values() if other.landing_page == page]
        memory = self._incoming / f"{name}.json"
        limits = self._intake.settings.limits
        is_archived = partial(self._intake.holds, name)
        site = Site(dataset, limits, memory, self._hosts.of(page), siblings, is_archived)
        problem: Failure | None = None
        try:
            for candidate in site.new_candidates(self._incoming / name):
                yield self._intake.take(candidate)
                site.remember(candidate)
                candidate.path.unlink(missing_ok=True)
        except Unreachable as error:
            problem = error.failure
        unmatched = self._unmatched(page, site)
        yield from _outcomes(dataset, site, problem)
        if unmatched is not None:
            yield IntakeOutcome(page, None, "skipped", unmatched, None)
        failures = [str(failure) for failure in site.failures]
        found = [*_first(failures), *_first(site.left_out), *site.vanished]
        self._note(name, problem, found if unmatched is None else [*found, unmatched])

    def _unmatched(self, page: str, site: Site) -> str | None:
        """The sentence on the page's files of no dataset; None if there are none, or if it was
        given for another dataset of the page."""
        if not site.unmatched or page in self._named:
            return None
        self._named.add(page)
        return _named(site.unmatched)

    def _note(self, name: str, problem: Failure | None, findings: list[str]) -> None:
        now = datetime.now(UTC)

        def noted(health: Health) -> Health:
            old = health.sources.get(name) or SourceHealth(dataset=name)
            new = (
                old.after_answer(now, findings)
                if problem is None
                else old.after_silence(now, str(problem))
            )
            return health.model_copy(update={"sources": {**health.sources, name: new}})

        change_health(self._intake.settings, noted)


def _outcomes(dataset: Dataset, site: Site, problem: Failure | None) -> Iterator[IntakeOutcome]:
    """What a walk has found besides candidates."""
    page, name = dataset.landing_page, dataset.name
    failures = [*site.failures[:SHOWN], *([problem] if problem else [])]
    for failure in failures:
        yield IntakeOutcome(failure.place, name, "unreachable", failure.reason, None)
    if (more := len(site.failures) - SHOWN) > 0:
        reason = f"found {more:,} more files that cannot be downloaded"
        yield IntakeOutcome(page, name, "unreachable", reason, None)
    for left_out in _first(site.left_out):
        yield IntakeOutcome(page, name, "skipped", left_out, None)
    for vanished in site.vanished if site.has_changed else ():
        yield IntakeOutcome(page, name, "vanished", vanished, None)


def _first(sentences: list[str]) -> list[str]:
    """The first sentences on files that cannot be used, and one with the number of the others."""
    more = len(sentences) - SHOWN
    rest = [f"found {more:,} more files that cannot be used"] if more > 0 else []
    return sentences[:SHOWN] + rest


def _named(unmatched: list[str]) -> str:
    """The sentence on files of a listing that are of no dataset."""
    more = f" and {len(unmatched) - SHOWN} more" if len(unmatched) > SHOWN else ""
    return (
        f"found files that match the names of no dataset: {', '.join(unmatched[:SHOWN])}{more}; "
        "if one is a release, its name belongs in the catalogue's file_pattern"
    )
