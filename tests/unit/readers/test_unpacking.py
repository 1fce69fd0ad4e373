"""Hostile and damaged workbooks: each is refused, with the reason, before a parser opens it.

Reading ends in nothing but a ReadError, and nothing is unpacked beyond the limits.
"""

import io
import random
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cache

import pytest

from orchestration.readers import ReadError
from orchestration.settings import MEBIBYTE, Limits
from tests.support import parsing
from tests.support.parsing import read
from tests.support.workbooks import (
    CITIZENSHIP,
    MONTHLY_TABLES,
    REPATS_PART,
    monthly_tables,
    packed,
    parts_of,
    saved,
    with_shared_strings,
)

OTHER_SHEET = "xl/worksheets/sheet3.xml"  # a table that is not required
STRINGS = "xl/sharedStrings.xml"
END = b"</sheetData>"
EXTERNAL = b'<!DOCTYPE x [<!ENTITY leak SYSTEM "file:///etc/passwd">]>'
NOTE = "<properties><documentManagement/></properties>"
BILLION_LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
NO_ZIP = "found no readable zip archive (File is not a zip file), expected an XLSX workbook"
SCRIPT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from orchestration.readers import ReadError
from tests.support.parsing import read
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
used = resource.getrusage(resource.RUSAGE_SELF)
seconds = int(used.ru_utime + used.ru_stime) + 2
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
try:
    read(sys.stdin.buffer.read(), {dataset!r})
    print("read")
except ReadError as error:
    print("ReadError:", error)
"""


@cache
def good() -> bytes:
    return monthly_tables().bytes()


def changed(part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A good workbook with one part changed."""
    parts = parts_of(good())
    before = parts[part]
    parts[part] = change(before)
    assert parts[part] != before
    return packed(parts)


def with_part(name: str, text: bytes) -> bytes:
    """A good workbook with one part more."""
    return packed(parts_of(good()) | {name: text})


def refusal(content: bytes, limits: Limits | None = None) -> str:
    """The reason why the monthly tables refuse the bytes."""
    return parsing.refusal(content, MONTHLY_TABLES, limits=limits)


def read_in_another_process(content: bytes) -> str:
    """The outcome of reading in a process with 4 GB of address space and two seconds of CPU
    time, which a crash or a hang ends instead of the tests."""
    script = SCRIPT.format(memory=4 * 1024 * MEBIBYTE, dataset=MONTHLY_TABLES)
    done = subprocess.run(
        [sys.executable, "-c", script], input=content, capture_output=True, check=False
    )
    return done.stdout.decode().strip() or f"ended by {done.returncode}, {done.stderr[:200]!r}"


