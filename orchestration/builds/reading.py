"""Reading the published file for the command.

What belongs here: rows of the published file as typed objects. Nothing is written.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TypeVar

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.builds.cancellation import cancelled_by_signals
from orchestration.builds.publishing import PublishError
from orchestration.builds.sql import first_line, literal
from orchestration.releases.publication import Precision
from orchestration.settings import ConfigurationError

Row = TypeVar("Row", bound=BaseModel)


class UnreadableRow(Exception):
    """A row of the published file that no build writes, and why."""


class ClaimCheck(BaseModel):
    """One row of `claim_checks`; see its description in the published file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim_id: str
    document: str
    outlet: str | None
    speaker: str | None
    url: str | None
    stated_on: date | None
    claim: str
    metric: str | None
    part: str | None
    whole: str | None
    period: str | None
    test: str
    stated_value: str
    precision: float | None
    unit: str | None
    value_then: str | None
    value_now: str | None
    lower_then: float | None
    upper_then: float | None
    lower_now: float | None
    upper_now: float | None
    month_then: date | None
    month_now: date | None
    verdict: str
    evidence: tuple[str, ...]
    evidence_then: tuple[str, ...]
    note: str


class ClaimEvidence(BaseModel):
    """One row of `claim_evidence`, as far as it is shown; see its description in the published
    file."""

    model_config = ConfigDict(frozen=True)

    vantage: str
    role: str
    kind: str
    dataset: str
    file_name: str
    published_on: date
    published_precision: Precision
    release_id: str
    url: str


@contextmanager
def opened(published: Path, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file for reading. what: it is read for, as the error names it. Raises
    ConfigurationError if nothing is published, and PublishError if it is damaged or of an earlier
    version, which has that not at all or without some column. A signal ends what is read."""
    if not published.exists():
        raise ConfigurationError(
            f"{published}: found no published file; run `borderledger nightly`"
        )
    try:
        with (
            duckdb.connect(str(published), read_only=True) as connection,
            cancelled_by_signals(connection),
        ):
            # else a table that is not there could be a variable of this process
            connection.execute("set python_enable_replacements = false")
            yield connection
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise PublishError(
            f"{published}: found a file of an earlier version, of which {what} cannot be read: run "
            f"`borderledger nightly` ({first_line(error)})"
        ) from error
    except (duckdb.Error, UnreadableRow) as error:
        raise PublishError(
            f"{published}: found a file that cannot be read, expected that of a build; run "
            f"`borderledger nightly`: {first_line(error)}"
        ) from error


def read_claims(published: Path) -> list[ClaimCheck]:
    """Every claim with its verdict, by day and document. Raises as `opened` does."""
    columns = list(ClaimCheck.model_fields)
    with opened(published, "claims") as connection:
        rows = connection.execute(
            f"select {', '.join(columns)} from main.claim_checks"
            " order by stated_on, document, claim_id"
        ).fetchall()
        return [_row(ClaimCheck, row) for row in rows]


def read_evidence(published: Path, claim_id: str) -> list[ClaimEvidence]:
    """The figures that bear on a claim. Raises as `opened` does."""
    columns = list(ClaimEvidence.model_fields)
    with opened(published, "claims") as connection:
        rows = connection.execute(
            f"select {', '.join(columns)} from main.claim_evidence"
            f" where claim_id = {literal(claim_id)} order by all"
        ).fetchall()
        return [_row(ClaimEvidence, row) for row in rows]


def _row(kind: type[Row], values: Sequence[object]) -> Row:
    """A row as an object. Raises UnreadableRow."""
    try:
        return kind.model_validate(dict(zip(kind.model_fields, values, strict=True)))
    except ValidationError as error:
        found = error.errors()[0]
        problem = f"{kind.__name__}: {found['loc'][0]}: found {found['input']!r}"
        raise UnreadableRow(problem) from error
