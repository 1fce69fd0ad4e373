"""Delimited text: decoding, lines, header, labels and counts.

What belongs here: what the readers of CSV layouts share, from bytes to a frame of text
cells, and the checks on the way. Which columns make up a month belongs to each layout.

The header is the first line with the catalogue's columns: above it may be a title or other notes.
Cells are separated by commas or, as Tableau and Excel write them, by tabs, semicolons or bars. The
same table in a workbook is read as the text that Excel would make of its sheet.

A line is a row: a quoted cell that runs over a line end counts as a stray quote, so that
one lost quote cannot swallow the rest of a file.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.printable import quoted
from orchestration.readers.cells import FISCAL_YEAR, INVISIBLE, MARKS, listed, some_listed
from orchestration.readers.reader import ReadError
from orchestration.readers.workbook import open_workbook
from orchestration.settings import Limits

if TYPE_CHECKING:
    from orchestration.releases.checks import Check

DELIMITERS = (",", "\t", ";", "|")
# what Excel writes in Windows-1252 besides ASCII: dashes, quotes, an ellipsis, a no-break space. A
# letter with an accent is refused: other encodings have others in its place
WITH_SIGNS = {*range(0x80), 0x85, *range(0x91, 0x98), 0xA0}
ZIP = b"PK\x03\x04"  # how a workbook begins
UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}  # by the mark at the beginning
HEADER_LINES = 20  # the header is looked for in the first lines only
MOST_HEADER_LINES = 40  # of a header whose cells have line breaks
MOST_NOTES = 100  # each is compared with all rows above it; beyond this it is a malformed row


@dataclass(frozen=True)
class _Lines:
    """A file's header, its rows as lines of text, and its notes; without blank lines.

    notes: those above the header, then those below the rows.
    """

    header: list[str]
    header_number: int
    frame: pl.DataFrame  # row_number, line
    notes: tuple[str, ...]
    delimiter: str
    open_end: bool  # the last row ends at the end of the file, without a line end


def read_table(
    content: bytes, dataset: Dataset, limits: Limits
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the table of a CSV file (`row_number` and a text column for each column of the
    catalogue, in the catalogue's order) and the notes below it. Raises ReadError."""
    is_workbook = content.startswith(ZIP)
    text = _sheet_as_text(content, dataset, limits) if is_workbook else _decode(content)
    lines = _lines(text, dataset, limits)
    names = _match_header(lines, dataset)
    if lines.frame.is_empty():
        below = lines.header_number + 1
        raise ReadError(
            "file_has_rows", f"line {below}: found no row under the header, expected at least one"
        )
    _check_widths(lines, len(names))
    _check_end(lines)
    cells = pl.read_csv(
        io.StringIO("\n".join(_without_padding(lines, "${1}").to_list())),
        separator=lines.delimiter,
        has_header=False,
        new_columns=[name or f"without a name {i}" for i, name in enumerate(names)],
        infer_schema=False,
    ).fill_null("")
    _check_nameless(cells, names, lines, dataset)
    absent = [pl.lit("").alias(name) for name in dataset.columns if name not in names]
    table = cells.with_columns(lines.frame["row_number"], *absent)
    return table.select("row_number", *dataset.columns), lines.notes


def _sheet_as_text(content: bytes, dataset: Dataset, limits: Limits) -> str:
    """The sheet with the table as comma-separated text, a line for each row: of several sheets, the
    only one with every column. Raises ReadError."""
    texts = {sheet.name: _as_text(sheet.grid) for sheet in open_workbook(content, limits).sheets()}
    complete = {name: text for name, text in texts.items() if _has_header(text, dataset)}
    found = complete or texts
    if len(found) != 1:
        headers = listed([column.headers[0] for column in dataset.columns.values()])
        raise ReadError(
            "tables_are_found",
            f"found {len(complete) or 'no'} sheets with the columns {headers}, expected one; the "
            f"workbook has the sheets {listed(list(texts))}",
        )
    return next(iter(found.values()))


