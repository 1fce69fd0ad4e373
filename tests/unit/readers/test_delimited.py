"""Comma-separated text as publishers write it, and text that is refused with its line, what
was found and what was expected."""

import re

import pytest

from orchestration.settings import Limits
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, Made, made
from tests.support.parsing import assert_reads_as, read, refusal
from tests.support.processor_time import no_hanging
from tests.support.workbooks import Cell, MadeSheet, MadeWorkbook, Row

CUTS = (SOUTHWEST, BY_AREA, BY_STATE)
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
BLANK = ["", "\r\n", "  \r\n\t\r\n", ",,,,,,,,\r\n" * 3, "\N{NO-BREAK SPACE}\r\n", ", ,,,,,,,\r\n"]
HEADER = made().text().partition("\r\n")[0]
EMPTY = "line 1: found an empty file, expected a header and rows"
PAGE = "line 1: found an HTML or XML page, expected comma-separated text"
JSON = "line 1: found JSON, expected comma-separated text"


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\r\r\n"], ids=repr)
@pytest.mark.parametrize("bom", ["", BOM, BOM * 2], ids=["bare", "bom", "two boms"])
@pytest.mark.parametrize("last_end", [True, False], ids=["ended", "open"])
def test_line_ends_and_byte_order_marks_do_not_matter(
    plain: Made, line_end: str, bom: str, last_end: bool
) -> None:
    assert_reads_as(read((bom + plain.text(line_end, last_end)).encode()), plain)


def test_lines_may_end_in_different_ways_in_one_file(plain: Made) -> None:
    lines = plain.text("\n").splitlines()
    ends = ["\r\n", "\n", "\r"] * len(lines)
    mixed = "".join(line + end for line, end in zip(lines, ends, strict=False))
    parsed = read(mixed.encode())
    assert_reads_as(parsed, plain)
    assert parsed.rows["row_number"][-1] == len(lines)


@pytest.mark.parametrize(
    ("column", "header"),
    [
        ("month_name", "Month abbv"),
        ("month_name", "MONTH (ABBV)"),
        ("citizenship", "Citizenship"),
        ("citizenship", "Citizenship Grouping"),
        ("fiscal_year", "fiscal year"),
        ("fiscal_year", " Fiscal  Year "),
        ("encounters", "Encounter Count  "),
        ("encounters", "encounter_count"),
        ("encounters", "Encounter Count\u200b"),
        ("month_name", "month_abbv"),
        ("month_name", "Month (Abbr.)"),
        ("month_name", "Month"),
        ("fiscal_year", "FY"),
        ("demographic", "Demographics"),
        ("encounters", "Encounters"),
        ("fiscal_year", "Fiscal Year*"),
    ],
)
@pytest.mark.parametrize("dataset", CUTS)
def test_headers_of_a_column_vary(dataset: str, column: str, header: str) -> None:
    release = made(dataset, first="2024-09", last="2024-10")
    assert_reads_as(read(release.with_header(column, header).bytes(), dataset), release)


def test_a_quoted_header_may_have_line_breaks(plain: Made) -> None:
    """As Excel writes headings that it has wrapped."""
    header, *rows = plain.text("\n").split("\n")
    broken = ",".join('"' + cell.replace(" ", "\n") + '"' for cell in header.split(","))
    parsed = read("\n".join((broken, *rows)).encode())
    assert_reads_as(parsed, plain)
    assert parsed.rows["row_number"][0] == broken.count("\n") + 2


@pytest.mark.parametrize("dataset", CUTS)
def test_columns_may_be_in_any_order(dataset: str) -> None:
    release = made(dataset, first="2024-09", last="2024-10")
    parsed = read(release.in_order(reversed(release.columns)).bytes(), dataset)
    assert_reads_as(parsed, release)
    assert parsed.rows.columns[1:-2] == list(release.columns)


def test_every_cell_may_end_in_spaces(plain: Made) -> None:
    padded = plain
    for name in plain.columns:
        padded = padded.with_cells(name, lambda _, text: f"{text}  ")
    parsed = read(padded.bytes())
    assert_reads_as(parsed, padded)
    assert (
        parsed.rows["month_start"].to_list()
        == ["2024-09-01"] * 4 + ["2024-10-01"] * 4 + ["2024-11-01"] * 4
    )


