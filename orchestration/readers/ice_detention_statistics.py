"""ICE's detention statistics: a workbook whose tables stand side by side on a sheet.

A table is known by its title, which ends with the fiscal year (`ICE Removals: EOFY2023`);
it reaches to the next title in that row, and down to the next empty row. Only the tables
that the catalogue lists are read. How far the year is told by the footnotes.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from orchestration.catalogue.dataset import Dataset, Table
from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.readers.cells import ParsedRelease, ReadError, listed, mark_problems
from orchestration.readers.workbook import (
    Sheet,
    open_workbook,
    refuse_without_heading,
    without_footnote,
)
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits

YEAR_AT_END = re.compile(
    r"\b(?P<ended>EO)?FY ?(?P<year>(20)?\d\d)( YTD)?( ?\d{1,2})?$", re.IGNORECASE
)
DAY = r"\bthrough (\d{1,2})/(\d{1,2})/(\d{4})"
THROUGH = re.compile(DAY, re.IGNORECASE)
THROUGH_REMOVALS = re.compile(rf"removals? .{{0,60}}?{DAY}", re.IGNORECASE | re.DOTALL)
ROWS_TO_HEADINGS = 3


def read(
    content: bytes,
    dataset: Dataset,
    vocabulary: Vocabulary,
    published_on: PublicationDate,
    limits: Limits,
) -> ParsedRelease:
    """Parse one workbook. Raises ReadError that names the sheet and what it looked for."""
    sheets = list(open_workbook(content, limits).sheets())
    placed = [table for sheet in sheets for table in _tables(sheet, dataset)]
    _check_required(dataset, placed, sheets)
    footnotes = [
        cell for sheet in sheets for row in sheet.grid for cell in row if "through" in cell
    ]
    cells = [
        row for table in placed for row in _cells(table, _through(table, footnotes, published_on))
    ]
    rows = pl.DataFrame(
        cells,
        schema={"row_number": pl.Int32()} | dict.fromkeys(dataset.columns, pl.String()),
        orient="row",
    )
    judged = mark_problems(rows, dataset, vocabulary)
    last = max(date.fromisoformat(day) for day in rows["updated_through"].to_list())
    years = [int(year) for year in rows["fiscal_year"].to_list()]
    span = (date(min(years) - 1, 10, 1), last.replace(day=1))
    no_month = pl.lit(None, pl.String).alias("month_start")
    return ParsedRelease(judged.with_columns(no_month), (), span)


@dataclass(frozen=True)
class _Placed:
    """A table where it stands: the row of its title (from 0) and the columns that it spans.
    ended: its title calls the fiscal year ended."""

    sheet: Sheet
    table: Table
    title: str
    fiscal_year: int
    ended: bool
    row: int
    columns: range

    def block(self, row: int) -> list[str]:
        return [self.sheet.grid[row][i] for i in self.columns]


def _tables(sheet: Sheet, dataset: Dataset) -> Iterator[_Placed]:
    """The tables of a sheet that the catalogue lists."""
    for row, cells in enumerate(sheet.grid):
        starts = [i for i, cell in enumerate(cells) if cell]
        for start, end in pairwise([*starts, len(cells)]):
            title = " ".join(cells[start].split())
            found = YEAR_AT_END.search(title)
            table = _titled(_before(title, found.start()), dataset) if found else None
            if found and table:
                ended = found["ended"] is not None
                columns = range(start, end)
                yield _Placed(
                    sheet, table, title, 2000 + int(found["year"][-2:]), ended, row, columns
                )


def _titled(title: str, dataset: Dataset) -> Table | None:
    return next((t for t in dataset.tables if fold(title) in map(fold, t.title)), None)


def _before(title: str, year: int) -> str:
    """A title up to its year, without the signs between them and without a footnote."""
    end = next((i for i in range(year, 0, -1) if title[i - 1].isalnum()), 0)
    return without_footnote(title[:end])


def _cells(placed: _Placed, through: date) -> Iterator[tuple[object, ...]]:
    """One row a cell with a figure, in the catalogue's order of columns."""
    sheet = placed.sheet
    header, rows = _extent(placed)
    first, *others = placed.columns
    labels = {i: without_footnote(sheet.grid[header][i]) for i in others}
    headed = [i for i in others if labels[i]]
    refuse_without_heading(sheet, header, rows, [i for i in others if not labels[i]])
    _check_needs(placed, header, rows, labels)
    for row in rows:
        for i in headed:
            if sheet.grid[row][i]:
                yield (
                    row + 1,
                    sheet.name,
                    placed.title,
                    placed.table.name,
                    str(placed.fiscal_year),
                    through.isoformat(),
                    sheet.grid[row][first],
                    sheet.letters[i],
                    labels[i],
                    sheet.grid[row][i],
                )


