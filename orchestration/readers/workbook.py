"""XLSX workbooks: opened only once they were looked through, every cell as text.

What belongs here: all that the readers of workbooks share. Where a table stands in one
belongs to each layout.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import fastexcel
import polars as pl

from orchestration.catalogue.vocabulary import fold
from orchestration.readers.cells import ReadError
from orchestration.readers.unpacking import look_through
from orchestration.settings import Limits

FOOTNOTE = re.compile(r"(?<=[^\W\d_]|[)*%])\d{1,2}( ?, ?\d{1,2})*$")
HEADING_ROWS = 20  # headings stand at most so far below the top of a sheet


@dataclass(frozen=True)
class Sheet:
    """One sheet. rows: `row_number` as in the sheet, from 1, and one text column for each
    column of the sheet, named by its letters; an empty cell is an empty text."""

    name: str
    rows: pl.DataFrame

    @cached_property
    def letters(self) -> list[str]:
        return self.rows.columns[1:]

    @cached_property
    def grid(self) -> list[tuple[str, ...]]:
        """The cells as tuples, for looking around in a sheet of a known small size."""
        return self.rows.select(self.letters).rows()

    def where(self, row: int, letter: str | None = None) -> str:
        """A place for an error; `row` counts from 0."""
        cell = f"row {self.rows['row_number'][row]}"
        return f"sheet {self.name!r}, {cell}" + (f", column {letter}" if letter else "")


@dataclass(frozen=True)
class Workbook:
    """A workbook that has been looked into. Its sheets are read one at a time."""

    reader: fastexcel.ExcelReader
    limits: Limits

    def sheets(self) -> Iterator[Sheet]:
        """Every sheet that has cells. Raises ReadError that names the sheet, also where it and
        those before it are too large to be kept: a workbook may list one sheet many times."""
        reach = size = 0
        for name in self.reader.sheet_names:
            try:
                loaded = self.reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
                reach += loaded.height * loaded.width
                _check_size(name, reach, "cells", self.limits.workbook_cells)
                cells = loaded.to_polars()
            except fastexcel.FastExcelError as error:
                raise ReadError(
                    "format_is_known", f"sheet {name!r}: found no readable cells: {error}"
                ) from error
            size += int(cells.estimated_size())
            _check_size(name, size, "bytes", self.limits.workbook_bytes)
            if cells.is_empty():
                continue
            cells.columns = [_letters(column.absolute_index) for column in loaded.selected_columns]
            text = cells.select(pl.all().fill_null("").str.strip_chars())
            number = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("row_number")
            yield Sheet(name, text.select(number, pl.all()))


def open_workbook(content: bytes, limits: Limits) -> Workbook:
    """Look through a workbook and open it. Raises ReadError for what is no XLSX, or unfolds
    beyond the limits, or declares entities."""
    look_through(content, limits)
    try:
        return Workbook(fastexcel.read_excel(content), limits)
    except fastexcel.FastExcelError as error:
        raise ReadError(
            "format_is_known", f"found no readable workbook: {error}; expected an XLSX file"
        ) from error


def refuse_without_heading(sheet: Sheet, header: int, rows: range, columns: Iterable[int]) -> None:
    """Raise ReadError for a filled cell in one of these columns, which have no heading in the
    row `header`; all count from 0."""
    for row in rows:
        for i in columns:
            if sheet.grid[row][i]:
                raise ReadError(
                    "columns_are_known",
                    f"{sheet.where(row, sheet.letters[i])}: found {sheet.grid[row][i]!r} in a "
                    f"column without a heading, expected one in row {header + 1}",
                )


def without_footnote(heading: str) -> str:
    """A heading in single spaces, without the footnote's digits glued to its end:
    `Total Title 8 Repatriations4`."""
    plain = " ".join(heading.split())
    return FOOTNOTE.sub("", plain).rstrip()


def begins_with(title: str, beginnings: tuple[str, ...]) -> bool:
    """Whether a title is one of these, up to what follows: a colon, years, a footnote."""
    folded = fold(title)
    return any(
        re.match(
            rf"{re.escape(fold(start))} ?(\d{{1,2}}(, ?\d{{1,2}})*)? ?([^\w ]|$|fiscal year)",
            folded,
        )
        for start in beginnings
    )


def _check_size(name: str, found: int, unit: str, most: int) -> None:
    if found > most:
        raise ReadError(
            "size_is_bounded",
            f"sheet {name!r}: found {found:,} {unit} on the sheets as far as here, expected at "
            f"most {most:,}",
        )


def _letters(index: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    text = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
