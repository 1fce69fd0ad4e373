"""OHSS's monthly tables: a workbook of some 35 sheets, most of them a table with a row a month.

A table is known by its title and by a heading row that begins with Fiscal Year and Month;
above it may stand a row of merged headings. A row of the frame is a cell of such a table.
"""

import re
from dataclasses import dataclass

import polars as pl

from orchestration.catalogue.dataset import Dataset, Table
from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.readers.cells import ParsedRelease, ReadError, listed, mark_problems
from orchestration.readers.workbook import (
    HEADING_ROWS,
    Sheet,
    begins_with,
    open_workbook,
    refuse_without_heading,
    without_footnote,
)
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits

YEAR_TOTAL = "total"


def read(
    content: bytes,
    dataset: Dataset,
    vocabulary: Vocabulary,
    published_on: PublicationDate,
    limits: Limits,
) -> ParsedRelease:
    """Parse one workbook. Raises ReadError that names the sheet and what it looked for."""
    months = vocabulary.month_numbers()
    frames, notes, unlisted = [], [], []
    found: dict[str, str] = {}
    for sheet in open_workbook(content, limits).sheets():
        placed = _find(sheet, dataset)
        if placed is None:
            notes.append(f"sheet {sheet.name!r}: no table by fiscal year and month")
            continue
        if placed.table is None:
            unlisted.append(f"sheet {sheet.name!r} is titled {placed.title!r}")
            notes.append(f"{unlisted[-1]}: a table that the catalogue does not list")
        elif placed.table.name in found:
            raise ReadError(
                "tables_are_found",
                f"sheet {sheet.name!r}: found a second table titled {placed.title!r}, expected "
                f"only the one of sheet {found[placed.table.name]!r}",
            )
        else:
            found[placed.table.name] = sheet.name
        frame, below = _cells_of(placed, months)
        frames.append(frame)
        notes.extend(below)
    _check_required(dataset, found, unlisted)
    rows = pl.concat(frames).select("row_number", *dataset.columns, "month_start")
    judged = mark_problems(rows, dataset, vocabulary)
    typed = pl.when(pl.col("problem").is_null()).then(pl.col("month_start"))
    return ParsedRelease(judged.with_columns(typed.alias("month_start")), tuple(notes))


@dataclass(frozen=True)
class _Heading:
    """A column of a table: letters, merged heading above it and heading as published, and
    the name that the catalogue gives it, if any."""

    letter: str
    group: str
    text: str
    series: str


@dataclass(frozen=True)
class _Placed:
    """A table where it stands. header: the row of its headings, counted from 0."""

    sheet: Sheet
    title: str
    table: Table | None
    header: int
    year_letter: str
    month_letter: str
    headings: tuple[_Heading, ...]


def _find(sheet: Sheet, dataset: Dataset) -> _Placed | None:
    """The table of a sheet: below the row that has a Fiscal Year and a Month."""
    tops = [[fold(without_footnote(cell)) for cell in row] for row in sheet.grid[:HEADING_ROWS]]
    headers = [row for row, cells in enumerate(tops) if {"fiscal year", "month"} <= set(cells)]
    if not headers:
        return None
    header = headers[0]
    year, month = tops[header].index("fiscal year"), tops[header].index("month")
    groups, title = _above(sheet, header, year, month)
    table = next((t for t in dataset.tables if begins_with(title, t.title)), None)
    letters = sheet.letters
    headings = _headings(sheet, header, max(year, month) + 1, groups, table)
    return _Placed(sheet, title, table, header, letters[year], letters[month], headings)


def _above(sheet: Sheet, header: int, year: int, month: int) -> tuple[list[str], str]:
    """The merged headings, each reaching to the next, and the title above them."""
    width = len(sheet.letters)
    groups, title_row = [""] * width, header - 1
    if header and not (sheet.grid[header - 1][year] or sheet.grid[header - 1][month]):
        group = ""
        for i, cell in enumerate(sheet.grid[header - 1]):
            group = without_footnote(cell) or group
            groups[i] = group
        title_row -= 1
    for row in range(title_row, -1, -1):
        text = next((cell for cell in sheet.grid[row] if cell), "")
        if text:
            return groups, " ".join(text.split())
    return groups, ""


def _headings(
    sheet: Sheet, header: int, first: int, groups: list[str], table: Table | None
) -> tuple[_Heading, ...]:
    """The columns with figures. Raises ReadError for figures without a heading, and for a
    series that the table needs and does not have, or has twice."""
    found: dict[str, str] = {}
    headings = []
    for i in range(first, len(sheet.letters)):
        letter, text = sheet.letters[i], sheet.grid[header][i]
        if not text:
            refuse_without_heading(sheet, header, range(header + 1, len(sheet.rows)), [i])
            continue
        series = _series(groups[i], without_footnote(text), table)
        if series and series in found:
            raise ReadError(
                "columns_are_known",
                f"{sheet.where(header, letter)}: found a second column {text!r} for {series!r}, "
                f"expected only column {found[series]}",
            )
        if series:
            found[series] = letter
        headings.append(_Heading(letter, groups[i], text, series))
    missing = [name for name in (table.needs if table else ()) if name not in found]
    if missing and table:
        looked_for = [" or ".join(map(repr, table.series[name])) for name in missing]
        raise ReadError(
            "columns_are_known",
            f"{sheet.where(header)}: found no column {', '.join(looked_for)} in the table "
            f"{table.title[0]!r}; found {listed([heading.text for heading in headings])}",
        )
    return tuple(headings)


