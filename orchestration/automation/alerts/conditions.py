"""What is wrong now, as alerts.

What belongs here: pure functions from what was found to the words of the messages. Finding it is in
`situation`, remembering what was announced in `memory`.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlsplit

from orchestration.builds.gate_results import GateResult
from orchestration.catalogue.dataset import Dataset
from orchestration.intake.source_health import Health, SourceHealth
from orchestration.printable import printable
from orchestration.releases.freshness import PUBLISHED_FILE, Freshness
from orchestration.releases.release import Release
from orchestration.wording import counted, form

Kind = Literal["command", "run", "release", "gate", "publisher", "landing", "overdue"]

NIGHTS_UNREACHABLE = 3
LONGEST_REASON = 600  # characters; some channels cut a message at 2,000
FINDINGS_SHOWN = 3
RUNS_NUMBERS = re.compile(r"\b[0-9a-f]{8,}\b|\d+")


@dataclass(frozen=True)
class Alert:
    """One thing that is wrong.

    key: names it, and is the same every night; its first part is its kind.
    title: what failed. body: why, what readers see meanwhile, and where to go.
    """

    key: str
    title: str
    body: str

    @property
    def kind(self) -> str:
        return self.key.partition("/")[0]


@dataclass(frozen=True)
class FailedRun:
    """A run that failed, and that no later run of its job has made good. by_gate: critical checks
    failed, which the reason names."""

    run_id: str
    job: str
    reason: str
    ended_at: datetime
    by_gate: bool = False


@dataclass(frozen=True)
class Published:
    """What readers see. build_id: None if the published file's build is not kept any more."""

    build_id: str | None
    built_on: date | None


@dataclass(frozen=True)
class Situation:
    """What alerts are made from. A part that is None could not be found out: what was announced
    about it stays announced.

    published: None if there is no published file.
    releases: with their verdicts after review.
    gates: the results of the newest sealed build.
    ended_early: why the command nightly ended before its runs, or outside of them, and left nothing
        in the history; empty if it did not. Only the command itself knows.
    ui: the address of Dagster's UI, if others than this machine can reach it.
    """

    catalogue: Mapping[str, Dataset]
    published: Published | None
    releases: Sequence[Release] | None = None
    gates: Sequence[GateResult] | None = None
    health: Health | None = None
    freshness: Sequence[Freshness] | None = None
    failed_runs: Sequence[FailedRun] | None = None
    ended_early: Sequence[str] | None = None
    ui: str | None = None


def alerts_of(situation: Situation) -> list[Alert]:
    """Everything that is wrong, the most urgent first."""
    return [alert for find in FINDERS.values() for alert in find(situation)]


def known_kinds(situation: Situation) -> set[str]:
    """The kinds of alerts of which it is known what is wrong and what is not."""
    parts = {
        "command": situation.ended_early,
        "run": situation.failed_runs,
        "release": situation.releases,
        "gate": situation.gates,
        "publisher": situation.health,
        "landing": situation.health,
        "overdue": situation.freshness,
    }
    return {kind for kind, part in parts.items() if part is not None}


def what_readers_see(situation: Situation) -> str:
    """One sentence about the published file."""
    published = situation.published
    if published is None:
        return "Readers see nothing yet: no file is published."
    if published.build_id is None:
        return "Readers still see the published file, whose build is not kept any more."
    return f"Readers still see build {published.build_id} of {published.built_on}."


def _failed_runs(situation: Situation) -> Iterator[Alert]:
    for run in situation.failed_runs or ():
        look = "Run `borderledger gates`" if run.by_gate else "Run `borderledger status`"
        yield Alert(
            f"run/{run.job}/{_cause(run.reason)}",
            f"The job {run.job} failed",
            _body(
                f"Why: {_short(run.reason)}",
                what_readers_see(situation),
                f"{look}{_page(situation, f'runs/{run.run_id}')}{_way_out(run)}.",
            ),
        )