def test_every_cell_may_be_quoted(plain: Made) -> None:
    lines = [",".join(f'"{text}"' for text in cells) for cells in (plain.header, *plain.rows)]
    assert_reads_as(read("\n".join(lines).encode()), plain)


@pytest.mark.parametrize(("before", "after"), [("", "   "), (" ", ""), ("\t", " \t")])
def test_spaces_may_surround_quotes(plain: Made, before: str, after: str) -> None:
    release = plain.with_cell(3, "encounters", "60,781").with_cell(0, "citizenship", "A, B")
    text = release.text().replace('"60,781"', f'{before}"60,781"{after}')
    text = text.replace('"A, B"', f'{before}"A, B"{after}')
    assert_reads_as(read(text.encode()), release)


@pytest.mark.parametrize("blank", BLANK, ids=repr)
def test_blank_lines_below_the_table_are_ignored(plain: Made, blank: str) -> None:
    parsed = read((plain.text() + blank).encode())
    assert_reads_as(parsed, plain)
    assert parsed.notes == ()


def test_blank_lines_between_rows_keep_the_line_numbers(plain: Made) -> None:
    lines = plain.text("\n").splitlines()
    parsed = read("\n".join(["", lines[0], "", *lines[1:3], " , ", *lines[3:]]).encode())
    assert_reads_as(parsed, plain)
    assert parsed.rows["row_number"].to_list()[:3] == [4, 5, 7]


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("Source: CBP", "Source: CBP"),
        ("Source: CBP,,,,,,,,", "Source: CBP"),
        ('"Source: CBP, December 2024"', "Source: CBP, December 2024"),
        ("Figures are preliminary, and may change.", "Figures are preliminary, and may change."),
        ("2024 figures are final.", "2024 figures are final."),
        ("* Encounters, not people", "* Encounters, not people"),
        ("Encounter data are as of 12/16/2024", "Encounter data are as of 12/16/2024"),
    ],
)
@pytest.mark.parametrize("end", ["", "\r\n", "\r\n\r\n,,,\r\n"], ids=repr)
def test_notes_below_the_table_are_kept(plain: Made, line: str, note: str, end: str) -> None:
    parsed = read((plain.text() + "\r\n" + line + end).encode())
    assert_reads_as(parsed, plain)
    assert parsed.notes == (note,)


@pytest.mark.parametrize("between", [" ", " -", " through", ", "])
def test_a_year_with_much_behind_it_takes_no_long_time(plain: Made, between: str) -> None:
    """It might be the beginning of a row."""
    note = "2024" + between * 5000 + " x"
    with no_hanging():
        parsed = read((plain.text() + f'"{note}"\r\n').encode())
    assert_reads_as(parsed, plain)
    assert parsed.notes == (note,)


def test_notes_keep_their_order(plain: Made) -> None:
    notes = ("Source: CBP", "Data of December 2024, preliminary", "Contact: the press office")
    parsed = read((plain.text("\n") + "\n" + "\n\n".join(notes)).encode())
    assert_reads_as(parsed, plain)
    assert parsed.notes == notes


def test_notes_are_distinguished_from_rows_in_any_order_of_the_columns(plain: Made) -> None:
    reordered = plain.in_order(reversed(plain.columns))
    parsed = read((reordered.text() + "Source: CBP, preliminary\r\n").encode())
    assert_reads_as(parsed, plain)
    assert parsed.notes == ("Source: CBP, preliminary",)


def test_an_unknown_column_is_named_with_the_expected_ones(plain: Made) -> None:
    wider = Made(
        (*plain.columns, "sector"),
        (*plain.header, "Sector"),
        tuple((*row, "Yuma") for row in plain.rows),
    )
    assert refusal(wider.bytes()) == (
        "line 1: found the unknown column 'Sector'; expected the columns 'Fiscal Year', "
        "'Month Grouping', 'Month (abbv)', 'Component', 'Demographic', 'Citizenship Grouping', "
        "'Title of Authority', 'Encounter Type', 'Encounter Count'"
    )


