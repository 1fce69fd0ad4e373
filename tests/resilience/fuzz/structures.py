"""Tables with another layout: rows, columns, headings, cells and sheets drawn by Hypothesis.

What belongs here: changes that leave a well-formed text or workbook. Damage to bytes belongs
to `mutations`.
"""

import csv
import io
from dataclasses import replace

from hypothesis import strategies as st

from orchestration.catalogue.dataset import load_catalogue
from tests.resilience.fuzz.seeds import WORKBOOKS, Seed
from tests.resilience.fuzz.watched_process import Input
from tests.support.cbp_files import quoted
from tests.support.workbooks import Cell, MadeSheet, MadeWorkbook, Row

MOST_ROWS = 80  # taken from a text file
MOST_CHANGES = 5
Table = tuple[tuple[str, ...], ...]

ODD_TEXTS = (
    *(
        "",
        " ",
        "\u00a0",
        "\u2003",
        "-",
        "\u2013",
        "X",
        "NA",
        "*",
        "0",
        "-1",
        "1,000",
        "1,00",
        "7.0",
    ),
    *("999999999", "9999999999999999999999", "1e9", "NaN", "inf", "None", "null", "true", "=1+1"),
    *("2024", "FY2024", "2024 (FYTD)", "2024 YTD", "1900", "2099", "FY", "0000", "20242024"),
    *("\uff12\uff10\uff12\uff14", "\u0662\u0660\u0662\u0664", "20\u0662\u0664", "\u00b2", "\u2460"),
    *("2024-11", "2024-02-31", "2024-13", "2024-00-00", "2024-11-01/2024-10-01", "0000-00"),
    *(
        "OCT",
        "October",
        "01 October",
        "13 October",
        "00 May",
        "Total",
        "Grand total",
        "All",
        "0001",
    ),
    *("Fiscal Year", "Month", "Quantity", "Region", "Sector", "Agency", "Removals", "full year"),
    *(
        "through 2024-09-24",
        "through 9/31/2024",
        "Removals through 13/45/0000",
        "ICE Removals: FY24",
    ),
    *("'", '"', '""', 'a"b', "a,b", "\t", "\x85", "\u2028", "\ufeff", "\u0130", "\u00df", "\ufb01"),
    *("\U0001f9ed", "e\u0301", "\u202e", "_x0000_", "<b>", "&amp;", "{}", "%s", "\\", "-" * 30_000),
    *("a " * 9_000, "(" * 9_000, "1," * 9_000, "FY" * 5_000, "U.S. Border Patrol", "Mexico"),
)
LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
odd_texts = st.one_of(
    st.sampled_from(ODD_TEXTS),
    st.text(LETTERS, max_size=12),
    st.integers(-5, 1 << 40).map(str),
    st.dates().map(str),
)
cells: st.SearchStrategy[Cell] = st.one_of(
    odd_texts, st.none(), st.integers(-(1 << 31), 1 << 31), st.integers(1990, 2030)
)
numbers = st.integers(0, 1 << 16)  # of a row or a column, modulo their count
published = st.sampled_from(["2016-02-29", "2024-12", "2026-02-02", "2030-01"])


@st.composite
def texts(draw: st.DrawFn, seed: Seed) -> Input:
    """A CSV file of a seed's dataset: its header and some of its rows, with changes."""
    rows = tuple(map(tuple, csv.reader(io.StringIO(seed.content.decode("utf-8-sig")))))
    table: Table = rows[: draw(st.sampled_from([2, 12, MOST_ROWS, len(rows)]))]
    for _ in range(draw(st.integers(0, MOST_CHANGES))):
        table = draw(st.one_of(_header_changes(seed, table), _table_changes(table)))
    line_end = draw(st.sampled_from(["\r\n", "\n", "\r"]))
    lines = [",".join(quoted(" ".join(cell.splitlines())) for cell in row) for row in table]
    top = draw(st.sampled_from(["", "", "", "\ufeff", "\n", ",,\n", "Title\n"]))
    end = draw(st.sampled_from(["", line_end, line_end * 3, "note", "a note, of two", '"']))
    return _given(draw, seed, (top + line_end.join(lines) + line_end + end).encode())


@st.composite
def workbooks(draw: st.DrawFn, seed: Seed) -> Input:
    """A made workbook of a seed's dataset with changed sheets, rows and columns."""
    workbook = WORKBOOKS[seed.dataset][0]()
    for _ in range(draw(st.integers(0, MOST_CHANGES))):
        workbook = draw(_workbook_changes(workbook))
    return _given(draw, seed, workbook.bytes())


def _given(draw: st.DrawFn, seed: Seed, content: bytes) -> Input:
    names = [seed.file_name, *load_catalogue()[seed.dataset].file_examples, "odd name (1).bin"]
    day = draw(st.one_of(st.just(seed.published), st.just(seed.published), published))
    name = draw(st.one_of(st.just(seed.file_name), st.sampled_from(names)))
    return replace(seed.given("structured", content), published=day, file_name=name)


