"""The parts of an XLSX workbook, unpacked once within limits before a parser trusts them.

What belongs here: the distrust of a workbook, which is an archive of XML from somebody
else. A part may unfold without end, name a cell so far out that the sheet would not fit
into memory, show one long text in a million cells, or declare entities. What the cells say
is not looked at.
"""

import io
import lzma
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

from orchestration.readers.cells import ReadError
from orchestration.settings import Limits

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,  # an unknown compression
    RuntimeError,  # an encrypted part
    EOFError,
    OSError,
    ValueError,  # a wrong offset, a name that is no text
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
READ_AS_XML = (".xml", ".rels")
LONGEST_NUMBER = 9


def look_through(content: bytes, limits: Limits) -> None:
    """Unpack every part. Raises ReadError for what is no XLSX workbook, unfolds beyond the
    limits, or holds what a workbook may not hold."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_names(parts, limits)
            room = limits.workbook_bytes
            shared = _Shared()
            for part in parts:
                room -= _look_at(archive, part, min(room, limits.part_bytes), limits, shared)
            _check_shared(shared, limits)
    except UNREADABLE as error:
        start = content.lstrip()
        kind = "no readable zip archive"
        if start.startswith(b"<"):
            kind = "a page of HTML or XML"
        elif start.startswith(OLD_EXCEL):
            kind = "a workbook in Excel's old or encrypted format"
        raise ReadError(
            "format_is_known", f"found {kind} ({error}), expected an XLSX workbook"
        ) from error


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
class _Shared:
    """The texts that a workbook keeps once. lengths: of each; shown: by how many cells of all
    sheets, by the number of the text."""

    lengths: list[int] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)

    @property
    def characters(self) -> int:
        """How long the texts are in all, each as often as it is shown."""
        numbers = ((_number(text, -1), times) for text, times in self.shown.items())
        known = range(len(self.lengths))
        return sum(times * self.lengths[number] for number, times in numbers if number in known)


def _check_shared(shared: _Shared, limits: Limits) -> None:
    if shared.characters > limits.workbook_bytes:
        raise ReadError(
            "size_is_bounded",
            f"found {shared.characters:,} characters in the cells that show a shared text, "
            f"expected at most {limits.workbook_bytes:,}",
        )


def _look_at(
    archive: zipfile.ZipFile,
    part: zipfile.ZipInfo,
    room: int,
    limits: Limits,
    shared: _Shared,
) -> int:
    """The part's unpacked size; its text is read at once, as a parser that is fed in pieces
    reads a tag that never ends again and again."""
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
        _Xml(part.filename, is_xml, limits.sheet_cells, shared).read(text)
    return len(text)


class _Xml:
    """One pass over a part: no declarations, and of a sheet how far its filled cells reach and
    which of the shared texts they show."""

    def __init__(self, name: str, must_be_xml: bool, most_cells: int, shared: _Shared) -> None:
        self._name = name
        self._must_be_xml = must_be_xml
        self._most_cells = most_cells
        self._shared = shared
        self._shows_shared = False
        self._is_sheet: bool | None = None
        self._at = (0, 0)  # row and column of the cell that was read last
        self._reach = (0, 0)
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._declared
        self._parser.StartElementHandler = self._started

    def read(self, text: bytes) -> None:
        if b"\x00" in text:
            raise ReadError("text_is_utf8", f"{self._name}: found UTF-16 text, expected UTF-8")
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            if self._must_be_xml or self._is_sheet:
                raise ReadError(
                    "format_is_known",
                    f"{self._name}: found no well-formed XML ({error}), expected a part of an "
                    "XLSX workbook",
                ) from error

    def _declared(self, *_: object) -> None:
        raise ReadError(
            "workbook_is_safe",
            f"{self._name}: found a document type or entity declaration, expected none in a "
            "workbook",
        )

    def _started(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if self._is_sheet is None:
            self._is_sheet = tag == "worksheet"
            if tag == "sst":
                self._parser.StartElementHandler = self._started_text
                self._parser.CharacterDataHandler = self._measured
            elif not self._is_sheet:
                self._parser.StartElementHandler = None
        elif tag == "row":
            self._at = (_number(attributes.get("r"), self._at[0] + 1), 0)
        elif tag == "c":
            self._at = _address(attributes.get("r"), self._at)
            if self._shows_shared != (attributes.get("t") == "s"):
                self._shows_shared = not self._shows_shared
                self._parser.CharacterDataHandler = self._shown if self._shows_shared else None
        elif tag in ("v", "is"):  # an empty cell that only has a style reaches nowhere
            self._reach = (max(self._reach[0], self._at[0]), max(self._reach[1], self._at[1]))
            if self._reach[0] * self._reach[1] > self._most_cells:
                raise ReadError(
                    "size_is_bounded",
                    f"{self._name}: found cells as far as row {self._reach[0]:,} and column "
                    f"{self._reach[1]:,}, expected a sheet of at most {self._most_cells:,} cells",
                )

    def _shown(self, number: str) -> None:
        self._shared.shown[number] += 1

    def _started_text(self, tag: str, _: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "si":
            self._shared.lengths.append(0)

    def _measured(self, text: str) -> None:
        if self._shared.lengths:
            self._shared.lengths[-1] += len(text)


def _number(text: str | None, otherwise: int) -> int:
    digits = re.fullmatch(r"\s*([0-9]+)\s*", text or "")
    return int(digits[1].lstrip("0")[:LONGEST_NUMBER] or 0) if digits else otherwise


def _address(text: str | None, last: tuple[int, int]) -> tuple[int, int]:
    """Row and column of a cell such as `AB12`; one without an address follows the last."""
    found = re.fullmatch(r"\s*([A-Za-z]+)([0-9]+)\s*", text or "")
    if not found:
        return last[0], last[1] + 1
    column = 0
    for letter in found[1].upper()[:LONGEST_NUMBER]:
        column = column * 26 + ord(letter) - 64
    return _number(found[2], 0), column