@pytest.mark.parametrize("empty", [",\r\n", ",,, \r\n"])
def test_empty_columns_without_a_name_are_no_columns(plain: Made, empty: str) -> None:
    """As Excel writes them beside a table."""
    assert_reads_as(read(plain.text().replace("\r\n", empty).encode()), plain)


def test_a_column_without_a_name_that_has_cells_is_unknown(plain: Made) -> None:
    lines = plain.text("\n").splitlines()
    wider = "\n".join([f"{lines[0]},", f"{lines[1]},", *(f"{line},7" for line in lines[2:])])
    reason = refusal(wider.encode())
    assert reason.startswith("line 1: found the unknown column ''; expected")
    assert reason.endswith("; line 3 has '7' in it")


TITLES = (
    "CBP Nationwide Encounters FY23 - FY26 (FYTD)",
    "CBP Nationwide Encounters FY23 - FY26 (FYTD),,,,,,,,",
    '"Encounters, FY23 to FY26"',
    "sep=,",
)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("blank", ["\r\n", "\r\n\r\n", "\r\n,,,,,,,,\r\n"], ids=repr)
def test_a_title_above_the_header_is_a_note(plain: Made, title: str, blank: str) -> None:
    parsed = read(f"{title}{blank}{plain.text()}".encode())
    assert_reads_as(parsed, plain)
    [note] = parsed.notes
    assert note == title.rstrip(",")
    assert parsed.rows["row_number"][0] == 2 + blank.count("\r\n")


def test_an_unknown_column_below_a_title_is_named_with_its_line(plain: Made) -> None:
    text = "CBP Encounters\r\n" + plain.with_header("component", "Agency").text()
    assert refusal(text.encode()).startswith("line 2: found the unknown column 'Agency'")


def test_rows_above_the_header_are_no_title(plain: Made) -> None:
    lines = plain.text("\n").splitlines()
    reason = refusal("\n".join([lines[1], lines[0], *lines[2:]]).encode())
    assert reason.startswith("line 1: found the unknown column ")


@pytest.mark.parametrize("column", made().columns)
def test_a_missing_column_is_named(plain: Made, column: str) -> None:
    reason = refusal(plain.without_column(column).bytes())
    header = plain.header[plain.columns.index(column)]
    assert reason.startswith("line 1: found no column ")
    assert repr(header) in reason.partition("; expected")[0]


def test_a_renamed_column_is_reported_as_unknown_and_missing(plain: Made) -> None:
    reason = refusal(plain.with_header("encounter_type", "Kind of Encounter").bytes())
    assert reason.startswith(
        "line 1: found the unknown column 'Kind of Encounter'; found no column 'Encounter Type'; "
    )


@pytest.mark.parametrize("again", ["Citizenship Grouping", "Citizenship"])
def test_a_duplicate_column_is_named(plain: Made, again: str) -> None:
    doubled = plain.in_order([*plain.columns, "citizenship"])
    doubled = Made(doubled.columns, (*doubled.header[:-1], again), doubled.rows)
    assert refusal(doubled.bytes()).startswith(
        "line 1: found twice: 'Citizenship Grouping'; expected the columns"
    )


def test_an_error_in_the_header_has_its_line_number(plain: Made) -> None:
    text = "\r\n\r\n" + plain.with_header("component", "Agency").text()
    assert refusal(text.encode()).startswith("line 3: found the unknown column 'Agency'")


