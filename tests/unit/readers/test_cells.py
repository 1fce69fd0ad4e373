"""Which cells can be typed, which labels are known, and what an error says about the others."""

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.printable import LONGEST
from tests.support.cbp_files import BY_AREA, BY_STATE, FIELD_OPERATIONS, SOUTHWEST, Made, made
from tests.support.parsing import assert_reads_as, read, refusal


def decoded_twice(text: str) -> str:
    return text.encode().decode("cp1252")


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


@pytest.mark.parametrize(
    "text",
    [
        *("2024", "2024 (FYTD)", "2024 FYTD", "2024(FYTD)", "FY2024", "FY 2024", "2024 (fytd) "),
        *("2024  (FYTD)", "2024\u00a0(FYTD)", "2024 (FYTD)*", "2024*", "Fiscal Year 2024"),
        *("2024 YTD (July 2024)", "2024 (FYTD - Jul)", "2024 FYTD Jul.", "2024 through July"),
        *("2024 (Oct-Jul)", "2024 (FY TD)", "2024 (Fiscal Year to Date)"),
        *("FYTD 2024", "2024-FYTD", "2024.0"),
    ],
)
def test_a_fiscal_year_may_be_written_in_many_ways(plain: Made, text: str) -> None:
    release = plain.with_cell(0, "fiscal_year", text)
    parsed = read(release.bytes())
    assert_reads_as(parsed, release)
    assert parsed.rows["month_start"][0] == "2024-09-01"


@pytest.mark.parametrize(
    "text",
    ["9584", "9584.0", "9584.00", "60,781", "60,781.0", "1,234,567", "0", "0.0", " 12 ", "12\t"],
)
def test_a_count_may_be_written_in_many_ways(plain: Made, text: str) -> None:
    release = plain.with_cell(1, "encounters", text)
    assert_reads_as(read(release.bytes()), release)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("month_name", "Sep"),
        ("month_name", "September"),
        ("month_name", "Sept."),
        ("month_grouping", "Fytd"),
        ("component", "OFFICE OF FIELD OPERATIONS"),
        ("component", "OFO"),
        ("component", "Field Operations"),
        ("component", "Office of  Field Operations "),
        ("component", "Office of Field\N{NO-BREAK SPACE}Operations"),
        ("demographic", "UAC"),
        ("demographic", "UC / Single Minors"),
        ("demographic", "uc / single minors"),
        ("demographic", "Family Unit Aliens"),
        ("demographic", "Individuals in a Family Unit (FMUA)"),
        ("demographic", "Unaccompanied Alien Children"),
        ("demographic", "Unaccompanied Children (UC) / Single Minors"),
        ("demographic", "Single Adult"),
        ("citizenship", "MEXICO"),
        ("citizenship", "mexico "),
        ("citizenship", "EL\N{NO-BREAK SPACE}SALVADOR"),
        ("citizenship", "CHINA, PEOPLES REPUBLIC OF"),
        ("citizenship", 'the "other" ones'),
        ("citizenship", "Côte d'Ivoire"),
        ("citizenship", "ATLANTIS"),
        ("citizenship", "CÔTE D\N{RIGHT SINGLE QUOTATION MARK}IVOIRE"),
        ("citizenship", "Åland and São Tomé"),
        ("citizenship", "TU\N{COMBINING DIAERESIS}RKIYE"),
        ("title_of_authority", "TITLE 8"),
        ("encounter_type", "inadmissibles"),
    ],
)
def test_labels_may_vary_in_case_spaces_and_name(plain: Made, column: str, text: str) -> None:
    release = plain.with_cell(0, column, text)
    parsed = read(release.bytes())
    assert_reads_as(parsed, release)
    assert parsed.rows["month_start"][0] == "2024-09-01"


def test_areas_and_states_may_vary_in_case_and_spaces() -> None:
    area = made(BY_AREA, first="2024-10", last="2024-10")
    area = area.with_cell(0, "area_of_responsibility", "miami  field office ")
    area = area.with_cell(0, "area_abbreviation", "MIAMI").with_cell(2, "area_abbreviation", "sdc")
    assert_reads_as(
        read(area.with_cell(0, "land_border_region", "OTHER").bytes(), BY_AREA),
        area.with_cell(0, "land_border_region", "OTHER"),
    )
    state = made(BY_STATE, first="2024-10", last="2024-10").with_cell(0, "state", " wa ")
    assert_reads_as(read(state.bytes(), BY_STATE), state)
    in_full = state.with_cell(0, "state", "Washington")
    assert_reads_as(read(in_full.bytes(), BY_STATE), in_full)


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
def test_a_cell_that_is_not_a_count_cannot_be_typed(plain: Made, text: str) -> None:
    parsed = read(plain.with_cell(0, "encounters", text).bytes())
    assert parsed.rows["problem"][0] == (
        f"column 'Encounter Count': found '{text}', expected a whole number, zero or more"
    )
    assert parsed.rows["problem"].null_count() == len(plain.rows) - 1


@pytest.mark.parametrize(
    "text", ["", "24", "1824", "2024-25", "FYTD", "20\uff12\uff14", "2024 (final)", "2024 total"]
)
def test_a_cell_that_is_not_a_fiscal_year_cannot_be_typed(plain: Made, text: str) -> None:
    parsed = read(plain.with_cell(0, "fiscal_year", text).bytes())
    assert parsed.rows["problem"][0].startswith(f"column 'Fiscal Year': found '{text}', expected")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "MEX\x01ICO",
        "MEX\tICO",
        *map(decoded_twice, ("TÜRKIYE", "CÔTE D\N{RIGHT SINGLE QUOTATION MARK}IVOIRE")),
    ],
    ids=ascii,
)
def test_an_empty_or_garbled_citizenship_cannot_be_typed(plain: Made, text: str) -> None:
    parsed = read(plain.with_cell(0, "citizenship", text).bytes())
    assert parsed.rows["problem"][0].startswith("column 'Citizenship Grouping': found")
    assert parsed.rows["component"][0] == FIELD_OPERATIONS


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


def test_a_label_is_checked_even_in_a_row_that_cannot_be_typed(plain: Made) -> None:
    release = plain.with_cell(3, "encounters", "X").with_cell(3, "component", "Coast Guard")
    assert refusal(release.bytes()).startswith("line 5: column 'Component': found 'Coast Guard'")


LONG = "long " * 1_000
CUT = LONG[:99] + "…"


def test_a_message_shows_the_beginning_of_a_long_value(plain: Made) -> None:
    assert f"found '{CUT}', expected one of" in refusal(
        plain.with_cell(0, "component", LONG).bytes()
    )
    problem = read(plain.with_cell(0, "encounters", LONG).bytes()).rows["problem"][0]
    assert f"found '{CUT}', expected a whole number" in problem
    header, rows = plain.bytes().split(b"\n", 1)
    wide = header.strip() + f",{LONG}".encode() * 12
    said = refusal(wide + b"\n" + rows)
    unknown = ", ".join([f"'{CUT}'"] * 5)
    assert f"found the unknown column {unknown} and 7 more; expected the columns" in said


def test_what_the_catalogue_lists_is_never_cut() -> None:
    listed = [
        title for one in load_catalogue().values() for part in one.tables for title in part.title
    ]
    headers = [
        header
        for one in load_catalogue().values()
        for column in one.columns.values()
        for header in column.headers
    ]
    assert max(map(len, [*listed, *headers])) <= LONGEST
