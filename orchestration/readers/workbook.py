"""XLSX workbooks: inspected before they are opened, every cell read as text.

What belongs here: what the readers of workbooks share. Where the tables are belongs to
each layout.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import fastexcel
import polars as pl

from orchestration.catalogue.vocabulary import fold
from orchestration.printable import quoted
from orchestration.readers.cells import MARKS
from orchestration.readers.reader import ReadError
from orchestration.readers.unpacking import Merge, SheetNotes, inspect_workbook
from orchestration.settings import Limits

FOOTNOTE = re.compile(
    r"((?<=[^\W\d_]|[)*%])\d{1,2}( ?, ?\d{1,2})*"
    rf"| ?(?<![{MARKS}])[{MARKS}]+"
    r"| [(\[]\d{1,2}[)\]])$"
)
NUMBERED = re.compile(r"^table \d{1,3}[a-z]?(?: ?[.:\u2013\u2014-])? ")
HEADING_ROWS = 20  # headings are looked for in the first rows of a sheet only


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    rows: `row_number` as in the sheet, from 1, and a text column for each column of the
        sheet, named by its letters; an empty cell is an empty text.
    merges: its ranges of merged cells.
    is_hidden: whether whoever opens the workbook does not see it.
    """

    name: str
    rows: pl.DataFrame
    merges: Sequence[Merge] = ()
    is_hidden: bool = False

    @cached_property
    def letters(self) -> list[str]:
        return self.rows.columns[1:]

    @cached_property
    def grid(self) -> list[tuple[str, ...]]:
        """The cells as tuples, for finding the tables of a sheet of bounded size."""
        return self.rows.select(self.letters).rows()

    def heading(self, row: int, column: int) -> str:
        """The text that heads a column: that of the cell or, if it is one of several merged
        cells, of the first of them. Rows and columns count from 0."""
        return self.grid[row][self._first_merged.get((row, column), column)]

    @cached_property
    def _first_merged(self) -> dict[tuple[int, int], int]:
        """The column of the first cell of each horizontal merge, by row and column."""
        index = {letter: i for i, letter in enumerate(self.letters)}
        first_merged = {}
        for merge in self.merges:
            first = index.get(column_letters(merge.columns[0] - 1))
            if first is None or merge.rows[0] > len(self.rows):
                continue
            last = min(merge.columns[1] - merge.columns[0] + first, len(self.letters) - 1)
            for column in range(first + 1, last + 1):
                first_merged[merge.rows[0] - 1, column] = first
        return first_merged

    def where(self, row: int, letter: str | None = None) -> str:
        """The place of a row or cell, for an error; `row` counts from 0."""
        cell = f"row {self.rows['row_number'][row]}"
        return f"sheet {quoted(self.name)}, {cell}" + (f", column {letter}" if letter else "")


@dataclass(frozen=True)
class Workbook:
    """An inspected workbook. Its sheets are read one at a time."""

    reader: fastexcel.ExcelReader
    limits: Limits
    notes: dict[str, SheetNotes]

    def sheets(self) -> Iterator[Sheet]:
        """Every sheet that has cells. Raises ReadError, which names the sheet, also where the
        sheets so far exceed the limits together: a workbook may list one sheet many times."""
        reach = size = 0
        for name in self.reader.sheet_names:
            try:
                loaded = self.reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
                reach += loaded.height * loaded.width
                _check_size(name, reach, "cells", self.limits.workbook_cells)
                cells = loaded.to_polars()
            except fastexcel.FastExcelError as error:
                raise ReadError(
                    "format_is_known", f"sheet {quoted(name)}: found no readable cells: {error}"
                ) from error
            size += int(cells.estimated_size())
            _check_size(name, size, "bytes", self.limits.workbook_bytes)
            if cells.is_empty():
                continue
            cells.columns = [
                column_letters(column.absolute_index) for column in loaded.selected_columns
            ]
            notes = self.notes.get(name, SheetNotes())
            text = cells.select(pl.all().fill_null("").str.strip_chars())
            text = _with_errors(text, notes.without_value)
            number = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("row_number")
            is_hidden = loaded.visible != "visible"
            yield Sheet(name, text.select(number, pl.all()), notes.merges, is_hidden)


def open_workbook(content: bytes, limits: Limits) -> Workbook:
    """Inspect a workbook and open it. Raises ReadError if the bytes are not an XLSX workbook,
    exceed the limits when unpacked, or are unsafe."""
    notes = inspect_workbook(content, limits)
    try:
        return Workbook(fastexcel.read_excel(content), limits, notes)
    except fastexcel.FastExcelError as error:
        raise ReadError(
            "format_is_known", f"found no readable workbook: {error}; expected an XLSX file"
        ) from error


def refuse_without_heading(sheet: Sheet, header: int, rows: range, columns: Iterable[int]) -> None:
    """Raise ReadError for a filled cell in one of these columns, which have no heading in row
    `header`. Rows and columns count from 0."""
    for row in rows:
        for i in columns:
            if sheet.grid[row][i]:
                raise ReadError(
                    "columns_are_known",
                    f"{sheet.where(row, sheet.letters[i])}: found {quoted(sheet.grid[row][i])} "
                    f"in a column without a heading, expected one in row {header + 1}",
                )


def without_footnote(heading: str) -> str:
    """A heading with single spaces and without the mark of a footnote at its end:
    `Total Title 8 Repatriations4` without the 4, `Removals (1)`, `Removals*`, `Removals\u00b9`."""
    plain = " ".join(heading.split())
    return FOOTNOTE.sub("", plain).rstrip()


def begins_with(title: str, beginnings: tuple[str, ...]) -> bool:
    """Whether a title begins with one of these, perhaps after its number (`Table 2.`), followed
    only by a sign, years or a footnote."""
    folded = NUMBERED.sub("", fold(title))
    return any(_beginning(start).match(folded) for start in beginnings)


@cache
def _beginning(start: str) -> re.Pattern[str]:
    """What such a title matches, folded. start: one of the few that the catalogue lists."""
    return re.compile(
        rf"{re.escape(fold(start))} ?(\d{{1,2}}(, ?\d{{1,2}})*)? ?([^\w ]|$|fiscal year)"
    )


def _with_errors(text: pl.DataFrame, errors: Mapping[tuple[int, int], str]) -> pl.DataFrame:
    """The cells with `#` and the error in place of a missing value, so that none reads as empty:
    no kind of figure allows it. errors: by row and column, from 1."""
    marked: dict[str, list[str]] = {}
    for (row, column), error in errors.items():
        letter = column_letters(column - 1)
        if letter in text.columns and row <= len(text):
            marked.setdefault(letter, text[letter].to_list())[row - 1] = f"#{error}"
    return text.with_columns(pl.Series(letter, cells) for letter, cells in marked.items())


def _check_size(name: str, found: int, unit: str, most: int) -> None:
    if found > most:
        raise ReadError(
            "size_is_bounded",
            f"sheet {quoted(name)}: found {found:,} {unit} on the sheets up to this one, expected "
            f"at most {most:,}",
        )


def column_letters(index: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    text = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
