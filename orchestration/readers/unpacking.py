"""Inspecting the parts of an XLSX workbook, within limits, before a parser opens it.

What belongs here: protection from a hostile workbook, which is an archive of XML from an
outside source. A part may unpack to any size, address a cell so far out that the sheet
would not fit into memory, repeat one long text in a million cells, or declare entities. The
content of the cells is not inspected.
"""

import io
import lzma
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

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
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
READ_AS_XML = (".xml", ".rels")
LONGEST_NUMBER = 9


def inspect_workbook(content: bytes, limits: Limits) -> None:
    """Unpack and check every part. Raises ReadError if the bytes are not an XLSX workbook, if
    they exceed the limits when unpacked, or if a part is unsafe."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_names(parts, limits)
            room = limits.workbook_bytes
            shared = _SharedTexts()
            for part in parts:
                room -= _inspect_part(archive, part, min(room, limits.part_bytes), limits, shared)
            _check_shared(shared, limits)
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
                f"found a part named {part.filename!r}, expected names that stay inside the "
                "workbook",
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
    shared: _SharedTexts,
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
    if is_xml or text.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"<"):
        _XmlInspection(part.filename, is_xml, limits.sheet_cells, shared).run(text)
    return len(text)


class _XmlInspection:
    """One pass over a part. Refuses declarations; of a sheet, checks how far its filled cells
    reach and counts the shared texts that they use; of the shared texts, measures each."""

    def __init__(self, name: str, must_be_xml: bool, most_cells: int, shared: _SharedTexts) -> None:
        self._name = name
        self._must_be_xml = must_be_xml
        self._most_cells = most_cells
        self._shared = shared
        self._cell_uses_shared = False
        self._is_sheet: bool | None = None
        self._at = (0, 0)  # row and column of the last cell
        self._reach = (0, 0)  # the last row and column that have a filled cell
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_declaration
        self._parser.StartElementHandler = self._start_element

    def run(self, text: bytes) -> None:
        if b"\x00" in text:
            raise ReadError("text_is_utf8", f"{self._name}: found UTF-16 text, expected UTF-8")
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            if self._must_be_xml or self._is_sheet:
                raise ReadError(
                    "format_is_known",
                    f"{self._name}: found malformed XML ({error}), expected a part of an "
                    "XLSX workbook",
                ) from error

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
            self._at = _address(attributes.get("r"), self._at)
            if self._cell_uses_shared != (attributes.get("t") == "s"):
                self._cell_uses_shared = not self._cell_uses_shared
                handler = self._count_use if self._cell_uses_shared else None
                self._parser.CharacterDataHandler = handler
        elif tag in ("v", "is"):  # a cell without a value, which only has a style, does not count
            self._reach = (max(self._reach[0], self._at[0]), max(self._reach[1], self._at[1]))
            self._check_reach()

    def _start_root(self, tag: str) -> None:
        self._is_sheet = tag == "worksheet"
        if tag == "sst":
            self._parser.StartElementHandler = self._start_shared_text
            self._parser.CharacterDataHandler = self._measure
        elif not self._is_sheet:
            self._parser.StartElementHandler = None

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
    digits = re.fullmatch(r"\s*([0-9]+)\s*", text or "")
    return int(digits[1].lstrip("0")[:LONGEST_NUMBER] or 0) if digits else otherwise


def _address(text: str | None, last: tuple[int, int]) -> tuple[int, int]:
    """Row and column of a cell such as `AB12`; a cell without an address is next to the last."""
    found = re.fullmatch(r"\s*([A-Za-z]+)([0-9]+)\s*", text or "")
    if not found:
        return last[0], last[1] + 1
    column = 0
    for letter in found[1].upper()[:LONGEST_NUMBER]:
        column = column * 26 + ord(letter) - 64
    return _number(found[2], 0), column
