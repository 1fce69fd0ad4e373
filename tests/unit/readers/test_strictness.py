"""What no publisher's habit explains: each is refused, naming the line, what was found and
what was expected. Nothing is guessed, nothing passed over."""

import re

import pytest

from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.readers import ReadError
from orchestration.settings import Limits
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, Made, made
from tests.support.parsing import read


@pytest.fixture(scope="module")
def plain() -> Made:
    return made(first="2024-09", last="2024-11")


def refusal(content: bytes, dataset: str = SOUTHWEST, limits: Limits | None = None) -> str:
    """The reason for which the bytes are refused."""
    with pytest.raises(ReadError) as refused:
        read(content, dataset, limits=limits)
    return str(refused.value)


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


def test_a_nameless_column_is_unknown(plain: Made) -> None:
    trailing = plain.text().replace("\r\n", ",\r\n")
    assert refusal(trailing.encode()).startswith("line 1: found the unknown column ''; expected")


@pytest.mark.parametrize("column", made().columns)
def test_a_missing_column_is_named(plain: Made, column: str) -> None:
    reason = refusal(plain.without_column(column).bytes())
    header = plain.header[plain.columns.index(column)]
    assert reason.startswith("line 1: found no column ")
    assert repr(header) in reason.partition("; expected")[0]


def test_a_renamed_column_is_named_both_ways(plain: Made) -> None:
    reason = refusal(plain.with_header("encounter_type", "Kind of Encounter").bytes())
    assert reason.startswith(
        "line 1: found the unknown column 'Kind of Encounter'; found no column 'Encounter Type'; "
    )


@pytest.mark.parametrize("again", ["Citizenship Grouping", "Citizenship"])
def test_a_doubled_column_is_named(plain: Made, again: str) -> None:
    doubled = plain.in_order([*plain.columns, "citizenship"])
    doubled = Made(doubled.columns, (*doubled.header[:-1], again), doubled.rows)
    assert refusal(doubled.bytes()).startswith(
        "line 1: found twice: 'Citizenship Grouping'; expected the columns"
    )


def test_the_header_is_named_by_its_own_line(plain: Made) -> None:
    text = "\r\n\r\n" + plain.with_header("component", "Agency").text()
    assert refusal(text.encode()).startswith("line 3: found the unknown column 'Agency'")


def test_a_file_without_its_header_is_refused(plain: Made) -> None:
    headless = plain.text().partition("\r\n")[2]
    assert refusal(headless.encode()).startswith("line 1: found the unknown column '2024'")


UNKNOWN_LABELS = [
    (SOUTHWEST, "month_name", "Month (abbv)", "ZZZ", "month_name"),
    (SOUTHWEST, "month_name", "Month (abbv)", "", "month_name"),
    (SOUTHWEST, "month_name", "Month (abbv)", "13", "month_name"),
    (SOUTHWEST, "month_grouping", "Month Grouping", "YTD", "month_grouping"),
    (SOUTHWEST, "component", "Component", "Coast Guard", "component"),
    (SOUTHWEST, "demographic", "Demographic", "Adults", "demographic"),
    (SOUTHWEST, "title_of_authority", "Title of Authority", "Title 9", "title_of_authority"),
    (SOUTHWEST, "encounter_type", "Encounter Type", "Turn-backs", "encounter_type"),
    (SOUTHWEST, "encounter_type", "Encounter Type", "  ", "encounter_type"),
    (BY_AREA, "land_border_region", "Land Border Region", "Eastern", "land_border_region"),
    (
        BY_AREA,
        "area_of_responsibility",
        "Area of Responsibility",
        "Maine",
        "area_of_responsibility",
    ),
    (BY_AREA, "area_abbreviation", "AOR (Abbv)", "XXX", "area_of_responsibility.abbreviation"),
    (BY_STATE, "state", "State", "ZZ", "state"),
    (BY_STATE, "state", "State", "", "state"),
]


@pytest.mark.parametrize(("dataset", "column", "header", "value", "dimension"), UNKNOWN_LABELS)
def test_an_unknown_label_is_named_with_its_line_and_the_allowed_ones(
    dataset: str, column: str, header: str, value: str, dimension: str
) -> None:
    release = made(dataset, first="2024-09", last="2024-10").with_cell(4, column, value)
    allowed = ", ".join(map(repr, load_vocabulary().labels(dimension)))
    assert refusal(release.bytes(), dataset) == (
        f"line 6: column {header!r}: found {value!r}, expected one of {allowed}"
    )


def test_many_unknown_labels_are_counted_and_a_few_shown(plain: Made) -> None:
    release = plain.with_cells("component", lambda i, _: f"Agency {i}")
    reason = refusal(release.bytes())
    assert reason.startswith("line 2 and 11 more lines: column 'Component': found 'Agency 0', ")
    assert "'Agency 4'" in reason
    assert "'Agency 5'" not in reason


