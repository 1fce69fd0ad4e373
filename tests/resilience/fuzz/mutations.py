"""Damage to the bytes of a file, drawn from a seeded random generator.

What belongs here: changes that distinguish a text from a workbook and know a workbook's parts,
tags and attributes, but nothing about the content of tables: that belongs to `structures`.
"""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random

Change = Callable[[bytes, Random], bytes]

MOST_CHANGES = 4
LONGEST_SPAN = 400
LONGEST_RUN = 200_000
MOST_LINES = 20_000
MOST_BYTES = 32 << 20  # of the result; files as large as the limits are not left to chance
NUMBERS = (
    *(b"", b"0", b"-1", b"1", b"2", b"13", b"1899", b"2100", b"65536", b"1048577", b"2147483648"),
    *(
        b"4294967296",
        b"18446744073709551616",
        b"9" * 400,
        b"1e308",
        b"1e999",
        b"1.5",
        b"-0",
        b"NaN",
    ),
    *(
        b"1,000",
        b"0x10",
        b" 7 ",
        "\uff12\uff10\uff12\uff14".encode(),
        "\u0662\u0660\u0662\u0664".encode(),
    ),
)
SIGNS = (
    *(b'"', b'""', b"'", b",", b";", b"\t", b"\x00", b"\r", b"\n", b"\r\n", b"\n\n", b" ", b"-"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xa0", b"\xc2\xa0", b"\xc2\x85", b"\xed\xa0\x80", b"\x1f"),
    *("\u2028".encode(), "\u0130".encode(), "\u00df".encode(), "\U0001f9ed".encode(), b"\xf4\x90"),
    *(b"<", b">", b"&", b"&x;", b"&#0;", b"&#xD800;", b"&#9;", b"<!--", b"<![CDATA[", b"]]>"),
    *(b"{", b"=1+1", b"#REF!", b"_x0000_", b"%s", b"(", b"Total", b"FY2024", b"through 9/31/2024"),
)
REPEATED = (b"-", b",", b'"', b" ", b"0", b"9", b"a", b"(", b"_", b"1,", b'",', b"a1", b"\xc3\x9f")
ADDRESSES = (
    *(
        b"A0",
        b"A1",
        b"B2",
        b"a1",
        b"1",
        b"A",
        b"XFD1",
        b"XFE1",
        b"A1048576",
        b"A1048577",
        b"ZZZ999",
    ),
    *(b"AAAAAAAA1", b"A99999999999", b"A-1", b"A1:XFD1048576", b"B2:A1", b"A1:A1:A1", b"$A$1"),
)
WORDS = (
    *(b"s", b"str", b"inlineStr", b"b", b"e", b"d", b"n", b"x", b"true", b"hidden", b"rId1"),
    *(b"rId99", b"/xl/workbook.xml", b"../../x.xml", b"worksheets/sheet1.xml", b"Sheet1"),
)
NAMED = re.compile(rb'\s(r|t|s|ref|count|uniqueCount|[A-Za-z:]{1,16})="([^"]{0,200})"')
VALUE = re.compile(rb"<v>([^<]{0,40})</v>")
TAG = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9:]{0,24})[^<>]{0,400}?(/?)>")
DIGITS = re.compile(rb"[0-9]+")


def mutated(content: bytes, chance: Random, others: Sequence[bytes] = ()) -> bytes:
    """The file with one to four changes. others: files of the same reader to splice with."""
    if content.startswith(b"PK") and chance.random() < 0.85:
        return _mutated_parts(content, chance, others)
    changes = BYTE_CHANGES if content.startswith(b"PK") else (*BYTE_CHANGES, *LINE_CHANGES * 2)
    for _ in range(chance.randint(1, MOST_CHANGES)):
        if others and chance.random() < 0.05:
            content = _spliced(content, chance.choice(others), chance)
        else:
            content = chance.choice(changes)(content, chance)
    return content[:MOST_BYTES]


