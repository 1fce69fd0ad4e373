"""ICE's detention statistics: a workbook with several tables side by side on a sheet.

A table is found by its title, which ends with the fiscal year (`ICE Removals: EOFY2023`).
It extends right to the next title in that row, and down to the next empty row. Only the
tables that the catalogue lists are read. The last day of the data is in the footnotes.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from orchestration.catalogue.dataset import Dataset, Table
from orchestration.catalogue.vocabulary import fold
from orchestration.readers.cells import COUNT, listed, mark_problems
from orchestration.readers.reader import ParsedRelease, ReadContext, ReadError
from orchestration.readers.workbook import (
    Sheet,
    open_workbook,
    refuse_without_heading,
    without_footnote,
)
from orchestration.releases.publication import PublicationDate

YEAR_AT_END = re.compile(
    r"\b(YTD ?:? ?)?(?P<ended>EO)?FY ?(?P<year>(20)?\d\d)( \(?YTD\)?)?( ?\d{1,2})?$", re.IGNORECASE
)
DAY = r"\bthrough (\d{1,2})/(\d{1,2})/(\d{4})"
THROUGH = re.compile(DAY, re.IGNORECASE)
THROUGH_REMOVALS = re.compile(rf"removals? .{{0,60}}?{DAY}", re.IGNORECASE | re.DOTALL)
ROWS_TO_HEADINGS = 3

_Cell = tuple[object, ...]


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one workbook. Raises ReadError, which names the sheet and what was expected, for a
    table that the catalogue requires; another table that cannot be read becomes a note."""
    sheets = list(open_workbook(content, context.limits).sheets())
    tables = [table for sheet in sheets for table in _find_tables(sheet, context.dataset)]
    _check_required(context.dataset, tables, sheets)
    footnotes = _footnotes(sheets)
    cells: list[_Cell] = []
    notes: list[str] = []
    for table in tables:
        through = _covered_through(table, footnotes, context.published_on)
        try:
            cells += _cells(table, through)
        except ReadError as error:
            if table.table.required:
                raise
            notes.append(f"not read: {table.title!r}: {error}")
    schema = {"row_number": pl.Int32()} | dict.fromkeys(context.dataset.columns, pl.String())
    rows = mark_problems(
        pl.DataFrame(cells, schema=schema, orient="row"), context.dataset, context.vocabulary
    )
    no_month = pl.lit(None, pl.String).alias("month_start")
    span = _span(rows, context.published_on)
    return ParsedRelease(rows.with_columns(no_month), tuple(notes), span)


@dataclass(frozen=True)
class _FoundTable:
    """A table on its sheet.

    ended: whether its title says that the fiscal year has ended.
    row: the row of its title, from 0.
    columns: the columns that it covers, from 0.
    """

    sheet: Sheet
    table: Table
    title: str
    fiscal_year: int
    ended: bool
    row: int
    columns: range

    def cells(self, row: int) -> list[str]:
        return [self.sheet.grid[row][i] for i in self.columns]


def _find_tables(sheet: Sheet, dataset: Dataset) -> Iterator[_FoundTable]:
    """The tables of a sheet that the catalogue lists."""
    for row, cells in enumerate(sheet.grid):
        starts = [i for i, cell in enumerate(cells) if cell]
        for start, end in pairwise([*starts, len(cells)]):
            if found := _table_at(sheet, row, range(start, end), dataset):
                yield found


def _table_at(sheet: Sheet, row: int, columns: range, dataset: Dataset) -> _FoundTable | None:
    """The table whose title is in the first of these columns; None if it is not a listed one."""
    title = " ".join(sheet.grid[row][columns.start].split())
    year = YEAR_AT_END.search(title)
    table = _titled(_before_year(title, year.start()), dataset) if year else None
    if year is None or table is None:
        return None
    fiscal_year = 2000 + int(year["year"][-2:])
    ended = year["ended"] is not None
    return _FoundTable(sheet, table, title, fiscal_year, ended, row, columns)


def _titled(title: str, dataset: Dataset) -> Table | None:
    return next((t for t in dataset.tables if fold(title) in map(fold, t.title)), None)


def _before_year(title: str, year: int) -> str:
    """A title up to its year, without the punctuation between them and without a footnote."""
    end = next((i for i in range(year, 0, -1) if title[i - 1].isalnum()), 0)
    return without_footnote(title[:end])