def test_a_file_without_its_header_is_refused(plain: Made) -> None:
    headless = plain.text().partition("\r\n")[2]
    assert refusal(headless.encode()).startswith("line 1: found the unknown column '2024'")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", EMPTY),
        (b" \r\n\t\r\n", EMPTY),
        (b"\xef\xbb\xbf", EMPTY),
        (b",,,\r\n,,,\r\n", EMPTY),
        (HEADER.encode(), "line 2: found no row under the header, expected at least one"),
        (
            f"{HEADER}\r\n\r\n".encode(),
            "line 2: found no row under the header, expected at least one",
        ),
        (
            f"{HEADER}\r\nNo data\r\n".encode(),
            "line 2: found no row under the header, expected at least one",
        ),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", PAGE),
        (b"\r\n  <HTML>\n<head></head></HTML>", PAGE),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Error/>", PAGE),
        (b"<script>location = '/'</script>", PAGE),
        (b'{"error": "not found"}', JSON),
        (b'[\n{"Fiscal Year": 2024}]', JSON),
    ],
)
def test_a_file_without_a_table_is_refused_as_what_it_is(content: bytes, reason: str) -> None:
    assert refusal(content) == reason


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t"], ids=["commas", "tabs"])
def test_utf16_text_that_says_so_is_read(plain: Made, encoding: str, delimiter: str) -> None:
    """Tableau and Excel write it, with tabs."""
    text = BOM + plain.text().replace(",", delimiter)
    assert_reads_as(read(text.encode(encoding)), plain)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_other_wide_encodings_are_refused(plain: Made, encoding: str) -> None:
    assert refusal(plain.text().encode(encoding)) == "line 1: found a NUL byte, expected text"


def test_utf16_text_that_is_cut_off_is_refused_with_its_line(plain: Made) -> None:
    content = plain.text().encode("utf-16")[:-9]
    assert refusal(content).startswith(
        f"line {len(plain.rows) + 1}: found bytes that are not UTF-16, expected"
    )


def test_the_signs_that_excel_writes_in_windows_1252_are_read(plain: Made) -> None:
    signs = "CBP\u2019s \u201cencounters\u201d \u2013 Title\u00a08\u2026"
    release = plain.with_cell(1, "encounters", "\u00a0312")
    parsed = read((release.text() + signs + "\r\n").encode("windows-1252"))
    assert_reads_as(parsed, release)
    assert parsed.notes == (signs,)


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"], ids=repr)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["bare", "bom"])
def test_bytes_that_are_not_utf8_are_named_with_their_line(
    plain: Made, line_end: str, bom: bytes
) -> None:
    release = plain.with_cell(4, "citizenship", "Espa\N{LATIN SMALL LETTER N WITH TILDE}a")
    content = bom + release.text(line_end).encode("latin-1")
    assert refusal(content) == (
        "line 6: found the byte 0xf1, which is not UTF-8; expected UTF-8 text"
    )


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"], ids=repr)
def test_a_nul_byte_is_named_with_its_line(plain: Made, line_end: str) -> None:
    content = plain.with_cell(4, "citizenship", "MEX\x00ICO").bytes(line_end)
    assert refusal(content) == "line 6: found a NUL byte, expected text"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"], ids=["semicolons", "tabs", "bars"])
def test_cells_may_be_separated_by_other_signs(plain: Made, delimiter: str) -> None:
    release = plain.with_cell(0, "encounters", "1,003")
    text = release.text().replace('"1,003"', "1;003").replace(",", delimiter)
    assert_reads_as(read(text.replace("1;003", '"1,003"').encode()), release)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"], ids=["semicolons", "tabs", "bars"])
@pytest.mark.parametrize("cut", [3, 12, 30])
def test_a_file_with_other_signs_that_is_cut_off_is_refused(
    plain: Made, delimiter: str, cut: int
) -> None:
    text = plain.text("\n", last_end=False).replace(",", delimiter)
    last = text.rpartition("\n")[2]
    kept = text[: len(text) - len(last) + last.index(delimiter, cut) + 1]
    assert "line 13" in refusal(kept.encode())


def test_a_line_with_another_number_of_tabs_is_named(plain: Made) -> None:
    lines = plain.text("\n").replace(",", "\t").splitlines()
    lines[2] += "\t"
    assert refusal("\n".join(lines).encode()).startswith("line 3: found 10 cells in ")


def _workbook(release: Made, *others: MadeSheet) -> bytes:
    return MadeWorkbook((*others, MadeSheet("Data", _as_rows(release)))).bytes()


def _as_rows(release: Made) -> tuple[Row, ...]:
    """The header and the rows, with counts as numbers."""
    rows: list[Row] = [release.header]
    for *labels, count in release.rows:
        cells: list[Cell] = [*labels, int(count)]
        rows.append(tuple(cells))
    return tuple(rows)


