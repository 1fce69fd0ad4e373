"""XLSX workbooks: opened only after a look inside, every cell as text.

What belongs here: all that the readers of workbooks share, and the distrust of a workbook:
it is an archive of XML from somebody else. Where a table stands in it belongs to each layout.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import fastexcel
import polars as pl

from orchestration.readers.cells import ReadError
from orchestration.releases.vocabulary import fold
from orchestration.settings import MEBIBYTE, Limits

CHUNK = MEBIBYTE
FILLED_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*?(?<!/)>')
DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
FOOTNOTE = re.compile(r"(?<=[^\W\d_]|[)*%])\d{1,2}( ?, ?\d{1,2})*$")
LONGEST_MATCH = 200
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

    def sheets(self) -> Iterator[Sheet]:
        """Every sheet that has cells. Raises ReadError that names the sheet."""
        for name in self.reader.sheet_names:
            try:
                loaded = self.reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
                cells = loaded.to_polars()
            except fastexcel.FastExcelError as error:
                raise ReadError(f"sheet {name!r}: found no readable cells: {error}") from error
            if cells.is_empty():
                continue
            cells.columns = [_letters(i) for i in range(cells.width)]
            text = cells.select(pl.all().fill_null("").str.strip_chars())
            number = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("row_number")
            yield Sheet(name, text.select(number, pl.all()))


def open_workbook(content: bytes, limits: Limits) -> Workbook:
    """Look through a workbook and open it. Raises ReadError for what is no XLSX, or unfolds
    beyond the limits, or declares entities."""
    _look_inside(content, limits)
    try:
        return Workbook(fastexcel.read_excel(content))
    except fastexcel.FastExcelError as error:
        raise ReadError(f"found no readable workbook: {error}; expected an XLSX file") from error


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


def _look_inside(content: bytes, limits: Limits) -> None:
    """Unpack every part once, within limits, before a parser that trusts it sees it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise ReadError(
                    "found a zip archive without xl/workbook.xml, expected an XLSX file"
                )
            if len(parts) > limits.workbook_parts:
                raise ReadError(
                    f"found {len(parts):,} parts in the workbook, expected at most "
                    f"{limits.workbook_parts:,}"
                )
            room = limits.workbook_bytes
            for part in parts:
                room -= _check_part(archive, part, room, limits)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        start = content[:LONGEST_MATCH].lstrip()
        kind = "a page of HTML or XML" if start.startswith(b"<") else "no readable zip archive"
        raise ReadError(f"found {kind} ({error}), expected an XLSX workbook") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise ReadError(f"found a damaged part ({error}), expected an XLSX workbook") from error


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, room: int, limits: Limits) -> int:
    """The part's unpacked size. Raises ReadError for what a workbook may not hold."""
    size, tail, extent = 0, b"", (0, 0)
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > room:
                raise ReadError(
                    f"{part.filename}: found a workbook of more than {limits.workbook_bytes:,} "
                    "bytes when unpacked, expected less"
                )
            window = tail + chunk
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                _check_xml(part.filename, window, first=size == len(chunk))
            if "worksheets/" in part.filename:
                extent = _extent(window, extent)
            tail = window[-LONGEST_MATCH:]
    if extent[0] * extent[1] > limits.sheet_cells:
        raise ReadError(
            f"{part.filename}: found cells as far as row {extent[0]:,} and column {extent[1]:,}, "
            f"expected a sheet of at most {limits.sheet_cells:,} cells"
        )
    return size


def _check_xml(name: str, window: bytes, first: bool) -> None:
    if first and window.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReadError(f"{name}: found UTF-16 text, expected UTF-8")
    if DECLARATION.search(window):
        raise ReadError(
            f"{name}: found a document type or entity declaration, expected none in a workbook"
        )


def _extent(window: bytes, extent: tuple[int, int]) -> tuple[int, int]:
    """How far the filled cells reach: rows, columns."""
    rows, columns = extent
    for letters, digits in FILLED_CELL.findall(window):
        rows = max(rows, int(digits))
        number = 0
        for letter in letters:
            number = number * 26 + letter - 64
        columns = max(columns, number)
    return rows, columns


def _letters(index: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    text = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
