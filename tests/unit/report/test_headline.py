"""The sentence of the first page."""

from datetime import date
from typing import Any

import pytest

from orchestration.report.headline import sentence
from orchestration.report.releases import Source

CITED = {"r": Source("r", "CBP", "Southwest", "file.csv", "May 2025", "")}


def said(**changes: Any) -> str:
    row = {
        "month": date(2025, 4, 1),
        "between_ports": 8383,
        "change": -10.0,
        "is_provisional": False,
        "lowest": "since",
        "lowest_since": date(2025, 3, 1),
        "highest": "since",
        "highest_since": date(2025, 3, 1),
        "first_month": date(1999, 10, 1),
        "release_id": "r",
    }
    return sentence({**row, **changes}, CITED)


def test_a_month_is_lowest_since_an_earlier_one() -> None:
    text = said(lowest_since=date(2000, 1, 1))
    assert "8,383 encounters" in text
    assert ", 10.0 % fewer than the month before, the lowest since January 2000." in text
    assert text.endswith("Source: CBP, file.csv, published May 2025.")


def test_a_record_names_the_first_month() -> None:
    assert "the highest since the series began in October 1999" in said(highest="record")


@pytest.mark.parametrize("status", ["gap", "first"])
def test_nothing_is_said_of_a_record_where_a_month_is_unknown(status: str) -> None:
    text = said(lowest=status, lowest_since=None, highest=status, highest_since=None)
    assert "since" not in text


def test_the_month_before_is_no_record() -> None:
    assert "lowest" not in said()


def test_an_unknown_change_is_left_out_and_doubt_is_stated() -> None:
    text = said(change=None, is_provisional=True)
    assert "the month before" not in text
    assert "A later release may revise it." in text


def test_an_unchanged_month() -> None:
    assert "as many as the month before" in said(change=0.0)
