"""What publishers do to their files without changing a figure: each is read as it stands.

A cell is kept as the text that was published; what it means is told by `month_start` and
`problem`.
"""

import pytest

from orchestration.readers import ReadError, cbp_encounters
from tests.support.cbp_files import BY_AREA, BY_STATE, FIELD_OPERATIONS, SOUTHWEST, Made, made
from tests.support.parsing import assert_reads_as, read

DATASETS = (SOUTHWEST, BY_AREA, BY_STATE)
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def plain() -> Made:
    """One finished and two unfinished months."""
    return made(first="2024-09", last="2024-11")


@pytest.mark.parametrize("dataset", DATASETS)
def test_each_cut_is_read_with_its_months_and_line_numbers(dataset: str) -> None:
    release = made(dataset, first="2024-09", last="2024-10")
    parsed = read(release.bytes(), dataset)
    assert_reads_as(parsed, release)
    assert parsed.rows["row_number"].to_list() == list(range(2, 10))
    assert parsed.rows["month_start"].to_list() == ["2024-09-01"] * 4 + ["2024-10-01"] * 4
    assert parsed.rows.columns == ["row_number", *release.columns, "problem", "month_start"]
    assert parsed.notes == ()


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
    ],
)
@pytest.mark.parametrize("dataset", DATASETS)
def test_headers_of_a_column_vary(dataset: str, column: str, header: str) -> None:
    release = made(dataset, first="2024-09", last="2024-10")
    assert_reads_as(read(release.with_header(column, header).bytes(), dataset), release)


@pytest.mark.parametrize("dataset", DATASETS)
def test_columns_stand_in_any_order(dataset: str) -> None:
    release = made(dataset, first="2024-09", last="2024-10")
    parsed = read(release.in_order(reversed(release.columns)).bytes(), dataset)
    assert_reads_as(parsed, release)
    assert parsed.rows.columns[1:-2] == list(release.columns)


@pytest.mark.parametrize(
    "text", ["2024", "2024 (FYTD)", "2024 FYTD", "2024(FYTD)", "FY2024", "FY 2024", "2024 (fytd) "]
)
def test_a_fiscal_year_is_written_in_many_ways(plain: Made, text: str) -> None:
    release = plain.with_cell(0, "fiscal_year", text)
    parsed = read(release.bytes())
    assert_reads_as(parsed, release)
    assert parsed.rows["month_start"][0] == "2024-09-01"


@pytest.mark.parametrize(
    "text",
    ["9584", "9584.0", "9584.00", "60,781", "60,781.0", "1,234,567", "0", "0.0", " 12 ", "12\t"],
)
def test_counts_are_written_in_many_ways(plain: Made, text: str) -> None:
    release = plain.with_cell(1, "encounters", text)
    assert_reads_as(read(release.bytes()), release)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("month_name", "Sep"),
        ("month_name", "September"),
        ("month_grouping", "Fytd"),
        ("component", "OFFICE OF FIELD OPERATIONS"),
        ("component", "OFO"),
        ("component", "Office of  Field Operations "),
        ("component", "Office of Field\N{NO-BREAK SPACE}Operations"),
        ("demographic", "UAC"),
        ("demographic", "UC / Single Minors"),
        ("demographic", "uc / single minors"),
        ("demographic", "Family Unit Aliens"),
        ("citizenship", "MEXICO"),
        ("citizenship", "mexico "),
        ("citizenship", "CHINA, PEOPLES REPUBLIC OF"),
        ("citizenship", 'the "other" ones'),
        ("citizenship", "Côte d'Ivoire"),
        ("citizenship", "ATLANTIS"),
        ("title_of_authority", "TITLE 8"),
        ("encounter_type", "inadmissibles"),
    ],
)
def test_labels_vary_in_case_space_and_name(plain: Made, column: str, text: str) -> None:
    release = plain.with_cell(0, column, text)
    parsed = read(release.bytes())
    assert_reads_as(parsed, release)
    assert parsed.rows["month_start"][0] == "2024-09-01"


def test_areas_and_states_vary_in_case_and_space() -> None:
    area = made(BY_AREA, first="2024-10", last="2024-10")
    area = area.with_cell(0, "area_of_responsibility", "miami  field office ")
    area = area.with_cell(0, "area_abbreviation", "MIAMI").with_cell(2, "area_abbreviation", "sdc")
    assert_reads_as(
        read(area.with_cell(0, "land_border_region", "OTHER").bytes(), BY_AREA),
        area.with_cell(0, "land_border_region", "OTHER"),
    )
    state = made(BY_STATE, first="2024-10", last="2024-10").with_cell(0, "state", " wa ")
    assert_reads_as(read(state.bytes(), BY_STATE), state)


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
def test_spaces_may_stand_around_quotes(plain: Made, before: str, after: str) -> None:
    release = plain.with_cell(3, "encounters", "60,781").with_cell(0, "citizenship", "A, B")
    text = release.text().replace('"60,781"', f'{before}"60,781"{after}')
    text = text.replace('"A, B"', f'{before}"A, B"{after}')
    assert_reads_as(read(text.encode()), release)


