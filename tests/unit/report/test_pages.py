"""Text from outside on a page: labels, file names and sentences never become markup."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from orchestration.report.exhibit import Exhibit, Reading
from orchestration.report.pages import Renderer, draw
from orchestration.report.releases import Source
from orchestration.report.tables import csv_of, table_of

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("create schema meta")
        opened.execute(
            "create table meta.builds as select 'b' as build_id, 1 as releases,"
            " timestamptz '2026-11-27' as built_at, null::date as as_of"
        )
        yield opened


def test_labels_and_file_names_do_not_become_markup(connection: duckdb.DuckDBPyConnection) -> None:
    exhibit = Exhibit(
        "hostile",
        "Hostile",
        f"select date '2024-01-01' as month, 5 as people, '{HOSTILE}' as who, 'r' as release_id",
        "lines",
        Reading("month", "people", "people", series="who", panel="who"),
    )
    cited = {"r": Source("r", HOSTILE, HOSTILE, HOSTILE, "May 2024", "https://x.example")}
    drawn = draw(connection, exhibit, cited)
    page = Renderer(connection).page("subject.html", "x.html", HOSTILE, (drawn,), lead=HOSTILE)
    assert "<img" not in page.html
    assert page.html.count("</script>") == page.html.count("<script")


def test_a_table_shows_numbers_dates_and_lists_as_a_reader_expects() -> None:
    [shown] = table_of(
        [
            {
                "fiscal_year": 2024,
                "people": 12345,
                "day": date(2024, 5, 1),
                "ids": ["a", None, "b"],
                "x": None,
            }
        ]
    ).rows
    assert shown == ("2024", "12,345", "2024-05-01", "a, b", "")


def test_csv_has_plain_numbers_and_quotes_what_needs_it() -> None:
    assert csv_of([{"a": 12345, "b": 'x, "y"', "c": None, "d": True}]) == (
        'a,b,c,d\r\n12345,"x, ""y""",,yes\r\n'
    )
