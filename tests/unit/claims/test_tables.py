"""The tables of claims, written into a build."""

from pathlib import Path

import duckdb
import pytest

from orchestration.builds.claim_files import ClaimFile
from orchestration.claims import tables
from orchestration.claims.store import Store


def test_a_claim_whose_test_fails_as_nobody_foresaw_costs_that_claim_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def named(self: Store, name: str, *_: object) -> str:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(Store, "named", named)
    text = "claim_id,measure,period,test\na,people,2024-11,equals\nb,,,not measurable\n"
    with duckdb.connect() as connection:
        connection.execute(
            "create table measures (measure text, breakdown text, label text,"
            " period_start date, period_end date)"
        )
        tables.write_claims(connection, tmp_path, [ClaimFile(name="mine.csv", text=text)])
        found = connection.execute(
            "select claim_id, verdict, note from claim_checks where document = 'mine.csv'"
            " order by claim_id"
        ).fetchall()
    assert [row[:2] for row in found] == [("a", "invalid"), ("b", "not measurable")]
    assert "cannot be tested (ZeroDivisionError: by nothing)" in found[0][2]
