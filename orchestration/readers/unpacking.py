"""Inspecting the parts of an XLSX workbook, within limits, before a parser opens it.

What belongs here: protection from a hostile workbook, which is an archive of XML from an
outside source. A part may unpack to any size, address a cell so far out that the sheet
would not fit into memory, repeat one long text in a million cells, declare entities, or link
to another workbook. On the way it collects what the parser does not report: merged cells,
and cells that have an error or a formula in place of a value.
"""

import io
import lzma
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from orchestration.printable import quoted
from orchestration.readers.reader import ReadError
from orchestration.settings import Limits

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,  # an unknown compression
    RuntimeError,  # an encrypted part
    EOFError,
    OSError,
    ValueError,  # a wrong offset, a name that cannot be decoded
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")  # how XML in UTF-16 begins
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
READ_AS_XML = (".xml", ".rels")
HOLDS_NO_CELLS = ("customxml/", "docprops/")  # what Office and SharePoint write for themselves
EXTERNAL_LINKS = "xl/externallinks/"
WORKBOOK = "xl/workbook.xml"
WORKBOOK_LINKS = "xl/_rels/workbook.xml.rels"
LONGEST_NUMBER = 9
NUMBER = re.compile(r"\s*([0-9]+)\s*")
ADDRESS = re.compile(r"\s*([A-Za-z]+)([0-9]+)\s*")
COLUMNS = 16_384  # of a sheet
MOST_COLLECTED = 100_000  # merged ranges, or cells without a value, of one sheet
NO_VALUE = "a formula without a value"


@dataclass(frozen=True)
class Merge:
    """A range of merged cells: its first and last row and column, from 1."""

    rows: tuple[int, int]
    columns: tuple[int, int]


@dataclass
class SheetNotes:
    """What the parser does not report of a sheet.

    merges: the ranges of merged cells.
    without_value: the error (`#REF!`), or NO_VALUE, of the cells that have no value, by row
        and column, from 1.
    """

    merges: list[Merge] = field(default_factory=list)
    without_value: dict[tuple[int, int], str] = field(default_factory=dict)


