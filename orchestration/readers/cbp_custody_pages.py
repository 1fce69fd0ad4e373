"""CBP's custody and transfer pages: monthly tables under headings, as the page or transcribed.

What belongs here: both layouts, which have the same tables. A transcription is comma-separated,
one row a figure. On the page, a table belongs to the heading above it, its first row has the
months, and a month that is not published yet has `-` in each row, or 0. None of the tables is
required: one that the catalogue does not list, or that cannot be read, is left out with a note.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.fiscal_years import fiscal_year_of
from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.printable import quoted
from orchestration.readers.cells import (
    INVISIBLE,
    KINDS,
    MARKS,
    PADDING,
    SHOWN,
    listed,
    mark_problems,
)
from orchestration.readers.delimited import read_table
from orchestration.readers.reader import ParsedRelease, ReadContext, ReadError
from orchestration.readers.workbook import without_footnote

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "caption")
UNREAD = ("script", "style", "template", "noscript", "sup")  # sup: the marks of footnotes
TRAILING = f"{MARKS} "  # in a text itself
LONGEST_TEXT = 300
MOST_TABLES = 200  # the page of FY2026 has 14
MONTH = re.compile(r"(?P<name>[A-Za-z]{3,9})\.?[ \-\u2010-\u2014/']{1,3}(?P<year>(20)?\d\d)")
SUMMED = re.compile(r"(?i)(FY(TD)? ?(20)?\d\d ?)?((year|FY)? ?(to date)?|FYTD|YTD)? ?(total)?")
NOT_YET = ("", "-", "\u2013", "\u2014", "n/a", "na", "tbd")  # in lower case
YEAR_OF_TITLE = re.compile(
    r"^fy ?(20)?\d\d ?[:\u2013-]? | ?[(,:\u2013-]? ?(fy|fiscal year) ?(20)?\d\d( \(?f?ytd\)?)?\)?$"
)
IN_SHORT = {  # how a folded title may write what another abbreviates
    "u.s. border patrol": "usbp",
    "office of field operations": "ofo",
    "southwest land border": "southwest border",
}
SIGNS = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201c\u201d", "-----''\"\"")
NOBODY = re.compile(r"0+(\.0+)?( ?\( ?0+(\.0+)? ?% ?\))?")  # 0, or 0 (0.00%)
SHARE = re.compile(r"(?P<people>[0-9][0-9,.]*) ?\( ?[0-9.]+ ?% ?\)")  # 42 (4.66%)
BORDER_PATROL = "border_patrol_"  # how the catalogue's names of its tables begin


@dataclass
class _Grid:
    """A table of a page: the heading above it, the line on which it begins, and its rows."""

    heading: str
    line: int
    rows: list[list[str]] = field(default_factory=list)
    spans: bool = False  # a cell spans several rows or columns
    is_closed: bool = False


@dataclass(frozen=True)
class _Cell:
    """A figure of a page."""

    title: str
    table_name: str
    month: date
    label: str
    text: str


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse a page or a transcription. Raises ReadError, also where a month of a transcribed table
    is missing. A row whose fiscal year is not that of its month cannot be typed."""
    is_page = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if is_page:
        table, notes = _read_page(content, context)
    else:
        table, notes = read_table(content, context.dataset, context.limits)
        table = _with_table_names(table, context.dataset)
    rows = mark_problems(table, context.dataset, context.vocabulary)
    month = pl.col("month").str.strip_chars(PADDING)
    first_day = pl.when(month.str.contains(KINDS["month"][0])).then(month.str.slice(0, 7) + "-01")
    # also where the figure cannot be typed: a correction of it names its month
    rows = rows.with_columns(first_day.alias("month_start"))
    rows = rows.with_columns(pl.coalesce("problem", _other_year()).alias("problem"))
    typed = rows.filter(pl.col("problem").is_null())
    if not is_page:
        for part in typed.partition_by("table_name", maintain_order=True):
            _check_gaps(
                f"table {quoted(part['title'][0])}", part["month_start"].str.to_date().to_list()
            )
    months = typed["month_start"].unique().sort().to_list()
    span = (date.fromisoformat(months[0]), date.fromisoformat(months[-1])) if months else None
    return ParsedRelease(rows, notes, span)


def _other_year() -> pl.Expr:
    """What is wrong with a row whose fiscal year is not that of its month."""
    year, number = (
        pl.col("month_start").str.slice(at, length).cast(pl.Int32)
        for at, length in ((0, 4), (5, 2))
    )
    published = pl.col("fiscal_year").str.extract(r"([0-9]{4})").cast(pl.Int32)
    described = pl.format(
        "found the month {} in the fiscal year {}, expected the fiscal year of that month",
        "month",
        "fiscal_year",
    )
    return pl.when(year + (number >= 10).cast(pl.Int32) != published).then(described)


