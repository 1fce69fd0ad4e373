"""Reading the published file for the command.

What belongs here: rows of the published file as typed objects. Nothing is written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict

from orchestration.builds.publishing import PublishError
from orchestration.builds.sql import first_line
from orchestration.settings import ConfigurationError


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


@contextmanager
def opened(published: Path, what: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file for reading. what: it is read for, as the error names it. Raises
    ConfigurationError if nothing is published, and PublishError if it is damaged or of an earlier
    version without that."""
    if not published.exists():
        raise ConfigurationError(
            f"{published}: found no published file; run `borderledger nightly`"
        )
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            yield connection
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise PublishError(
            f"{published}: found a file without {what}; run `borderledger nightly`"
        ) from error
    except duckdb.Error as error:
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
    return [ClaimCheck.model_validate(dict(zip(columns, row, strict=True))) for row in rows]