def packed(parts: dict[str, bytes]) -> bytes:
    """An uncompressed workbook with these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return target.getvalue()


@lru_cache(maxsize=8)
def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook by name. Read-only, because the result is cached."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {part.filename: archive.read(part) for part in archive.infolist()}


def _mutated_parts(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    parts = dict(parts_of(content))
    for _ in range(chance.randint(1, MOST_CHANGES)):
        name = chance.choice(_parts_to_change(parts, chance))
        if chance.random() < 0.06:
            parts = _with_other_parts(parts, name, chance, others)
        else:
            changes = chance.choice((XML_CHANGES, XML_CHANGES, XML_CHANGES, BYTE_CHANGES))
            parts[name] = chance.choice(changes)(parts[name], chance)
    return packed(parts)


def _parts_to_change(parts: dict[str, bytes], chance: Random) -> list[str]:
    """The names of parts to choose from: mostly those that a parser of cells reads."""
    read = [n for n in parts if re.search(r"workbook\.xml|sharedStr|sheets/|styles|Types", n)]
    return read if read and chance.random() < 0.9 else list(parts) or [""]


def _with_other_parts(
    parts: dict[str, bytes], name: str, chance: Random, others: Sequence[bytes]
) -> dict[str, bytes]:
    """The parts without one, with two swapped, or with another workbook's part."""
    other = chance.choice(list(parts))
    kind = chance.randrange(4)
    if kind == 0 and len(parts) > 1:
        return {n: part for n, part in parts.items() if n != name}
    if kind == 1:
        return parts | {name: parts[other], other: parts[name]}
    if kind == 2 and others:
        return parts | {n: p for n, p in parts_of(chance.choice(others)).items() if n == name}
    return parts | {name: b""}


def _at(content: bytes, chance: Random) -> int:
    return chance.randrange(len(content) + 1)


def _span(content: bytes, chance: Random) -> tuple[int, int]:
    start = _at(content, chance)
    return start, start + chance.randint(1, chance.choice((2, 20, LONGEST_SPAN)))


def _flipped(content: bytes, chance: Random) -> bytes:
    at = _at(content, chance)
    turned = bytes(byte ^ (1 << chance.randrange(8)) for byte in content[at : at + 1])
    return content[:at] + turned + content[at + 1 :]


def _deleted(content: bytes, chance: Random) -> bytes:
    start, end = _span(content, chance)
    return content[:start] + content[end:]


def _duplicated(content: bytes, chance: Random) -> bytes:
    start, end = _span(content, chance)
    return content[:end] + content[start:end] * chance.choice((1, 1, 2, 50)) + content[end:]


def _inserted(content: bytes, chance: Random) -> bytes:
    at = _at(content, chance)
    return content[:at] + chance.choice((*SIGNS, *NUMBERS)) + content[at:]