def test_a_label_is_judged_even_in_a_row_that_cannot_be_typed(plain: Made) -> None:
    release = plain.with_cell(3, "encounters", "X").with_cell(3, "component", "Coast Guard")
    assert refusal(release.bytes()).startswith("line 5: column 'Component': found 'Coast Guard'")


def test_the_file_of_another_cut_is_refused() -> None:
    assert refusal(made(BY_AREA).bytes(), SOUTHWEST).startswith(
        "line 1: found the unknown column 'Land Border Region', 'Area of Responsibility', "
    )
    assert "found no column 'State'" in refusal(made(BY_AREA).bytes(), BY_STATE)


HEADER = made().text().partition("\r\n")[0]
EMPTY = "line 1: found an empty file, expected a header and rows"
PAGE = "line 1: found an HTML or XML page, expected comma-separated text"
JSON = "line 1: found JSON, expected comma-separated text"


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
def test_what_is_no_table_is_told_for_what_it_is(content: bytes, reason: str) -> None:
    assert refusal(content) == reason


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_refused(plain: Made, encoding: str) -> None:
    content = plain.text().encode(encoding)
    assert refusal(content) in (
        "line 1: found UTF-16 text, expected UTF-8",
        "line 1: found a NUL byte, expected text",
    )


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


@pytest.mark.parametrize(
    ("delimiter", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
)
def test_other_delimiters_are_named(plain: Made, delimiter: str, word: str) -> None:
    content = plain.text().replace(",", delimiter).encode()
    assert refusal(content) == f"line 1: found columns separated by {word}, expected commas"


def test_an_archive_or_workbook_by_another_name_is_refused() -> None:
    assert refusal(b"PK\x03\x04\x14\x00\x08\x00").startswith("line 1: found a NUL byte")
    assert refusal(b"\x1f\x8b\x08\x00\x00").startswith("line 1: found the byte 0x8b")


@pytest.mark.parametrize("last_line", range(2, 14, 4))
def test_a_file_cut_off_anywhere_in_a_line_is_refused(plain: Made, last_line: int) -> None:
    """Unless the cut leaves a whole row: then nothing in the file tells."""
    lines = plain.with_cells("encounters", lambda _, text: f"{text}.0").text("\n").splitlines()
    whole, last = "\n".join(lines[: last_line - 1]), lines[last_line - 1]
    for length in range(1, len(last) - len(".0")):
        if not re.search(r",[0-9]+$", last[:length]):
            reason = refusal(f"{whole}\n{last[:length]}".encode())
            assert reason.startswith(f"line {last_line}: found "), last[:length]


@pytest.mark.parametrize("cut", ["", "9,", "95", '"60,7', '"60,', '"', "9584."])
def test_a_file_cut_off_in_its_last_cell_is_told(plain: Made, cut: str) -> None:
    rows = plain.text("\n", last_end=False).rpartition(",")[0]
    if cut == "95":
        assert len(read(f"{rows},{cut}".encode()).typed) == len(plain.rows)  # nothing tells
        return
    reason = refusal(f"{rows},{cut}".encode())
    assert reason.startswith("line 13: found")
    assert reason.endswith("the file seems cut off there") or "expected 9" in reason


def test_a_file_cut_off_in_another_order_of_the_columns_is_refused(plain: Made) -> None:
    turned = plain.in_order(["citizenship", *(n for n in plain.columns if n != "citizenship")])
    content = turned.text().encode()
    start = content.rstrip().rfind(b"\n") + 1
    for length in range(start + 1, content.rfind(b",") + 1):
        assert refusal(content[:length]).startswith("line 13: found"), content[start:length]


def test_an_empty_count_at_the_end_of_an_ended_file_is_a_row_kept_aside(plain: Made) -> None:
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


def test_an_over_long_line_is_named(plain: Made) -> None:
    release = plain.with_cell(2, "citizenship", "x" * 500)
    assert refusal(release.bytes(), limits=Limits(line_bytes=300)).startswith(
        "line 4: found a line"
    )
    assert len(read(release.bytes()).typed) == len(plain.rows)


def test_a_header_in_the_middle_is_no_row(plain: Made) -> None:
    twice = plain.bytes() + plain.bytes()
    assert refusal(twice).startswith("line 14: column 'Month Grouping': found 'Month Grouping'")


def test_a_note_between_rows_is_no_note(plain: Made) -> None:
    lines = plain.text("\n").splitlines()
    reason = refusal("\n".join([*lines[:3], "Source: CBP", *lines[3:]]).encode())
    assert reason == "line 4: found 1 cells in 'Source: CBP', expected 9"


def test_a_row_of_totals_is_no_row(plain: Made) -> None:
    content = plain.bytes() + b"Total,,,,,,,,12345\r\n"
    assert refusal(content).startswith("line 14: column 'Month Grouping': found ''")
