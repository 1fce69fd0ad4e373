"""The claims as cards: verdict, sentence and evidence."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.report.exhibit import Row, amount, rows_of
from orchestration.report.releases import in_words, web_address

CLAIMS = """\
select claim_id, outlet, speaker, url, stated_on, claim, metric, part, period, verdict, note
from claim_checks order by stated_on desc, claim_id"""
EVIDENCE = """\
select claim_id, vantage, role, measure, part, period_start, period_end, lower_bound, upper_bound,
  published_on, file_name, url, published_precision
from claim_evidence
where role <> 'context' or vantage = 'now'
order by claim_id, vantage desc, role, measure, part, period_start"""
MOST_EVIDENCE = 24
GOOD = frozenset(
    {
        "supported",
        "supported after rounding",
        "supported when stated, revised since",
        "nearly right",
    }
)
BAD = frozenset({"contradicted", "right number, wrong measure"})


@dataclass(frozen=True)
class Evidence:
    """A published figure behind a verdict, in words, with its file."""

    text: str
    file_name: str
    published: str
    url: str


@dataclass(frozen=True)
class Card:
    """A claim with its verdict.

    tone: good, bad or open. left_out: how many figures of the evidence are not listed.
    """

    claim_id: str
    claim: str
    verdict: str
    tone: str
    note: str
    stated_on: str
    speaker: str
    outlet: str
    url: str
    tested: str
    evidence: tuple[Evidence, ...]
    left_out: int


def cards(connection: duckdb.DuckDBPyConnection) -> list[Card]:
    """The claims of a published file, newest first."""
    evidence: dict[str, list[Row]] = {}
    for row in rows_of(connection, EVIDENCE):
        evidence.setdefault(row["claim_id"], []).append(row)
    return [_card(row, evidence.get(row["claim_id"], [])) for row in rows_of(connection, CLAIMS)]


def in_short(shown: list[Card]) -> str:
    """How many statements got which verdict, in a sentence."""
    if not shown:
        return "No statement was tested."
    counts = Counter(card.verdict for card in shown).most_common()
    return f"Of {len(shown)} statements, {'; '.join(f'{n} {verdict}' for verdict, n in counts)}."


def _card(row: Row, evidence: list[Row]) -> Card:
    verdict = row["verdict"]
    tested = [row["metric"], row["part"], row["period"]]
    claim = row["claim"] or row["claim_id"]
    return Card(
        claim_id=row["claim_id"],
        claim=claim[:1].upper() + claim[1:],
        verdict=verdict,
        tone="good" if verdict in GOOD else "bad" if verdict in BAD else "open",
        note=row["note"] or "",
        stated_on=in_words(row["stated_on"]) if row["stated_on"] else "",
        speaker=row["speaker"] or "",
        outlet=row["outlet"] or "",
        url=web_address(row["url"]),
        tested=", ".join(part for part in tested if part),
        evidence=tuple(_line(line) for line in evidence[:MOST_EVIDENCE]),
        left_out=max(0, len(evidence) - MOST_EVIDENCE),
    )


def _line(row: Row) -> Evidence:
    low, high = row["lower_bound"], row["upper_bound"]
    what = ", ".join(part for part in (row["measure"], row["part"]) if part)
    period = _period(row["period_start"], row["period_end"])
    text = f"{_vantage(row)}: {what}, {period}: {_bounds(low, high)}."
    published = in_words(row["published_on"], row["published_precision"])
    return Evidence(text, row["file_name"], published, web_address(row["url"]))


def _vantage(row: Row) -> str:
    return "when stated" if row["vantage"] == "then" else "today"


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return amount(low) if low == high else f"{amount(low)} to {amount(high)}"
    if low is not None:
        return f"at least {amount(low)}"
    return "not known" if high is None else f"at most {amount(high)}"


def _period(start: date, end: date) -> str:
    if (start.year, start.month) == (end.year, end.month):
        return f"{start:%B %Y}"
    return f"{start:%B %Y} to {end:%B %Y}"