def _cells(found: _FoundTable, through: date | None) -> list[_Cell]:
    """One tuple per cell with a figure, in the catalogue's order of columns. through: the last
    day that the figures cover, if it is known."""
    sheet = found.sheet
    header, rows = _extent(found)
    first, *others = found.columns
    labels = {i: without_footnote(sheet.heading(header, i)) for i in others}
    refuse_without_heading(sheet, header, rows, [i for i in others if not labels[i]])
    headed = {i: label for i, label in labels.items() if label}
    cells: list[_Cell] = [
        (
            row + 1,
            sheet.name,
            found.title,
            found.table.name,
            _series(found.table, sheet.grid[row][first], label),
            str(found.fiscal_year),
            through.isoformat() if through else "",
            sheet.grid[row][first],
            sheet.letters[i],
            label,
            sheet.grid[row][i],
        )
        for row in rows
        for i, label in headed.items()
        if sheet.grid[row][i]
    ]
    _check_series(found, header, cells, list(dict.fromkeys(headed.values())))
    return cells


def _series(table: Table, row_label: str, label: str) -> str:
    """The catalogue's name of a figure; empty for one that it does not name."""
    pair = fold(f"{without_footnote(row_label)} > {label}")
    names = (name for name, pairs in table.series.items() if pair in map(fold, pairs))
    return next(names, "")


def _extent(found: _FoundTable) -> tuple[int, range]:
    """The row of the headings, and the rows below it up to the next empty one."""
    end = len(found.sheet.grid)
    for header in range(found.row + 1, min(found.row + 1 + ROWS_TO_HEADINGS, end)):
        if any(found.cells(header)[1:]):
            break
    else:
        raise ReadError(
            "tables_keep_their_layout",
            f"{found.sheet.where(found.row)}: found no headings below {found.title!r}, expected "
            f"them within {ROWS_TO_HEADINGS} rows",
        )
    empty = (row for row in range(header + 1, end) if not any(found.cells(row)))
    return header, range(header + 1, next(empty, end))


def _check_series(found: _FoundTable, header: int, cells: list[_Cell], headings: list[str]) -> None:
    """Refuse a table that lacks a figure of which facts are made, or has it twice."""
    figures = Counter(
        series
        for _, _, _, _, series, *_, figure in cells
        if series and re.fullmatch(COUNT, str(figure))
    )
    for name, wanted in found.table.series.items():
        if figures[name] == 1 or (figures[name] == 0 and name not in found.table.needs):
            continue
        raise ReadError(
            "tables_keep_their_layout",
            f"{found.sheet.where(header)}: found {figures[name] or 'no'} figures for "
            f"{' or '.join(map(repr, wanted))} (row > column) below {found.title!r}, expected one; "
            f"found the headings {listed(headings)}",
        )


def _footnotes(sheets: list[Sheet]) -> list[str]:
    """The cells that may have the last day of some data."""
    return [cell for sheet in sheets for row in sheet.grid for cell in row if "through" in cell]


def _covered_through(
    found: _FoundTable, footnotes: list[str], published_on: PublicationDate
) -> date | None:
    """The last day that a table's figures cover; None if the workbook does not say.

    The first of these that applies: the last day in a footnote on removals; the year's end, if
    the title says that the year has ended; the first day in a footnote on other data; the
    year's end, if the workbook was published after it. A day outside the fiscal year is left
    over from another one, a day after the publication is a mistake; neither counts.
    """
    first = date(found.fiscal_year - 1, 10, 1)
    last = date(found.fiscal_year, 9, 30)
    latest = min(last, published_on.on)
    removals = [day for day in _days(footnotes, THROUGH_REMOVALS) if first <= day <= latest]
    if removals:
        return max(removals)
    if found.ended:
        return last
    other = [day for day in _days(footnotes, THROUGH) if first <= day <= latest]
    if other:
        return min(other)
    return last if published_on.earliest > last else None


def _days(footnotes: list[str], pattern: re.Pattern[str]) -> Iterator[date]:
    for text in footnotes:
        for month, day, year in pattern.findall(text):
            with contextlib.suppress(ValueError):
                yield date(int(year), int(month), int(day))


def _span(rows: pl.DataFrame, published_on: PublicationDate) -> tuple[date, date]:
    """The first month of the first fiscal year, and the month of the last day covered: at the
    latest that of the publication, where the workbook does not say."""
    years = [int(year) for year in rows["fiscal_year"].to_list()]
    days = [date.fromisoformat(day) for day in rows["updated_through"].to_list() if day]
    last = max(days, default=min(published_on.on, date(max(years), 9, 30)))
    return date(min(years) - 1, 10, 1), last.replace(day=1)


def _check_required(dataset: Dataset, tables: list[_FoundTable], sheets: list[Sheet]) -> None:
    for table in dataset.tables:
        if table.required and not any(found.table is table for found in tables):
            names = listed([sheet.name for sheet in sheets])
            raise ReadError(
                "tables_are_found",
                f"found no table titled {table.title[0] + ': FY…'!r} on the sheets {names}, "
                "expected one",
            )