def _extent(placed: _Placed) -> tuple[int, range]:
    """The row of the headings, and the rows below it to the next empty one."""
    end = len(placed.sheet.grid)
    for header in range(placed.row + 1, min(placed.row + 1 + ROWS_TO_HEADINGS, end)):
        if any(placed.block(header)[1:]):
            break
    else:
        raise ReadError(
            "tables_keep_their_layout",
            f"{placed.sheet.where(placed.row)}: found no headings below {placed.title!r}, expected "
            f"them within {ROWS_TO_HEADINGS} rows",
        )
    empty = (row for row in range(header + 1, end) if not any(placed.block(row)))
    return header, range(header + 1, next(empty, end))


def _check_needs(placed: _Placed, header: int, rows: range, labels: dict[int, str]) -> None:
    """The figures that facts are made of are there, each under its row and column."""
    grid = placed.sheet.grid
    filled = {
        fold(f"{without_footnote(grid[row][placed.columns[0]])} > {label}")
        for row in rows
        for i, label in labels.items()
        if label and grid[row][i]
    }
    for name in placed.table.needs:
        wanted = placed.table.series[name]
        if not filled & {fold(pair) for pair in wanted}:
            raise ReadError(
                "tables_keep_their_layout",
                f"{placed.sheet.where(header)}: found no figure for {' or '.join(wanted)!r} (row > "
                f"column) below {placed.title!r}; found the headings "
                f"{listed([label for label in labels.values() if label])}",
            )


def _through(placed: _Placed, footnotes: list[str], published_on: PublicationDate) -> date:
    """The last day that the fiscal year's figures cover: as the footnote on removals tells;
    else as the title does that calls the year ended; else as a footnote on other data; else
    the year's end, where the workbook was published after it. Raises ReadError where
    nothing tells."""
    first, last = date(placed.fiscal_year - 1, 10, 1), date(placed.fiscal_year, 9, 30)
    told = [day for text in footnotes for day in _days(text, THROUGH_REMOVALS)]
    if within := [day for day in told if first <= day <= last]:
        return within[0]
    if placed.ended:
        return last
    other = [day for text in footnotes for day in _days(text, THROUGH)]
    if within := [day for day in other if first <= day <= last]:
        return min(within)
    if published_on.earliest > last:
        return last
    raise ReadError(
        "tables_keep_their_layout",
        f"{placed.sheet.where(placed.row)}: found {placed.title!r}, and no footnote that tells how "
        "far it goes; expected one such as 'ICE Removals data are updated through 01/25/2026'",
    )


def _days(text: str, pattern: re.Pattern[str]) -> Iterator[date]:
    for month, day, year in pattern.findall(text):
        with contextlib.suppress(ValueError):
            yield date(int(year), int(month), int(day))


def _check_required(dataset: Dataset, placed: list[_Placed], sheets: list[Sheet]) -> None:
    for table in dataset.tables:
        if table.required and not any(p.table is table for p in placed):
            names = listed([sheet.name for sheet in sheets])
            raise ReadError(
                "tables_are_found",
                f"found no table titled {table.title[0] + ': FY…'!r} on the sheets {names}, "
                "expected one",
            )
