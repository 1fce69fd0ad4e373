"""Faults in CBP's custody and transfer page: misprints, totals that do not fit, another layout."""

from collections.abc import Callable
from dataclasses import replace

from tests.resilience.faults.fault import Fault, Observed, Outcome, Sandbox
from tests.resilience.faults.faulty_releases import File, take_in
from tests.support.custody_pages import (
    CUSTODY,
    DISPOSITIONS,
    FIELD_OFFICES,
    NAME,
    PUBLISHED,
    SECTORS,
    MadePage,
    custody_page,
)

Change = Callable[[MadePage], bytes]
NEXT = "2026-01-15"


def _page(
    name: str,
    about: str,
    expected: Outcome,
    check: str | None,
    mentions: tuple[str, ...],
    change: Change,
    published: str = PUBLISHED,
) -> Fault:
    """A fault in a page; the first of its dataset."""

    def inflict(sandbox: Sandbox) -> Observed:
        return take_in(sandbox, File(change(custody_page()), published, NAME, CUSTODY))

    return Fault(name, about, expected, check, mentions, inflict)


def _with_cell(heading: str, label: str, column: int, text: str) -> Change:
    return lambda page: page.with_cell(heading, label, column, text).bytes()


def _with_heads(*head: str) -> Change:
    return lambda page: page.with_table(replace(page.table(SECTORS), head=head)).bytes()


def _stale(sandbox: Sandbox) -> Observed:
    """The page of a month before under a newer date, with another figure."""
    newer = custody_page()
    table = newer.table(SECTORS)
    rows = tuple((*row[:3], "90" if row[0] != "Total" else "180") for row in table.rows)
    older = newer.with_cell(SECTORS, "San Diego", 0, "89")
    return take_in(
        sandbox,
        File(newer.with_table(replace(table, rows=rows)).bytes(), PUBLISHED, NAME, CUSTODY),
        File(older.bytes(), NEXT, NAME, CUSTODY),
    )


PAGES = (
    _page(
        "full stop for a comma on a page",
        "A thousand is printed as a decimal, and a field office has no figure.",
        "held in part",
        "parts_add_up",
        ("2024-11", "as the sum of the field offices", "47,570"),
        _with_cell(FIELD_OFFICES, "Laredo", 1, "21.129"),
    ),
    _page(
        "digit lost on a page",
        "A number lost its last digit, as a comma without three digits shows.",
        "held in part",
        "parts_add_up",
        ("2024-11", "as the sum of the field offices"),
        _with_cell(FIELD_OFFICES, "Laredo", 1, "21,12"),
    ),
    _page(
        "digits transposed on a page",
        "A figure that is a number, but another than the total needs.",
        "held in part",
        "parts_add_up",
        ("found 47,759 as the sum of the field offices", "expected 47,570"),
        _with_cell(FIELD_OFFICES, "Laredo", 1, "21,318"),
    ),
    _page(
        "misprint of few people on a page",
        "A misprint in a row that is next to nothing of its total.",
        "rows rejected",
        "cells_are_typed",
        ("found '4.'",),
        _with_cell(DISPOSITIONS, "Paroles", 0, "4."),
    ),
    _page(
        "page without its tables",
        "A page that says why it shows nothing.",
        "refused",
        "tables_are_found",
        ("it may be a refusal",),
        lambda _: b"<html><body><h1>Access denied</h1></body></html>",
    ),
    _page(
        "page cut off",
        "A download that stopped inside a table.",
        "refused",
        "file_is_whole",
        ("expected </html>",),
        lambda page: page.bytes()[: page.bytes().index(b"Rio Grande")],
    ),
    _page(
        "new row on a page",
        "A sector that the vocabulary does not list.",
        "warning",
        None,
        ("'Atlantis'",),
        lambda page: page.bytes().replace(b"Rio Grande", b"Atlantis"),
    ),
    _page(
        "column of something else on a page",
        "A column that is neither a month nor a total.",
        "warning",
        None,
        ("'Change'", "expected a month"),
        _with_heads("Oct-25", "Nov-25", "Change"),
    ),
    _page(
        "month left out of a page",
        "The months of a table have a gap.",
        "warning",
        None,
        ("2025-11",),
        _with_heads("Oct-25", "Dec-25", "Jan-26"),
        NEXT,
    ),
    _page(
        "merged cells on a page",
        "A cell spans two months.",
        "warning",
        None,
        ("spans several rows or columns",),
        lambda page: page.bytes().replace(b"<td>", b'<td colspan="2">', 1),
    ),
    Fault(
        "old page under a new date",
        "The page of a month before is there again.",
        "held",
        "months_reach_as_far",
        ("2025-11", "2025-12"),
        _stale,
    ),
)