def inspect_workbook(content: bytes, limits: Limits) -> dict[str, SheetNotes]:
    """Unpack and check every part. Returns the notes on each sheet by its name. Raises ReadError
    if the bytes are not an XLSX workbook, if they exceed the limits when unpacked, or if a part
    is unsafe."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_names(parts, limits)
            room = limits.workbook_bytes
            found = _Findings()
            for part in parts:
                room -= _inspect_part(archive, part, min(room, limits.part_bytes), limits, found)
            _check_shared(found.shared, limits)
            return found.notes_by_sheet()
    except UNREADABLE as error:
        raise ReadError(
            "format_is_known", f"found {_kind_of(content)} ({error}), expected an XLSX workbook"
        ) from error


def _kind_of(content: bytes) -> str:
    start = content.lstrip()
    if start.startswith(b"<"):
        return "a page of HTML or XML"
    if start.startswith(OLD_EXCEL):
        return "a workbook in Excel's old or encrypted format"
    return "no readable zip archive"


def _check_names(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise ReadError(
            "format_is_known", "found a zip archive without xl/workbook.xml, expected an XLSX file"
        )
    if len(parts) > limits.workbook_parts:
        raise ReadError(
            "size_is_bounded",
            f"found {len(parts):,} parts in the workbook, expected at most "
            f"{limits.workbook_parts:,}",
        )
    for part in parts:
        steps = part.filename.replace("\\", "/").split("/")
        if ".." in steps or steps[0] == "" or ":" in steps[0]:
            raise ReadError(
                "workbook_is_safe",
                f"found a part named {quoted(part.filename)}, expected names that stay inside the "
                "workbook",
            )
        if part.filename.lower().startswith(EXTERNAL_LINKS):
            raise ReadError(
                "workbook_is_safe",
                f"found the part {quoted(part.filename)}, a link to another workbook, expected "
                "none",
            )


@dataclass
class _SharedTexts:
    """The texts that a workbook stores once and that cells refer to by number.

    lengths: of each text, in characters.
    uses: how many cells, on all sheets, refer to a text, by its number as written.
    """

    lengths: list[int] = field(default_factory=list)
    uses: Counter[str] = field(default_factory=Counter)

    @property
    def characters(self) -> int:
        """The total length of the texts, each counted once per use."""
        numbers = ((_number(text, -1), times) for text, times in self.uses.items())
        known = range(len(self.lengths))
        return sum(times * self.lengths[number] for number, times in numbers if number in known)


@dataclass
class _Findings:
    """What the parts of one workbook add up to.

    notes: on each sheet, by the part that holds it.
    sheets: the id of the link to each sheet's part, by the sheet's name.
    links: the part that a link of the workbook leads to, by the link's id.
    """

    shared: _SharedTexts = field(default_factory=_SharedTexts)
    notes: dict[str, SheetNotes] = field(default_factory=dict)
    sheets: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def notes_by_sheet(self) -> dict[str, SheetNotes]:
        parts = {name: self.links.get(link, "") for name, link in self.sheets.items()}
        return {name: self.notes[part] for name, part in parts.items() if part in self.notes}


def _check_shared(shared: _SharedTexts, limits: Limits) -> None:
    if shared.characters > limits.workbook_bytes:
        raise ReadError(
            "size_is_bounded",
            f"found {shared.characters:,} characters in the cells that use a shared text, "
            f"expected at most {limits.workbook_bytes:,}",
        )


def _inspect_part(
    archive: zipfile.ZipFile,
    part: zipfile.ZipInfo,
    room: int,
    limits: Limits,
    found: _Findings,
) -> int:
    """Check one part and return its unpacked size in bytes, at most `room`."""
    # parsed as a whole: fed in pieces, the parser rescans an unclosed tag with every piece
    with archive.open(part) as stream:
        text = stream.read(room + 1)
    if len(text) > room:
        what, most = "part", limits.part_bytes
        if room < most:
            what, most = "workbook", limits.workbook_bytes
        raise ReadError(
            "size_is_bounded",
            f"{part.filename}: found a {what} of more than {most:,} bytes when unpacked, "
            "expected less",
        )
    is_xml = part.filename.lower().endswith(READ_AS_XML)
    start = text.removeprefix(BYTE_ORDER_MARK).lstrip()
    if is_xml or start.startswith((b"<", *WIDE)):
        must_parse = is_xml and not part.filename.lower().startswith(HOLDS_NO_CELLS)
        _XmlInspection(part.filename, must_parse, limits.sheet_cells, found).run(text)
    return len(text)


class _XmlInspection:
    """One pass over a part. Refuses declarations; of a sheet, checks how far its filled cells
    reach, counts the shared texts that they use and collects its merged cells; of the shared
    texts, measures each; of the workbook and its links, notes which part holds which sheet."""

    def __init__(self, name: str, must_parse: bool, most_cells: int, found: _Findings) -> None:
        self._name = name
        self._must_parse = must_parse
        self._most_cells = most_cells
        self._found = found
        self._shared = found.shared
        self._notes = SheetNotes()
        self._cell_kind = "n"
        self._awaits_value = False  # whether the last cell has a formula, and no value so far
        self._is_sheet: bool | None = None
        self._at = (0, 0)  # row and column of the last cell
        self._reach = (0, 0)  # the last row and column that have a filled cell
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_declaration
        self._parser.StartElementHandler = self._start_element

    def run(self, text: bytes) -> None:
        if self._must_parse and b"\x00" in text:  # the reader of the cells knows UTF-8 only
            raise ReadError("text_is_utf8", f"{self._name}: found UTF-16 text, expected UTF-8")
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            if self._must_parse or self._is_sheet:
                raise ReadError(
                    "format_is_known",
                    f"{self._name}: found malformed XML ({error}), expected a part of an "
                    "XLSX workbook",
                ) from error
        self._end_cell()
        if self._is_sheet:
            self._found.notes[self._name] = self._notes

    def _refuse_declaration(self, *_: object) -> None:
        raise ReadError(
            "workbook_is_safe",
            f"{self._name}: found a document type or entity declaration, expected none in a "
            "workbook",
        )

    def _start_element(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if self._is_sheet is None:
            self._start_root(tag)
        elif tag == "row":
            self._at = (_number(attributes.get("r"), self._at[0] + 1), 0)
        elif tag == "c":
            self._end_cell()
            self._at = _address(attributes.get("r"), self._at)
            self._cell_kind = attributes.get("t", "n")
            is_shared = self._cell_kind == "s"
            self._parser.CharacterDataHandler = self._count_use if is_shared else None
        elif tag == "f":
            self._awaits_value = self._cell_kind != "str"  # a text may be empty
        elif tag in ("v", "is"):  # a cell without a value, which only has a style, does not count
            if self._awaits_value:
                self._parser.CharacterDataHandler = self._see_value
            if self._cell_kind == "e":
                self._awaits_value = False
                self._note_without_value("an error")
            self._reach = (max(self._reach[0], self._at[0]), max(self._reach[1], self._at[1]))
            self._check_reach()
        elif tag == "mergeCell":
            self._add_merge(attributes.get("ref", ""))

    def _add_merge(self, text: str) -> None:
        first, _, last = text.partition(":")
        (top, left), (bottom, right) = _address(first, (0, 0)), _address(last, (0, 0))
        self._notes.merges.append(Merge((top, bottom), (left, right)))
        self._check_collected(len(self._notes.merges), "merged ranges")

    def _see_value(self, text: str) -> None:
        if text.strip():
            self._awaits_value = False

    def _end_cell(self) -> None:
        if self._awaits_value:
            self._note_without_value(NO_VALUE)
            self._awaits_value = False

    def _note_without_value(self, what: str) -> None:
        self._notes.without_value[self._at] = what
        self._check_collected(len(self._notes.without_value), "cells without a value")

    def _check_collected(self, count: int, what: str) -> None:
        if count > MOST_COLLECTED:
            raise ReadError(
                "size_is_bounded",
                f"{self._name}: found more than {MOST_COLLECTED:,} {what}, expected fewer",
            )

    def _start_root(self, tag: str) -> None:
        self._is_sheet = tag == "worksheet"
        if tag == "sst":
            self._parser.StartElementHandler = self._start_shared_text
            self._parser.CharacterDataHandler = self._measure
        elif self._name == WORKBOOK:
            self._parser.StartElementHandler = self._start_in_workbook
        elif self._name == WORKBOOK_LINKS:
            self._parser.StartElementHandler = self._start_link
        elif not self._is_sheet:
            self._parser.StartElementHandler = None

    def _start_in_workbook(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            link = next((v for name, v in attributes.items() if name.endswith(":id")), "")
            self._found.sheets[attributes.get("name", "")] = link

    def _start_link(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            self._found.links[attributes.get("Id", "")] = part

    def _check_reach(self) -> None:
        row, column = self._reach
        if row * column > self._most_cells:
            raise ReadError(
                "size_is_bounded",
                f"{self._name}: found cells as far as row {row:,} and column {column:,}, expected "
                f"a sheet of at most {self._most_cells:,} cells",
            )

    def _count_use(self, number: str) -> None:
        self._shared.uses[number] += 1

    def _start_shared_text(self, tag: str, _: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "si":
            self._shared.lengths.append(0)

    def _measure(self, text: str) -> None:
        if self._shared.lengths:
            self._shared.lengths[-1] += len(text)


def _number(text: str | None, otherwise: int) -> int:
    digits = NUMBER.fullmatch(text or "")
    return _cut(digits[1]) if digits else otherwise


def _cut(digits: str) -> int:
    """A number as written, of which a very long one is cut."""
    return int(digits.lstrip("0")[:LONGEST_NUMBER] or 0)


def _address(text: str | None, last: tuple[int, int]) -> tuple[int, int]:
    """Row and column of a cell such as `AB12`; a cell without an address is next to the last."""
    found = ADDRESS.fullmatch(text or "")
    if not found:
        return last[0], last[1] + 1
    return _cut(found[2]), _column(found[1][:LONGEST_NUMBER])


@lru_cache(maxsize=COLUMNS)
def _column(letters: str) -> int:
    """The number of a column, from 1."""
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column
