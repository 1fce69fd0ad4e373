"""The claims of the documents that the project began from, and the operator's, checked, as tables
of a build.

What belongs here: the two tables and their comments. How a claim is checked is in `checking`.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from math import isfinite
from pathlib import Path

import duckdb
import polars as pl

from orchestration.builds.claim_files import ClaimFile, read_claim_file
from orchestration.builds.comments import TableComments
from orchestration.builds.tables import write_table
from orchestration.claims.checking import Checked, Evidence, check
from orchestration.claims.files import claims_of
from orchestration.claims.interval import Interval
from orchestration.claims.store import Store
from orchestration.settings import Limits

CLAIMS = Path(__file__).with_name("claims.csv")
CHECKS = TableComments(
    "One row per claim of a public document, those of the project and those of the files in "
    "BORDERLEDGER_CLAIMS: whether it holds, according to which releases, as of the day of the "
    "statement and as of today.",
    {
        "claim_id": "The claim's ID; file and line for a claim without one, the file's name for a "
        "file that cannot be used.",
        "document": "The document that makes the claim, or the file that the claim is in.",
        "outlet": "Who published the document; NULL if it is not known.",
        "speaker": "Whom the document quotes; NULL if nobody, or if it is not known.",
        "url": "Where the document or the statement can be read; NULL if it is not known.",
        "stated_on": "The day of the statement; NULL if it is not known.",
        "claim": "The claim in words, as reported.",
        "metric": "What the claim counts: a measure of the table measures.",
        "part": "The part of it that is meant, as sector=San Diego Sector; NULL for all.",
        "whole": "The measure of the whole, for a share; NULL for others.",
        "period": "The period that the claim is about.",
        "test": "How the claim is tested.",
        "stated_value": "The number, month or year that the claim states; empty if it states none.",
        "precision": "To what the stated number was said to be rounded; NULL if that was not said.",
        "unit": "Unit of the stated value.",
        "value_then": "The value according to what had been published by the day of the statement; "
        "NULL if that does not show it.",
        "value_now": "The value according to everything published by today; NULL if that does not "
        "show it.",
        "lower_then": "value_then as a number, or its lower bound; NULL if it is none.",
        "upper_then": "value_then as a number, or its upper bound; NULL if it has none.",
        "lower_now": "value_now as a number, or its lower bound; NULL if it is none.",
        "upper_now": "value_now as a number, or its upper bound; NULL if it has none.",
        "month_then": "value_then as a month; NULL if it is none.",
        "month_now": "value_now as a month; NULL if it is none.",
        "verdict": "supported; supported after rounding; nearly right; supported when stated, "
        "revised since; right number, wrong measure; only stated; undecided; contradicted; not "
        "measurable; or invalid.",
        "evidence": "The releases that bear on the claim; see claim_evidence.",
        "evidence_then": "Those of them that had been published by the day of the statement.",
        "note": "The finding in a printable sentence, and further information on the claim.",
    },
)
EVIDENCE = TableComments(
    "One row per published figure that bears on a claim: of a sum, each of its parts.",
    {
        "claim_id": "The claim's ID in claim_checks.",
        "vantage": "then: by what had been published by the day of the statement; or now.",
        "role": "figure tested; compared with; or context: another measure that has the stated "
        "number, or a statement that bears the claim out.",
        "measure": "What the figure counts.",
        "part": "The part of the measure that it is of, as sector=San Diego Sector; empty for all.",
        "period_start": "First day that the figure covers.",
        "period_end": "Last day that the figure covers.",
        "lower_bound": "The figure is at least this.",
        "upper_bound": "The figure is at most this; NULL if that is not known.",
        "kind": "exact, rounded, partial or stated: see measures.",
        "published_on": "When the figure was published, or stated.",
        "published_precision": "day or month: how exactly that is known; of a month, published_on "
        "is the last day.",
        "release_id": "First 16 hex digits of the sha256 of the file's bytes; see dim_release.",
        "dataset": "Dataset of the release.",
        "file_name": "The file's name as published.",
        "publisher": "Who publishes the release's dataset.",
        "source": "Where the release was found: a URL, or the path inside a landing folder or the "
        "bundle.",
        "url": "Where it can be read: the page of a statement, else the URL that the file was "
        "fetched from or the page that it transcribes, else the page of its dataset.",
    },
)
CHECK_TYPES = dict.fromkeys(CHECKS.columns, pl.String()) | {
    "stated_on": pl.Date(),
    "precision": pl.Float64(),
    "lower_then": pl.Float64(),
    "upper_then": pl.Float64(),
    "lower_now": pl.Float64(),
    "upper_now": pl.Float64(),
    "month_then": pl.Date(),
    "month_now": pl.Date(),
    "evidence": pl.List(pl.String()),
    "evidence_then": pl.List(pl.String()),
}
EVIDENCE_TYPES = dict.fromkeys(EVIDENCE.columns, pl.String()) | {
    "period_start": pl.Date(),
    "period_end": pl.Date(),
    "published_on": pl.Date(),
    "lower_bound": pl.Float64(),
    "upper_bound": pl.Float64(),
}
CHECKS_ORDER = ("claim_id",)  # by their keys, as dbt's tables are
EVIDENCE_ORDER = (
    "claim_id",
    "vantage",
    "role",
    "measure",
    "part",
    "period_start",
    "period_end",
    "lower_bound",
    "published_on",
    "release_id",
)
TABLES = {"main.claim_checks": CHECKS, "main.claim_evidence": EVIDENCE}


def write_claims(
    connection: duckdb.DuckDBPyConnection, folder: Path, own: Sequence[ClaimFile]
) -> Counter[str]:
    """Check every claim against the measures of a build, and write both tables into it. folder:
    takes the files through which the rows pass. own: the operator's files of claims. Returns the
    number of claims by verdict."""
    store = Store(connection)
    rows, evidence = [], []
    for claim in claims_of([read_claim_file(CLAIMS, Limits()), *own]):
        checked = check(claim, store)
        rows.append(_check(checked))
        # one frame each: as objects, the evidence of a thousand claims takes a gigabyte
        evidence.append(pl.DataFrame(_evidence(checked), schema=EVIDENCE_TYPES))
    checks = pl.DataFrame(rows, schema=CHECK_TYPES).sort(*CHECKS_ORDER)
    write_table(connection, folder, "main.claim_checks", checks, CHECKS)
    figures = pl.concat(evidence).sort(*EVIDENCE_ORDER)
    write_table(connection, folder, "main.claim_evidence", figures, EVIDENCE)
    return Counter(checks["verdict"])


def _check(checked: Checked) -> dict[str, object]:
    claim = checked.claim
    lower_then, upper_then, month_then = _typed(checked.found_then)
    lower_now, upper_now, month_now = _typed(checked.found_now)
    return {
        "claim_id": claim.claim_id,
        "document": claim.document,
        "outlet": claim.outlet or None,
        "speaker": claim.speaker or None,
        "url": claim.url or None,
        "stated_on": claim.stated_on,
        "claim": claim.claim,
        "metric": claim.measure or None,
        "part": claim.part or None,
        "whole": claim.of or None,
        "period": claim.period or None,
        "test": claim.test,
        "stated_value": claim.value,
        "precision": claim.precision,
        "unit": claim.unit or None,
        "value_then": checked.value_then,
        "value_now": checked.value_now,
        "lower_then": lower_then,
        "upper_then": upper_then,
        "lower_now": lower_now,
        "upper_now": upper_now,
        "month_then": month_then,
        "month_now": month_now,
        "verdict": checked.verdict.value,
        "evidence": _releases(checked.evidence),
        "evidence_then": _releases([one for one in checked.evidence if one.vantage == "then"]),
        "note": checked.sentence,
    }


def _evidence(checked: Checked) -> list[dict[str, object]]:
    claim_id = checked.claim.claim_id
    return [{"claim_id": claim_id, **row.model_dump()} for row in checked.evidence]


def _typed(
    found: Interval | date | None,
) -> tuple[float | None, float | None, date | None]:
    """The ends of what was found, and the month that it is."""
    if isinstance(found, Interval):
        lower, upper = (end if isfinite(end) else None for end in (found.lower, found.upper))
        return lower, upper, None
    return None, None, found


def _releases(evidence: Sequence[Evidence]) -> list[str]:
    return sorted({one.release_id for one in evidence})
