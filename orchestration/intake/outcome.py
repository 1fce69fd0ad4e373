"""The outcome of taking in one candidate."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from orchestration.releases.release import Release

OutcomeKind = Literal["archived", "duplicate", "refused", "skipped", "unreachable", "vanished"]


@dataclass(frozen=True)
class IntakeOutcome:
    """The outcome of taking in one candidate.

    source: where the candidate came from, for display: a URL, or the path inside the landing
        folder.
    kind: `archived`: new and accepted; `duplicate`: the archive holds the same bytes;
        `refused`: not what it claims to be; `skipped`: in the wrong place, still being
        written, or on a listing under a name of no dataset; `unreachable`: its publisher did
        not answer; `vanished`: its listing no longer has it.
    reason: why, in one sentence; None for a release that was archived. A duplicate under the
        same name and date has the reason of the archived release, which may be None.
    """

    source: str
    dataset: str | None
    kind: OutcomeKind
    reason: str | None
    release: Release | None

    @property
    def is_worth_reporting(self) -> bool:
        """Whether an operator should see it: always, except for a duplicate that came under
        the same name and date as before."""
        seen_before = self.release is not None and self.reason == self.release.reason
        return self.kind != "duplicate" or not seen_before

    @property
    def detail(self) -> str:
        """Return the archived release in words, or the candidate's source and the reason."""
        if self.kind == "archived" and self.release is not None:
            return self.release.describe_intake()
        return f"{self.source}: {self.reason}"


def lines_of(outcomes: Iterable[IntakeOutcome]) -> list[tuple[OutcomeKind, str]]:
    """The kind and detail of each outcome that is worth reporting. Datasets of one publisher may
    have the same, such as that it does not answer: it is there once."""
    worth = (outcome for outcome in outcomes if outcome.is_worth_reporting)
    return list(dict.fromkeys((outcome.kind, outcome.detail) for outcome in worth))