def _way_out(run: FailedRun) -> str:
    """What is to be done once the cause is known."""
    if run.job == "clean":
        return "; once the cause is gone, `borderledger clean`"
    if run.job == "nightly":
        return "; once the cause is gone, `borderledger nightly`"
    if run.by_gate:
        return ""
    return "; once the cause is gone, re-execute it from failure, or `borderledger nightly --force`"


def _command(situation: Situation) -> Iterator[Alert]:
    for reason in situation.ended_early or ():
        yield Alert(
            f"command/nightly/{_cause(reason)}",
            "The command nightly failed",
            _body(
                f"Why: {_short(reason)}",
                what_readers_see(situation),
                "Run `borderledger status`, then `borderledger nightly`.",
            ),
        )


def _cause(reason: str) -> str:
    """A digest of a reason that stays from night to night while the numbers in it change."""
    return hashlib.sha256(RUNS_NUMBERS.sub("#", reason).encode()).hexdigest()[:12]


def _releases(situation: Situation) -> Iterator[Alert]:
    for release in situation.releases or ():
        if release.is_waiting:
            tables = ", ".join(release.held_tables)
            what = f"The table {tables} of a release" if release.held_tables else "A release"
            verdict, where = f"{what} of {release.dataset} is held", _how_to_decide(release)
        elif release.verdict == "refused" and release.decision is None:
            verdict = f"A release of {release.dataset} was refused"
            where = "Run `borderledger releases --problems`"
        else:
            continue
        yield Alert(
            f"release/{release.verdict}/{release.dataset}/{release.release_id}",
            verdict,
            _body(
                f"File: {_short(release.file_name)}, published {release.published}.",
                _why(release.findings),
                f"{what_readers_see(situation)} {_stands(situation, release)}",
                f"{where}{_page(situation, f'assets/archive/{release.dataset}')}.",
            ),
        )


def _why(findings: Sequence[str]) -> str:
    """The first findings, each on a line of its own if there are several."""
    if len(findings) <= 1:
        return f"Why: {_short(''.join(findings))}"
    lines = ["Why:", *(f"- {_short(finding)}" for finding in findings[:FINDINGS_SHOWN])]
    more = len(findings) - FINDINGS_SHOWN
    return "\n".join([*lines, f"- and {more} more"] if more > 0 else lines)


def _how_to_decide(release: Release) -> str:
    name = release.release_id
    return (
        f"Look at it with `borderledger releases {name}`, then decide with `borderledger accept "
        f"{name} --reason …` or `borderledger refuse {name} --reason …`"
    )


def _stands(situation: Situation, release: Release) -> str:
    """What the next build has instead of a release that it does not contain."""
    if release.held_tables:
        return "The rest of the release is in the next build."
    accepted = [
        other.published_on
        for other in situation.releases or ()
        if other.dataset == release.dataset and other.verdict == "accepted"
    ]
    if not accepted:
        return f"No release of {release.dataset} is accepted."
    return f"The newest accepted release of {release.dataset} is of {max(accepted)}."


def _gates(situation: Situation) -> Iterator[Alert]:
    for result in situation.gates or ():
        if result.status != "failed" or result.severity != "warning":
            continue
        broken = result.unexpected_count
        count = (
            f" {counted(broken, 'row')} {form(broken, 'breaks', 'break')} the rule."
            if broken
            else ""
        )
        value = result.observed_besides_count
        observed = f" Observed: {_short(value)}." if value else ""
        yield Alert(
            f"gate/{result.table}/{result.check}",
            f"A check warns: {result.table}: {result.check}",
            _body(
                f"Why: {_short(result.notes)}{count}{observed}",
                f"A warning stops no build. {what_readers_see(situation)}",
                "Run `borderledger gates`"
                f"{_page(situation, f'assets/{_asset_path(result.table)}?view=checks')}.",
            ),
        )


def _asset_path(table: str) -> str:
    """The path of a table's asset: `main` is left out, as dagster-dbt does."""
    return table.removeprefix("main.").replace(".", "/")


