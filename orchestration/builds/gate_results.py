"""The result of a check: the record that Dagster, the published file and the command show."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Stage = Literal["raw", "facts", "marts"]
Status = Literal["passed", "failed", "not applicable"]


class GateResult(BaseModel):
    """The result of one expectation.

    observed: the observed value, for expectations about a single value.
    unexpected_count: how many rows broke it.
    examples: some of these rows, as JSON.
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
    notes: str

    @property
    def blocks(self) -> bool:
        return self.status == "failed" and self.severity == "critical"