BLANK = ["", "\r\n", "  \r\n\t\r\n", ",,,,,,,,\r\n" * 3, "\N{NO-BREAK SPACE}\r\n", ", ,,,,,,,\r\n"]


@pytest.mark.parametrize("blank", BLANK, ids=repr)
def test_blank_lines_under_the_table_are_passed_over(plain: Made, blank: str) -> None:
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
def test_notes_under_the_table_are_kept(plain: Made, line: str, note: str, end: str) -> None:
    parsed = read((plain.text() + "\r\n" + line + end).encode())
    assert_reads_as(parsed, plain)
    assert parsed.notes == (note,)


def test_notes_keep_their_order(plain: Made) -> None:
    notes = ("Source: CBP", "Data of December 2024, preliminary", "Contact: the press office")
    parsed = read((plain.text("\n") + "\n" + "\n\n".join(notes)).encode())
    assert_reads_as(parsed, plain)
    assert parsed.notes == notes


def test_notes_are_told_from_rows_in_any_order_of_the_columns(plain: Made) -> None:
    turned = plain.in_order(reversed(plain.columns))
    parsed = read((turned.text() + "Source: CBP, preliminary\r\n").encode())
    assert_reads_as(parsed, plain)
    assert parsed.notes == ("Source: CBP, preliminary",)


def test_all_of_it_at_once(plain: Made) -> None:
    release = plain.with_header("month_name", "Month abbv").with_header(
        "citizenship", "Citizenship"
    )
    release = release.with_cells("encounters", lambda _, text: f"{text}.0 ")
    release = release.with_cells("citizenship", lambda _, text: text.upper())
    release = release.with_cells(
        "demographic", lambda _, text: text.replace("UC / Single Minors", "UAC")
    )
    release = release.with_cell(0, "encounters", "60,781").with_cell(1, "encounters", "0")
    turned = release.in_order(sorted(release.columns))
    content = BOM + turned.text("\n") + "\n ,,\nSource: CBP\n\n"
    parsed = read(content.encode())
    assert_reads_as(parsed, release)
    assert parsed.notes == ("Source: CBP",)


def test_a_row_that_cannot_be_typed_says_why_and_keeps_its_cells(plain: Made) -> None:
    release = plain.with_cell(0, "encounters", "X").with_cell(2, "fiscal_year", "20X4")
    parsed = read(release.bytes())
    for name in release.columns:
        assert parsed.rows[name].to_list() == release.column(name)
    problems = parsed.rows["problem"].to_list()
    assert (
        problems[0] == "column 'Encounter Count': found 'X', expected a whole number, zero or more"
    )
    assert problems[2] == (
        "column 'Fiscal Year': found '20X4', expected a fiscal year such as 2024 or 2025 (FYTD)"
    )
    assert parsed.rows["month_start"][0] is None
    assert len(parsed.typed) == len(release.rows) - 2


@pytest.mark.parametrize(
    "text",
    ["", " ", "X", "-5", "12.5", "1,23", "1e5", "+5", "1 234", "٣", "9" * 20, "N/A", "12\u2028"],
    ids=ascii,
)
def test_what_is_no_count_is_no_count(plain: Made, text: str) -> None:
    parsed = read(plain.with_cell(0, "encounters", text).bytes())
    assert parsed.rows["problem"][0] == (
        f"column 'Encounter Count': found '{text}', expected a whole number, zero or more"
    )
    assert parsed.rows["problem"].null_count() == len(plain.rows) - 1


@pytest.mark.parametrize(
    "text", ["", "24", "1824", "2024-25", "FYTD", "20\uff12\uff14", "2024 (final)"]
)
def test_what_is_no_fiscal_year_is_no_fiscal_year(plain: Made, text: str) -> None:
    parsed = read(plain.with_cell(0, "fiscal_year", text).bytes())
    assert parsed.rows["problem"][0].startswith(f"column 'Fiscal Year': found '{text}', expected")


@pytest.mark.parametrize("text", ["", "  ", "MEX\x01ICO", "MEX\tICO"], ids=ascii)
def test_an_empty_or_garbled_citizenship_cannot_be_typed(plain: Made, text: str) -> None:
    parsed = read(plain.with_cell(0, "citizenship", text).bytes())
    assert parsed.rows["problem"][0].startswith("column 'Citizenship Grouping': found")
    assert parsed.rows["component"][0] == FIELD_OPERATIONS


def test_a_parser_that_panics_refuses_the_file_and_ends_nothing(
    plain: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PanicException(BaseException):
        """As the parsers written in Rust raise it: no Exception."""

    def panics(*_: object) -> None:
        raise PanicException("index out of bounds")

    monkeypatch.setattr(cbp_encounters, "read", panics)
    with pytest.raises(ReadError, match="found bytes that crash the parser: index out of bounds"):
        read(plain.bytes())