def test_the_table_may_be_in_a_workbook(plain: Made) -> None:
    parsed = read(_workbook(plain, MadeSheet("Read me", (("About these data",),))))
    assert_reads_as(parsed, plain)
    assert parsed.rows["row_number"][0] == 2


def test_in_a_workbook_numbers_and_notes_are_those_of_its_rows(plain: Made) -> None:
    rows = (("CBP Encounters, FY2024",), (), *_as_rows(plain), ("Source: CBP",))
    parsed = read(MadeWorkbook((MadeSheet("Data", rows),)).bytes())
    assert_reads_as(parsed, plain)
    assert parsed.rows["row_number"][0] == 4
    assert [note.strip('"') for note in parsed.notes] == ["CBP Encounters, FY2024", "Source: CBP"]


def test_an_unknown_column_in_a_workbook_is_named(plain: Made) -> None:
    reason = refusal(_workbook(plain.with_header("component", "Agency")))
    assert reason.startswith("line 1: found the unknown column 'Agency'; found no column")


def test_a_workbook_with_the_table_twice_is_refused(plain: Made) -> None:
    again = MadeSheet("Again", (plain.header, *plain.rows))
    reason = refusal(_workbook(plain, again))
    assert reason.startswith("found 2 sheets with the columns 'Fiscal Year', 'Month Grouping', ")
    assert reason.endswith("expected one; the workbook has the sheets 'Again', 'Data'")


def test_an_archive_by_another_name_is_refused() -> None:
    assert "expected an XLSX" in refusal(b"PK\x03\x04\x14\x00\x08\x00")
    assert refusal(b"\x1f\x8b\x08\x00\x00").startswith("line 1: found the byte 0x8b")


@pytest.mark.parametrize("last_line", range(2, 14, 4))
def test_a_file_cut_off_anywhere_in_a_line_is_refused(plain: Made, last_line: int) -> None:
    """Except where the cut leaves a whole row, which nothing in the file reveals."""
    lines = plain.with_cells("encounters", lambda _, text: f"{text}.0").text("\n").splitlines()
    whole, last = "\n".join(lines[: last_line - 1]), lines[last_line - 1]
    for length in range(1, len(last) - len(".0")):
        if not re.search(r",[0-9]+$", last[:length]):
            reason = refusal(f"{whole}\n{last[:length]}".encode())
            assert reason.startswith(f"line {last_line}: found "), last[:length]


@pytest.mark.parametrize("cut", ["", "9,", "95", '"60,7', '"60,', '"', "9584."])
def test_a_file_cut_off_in_its_last_cell_is_refused(plain: Made, cut: str) -> None:
    rows = plain.text("\n", last_end=False).rpartition(",")[0]
    if cut == "95":
        assert len(read(f"{rows},{cut}".encode()).typed) == len(plain.rows)  # a whole row
        return
    reason = refusal(f"{rows},{cut}".encode())
    assert reason.startswith("line 13: found")
    assert reason.endswith("the file seems cut off there") or "expected 9" in reason


def test_a_file_cut_off_in_another_order_of_the_columns_is_refused(plain: Made) -> None:
    reordered = plain.in_order(["citizenship", *(n for n in plain.columns if n != "citizenship")])
    content = reordered.text().encode()
    start = content.rstrip().rfind(b"\n") + 1
    for length in range(start + 1, content.rfind(b",") + 1):
        assert refusal(content[:length]).startswith("line 13: found"), content[start:length]