def _lengthened(content: bytes, chance: Random) -> bytes:
    """Insert one character many times, which slows a search that starts anew at each of them."""
    at = _at(content, chance)
    sign, times = chance.choice(REPEATED), chance.choice((300, 40_000, LONGEST_RUN))
    return content[:at] + sign * (times // len(sign)) + content[at:]


def _cut(content: bytes, chance: Random) -> bytes:
    at = _at(content, chance)
    return content[:at] if chance.random() < 0.8 else content[at:]


def _spliced(content: bytes, other: bytes, chance: Random) -> bytes:
    return content[: _at(content, chance)] + other[_at(other, chance) :]


def _in_utf16(content: bytes, chance: Random) -> bytes:
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-7", "cp1252"))
    return content.decode("utf-8", errors="replace").encode(encoding, errors="replace")


def _exchanged(content: bytes, chance: Random) -> bytes:
    """Replace one character everywhere after some point; the first line may stay as it is."""
    at = chance.choice((0, content.find(b"\n") + 1, _at(content, chance)))
    old = chance.choice((b",", b'"', b"\r", b"\n", b" ", b"0", b"2", b"20", b"a"))
    new = chance.choice((b"", b";", b"\t", b",", b"\r", b" ", b'"', b"x"))
    return content[:at] + content[at:].replace(old, new)


def _with_another_number(content: bytes, chance: Random) -> bytes:
    return _with_another(DIGITS, 0, NUMBERS, content, chance)


def _with_lines_moved(content: bytes, chance: Random) -> bytes:
    """Lines are left out, duplicated, swapped, or repeated very often."""
    lines = content.split(b"\n")
    i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0:
        del lines[i : i + chance.choice((1, 1, 10))]
    elif kind == 1:
        lines.insert(i, lines[j])
    elif kind == 2:
        lines[i], lines[j] = lines[j], lines[i]
    else:
        times = chance.choice((10, 1_000, MOST_LINES))
        lines[i:i] = [chance.choice((lines[j], b"", b"note", b",,", b'"'))] * times
    return b"\n".join(lines)


def _with_another(
    pattern: re.Pattern[bytes],
    group: int,
    values: Sequence[bytes],
    content: bytes,
    chance: Random,
) -> bytes:
    """The first match after some point with another value."""
    found = pattern.search(content, _at(content, chance)) or pattern.search(content)
    if found is None:
        return _inserted(content, chance)
    start, end = found.span(group)
    return content[:start] + chance.choice(values) + content[end:]


def _with_another_attribute(content: bytes, chance: Random) -> bytes:
    values = chance.choice((NUMBERS, ADDRESSES, ADDRESSES, WORDS, SIGNS))
    return _with_another(NAMED, chance.choice((1, 2, 2, 2, 2)), values, content, chance)


def _with_another_value(content: bytes, chance: Random) -> bytes:
    return _with_another(VALUE, 1, (*NUMBERS, *SIGNS), content, chance)


def _with_a_tag_moved(content: bytes, chance: Random) -> bytes:
    """A tag is left out, duplicated, moved, or renamed."""
    found = TAG.search(content, _at(content, chance)) or TAG.search(content)
    if found is None:
        return _inserted(content, chance)
    start, end = found.span()
    kind = chance.randrange(4)
    if kind == 0:
        return content[:start] + content[end:]
    if kind == 1:
        return content[:end] + found[0] * chance.choice((1, 1, 2_000)) + content[end:]
    if kind == 2:
        name = chance.choice((b"c", b"row", b"v", b"is", b"t", b"si", b"sheet", b"x:c", b"f"))
        return content[: found.start(2)] + name + content[found.end(2) :]
    return _with_another(TAG, 0, (found[0],), content, chance)


def _with_a_new_element(content: bytes, chance: Random) -> bytes:
    """Insert an element after some tag."""
    found = TAG.search(content, _at(content, chance)) or TAG.search(content)
    at = found.end() if found else _at(content, chance)
    return content[:at] + chance.choice(ELEMENTS) + content[at:]


ELEMENTS = (
    b'<dimension ref="A1:XFD1048576"/>',
    b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    b'<mergeCells count="2"><mergeCell ref="A1:B1"/><mergeCell ref="A1:C3"/></mergeCells>',
    b'<c r="C7" t="s"><v>99999999</v></c>',
    b'<c r="C7" t="s"><v>-1</v></c>',
    b'<c r="C7" t="s"/>',
    b'<c r="D5" t="d"><v>2024-02-31T25:61:61</v></c>',
    b'<c r="D5" t="b"><v>2</v></c>',
    b'<c r="D5" t="e"><v>#NEW!</v></c>',
    b'<c r="D6" s="1"><v>1e300</v></c>',
    b'<c r="D6"><f t="shared" si="0" ref="A1:ZZ99">A1</f><v/></c>',
    b'<c r="D6"><f t="array" ref="ZZZ">1/0</f></c>',
    b'<c><is><r><t xml:space="preserve"> </t></r><rPh sb="9" eb="1"><t>x</t></rPh></is></c>',
    b'<row r="1"/>',
    b'<row r="6000" spans="9:1"><c><v>1</v></c></row>',
    b"<si/>",
    b"<si><t>_x0000_</t></si>",
    b'<sheet name="" sheetId="1" r:id="rId1"/>',
    b'<sheet name="again" sheetId="99" r:id="rId1"/>',
    b'<workbookPr date1904="1"/>',
    b'<numFmt numFmtId="164" formatCode="yyyy[$-409][h]:mm"/>',
    b'<xf numFmtId="14"/>',
    b'<sheetPr><tabColor rgb="x"/></sheetPr>',
    b'<definedName name="x">#REF!</definedName>',
)
BYTE_CHANGES: tuple[Change, ...] = (
    *(_flipped, _flipped, _deleted, _duplicated, _inserted, _inserted, _inserted),
    *(_lengthened, _cut, _in_utf16, _exchanged),
)
LINE_CHANGES: tuple[Change, ...] = (
    *(_with_another_number, _with_another_number, _with_lines_moved, _inserted),
)
XML_CHANGES: tuple[Change, ...] = (
    *(_with_another_attribute, _with_another_attribute, _with_another_attribute),
    *(_with_another_value, _with_another_value, _with_another_number, _with_a_tag_moved),
    *(_with_a_new_element, _with_a_new_element, _lengthened),
)