@st.composite
def _header_changes(draw: st.DrawFn, seed: Seed, table: Table) -> Table:
    """A column is renamed, left out, duplicated, or moved."""
    at, other = (draw(numbers) % max(len(table[0]), 1) for _ in range(2))
    kind = draw(st.sampled_from(["renamed", "renamed", "left out", "twice", "moved"]))
    if kind == "renamed":
        known = [h for c in load_catalogue()[seed.dataset].columns.values() for h in c.headers]
        names = st.sampled_from(known)
        spelled = draw(st.one_of(names, names.map(str.upper), names.map("({} )".format), odd_texts))
        return (_with(table[0], at, spelled), *table[1:])
    if kind == "left out":
        return tuple(row[:at] + row[at + 1 :] for row in table)
    if kind == "twice":
        return tuple(row[: at + 1] + row[at : at + 1] + row[at + 1 :] for row in table)
    order = [i for i in range(len(table[0])) if i != at]
    order.insert(other, at)
    return tuple(tuple(row[i] for i in order if i < len(row)) for row in table)


@st.composite
def _table_changes(draw: st.DrawFn, table: Table) -> Table:
    """A cell has odd content, or a row is left out, duplicated, short, or repeated."""
    row, column = draw(numbers) % len(table), draw(numbers)
    cells = table[row]
    kind = draw(
        st.sampled_from(["cell", "cell", "cell", "column", "out", "twice", "short", "often"])
    )
    if kind == "cell" and cells:
        changed: Table = (_with(cells, column % len(cells), draw(odd_texts)),)
    elif kind == "column":
        text = draw(odd_texts)
        return (table[0], *(_with(r, column % max(len(r), 1), text) for r in table[1:]))
    elif kind == "out" and len(table) > 1:
        changed = ()
    elif kind == "short":
        changed = (cells[: column % (len(cells) + 1)],)
    else:
        changed = (cells,) * (300 if kind == "often" else 2)
    return table[:row] + changed + table[row + 1 :]


@st.composite
def _workbook_changes(draw: st.DrawFn, workbook: MadeWorkbook) -> MadeWorkbook:
    """A sheet is changed, left out, duplicated under another name, or new and empty."""
    at = draw(numbers) % max(len(workbook.sheets), 1)
    kind = draw(st.sampled_from([*["changed"] * 8, "out", "twice", "empty", "odd"]))
    if kind in ("empty", "odd") or not workbook.sheets:
        rows = () if kind == "empty" else draw(st.lists(st.lists(cells, max_size=4).map(tuple)))
        new = MadeSheet(f"New {draw(numbers)} {len(workbook.sheets)}", tuple(rows)[:30])
        return MadeWorkbook((*workbook.sheets[:at], new, *workbook.sheets[at:]))
    sheet = workbook.sheets[at]
    if kind == "out" and len(workbook.sheets) > 1:
        return workbook.without(sheet.name)
    if kind == "twice":
        again = replace(sheet, name=f"{sheet.name[:20]} {len(workbook.sheets)}")
        return workbook.plus(draw(_sheet_changes(again)))
    return workbook.changed(sheet.name, lambda _: draw(_sheet_changes(sheet)))


@st.composite
def _sheet_changes(draw: st.DrawFn, sheet: MadeSheet) -> MadeSheet:
    """A cell has odd content, a row or a column is new, left out or moved, or headings are
    merged."""
    rows = sheet.rows or ((),)
    top = min(len(rows), 20)
    row = draw(st.one_of(st.integers(0, top - 1), st.integers(0, len(rows) - 1)))
    column = draw(st.integers(0, max(map(len, rows))))
    letter = chr(65 + column % 26)
    kind = draw(st.sampled_from(["cell", "cell", "cell", "row", "column", "out", "move", "merge"]))
    if kind == "cell":
        return sheet.with_cell(f"{letter}{row + 1}", draw(cells))
    if kind == "row":
        new: list[Row] = draw(st.lists(st.lists(cells, max_size=5).map(tuple), max_size=3))
        return sheet.with_rows(*new, above=row + 1)
    if kind == "column":
        return sheet.with_column(letter)
    if kind == "out":
        return replace(sheet.without_row(row + 1), merged=())
    if kind == "move":
        moved = list(rows)
        moved.insert(draw(st.integers(0, len(rows))), moved.pop(row))
        return replace(sheet, rows=tuple(moved), merged=())
    return replace(sheet, merged=(*sheet.merged, (row, column, column + draw(st.integers(1, 5)))))


def _with(row: tuple[str, ...], at: int, text: str) -> tuple[str, ...]:
    return (*row[:at], text, *row[at + 1 :])