def _publishers(situation: Situation) -> Iterator[Alert]:
    by_host: dict[str, list[SourceHealth]] = {}
    for source in (situation.health or Health()).sources.values():
        if source.dataset in situation.catalogue and source.asked_on is not None:
            host = urlsplit(situation.catalogue[source.dataset].landing_page).hostname or ""
            by_host.setdefault(host, []).append(source)
    for host, sources in by_host.items():
        silent = [s for s in sources if s.nights_unreachable >= NIGHTS_UNREACHABLE]
        if silent and all(source.nights_unreachable for source in sources):
            yield _unreachable(situation, f"publisher/{host}", host, sources)
        else:
            for source in silent:
                key = f"publisher/{host}/{source.dataset}"
                yield _unreachable(situation, key, f"{host} for {source.dataset}", [source])


def _unreachable(
    situation: Situation, key: str, who: str, sources: Sequence[SourceHealth]
) -> Alert:
    longest = max(sources, key=lambda source: source.nights_unreachable)
    answered = [source.answered_on for source in sources if source.answered_on is not None]
    last = f"It last answered on {max(answered):%Y-%m-%d}." if answered else "It never answered."
    names = [source.dataset for source in sources]
    pages = sorted({situation.catalogue[name].landing_page for name in names})
    return Alert(
        key,
        f"A publisher cannot be reached: {who}",
        _body(
            f"Why: no answer for {longest.nights_unreachable} nights: "
            f"{_short(longest.problem or 'no reason is known')}. {last}",
            f"{what_readers_see(situation)} Newer releases of {', '.join(names)} are not in it.",
            f"Open {' and '.join(pages)} in a browser, then run `borderledger fetch "
            f"{' '.join(names)}`.",
        ),
    )


def _landing(situation: Situation) -> Iterator[Alert]:
    for folder in (situation.health or Health()).landing:
        if folder.problem is not None:
            yield Alert(
                f"landing/{folder.folder}",
                "A landing folder cannot be read",
                _body(
                    f"Why: {_short(folder.folder)}: {_short(folder.problem)}.",
                    f"{what_readers_see(situation)} Files in that folder are not in it.",
                    "Let the user who runs this read the folder, then run `borderledger fetch`.",
                ),
            )


def _overdue(situation: Situation) -> Iterator[Alert]:
    for fresh in situation.freshness or ():
        if not fresh.overdue_by:
            continue
        if fresh.name == PUBLISHED_FILE:
            yield Alert(
                f"overdue/{PUBLISHED_FILE}",
                "The published file is overdue",
                _body(
                    f"Why: no nightly run has succeeded since {fresh.newest}, expected one by "
                    f"{fresh.due_by}.",
                    what_readers_see(situation),
                    "See whether `borderledger ui` runs with its schedule on, or run `borderledger "
                    f"nightly`{_page(situation, 'automation')}.",
                ),
            )
            continue
        dataset = situation.catalogue[fresh.name]
        yield Alert(
            f"overdue/{fresh.name}",
            f"The dataset {fresh.name} is overdue",
            _body(
                f"Why: its newest accepted release is of {fresh.newest}, the next was expected by "
                f"{fresh.due_by} (published {dataset.cadence}).",
                what_readers_see(situation),
                f"See {dataset.landing_page} whether there is a newer one, then run `borderledger "
                f"fetch {fresh.name}`{_page(situation, f'assets/archive/{fresh.name}')}.",
            ),
        )


FINDERS: dict[Kind, Callable[[Situation], Iterator[Alert]]] = {
    "command": _command,
    "run": _failed_runs,
    "overdue": _overdue,
    "release": _releases,
    "gate": _gates,
    "publisher": _publishers,
    "landing": _landing,
}


def _page(situation: Situation, path: str) -> str:
    """Where it can be seen besides the command, if the UI has an address that others reach."""
    return "" if situation.ui is None else f", or open {situation.ui}/{path}"


def _body(*lines: str) -> str:
    return "\n".join(lines)


def _short(text: str) -> str:
    """Text from outside on one line, cut to a length that a message can have."""
    shown = printable(text.strip())
    if len(shown) <= LONGEST_REASON:
        return shown
    return f"{shown[: LONGEST_REASON - 1].rpartition(' ')[0] or shown[: LONGEST_REASON - 1]}…"