def _as_text(rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([" ".join(cell.split()) for cell in row] for row in rows)
    return text.getvalue()


def _has_header(text: str, dataset: Dataset) -> bool:
    known = _known_headers(dataset)
    needed = {name for name, column in dataset.columns.items() if not column.absent}
    lines = text.split("\n", HEADER_LINES)[:HEADER_LINES]
    return any(
        needed <= {known.get(_fold_header(cell), "") for cell in _split(line, ",")}
        for line in lines
    )


def _decode(content: bytes) -> str:
    if (encoding := UTF_16.get(content[:2])) is not None:
        return _checked(_decode_utf16(content[2:], encoding))
    try:
        text = content.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        if set(content) <= WITH_SIGNS:
            return _checked(content.decode("windows-1252"))
        line = len(_ends_as_newlines(content[: error.start].decode("utf-8")).split("\n"))
        raise ReadError(
            "text_is_utf8",
            f"line {line}: found the byte 0x{content[error.start]:02x}, which is not UTF-8; "
            "expected UTF-8 text",
        ) from error
    return _checked(text)


def _decode_utf16(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        read = _ends_as_newlines(content[: error.start].decode(encoding, "replace"))
        line = read.count("\n") + 1
        raise ReadError(
            "text_is_utf8",
            f"line {line}: found bytes that are not UTF-16, expected the UTF-16 text that the "
            "file's first bytes announce",
        ) from error


def _checked(text: str) -> str:
    """The text with newlines at the ends of its lines. Raises ReadError for what is no table."""
    text = _ends_as_newlines(text)
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise ReadError("text_is_utf8", f"line {line}: found a NUL byte, expected text")
    if text.lstrip().startswith("<"):
        raise ReadError(
            "format_is_known", "line 1: found an HTML or XML page, expected comma-separated text"
        )
    if text.lstrip().startswith(("{", "[")):
        raise ReadError("format_is_known", "line 1: found JSON, expected comma-separated text")
    return text


def _ends_as_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _lines(text: str, dataset: Dataset, limits: Limits) -> _Lines:
    if (cells := max(map(text.count, DELIMITERS)) + text.count("\n")) > limits.file_cells:
        raise ReadError(
            "size_is_bounded",
            f"found {cells:,} cells, expected a file of at most {limits.file_cells:,}",
        )
    frame = (
        pl.DataFrame(
            {"line": _with_whole_header(text.split("\n"), dataset)}, schema={"line": pl.String}
        )
        .with_row_index("row_number", offset=1)
        .with_columns(pl.col("row_number").cast(pl.Int32))
    )
    long = frame.filter(pl.col("line").str.len_bytes() > limits.line_bytes)
    if not long.is_empty():
        raise ReadError(
            "size_is_bounded",
            f"line {long['row_number'][0]}: found a line of {len(long['line'][0]):,} characters, "
            f"expected at most {limits.line_bytes:,}",
        )
    end = len(frame)
    frame = frame.filter(pl.col("line").str.strip_chars(" \t\u00a0,;|") != "")
    if frame.is_empty():
        raise ReadError("file_has_rows", "line 1: found an empty file, expected a header and rows")
    at, delimiter = _find_header(frame["line"][:HEADER_LINES].to_list(), dataset)
    header = _split(frame["line"][at], delimiter)
    above = tuple(line.strip(" \t\u00a0,;|") for line in frame["line"][:at])
    body, notes = _without_notes(frame[at + 1 :], len(header), delimiter)
    open_end = not body.is_empty() and body["row_number"][-1] == end
    return _Lines(header, frame["row_number"][at], body, (*above, *notes), delimiter, open_end)


def _with_whole_header(lines: list[str], dataset: Dataset) -> list[str]:
    """The lines, with a header that has line breaks in its quoted cells, as Excel writes headings
    that it wraps, in one. Empty lines take the places of the others, so that numbers stay."""
    at = next((i for i, line in enumerate(lines[:HEADER_LINES]) if line.count('"') % 2), None)
    if at is None:
        return lines
    header, end = lines[at], at + 1
    while header.count('"') % 2 and end < len(lines) and end - at <= MOST_HEADER_LINES:
        header, end = f"{header} {lines[end]}", end + 1
    known = set(_known_headers(dataset))
    found = max(_number_of_headers(header, delimiter, known) for delimiter in DELIMITERS)
    if found * 2 < sum(not column.absent for column in dataset.columns.values()):
        return lines
    return [*lines[:at], header, *[""] * (end - at - 1), *lines[end:]]


def _find_header(lines: list[str], dataset: Dataset) -> tuple[int, str]:
    """The place of the header among the first lines, from 0, and its delimiter: of the first line
    with every column or, for an error, of the first one that is no note: one with as many
    cells as half of the columns."""
    known = set(_known_headers(dataset))
    needed = sum(not column.absent for column in dataset.columns.values())
    for at, line in enumerate(lines):
        delimiter = max(DELIMITERS, key=partial(_number_of_headers, line, known=known))
        filled = sum(bool(cell.strip()) for cell in _split(line, delimiter))
        if filled * 2 >= needed:
            return at, delimiter
    return 0, ","


def _number_of_headers(line: str, delimiter: str, known: set[str]) -> int:
    """How many of the known headers a line has, split at a delimiter."""
    return len(known & {*map(_fold_header, _split(line, delimiter))})


def _without_notes(
    frame: pl.DataFrame, width: int, delimiter: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Remove the notes from the end: lines that are neither a row nor the start of one."""
    notes: list[str] = []
    rows = frame.filter(pl.col("line").str.count_matches(delimiter, literal=True) >= width - 1)
    starts = rows["line"].str.strip_chars_start(' \t"').str.to_lowercase()
    while not frame.is_empty() and len(notes) < MOST_NOTES:
        line = frame["line"][-1]
        first, *others = _split(line, delimiter)
        filled = any(cell.strip() for cell in others)
        above = starts[: rows["row_number"].search_sorted(frame["row_number"][-1])]
        if (filled and len(others) + 1 == width) or _begins_row(first.strip(), above):
            break
        notes.append(line.strip() if filled else first.strip())
        frame = frame[:-1]
    return frame, tuple(reversed(notes))


def _begins_row(first: str, above: pl.Series) -> bool:
    """Whether a first cell, perhaps cut off, looks like the first cell of a row. above: the rows
    above it, in lower case."""
    if re.fullmatch(r"[0-9.,\-]*", first):
        return True
    if len(first) < len("2025 (FYTD) ") and re.match(FISCAL_YEAR.rstrip("$"), first):
        return True
    return above.str.starts_with(first.lower()).any()


def _known_headers(dataset: Dataset) -> dict[str, str]:
    """The catalogue's name of each header that a column has had, folded."""
    return {
        _fold_header(text): name
        for name, column in dataset.columns.items()
        for text in column.headers
    }


def _match_header(lines: _Lines, dataset: Dataset) -> list[str | None]:
    """The catalogue's names for a file's columns, in the file's order; None for a column without
    a header, whose cells `_check_nameless` looks at."""
    header = lines.header
    known = _known_headers(dataset)
    names = [known.get(_fold_header(text)) for text in header]
    unknown = [
        text
        for text, name in zip(header, names, strict=True)
        if name is None and _fold_header(text)
    ]
    found = [name for name in names if name is not None]
    twice = sorted({name for name in found if found.count(name) > 1})
    missing = [n for n, column in dataset.columns.items() if n not in found and not column.absent]
    if unknown or missing or twice:
        message = _header_message(header, dataset, unknown, missing, twice)
        raise ReadError("columns_are_known", f"line {lines.header_number}: {message}")
    return names


def _check_nameless(
    cells: pl.DataFrame, names: list[str | None], lines: _Lines, dataset: Dataset
) -> None:
    """Refuse a column without a header in which there is anything: an empty one is what Excel
    leaves beside a table."""
    for i, name in enumerate(names):
        if name is not None:
            continue
        filled = cells.to_series(i).str.strip_chars() != ""
        if (row := filled.arg_true()).is_empty():
            continue
        message = _header_message(lines.header, dataset, [""], [], [])
        raise ReadError(
            "columns_are_known",
            f"line {lines.header_number}: {message}; line {lines.frame['row_number'][row[0]]} has "
            f"{quoted(cells.to_series(i)[row[0]])} in it",
        )


def _header_message(
    header: list[str], dataset: Dataset, unknown: list[str], missing: list[str], twice: list[str]
) -> str:
    parts = []
    if unknown:
        parts.append("found the unknown column " + some_listed(unknown))
    if missing:
        expected = [" or ".join(map(quoted, dataset.columns[name].headers)) for name in missing]
        parts.append("found no column " + ", ".join(expected))
    if twice:
        parts.append("found twice: " + listed([dataset.columns[n].headers[0] for n in twice]))
    expected = [column.headers[0] for column in dataset.columns.values()]
    return f"{'; '.join(parts)}; expected the columns {listed(expected)}"


def _check_widths(lines: _Lines, width: int) -> None:
    """Refuse a line that has more or fewer cells than the header, or a quote inside a cell."""
    delimiter = re.escape(lines.delimiter)
    checked = lines.frame.with_columns(bare=_without_padding(lines, "\x00")).with_columns(
        pl.col("bare")
        .str.contains(f'"|[^{delimiter}]\x00|\x00[^{delimiter}]')
        .alias("stray_quote"),
        (pl.col("bare").str.count_matches(lines.delimiter, literal=True) + 1).alias("cells"),
    )
    wrong = checked.filter(pl.col("stray_quote") | (pl.col("cells") != width))
    if wrong.is_empty():
        return
    number, line, stray_quote, cells = wrong.select(
        "row_number", "line", "stray_quote", "cells"
    ).row(0)
    last = number == lines.frame["row_number"][-1]
    is_cut = last and (stray_quote or cells < width)
    check: Check = "file_is_whole" if is_cut else "lines_are_rows"
    cut = "; the file seems cut off there" if is_cut else ""
    if stray_quote:
        raise ReadError(
            check,
            f"line {number}: found a stray or unclosed quote in {quoted(line)}, expected "
            f"quotes around whole cells{cut}",
        )
    raise ReadError(
        check, f"line {number}: found {cells} cells in {quoted(line)}, expected {width}{cut}"
    )


def _check_end(lines: _Lines) -> None:
    """Refuse a file that was cut off where the last cell of its last row begins, or inside it."""
    number, line = lines.frame.row(-1)
    if lines.open_end and line.rstrip(" ").endswith((lines.delimiter, ".")):
        raise ReadError(
            "file_is_whole",
            f"line {number}: found the end of the file after {quoted(line)}, expected the "
            "rest of the row; the file seems cut off there",
        )


def _without_padding(lines: _Lines, replacement: str) -> pl.Series:
    """The rows with something in the place of each quoted cell and the blanks around it; `${1}`
    stands for the cell."""
    blank = " " if lines.delimiter == "\t" else r"[ \t]"
    return lines.frame["line"].str.replace_all(rf'{blank}*("(?:[^"]|"")*"){blank}*', replacement)


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [""])


def _fold_header(text: str) -> str:
    """A header without what varies: case, blanks, brackets, the underscores of a program, and the
    mark of a footnote."""
    text = INVISIBLE.sub("", text).rstrip(f" {MARKS}")
    plain = " ".join(re.sub(r"[()._]", " ", text).split()).lower()
    return re.sub(" ?([:/]) ?", r"\1", plain)