def test_an_empty_count_at_the_end_of_a_whole_file_is_a_rejected_row(plain: Made) -> None:
    parsed = read(plain.with_cell(11, "encounters", "").bytes())
    assert parsed.rows["problem"][-1].startswith("column 'Encounter Count': found ''")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("Mexico", 'Mex"ico'),
        ("Mexico", '"Mexico'),
        ("Mexico", 'Mexico"'),
        ("Mexico", '"Mex"ico"'),
        ("Mexico", '"Mexico" (US)'),
        ("Mexico", 'a "Mex,ico" b'),
        ("Mexico", '"Mexico,Title 8'),
        ("Mexico", '"""Mexico'),
    ],
)
def test_a_stray_quote_is_named_with_its_line(plain: Made, good: str, bad: str) -> None:
    lines = plain.text("\n").splitlines()
    lines[5] = lines[5].replace(good, bad)
    reason = refusal("\n".join(lines).encode())
    assert reason.startswith("line 6: found a stray or unclosed quote in '2025 (FYTD)")
    assert reason.endswith("expected quotes around whole cells")


def test_a_quote_over_a_line_end_does_not_swallow_the_next_line(plain: Made) -> None:
    text = plain.text("\n").replace("Mexico", '"Mex\nico"', 1)
    assert refusal(text.encode()).startswith("line 2: found a stray or unclosed quote")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (",Title 8", "", 8),
        (",Title 8", ",Title 8,", 10),
        ("Mexico", "CHINA, PEOPLES REPUBLIC OF", 10),
    ],
)
def test_a_line_with_too_few_or_too_many_cells_is_named(
    plain: Made, old: str, new: str, found: int
) -> None:
    lines = plain.text("\n").splitlines()
    lines[1] = lines[1].replace(old, new)
    reason = refusal("\n".join(lines).encode())
    assert re.fullmatch(rf"line 2: found {found} cells in '2024,.*', expected 9", reason)


def test_thousands_without_quotes_are_two_cells(plain: Made) -> None:
    lines = plain.text("\n").splitlines()
    lines[1] = lines[1].rpartition(",")[0] + ",60,781"
    assert refusal("\n".join(lines).encode()).startswith("line 2: found 10 cells")


def test_a_line_that_is_too_long_is_named(plain: Made) -> None:
    release = plain.with_cell(2, "citizenship", "x" * 500)
    assert refusal(release.bytes(), limits=Limits(line_bytes=300)).startswith(
        "line 4: found a line"
    )
    assert len(read(release.bytes()).typed) == len(plain.rows)


def test_a_second_header_is_not_a_row(plain: Made) -> None:
    twice = plain.bytes() + plain.bytes()
    assert refusal(twice).startswith("line 14: column 'Month Grouping': found 'Month Grouping'")


def test_a_note_between_rows_is_refused(plain: Made) -> None:
    lines = plain.text("\n").splitlines()
    reason = refusal("\n".join([*lines[:3], "Source: CBP", *lines[3:]]).encode())
    assert reason == "line 4: found 1 cells in 'Source: CBP', expected 9"


TOTAL_ROWS = ("Total,,,,,,,,{}", "Grand Total,,,,,,,,{}", ",,,,,,,Total,{}", ",,,,,,,,{}")


@pytest.mark.parametrize("row", TOTAL_ROWS)
@pytest.mark.parametrize("form", ["{}", '"{:,}"', "{}.0"])
def test_a_total_below_the_rows_is_checked_and_is_no_row(plain: Made, row: str, form: str) -> None:
    total = form.format(sum(map(int, plain.column("encounters"))))
    parsed = read(plain.bytes() + row.format(total).encode() + b"\r\nSource: CBP\r\n")
    assert_reads_as(parsed, plain)
    assert [note for note in parsed.notes if note.startswith("line 14: the total ")]
    assert "Source: CBP" in parsed.notes


@pytest.mark.parametrize("row", TOTAL_ROWS)
def test_a_total_that_is_not_the_sum_of_the_rows_is_refused(plain: Made, row: str) -> None:
    rows = sum(map(int, plain.column("encounters")))
    assert refusal(plain.bytes() + row.format(rows + 1).encode() + b"\r\n") == (
        f"line 14: found the total '{rows + 1}', expected {rows:,}, the sum of the 12 rows above it"
    )


def test_a_total_between_rows_is_refused(plain: Made) -> None:
    lines = plain.text("\n").splitlines()
    reason = refusal("\n".join([*lines[:5], "Total,,,,,,,,99", *lines[5:]]).encode())
    assert reason.startswith("line 6: column 'Month Grouping': found ''")