class TestNotAWorkbook:
    """Files that are workbooks in name only."""

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"Fiscal Year,Month,Total\r\n2024,October,5\r\n",
            b"PK\x03\x04" + bytes(64),
        ],
        ids=["empty", "text", "start of a zip"],
    )
    def test_a_file_that_is_not_an_archive_is_refused(self, content: bytes) -> None:
        assert refusal(content) == NO_ZIP

    def test_an_old_workbook_is_named(self) -> None:
        content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)
        assert refusal(content).startswith("found a workbook in Excel's old or encrypted format (")

    @pytest.mark.parametrize(
        "page", [b"<!DOCTYPE html><html><body>Access denied</body></html>", b"\r\n <Error/>"]
    )
    def test_a_web_page_is_named(self, page: bytes) -> None:
        assert refusal(page).startswith("found a page of HTML or XML (")
        assert refusal(page).endswith(", expected an XLSX workbook")

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
    def test_a_workbook_that_was_cut_off_is_refused(self, share: float) -> None:
        assert refusal(good()[: int(len(good()) * share)]) == NO_ZIP

    def test_another_archive_is_refused(self) -> None:
        content = packed({"figures.csv": b"1,2", "word/document.xml": b"<document/>"})
        reason = "found a zip archive without xl/workbook.xml, expected an XLSX file"
        assert refusal(content) == reason

    @pytest.mark.parametrize("missing", ["xl/_rels/workbook.xml.rels", REPATS_PART])
    def test_a_workbook_without_one_of_its_parts_is_refused(self, missing: str) -> None:
        parts = parts_of(good())
        del parts[missing]
        assert "found no readable" in refusal(packed(parts))

    def test_a_workbook_of_empty_parts_is_refused(self) -> None:
        assert "found malformed XML (" in refusal(packed(dict.fromkeys(parts_of(good()), b"")))

    @pytest.mark.parametrize(
        "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    )
    def test_a_damaged_part_is_refused(self, method: int) -> None:
        content = bytearray(packed(parts_of(good()), method))
        start = content.index(REPATS_PART.encode()) + len(REPATS_PART) + 20
        for i in range(start, start + 40):
            content[i] ^= 0x5A
        assert "expected an XLSX workbook" in refusal(bytes(content))

    def test_parts_at_an_offset_before_the_start_are_refused(self) -> None:
        """The offset of each part is relative to the directory's offset, in the last record."""
        content = bytearray(good())
        offset = content.rindex(b"PK\x05\x06") + 16
        content[offset : offset + 4] = (10 * len(good())).to_bytes(4, "little")
        assert "expected an XLSX workbook" in refusal(bytes(content))

    def test_a_part_with_a_name_that_is_not_text_is_refused(self) -> None:
        parts = parts_of(good()) | {"xl/\N{LATIN SMALL LETTER E WITH ACUTE}.bin": b"x"}
        content = packed(parts).replace(b"xl/\xc3\xa9.bin", b"xl/\xff\xfe.bin")
        assert "found " in refusal(content)

    def test_a_part_with_a_password_is_refused(self) -> None:
        content = bytearray(good())
        for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = content.find(signature)
            while at >= 0:
                content[at + flags] |= 1
                at = content.find(signature, at + 4)
        assert "encrypted" in refusal(bytes(content))

    @pytest.mark.parametrize("seed", range(3))
    def test_changed_bytes_never_raise_another_exception(self, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(100):
            content = bytearray(good())
            for _ in range(chance.randint(1, 4)):
                content[chance.randrange(len(content))] = chance.randrange(256)
            try:
                read(bytes(content), MONTHLY_TABLES)
            except ReadError as error:
                assert str(error)  # noqa: PT017


class TestSize:
    """Archives that are small until they are unpacked."""

    def test_a_workbook_larger_than_the_limit_when_unpacked_is_refused(self) -> None:
        assert refusal(good(), Limits(workbook_bytes=5_000)).endswith(
            "found a workbook of more than 5,000 bytes when unpacked, expected less"
        )
        size = sum(map(len, parts_of(good()).values()))
        assert len(read(good(), MONTHLY_TABLES, limits=Limits(workbook_bytes=size)).rows) == 240

    @pytest.mark.parametrize("part", ["xl/media/image1.png", "xl/worksheets/sheet9.xml"])
    def test_a_zip_bomb_is_not_unpacked_to_its_end(self, part: str) -> None:
        """420 MB of blanks in less than 2 MB. A limit of 8 MB keeps the test short; no more than
        one part, of at most 64 MB, is ever in memory."""
        target = io.BytesIO(good())
        blanks = b" " * MEBIBYTE
        with (
            zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open(part, "w") as stream,
        ):
            for _ in range(420):
                stream.write(blanks)
        content = target.getvalue()
        assert len(content) < 2 * MEBIBYTE
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert refusal(content, Limits(workbook_bytes=8 * MEBIBYTE)) == (
            f"{part}: found a workbook of more than 8,388,608 bytes when unpacked, expected less"
        )
        assert refusal(content).startswith(f"{part}: found a part of more than 67,108,864 ")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown * 1024 < 256 * MEBIBYTE

    def test_many_parts_are_refused(self) -> None:
        parts = parts_of(good())
        many = parts | {f"xl/media/{i}.txt": b"" for i in range(2_000)}
        assert refusal(packed(many)) == (
            f"found {len(many):,} parts in the workbook, expected at most 2,000"
        )

    def test_a_far_cell_is_refused_before_its_grid_is_allocated(self) -> None:
        workbook = monthly_tables().workbook()
        workbook[CITIZENSHIP]["XFD1048576"] = 1
        assert refusal(saved(workbook)) == (
            f"{OTHER_SHEET}: found cells as far as row 1,048,576 and column 16,384, expected a "
            "sheet of at most 6,000,000 cells"
        )

    @pytest.mark.parametrize(
        "row",
        [
            b'<row r="600"><c r="ZZ600"><v>1</v></c></row>',
            b'<row r="600"><c t="inlineStr" r="ZZ600"><is><t>x</t></is></c></row>',
            b'<row r="600"><c\n\tr="ZZ600"\n><v>1</v></c></row>',
            b'<row r="600"><c ' + b" " * 300 + b'r="ZZ600"><v>1</v></c></row>',
            b"<row r='600'><c r='ZZ600'><v>1</v></c></row>",
            b'<row r="600"><c r = "ZZ600"><v>1</v></c></row>',
            b'<row r="600"><c r="zz600"><v>1</v></c></row>',
            b'<row r="600"><c r="ZZ00000600"><v>1</v></c></row>',
            b'<row r="600"><c x=">" r="ZZ600"><v>1</v></c></row>',
            b'<row r="60000"><c><v>1</v></c></row>',
        ],
        ids=[
            *("plain", "text", "lines", "blanks", "single quotes", "spaces", "small letters"),
            *("zeros", "angle", "no address"),
        ],
    )
    def test_a_far_cell_is_found_however_it_is_written(self, row: bytes) -> None:
        """The parser would make a grid as large as each of these says."""
        content = changed(OTHER_SHEET, lambda sheet: sheet.replace(END, row + END))
        reason = refusal(content, Limits(sheet_cells=5_000))
        assert reason.startswith(f"{OTHER_SHEET}: found cells as far as row 60")

    def test_a_far_cell_is_found_wherever_its_sheet_lies_in_the_archive(self) -> None:
        far = b'<row r="600"><c r="ZZ600"><v>1</v></c></row>'
        moved = {
            name.replace("worksheets/", "tabs/"): part.replace(b"worksheets/", b"tabs/")
            for name, part in parts_of(good()).items()
        }
        assert len(read(packed(moved), MONTHLY_TABLES).rows) == 240
        sheet = OTHER_SHEET.replace("worksheets/", "tabs/")
        moved[sheet] = moved[sheet].replace(END, far + END)
        reason = refusal(packed(moved), Limits(sheet_cells=5_000))
        assert reason.startswith(f"{sheet}: found cells as far as row 600 and column 702")

    @pytest.mark.parametrize("address", [b"A9999999999", b"AAAAAAAA1"])
    def test_a_cell_beyond_any_sheet_does_not_crash_the_process(self, address: bytes) -> None:
        """The parser would allocate as much memory as the address says."""
        cell = b'<row><c r="' + address + b'"><v>1</v></c></row>'
        content = changed(OTHER_SHEET, lambda sheet: sheet.replace(END, cell + END))
        assert read_in_another_process(content).startswith("ReadError: ")

    @pytest.mark.parametrize(
        "text", [b"<c " * 40_000, b"<c " + b'r="A1" ' * 20_000], ids=["cells", "addresses"]
    )
    def test_an_unclosed_tag_is_scanned_once(self, text: bytes) -> None:
        """Scanning for its end from each of its positions would take minutes."""
        content = changed(OTHER_SHEET, lambda sheet: sheet.replace(END, text))
        assert read_in_another_process(content).startswith("ReadError: ")


class TestXml:
    """XML that no workbook needs: declarations, other encodings, malformed parts."""

    @pytest.mark.parametrize("declared", [EXTERNAL, BILLION_LAUGHS])
    @pytest.mark.parametrize(
        "part", [REPATS_PART, OTHER_SHEET, "xl/workbook.xml", "xl/styles.xml", "docProps/core.xml"]
    )
    def test_a_document_type_is_refused_in_every_part(self, part: str, declared: bytes) -> None:
        content = changed(part, lambda xml: declared + xml)
        assert refusal(content) == (
            f"{part}: found a document type or entity declaration, expected none in a workbook"
        )

    @pytest.mark.parametrize("declared", [EXTERNAL, BILLION_LAUGHS])
    def test_a_document_type_is_refused_in_the_shared_strings(self, declared: bytes) -> None:
        text = b'<sst count="1" uniqueCount="1"><si><t>%s</t></si></sst>'
        assert len(read(with_shared_strings(text % b""), MONTHLY_TABLES).rows) == 240
        assert refusal(with_shared_strings(declared + text % b"&leak;")) == (
            f"{STRINGS}: found a document type or entity declaration, expected none in a workbook"
        )

    @pytest.mark.parametrize("part", [REPATS_PART, "xl/workbook.xml", "xl/styles.xml"])
    def test_malformed_xml_is_refused(self, part: str) -> None:
        content = changed(part, lambda xml: b"<!doctype x>" + xml)
        assert refusal(content).startswith(f"{part}: found malformed XML (")

    @pytest.mark.parametrize("part", [REPATS_PART, OTHER_SHEET, "xl/workbook.xml"])
    def test_utf16_is_refused_where_cells_are_read(self, part: str) -> None:
        content = changed(part, lambda xml: xml.decode().encode("utf-16"))
        assert refusal(content) == f"{part}: found UTF-16 text, expected UTF-8"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
    def test_a_part_that_office_writes_for_itself_may_have_any_encoding(
        self, encoding: str
    ) -> None:
        assert (
            len(read(with_part("customXml/item1.xml", NOTE.encode(encoding)), MONTHLY_TABLES).rows)
            == 240
        )

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    @pytest.mark.parametrize("declared", [EXTERNAL, BILLION_LAUGHS])
    def test_a_document_type_is_refused_in_any_encoding(
        self, declared: bytes, encoding: str
    ) -> None:
        text = (declared.decode() + NOTE).encode(encoding)
        assert refusal(with_part("customXml/item1.xml", text)) == (
            "customXml/item1.xml: found a document type or entity declaration, expected none in a "
            "workbook"
        )

    def test_a_link_to_another_workbook_is_refused(self) -> None:
        content = with_part("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
        assert refusal(content) == (
            "found the part 'xl/externalLinks/externalLink1.xml', a link to another workbook, "
            "expected none"
        )

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("part", [REPATS_PART, OTHER_SHEET])
    def test_a_sheet_that_is_not_xml_is_not_skipped(self, part: str, encoding: str) -> None:
        """UTF-16 without a byte order mark, which the parser does not recognise as such."""
        content = changed(part, lambda xml: xml.decode().encode(encoding))
        assert refusal(content).startswith((f"{part}: found ", "sheet '"))

    def test_a_sheet_whose_xml_ends_early_is_named(self) -> None:
        content = changed(REPATS_PART, lambda xml: xml[: len(xml) // 2])
        assert refusal(content).startswith(
            ("sheet 'DHS Repats by Type': found ", f"{REPATS_PART}: found ")
        )