def _with_table_names(table: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """A transcription with the catalogue's names of its tables. Raises ReadError for a table that
    the catalogue does not list."""
    names = {title: _named(title, dataset) for title in table["title"].unique().to_list()}
    unknown = [title for title, name in names.items() if name is None]
    if unknown:
        row = table.filter(pl.col("title").is_in(unknown)).row(0, named=True)
        raise ReadError(
            "labels_are_known",
            f"line {row['row_number']}: column 'table': found {quoted(row['title'])}, expected "
            f"one of {listed([known.title[0] for known in dataset.tables])}",
        )
    return table.with_columns(table_name=pl.col("title").replace_strict(names))


def _named(title: str, dataset: Dataset) -> str | None:
    """The catalogue's name of a table with this title, with or without a footnote's number or a
    fiscal year, whether agencies and border are abbreviated or not."""
    plain = _plain(title)
    return next((t.name for t in dataset.tables if plain in map(_plain, t.title)), None)


def _plain(title: str) -> str:
    text = without_footnote(YEAR_OF_TITLE.sub("", fold(title)))  # `FY26` ends in no footnote
    for in_full, short in IN_SHORT.items():
        text = text.replace(in_full, short)
    return text


def _check_gaps(where: str, months: Iterable[date]) -> None:
    """Refuse a table that lacks a month between its first and its last."""
    found = sorted(set(months))
    if not found:
        return
    run = pl.date_range(found[0], found[-1], "1mo", eager=True)
    if missing := [month for month in run if month not in found]:
        raise ReadError(
            "months_are_complete",
            f"{where}: found no figure for {missing[0]:%Y-%m}, expected every month from "
            f"{found[0]:%Y-%m} to {found[-1]:%Y-%m}",
        )


def _read_page(content: bytes, context: ReadContext) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The figures of a page, in the catalogue's columns, and a note on what is left out."""
    dataset = context.dataset
    cells: list[_Cell] = []
    notes: list[str] = []
    seen: set[tuple[str, date]] = set()
    for grid in _grids(content, context):
        name = _named(grid.heading, dataset)
        if name is None:
            notes.append(f"table {quoted(grid.heading)} is not read")
            continue
        try:
            of_table, more_notes = _cells(grid, name, context)
            _check_once(grid, of_table, seen)
        except ReadError as error:
            if error.check == "file_is_whole":
                raise
            notes.append(f"not read: {error}")
            continue
        seen |= {(name, cell.month) for cell in of_table}
        cells += of_table
        notes += more_notes
    if not cells:
        raise ReadError(
            "tables_are_found",
            "found a web page without a figure in a table under a heading such as "
            f"{quoted(dataset.tables[0].title[-1])}, expected CBP's page; it may be a refusal"
            + "".join(f"; {note}" for note in notes[:SHOWN]),
        )
    return _as_rows(cells, dataset), tuple(notes)


def _check_once(grid: _Grid, cells: list[_Cell], seen: set[tuple[str, date]]) -> None:
    """Refuse a table with a month that another table of its name has. seen: what the tables before
    it have."""
    if twice := sorted(cell.month for cell in cells if (cell.table_name, cell.month) in seen):
        raise ReadError(
            "cells_stand_once",
            f"line {grid.line}: table {quoted(grid.heading)}: found {twice[0]:%Y-%m} again, "
            "expected it in one table only",
        )


def _as_rows(cells: list[_Cell], dataset: Dataset) -> pl.DataFrame:
    """Figures in the catalogue's columns."""
    through = max(cell.month for cell in cells)
    columns = {
        "fiscal_year": [str(fiscal_year_of(cell.month)) for cell in cells],
        "month": [f"{cell.month:%Y-%m}" for cell in cells],
        "component": ["USBP" if c.table_name.startswith(BORDER_PATROL) else "OFO" for c in cells],
        "title": [cell.title for cell in cells],
        "custody_row": [cell.label for cell in cells],
        "figure": [_without_share(cell.text) for cell in cells],
        "data_through": [f"{through:%Y-%m}"] * len(cells),
        "source_url": [dataset.landing_page] * len(cells),
        "note": [cell.text if SHARE.fullmatch(cell.text) else "" for cell in cells],
        "table_name": [cell.table_name for cell in cells],
    }
    absent = {name: [""] * len(cells) for name in dataset.columns if name not in columns}
    table = pl.DataFrame(columns | absent, schema=dict.fromkeys(dataset.columns, pl.String()))
    numbered = table.with_row_index("row_number", offset=1)
    return numbered.with_columns(pl.col("row_number").cast(pl.Int32))


def _without_share(text: str) -> str:
    found = SHARE.fullmatch(text)
    return found["people"] if found else text


def _cells(grid: _Grid, name: str, context: ReadContext) -> tuple[list[_Cell], list[str]]:
    """The figures of a table, without the months that are not published yet, and a note if these
    are months of 0. Raises ReadError."""
    where = f"line {grid.line}: table {quoted(grid.heading)}"
    header, body = _rows_of(grid, where)
    months = _months(header, where, context.vocabulary)
    body, notes = _known_rows(body, where, months, context)
    months, unpublished = _published(months, body, context.dataset)
    _check_gaps(where, months.values())
    if unpublished:
        listed_months = ", ".join(f"{month:%Y-%m}" for month in unpublished)
        notes.append(
            f"{where}: found 0 in every row of {listed_months} and no people in a later month; "
            "taken as not published yet"
        )
    cells = [
        _Cell(grid.heading, name, month, row[0], row[at])
        for at, month in months.items()
        for row in body
    ]
    return cells, notes


def _rows_of(grid: _Grid, where: str) -> tuple[list[str], list[list[str]]]:
    """The row of the months, and the rows below it. Raises ReadError."""
    rows = [row for row in grid.rows if any(row)]
    if not grid.is_closed:
        raise ReadError("file_is_whole", f"{where}: found no end of the table, expected one")
    if grid.spans:
        raise ReadError(
            "tables_keep_their_layout",
            f"{where}: found a cell that spans several rows or columns, expected none",
        )
    if len(rows) < 2:
        raise ReadError("file_has_rows", f"{where}: found no row under the months, expected some")
    header, *body = rows
    body = [[_label(row[0]), *row[1:]] for row in body]
    for row in body:
        if len(row) != len(header):
            raise ReadError(
                "lines_are_rows",
                f"{where}: found {len(row)} cells in the row {quoted(row[0])}, expected "
                f"{len(header)}",
            )
    return header, body


def _known_rows(
    body: list[list[str]], where: str, months: dict[int, date], context: ReadContext
) -> tuple[list[list[str]], list[str]]:
    """The rows whose labels are listed, and a note on each other one, in which nobody is counted.
    Raises ReadError for another one with people, without whom the table would lack a part, and for
    a label that is there twice."""
    dimension = context.dataset.columns["custody_row"].vocabulary
    assert dimension is not None
    spellings = context.vocabulary.spellings(dimension)
    by_signs = {_with_plain_signs(text): text for text in reversed(spellings)}
    known: dict[str, list[str]] = {}
    notes = []
    for row in body:
        if fold(row[0]) not in spellings and (text := by_signs.get(_with_plain_signs(row[0]))):
            row = [spellings[text], *row[1:]]
        label = spellings.get(fold(row[0]))
        if label is None:
            found = f"{where}: found the row {quoted(row[0])}, expected one of the vocabulary's"
            if _counts_people(row, months):
                raise ReadError("labels_are_known", found)
            notes.append(f"{found}; left out, as it counts nobody")
        elif label in known:
            raise ReadError(
                "cells_stand_once",
                f"{where}: found the row {quoted(row[0])} twice, expected it once",
            )
        else:
            known[label] = row
    return list(known.values()), notes


def _with_plain_signs(label: str) -> str:
    """A folded label whose hyphens and quotes are those of a typewriter, without blanks around
    hyphens, which the pages write now and then."""
    return re.sub(" ?- ?", "-", fold(label.translate(SIGNS)))


def _counts_people(row: list[str], months: Iterable[int]) -> bool:
    return any(_is_published(row[at]) and not NOBODY.fullmatch(row[at]) for at in months)


def _is_published(text: str) -> bool:
    return text.lower() not in NOT_YET


def _label(text: str) -> str:
    """A row's label without the marks of footnotes: `Released1` without the 1."""
    return without_footnote(text).rstrip(TRAILING) or text


def _published(
    months: dict[int, date], body: list[list[str]], dataset: Dataset
) -> tuple[dict[int, date], list[date]]:
    """The months of a table that are published, by column; and those that are left out although
    they have figures, as these are 0 throughout: the months after the last one with people."""
    other = {fold(label) for label in dataset.not_people.get("custody_row", ())}
    counted = [row for row in body if fold(row[0]) not in other]
    filled = {
        at: month for at, month in months.items() if any(_is_published(row[at]) for row in counted)
    }
    people = [
        month for at, month in filled.items() if any(_counts_people(row, [at]) for row in counted)
    ]
    last = max(people, default=date.min)
    published = {at: month for at, month in filled.items() if month <= last}
    return published, sorted(month for month in filled.values() if month > last)


def _months(header: list[str], where: str, vocabulary: Vocabulary) -> dict[int, date]:
    """The month of each column. A column with the year's total has none."""
    numbers = vocabulary.month_numbers()
    months: dict[int, date] = {}
    for at, text in enumerate(header[1:], start=1):
        found = MONTH.fullmatch(text)
        number = numbers.get(fold(found["name"])) if found else None
        if found and number:
            months[at] = date(2000 + int(found["year"][-2:]), number, 1)
        elif not text or not SUMMED.fullmatch(text):
            raise ReadError(
                "columns_are_known",
                f"{where}: found the column {quoted(text)}, expected a month such as 'Oct-25'",
            )
    if not months:
        raise ReadError("columns_are_known", f"{where}: found no month, expected some in its head")
    if len(set(months.values())) < len(months):
        raise ReadError("columns_are_known", f"{where}: found a month twice, expected each once")
    return months


def _grids(content: bytes, context: ReadContext) -> list[_Grid]:
    """The tables of a page. Raises ReadError."""
    if len(content) > context.limits.page_bytes:
        raise ReadError(
            "size_is_bounded",
            f"found a page of {len(content):,} bytes, expected at most "
            f"{context.limits.page_bytes:,}",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ReadError(
            "text_is_utf8",
            f"line {line}: found the byte 0x{content[error.start]:02x}, which is not UTF-8; "
            "expected UTF-8 text",
        ) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise ReadError("text_is_utf8", f"line {line}: found a NUL byte, expected text")
    page = _Page()
    page.feed(text)
    if page.is_open:
        raise ReadError(
            "file_is_whole",
            f"line {page.getpos()[0]}: found no end of the page, expected </html>; the file seems "
            "cut off there",
        )
    return page.grids


class _Page(HTMLParser):
    """Collects the tables of a page. A heading inside a table's cell is text of the cell; a table
    inside a cell is refused with the table that it is in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[_Grid] = []
        self.is_open = False
        self._heading = ""
        self._unread: list[str] = []
        self._text: list[str] | None = None  # of the heading or the cell that is open
        self._open: _Grid | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNREAD:
            self._unread.append(tag)
        elif tag == "html":
            self.is_open = True
        elif tag == "table":
            self._begin_table()
        elif self._open is None:
            if tag in HEADINGS:
                self._text = []
        elif tag == "tr":
            self._end_text()
            self._open.rows.append([])
        elif tag in ("td", "th"):
            self._begin_cell(attrs)
        elif tag == "caption":
            self._text = []
        elif tag == "br" and self._text is not None:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNREAD:
            if tag in self._unread:
                del self._unread[self._unread.index(tag) :]
        elif tag == "html":
            self.is_open = False
        elif tag == "table":
            self._end_text()
            if self._open is not None:
                self._open.is_closed = True
            self._open = None
        elif self._open is None:
            if tag in HEADINGS and self._text is not None:
                self._heading, self._text = self._ended(), None
        elif tag == "caption" and self._text is not None:
            self._open.heading, self._text = self._ended(), None
        elif tag in ("td", "th", "tr"):
            self._end_text()

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._unread:
            self._text.append(data)

    def _begin_table(self) -> None:
        if self._open is not None:
            raise ReadError(
                "tables_keep_their_layout",
                f"line {self.getpos()[0]}: found a table inside the table "
                f"{quoted(self._open.heading)}, expected none",
            )
        if len(self.grids) == MOST_TABLES:
            raise ReadError(
                "size_is_bounded",
                f"line {self.getpos()[0]}: found another table, expected at most {MOST_TABLES}",
            )
        self._unread = []  # a script or a mark that was not closed ends here
        self._text = None
        self._open = _Grid(self._heading, self.getpos()[0])
        self.grids.append(self._open)

    def _begin_cell(self, attrs: list[tuple[str, str | None]]) -> None:
        assert self._open is not None
        self._end_text()
        if not self._open.rows:
            self._open.rows.append([])
        if any(
            name in ("colspan", "rowspan") and value not in (None, "1") for name, value in attrs
        ):
            self._open.spans = True
        self._text = []

    def _end_text(self) -> None:
        """End a cell. One that was not closed ends where the next one begins."""
        if self._text is not None and self._open is not None and self._open.rows:
            self._open.rows[-1].append(self._ended())
        self._text = None

    def _ended(self) -> str:
        assert self._text is not None
        self._unread = []  # a mark that was not closed
        text = " ".join(INVISIBLE.sub("", "".join(self._text)).split())[:LONGEST_TEXT]
        return text.rstrip(TRAILING) or text
