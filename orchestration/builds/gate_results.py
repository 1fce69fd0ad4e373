"""The result of a check: the record that Dagster, the published file and the command show."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from orchestration.wording import counted, form

Stage = Literal["raw", "facts", "marts", "claims"]
Status = Literal["passed", "failed", "not applicable"]


class GateResult(BaseModel):
    """The result of one expectation.

    observed: the observed value, for expectations about a single value.
    unexpected_count: how many rows broke it.
    examples: some of these rows, as JSON.
    release_id: the one release that all of these rows name; None if they name several, or none.
    """

    model_config = ConfigDict(frozen=True)

    stage: Stage
    table: str
    check: str
    expectation: str
    severity: Literal["critical", "warning"]
    status: Status
    observed: str | None = None
    unexpected_count: int | None = None
    examples: str | None = None
    release_id: str | None = None
    notes: str

    @property
    def blocks(self) -> bool:
        return self.status == "failed" and self.severity == "critical"

    @property
    def observed_besides_count(self) -> str | None:
        """The observed value, unless it is but the number of rows again."""
        return None if self.observed == str(self.unexpected_count) else self.observed


def counts_of(results: Iterable[GateResult]) -> str:
    """How many checks ran, failed, and do not apply, in words."""
    number = Counter(result.status for result in results)
    failed, skipped = number["failed"], number["not applicable"]
    ran = counted(number.total() - skipped, "check")
    return f"{ran} ran, {failed:,} failed, {skipped:,} {form(skipped, 'does', 'do')} not apply"


def release_at_fault(results: Iterable[GateResult]) -> str | None:
    """The release that every failing row of every failed critical check names; None if there is
    no such release."""
    named = {result.release_id for result in results if result.blocks}
    return named.pop() if len(named) == 1 else None