def _series(group: str, text: str, table: Table | None) -> str:
    names = {
        fold(published): name
        for name, headings in (table.series.items() if table else ())
        for published in headings
    }
    return names.get(fold(f"{group} > {text}"), names.get(fold(text), ""))


def _cells_of(placed: _Placed, months: dict[str, int]) -> tuple[pl.DataFrame, list[str]]:
    """A row for each cell that is not empty, with its fiscal year and month, and the notes."""
    sheet = placed.sheet
    told: list[tuple[int, str, str, str | None]] = []
    notes: list[str] = []
    year = ""
    last: int | None = None
    for row in range(placed.header + 1, len(sheet.rows)):
        cells = dict(zip(sheet.letters, sheet.grid[row], strict=True))
        word = fold(without_footnote(cells[placed.month_letter]))
        figures = [heading for heading in placed.headings if cells[heading.letter]]
        if word not in months and word != YEAR_TOTAL:
            if any(cells[heading.letter][0].isdigit() for heading in figures) or (word and figures):
                raise ReadError(
                    "tables_keep_their_layout",
                    f"{sheet.where(row, placed.month_letter)}: found "
                    f"{cells[placed.month_letter]!r}, expected a month or Total",
                )
            notes.extend(text for text in [next(filter(None, cells.values()), "")] if text)
            continue
        year = without_footnote(cells[placed.year_letter]) or year
        month = months.get(word)
        last = _follows(sheet, row, year, month, last)
        start = None if month is None else _first_day(year, month)
        told.append((row + 1, year, cells[placed.month_letter], start))
    if last is None:
        raise ReadError(
            "tables_keep_their_layout",
            f"{sheet.where(placed.header)}: found no month below the headings",
        )
    _check_filled(placed, [row for row, *_ in told])
    return _unfolded(placed, told), notes


def _follows(sheet: Sheet, row: int, year: str, month: int | None, last: int | None) -> int | None:
    """The number of the row's month, which follows the one before: a fiscal year stands only
    on its total, so a row that is out of order would go to the wrong year."""
    if not re.search(r"(19|20)\d\d", year):
        raise ReadError(
            "tables_keep_their_layout",
            f"{sheet.where(row)}: found the fiscal year {year!r}, expected a year",
        )
    if month is None:
        return last
    number = int(_first_day(year, month)[:4]) * 12 + month
    if last is not None and number != last + 1:
        before, now = _month_text(last), _month_text(number)
        raise ReadError(
            "months_are_complete",
            f"{sheet.where(row)}: found {now} after {before}, expected month by month",
        )
    return number


def _first_day(year: str, month: int) -> str:
    """First day of a month of a fiscal year, such as `2024 YTD`."""
    found = re.search(r"(19|20)\d\d", year)
    assert found is not None
    return f"{int(found[0]) - (month >= 10)}-{month:02}-01"


def _month_text(number: int) -> str:
    return f"{(number - 1) // 12}-{(number - 1) % 12 + 1:02}"


def _check_filled(placed: _Placed, rows: list[int]) -> None:
    """A series that facts are made of has a figure, or a mark for none, in every row."""
    needs = placed.table.needs if placed.table else ()
    filled = placed.sheet.rows.filter(pl.col("row_number").is_in(rows))
    for heading in placed.headings:
        empty = filled.filter(pl.col(heading.letter) == "")
        if heading.series in needs and not empty.is_empty():
            raise ReadError(
                "cells_are_typed",
                f"{placed.sheet.where(empty['row_number'][0] - 1, heading.letter)}: found an empty "
                f"cell under {heading.text!r}, expected a figure",
            )


def _unfolded(placed: _Placed, told: list[tuple[int, str, str, str | None]]) -> pl.DataFrame:
    names = ["row_number", "fiscal_year", "month_name", "month_start"]
    types = [pl.Int32(), pl.String(), pl.String(), pl.String()]
    rows = pl.DataFrame(told, schema=dict(zip(names, types, strict=True)), orient="row")
    columns = pl.DataFrame(
        [(h.letter, h.group, " ".join(h.text.split()), h.series) for h in placed.headings],
        schema=dict.fromkeys(("column_letter", "heading_group", "heading", "series"), pl.String()),
        orient="row",
    ).with_columns(
        pl.col("heading").map_elements(without_footnote, return_dtype=pl.String).alias("label")
    )
    return (
        rows.join(placed.sheet.rows, on="row_number")
        .unpivot(
            index=names,
            on=columns["column_letter"].to_list(),
            variable_name="column_letter",
            value_name="figure",
        )
        .filter(pl.col("figure") != "")
        .join(columns, on="column_letter")
        .with_columns(
            pl.lit(placed.sheet.name).alias("sheet"),
            pl.lit(placed.title).alias("title"),
            pl.lit(placed.table.name if placed.table else "").alias("table_name"),
        )
    )


def _check_required(dataset: Dataset, found: dict[str, str], unlisted: list[str]) -> None:
    missing = [t for t in dataset.tables if t.required and t.name not in found]
    if missing:
        looked_for = listed([table.title[0] for table in missing])
        seen = "; ".join(unlisted) or "every other sheet has a table that is listed"
        raise ReadError(
            "tables_are_found",
            f"found no sheet with a table titled {looked_for}, expected one; {seen}",
        )
