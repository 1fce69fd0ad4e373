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

from orchestration.readers.cells import ParsedRelease, ReadError, judge_rows, listed
from orchestration.readers.workbook import Sheet, open_workbook, without_footnote
from orchestration.releases.catalogue import Dataset, Table
from orchestration.releases.offer import PublicationDate
from orchestration.releases.vocabulary import Vocabulary, fold
from orchestration.settings import Limits

TITLE = re.compile(
    r"(?P<title>.+?)[\W_]*\b(?P<ended>EO)?FY ?(?P<year>(20)?\d\d)( YTD)?( ?\d{1,2})?", re.IGNORECASE
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
    judged = judge_rows(rows, dataset, vocabulary)
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
            found = TITLE.fullmatch(title)
            table = _titled(without_footnote(found["title"]), dataset) if found else None
            if found and table:
                ended = found["ended"] is not None
                columns = range(start, end)
                yield _Placed(
                    sheet, table, title, 2000 + int(found["year"][-2:]), ended, row, columns
                )


def _titled(title: str, dataset: Dataset) -> Table | None:
    return next((t for t in dataset.tables if fold(title) in map(fold, t.title)), None)


def _cells(placed: _Placed, through: date) -> Iterator[tuple[object, ...]]:
    """One row a cell with a figure, in the catalogue's order of columns."""
    sheet = placed.sheet
    header = _header(placed)
    labels = dict(zip(placed.columns, placed.block(header), strict=True))
    first, *others = [i for i, label in labels.items() if label]
    for row in range(header + 1, len(sheet.grid)):
        if not any(placed.block(row)):
            return
        for i in others:
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
                    without_footnote(labels[i]),
                    sheet.grid[row][i],
                )


def _header(placed: _Placed) -> int:
    """The row of the headings. Raises ReadError where a needed row or column is not there."""
    for row in range(
        placed.row + 1, min(placed.row + 1 + ROWS_TO_HEADINGS, len(placed.sheet.grid))
    ):
        if sum(map(bool, placed.block(row))) > 1:
            break
    else:
        raise ReadError(
            f"{placed.sheet.where(placed.row)}: found no headings below {placed.title!r}, expected "
            f"them within {ROWS_TO_HEADINGS} rows"
        )
    for name in placed.table.needs:
        wanted = {fold(pair) for pair in placed.table.series[name]}
        headings = [without_footnote(text) for text in placed.block(row)]
        pairs = {
            fold(f"{without_footnote(label)} > {heading}")
            for below in placed.sheet.grid[row + 1 :]
            for label in [below[placed.columns[0]]]
            for heading in headings
            if label and heading
        }
        if not wanted & pairs:
            raise ReadError(
                f"{placed.sheet.where(row)}: found no row and column "
                f"{' or '.join(placed.table.series[name])!r} below {placed.title!r}; found the "
                f"headings {listed([text for text in headings if text])}"
            )
    return row


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
        f"{placed.sheet.where(placed.row)}: found {placed.title!r}, and no footnote that tells how "
        "far it goes; expected one such as 'ICE Removals data are updated through 01/25/2026'"
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
                f"found no table titled {table.title[0] + ': FY…'!r} on the sheets {names}, "
                "expected one"
            )
