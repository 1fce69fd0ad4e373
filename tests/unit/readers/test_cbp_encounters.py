"""CBP's files: the cuts, the months, and one table in every dialect that publishers use."""

import contextlib
import random
from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.catalogue.file_names import MONTHS
from orchestration.catalogue.vocabulary import fold, load_vocabulary
from orchestration.readers import ReadError
from tests.support.cbp_files import (
    BORDER_PATROL,
    BY_AREA,
    BY_STATE,
    FIELD_OPERATIONS,
    SOUTHWEST,
    Made,
    made,
    quoted,
)
from tests.support.parsing import assert_reads_as, read, refusal

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
CALENDAR = {
    "OCT": "2023-10-01",
    "NOV": "2023-11-01",
    "DEC": "2023-12-01",
    "JAN": "2024-01-01",
    "FEB": "2024-02-01",
    "MAR": "2024-03-01",
    "APR": "2024-04-01",
    "MAY": "2024-05-01",
    "JUN": "2024-06-01",
    "JUL": "2024-07-01",
    "AUG": "2024-08-01",
    "SEP": "2024-09-01",
}


@pytest.mark.parametrize("dataset", [SOUTHWEST, BY_AREA, BY_STATE])
def test_each_cut_is_read_with_its_months_and_line_numbers(dataset: str) -> None:
    release = made(dataset, first="2024-09", last="2024-10")
    parsed = read(release.bytes(), dataset)
    assert_reads_as(parsed, release)
    assert parsed.rows["row_number"].to_list() == list(range(2, 10))
    assert parsed.rows["month_start"].to_list() == ["2024-09-01"] * 4 + ["2024-10-01"] * 4
    assert parsed.rows.columns == ["row_number", *release.columns, "problem", "month_start"]
    assert parsed.notes == ()


def without_people_after(release: Made, rows: int) -> Made:
    """The release with nobody in any but its first rows."""
    return release.with_cells("encounters", lambda i, old: old if i < rows else "0")


@pytest.mark.parametrize("dataset", [SOUTHWEST, BY_AREA, BY_STATE])
@pytest.mark.parametrize("published", ["2024-12-02", "2024-12-31", "2024-12"])
def test_months_without_people_that_had_not_ended_are_no_rows(dataset: str, published: str) -> None:
    release = without_people_after(made(dataset, first="2024-10", last="2025-01"), rows=8)
    parsed = read(release.bytes(), dataset, published)
    assert parsed.rows["month_start"].to_list() == ["2024-10-01"] * 4 + ["2024-11-01"] * 4
    assert parsed.notes == tuple(
        f"{month}: found nobody in each of 4 rows; left out, as the month had not ended at the "
        "publication"
        for month in ("2024-12", "2025-01")
    )


def test_a_month_that_had_ended_or_has_people_keeps_its_rows() -> None:
    nobody = without_people_after(made(first="2024-11", last="2024-12"), rows=4)
    assert_reads_as(read(nobody.bytes(), published="2025-01-01"), nobody)
    one = nobody.with_cell(6, "encounters", "1")
    assert_reads_as(read(one.bytes(), published="2024-12-15"), one)


@pytest.mark.parametrize(("label", "month_start"), CALENDAR.items())
@pytest.mark.parametrize("fiscal_year", ["2024", "2024 (FYTD)", " FY2024 "])
def test_a_fiscal_year_and_a_month_make_a_calendar_month(
    label: str, month_start: str, fiscal_year: str
) -> None:
    release = made(first="2024-09", last="2024-09").with_cells("month_name", lambda *_: label)
    parsed = read(release.with_cells("fiscal_year", lambda *_: fiscal_year).bytes())
    assert parsed.rows["month_start"].unique().to_list() == [month_start]


def test_a_release_of_whole_years_has_each_month_once() -> None:
    parsed = read(made(first="2018-10", last="2022-09").bytes(), published="2022-10")
    months = parsed.rows["month_start"].unique(maintain_order=True).to_list()
    assert months == [
        f"{year}-{month:02}-01"
        for year in range(2018, 2023)
        for month in range(1, len(MONTHS) + 1)
        if (2018, 10) <= (year, month) <= (2022, 9)
    ]


def test_the_file_of_another_cut_is_refused() -> None:
    assert refusal(made(BY_AREA).bytes(), SOUTHWEST).startswith(
        "line 1: found the unknown column 'Land Border Region', 'Area of Responsibility', "
    )
    assert "found no column 'State'" in refusal(made(BY_AREA).bytes(), BY_STATE)


def test_a_file_may_vary_in_every_way_at_once(plain: Made) -> None:
    release = plain.with_header("month_name", "Month abbv").with_header(
        "citizenship", "Citizenship"
    )
    release = release.with_cells("encounters", lambda _, text: f"{text}.0 ")
    release = release.with_cells("citizenship", lambda _, text: text.upper())
    release = release.with_cells(
        "demographic", lambda _, text: text.replace("UC / Single Minors", "UAC")
    )
    release = release.with_cell(0, "encounters", "60,781").with_cell(1, "encounters", "0")
    reordered = release.in_order(sorted(release.columns))
    content = BOM + reordered.text("\n") + "\n ,,\nSource: CBP\n\n"
    parsed = read(content.encode())
    assert_reads_as(parsed, release)
    assert parsed.notes == ("Source: CBP",)


COLUMNS = made().columns
HEADERS = {
    "fiscal_year": ["Fiscal Year"],
    "month_grouping": ["Month Grouping"],
    "month_name": ["Month (abbv)", "Month abbv"],
    "component": ["Component"],
    "demographic": ["Demographic"],
    "citizenship": ["Citizenship Grouping", "Citizenship"],
    "title_of_authority": ["Title of Authority"],
    "encounter_type": ["Encounter Type"],
    "encounters": ["Encounter Count"],
}
NOTES = ("Source: CBP", "Data are preliminary, and may change", "* people may count twice")
Row = tuple[str, str, str, str, str, str, int]


NO_NAMES = ("all", "combined", "grand", "overall", "sub", "subtotal", "sum", "total", "totals")
NOTHING = ("n/a", "na", "nan", "nil", "none", "null", "undefined")


def is_a_name(name: str) -> bool:
    """Whether a made name is none of those that a reader rejects: a total, a program's word for no
    value, or text that was decoded twice."""
    return (
        name.lower().split(" ")[0] not in NO_NAMES
        and name.lower() not in NOTHING
        and not any(map(is_decoded_twice, name, name[1:]))
    )


def is_decoded_twice(one: str, other: str) -> bool:
    """Whether two letters are one in UTF-8, read as Windows-1252."""
    try:
        return len((one + other).encode("cp1252").decode()) == 1
    except UnicodeError:
        return False


@dataclass(frozen=True)
class Dialect:
    """How a publisher writes a file."""

    line_end: str
    last_end: bool
    bom: bool
    order: list[str]
    notes: tuple[str, ...]
    blanks: list[str]
    seed: int  # of the choices that differ from cell to cell


LETTERS = st.characters(
    min_codepoint=0x41,
    max_codepoint=0x17F,
    categories=["L"],
    exclude_characters="\N{MICRO SIGN}",  # a letter that belongs to no script
)
SIGNS = st.sampled_from(" .,:;'\"&()/-0123456789")
names = st.tuples(LETTERS, st.text(LETTERS | SIGNS, max_size=7)).map("".join).filter(is_a_name)
rows = st.tuples(
    st.integers(2019, 2025).map(str),
    st.sampled_from(load_vocabulary().labels("month_name")),
    st.sampled_from([BORDER_PATROL, FIELD_OPERATIONS]),
    st.sampled_from(load_vocabulary().labels("demographic")),
    st.one_of(st.sampled_from(["Mexico", "CHINA, PEOPLES REPUBLIC OF", "MYANMAR (BURMA)"]), names),
    st.sampled_from(["Title 8", "Title 42"]),
    st.integers(0, 999_999_999),
)
dialects = st.builds(
    Dialect,
    line_end=st.sampled_from(["\r\n", "\n", "\r"]),
    last_end=st.booleans(),
    bom=st.booleans(),
    order=st.permutations(COLUMNS),
    notes=st.lists(st.sampled_from(NOTES), max_size=2).map(tuple),
    blanks=st.lists(st.sampled_from(["", "  ", ",,,,,,,,"]), max_size=2),
    seed=st.integers(0, 1 << 16),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(rows, min_size=1, max_size=8), dialects)
def test_a_table_reads_the_same_in_every_dialect(table: list[Row], dialect: Dialect) -> None:
    parsed = read(written_in(table, dialect).encode(), published="2025-10")  # every month has ended
    assert parsed.rows["problem"].to_list() == [None] * len(table)
    assert meaning_of(parsed.rows) == [
        (month_of(row), row[2], row[3], fold(row[4]), row[5], row[6]) for row in table
    ]
    assert parsed.notes == dialect.notes


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_or_read_as_a_table(data: st.DataObject) -> None:
    whole = DAMAGED.bytes()
    at = data.draw(st.integers(0, len(whole)))
    drop = data.draw(st.integers(0, 40))
    put = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from([b'"', b",", b"\n", b"\r"])))
    with contextlib.suppress(ReadError):
        read(whole[:at] + put + whole[at + drop :])


DAMAGED = made(first="2024-09", last="2024-10").with_cell(1, "encounters", "60,781")


def written_in(table: list[Row], dialect: Dialect) -> str:
    choices = random.Random(dialect.seed)
    cells: dict[str, list[str]] = {name: [] for name in COLUMNS}
    for year, month, component, demographic, citizenship, authority, count in table:
        cells["fiscal_year"].append(choices.choice([year, f"{year} (FYTD)"]))
        cells["month_grouping"].append(choices.choice(["FYTD", "Remaining"]))
        cells["month_name"].append(month)
        cells["component"].append(component)
        cells["demographic"].append(demographic)
        cells["citizenship"].append(citizenship)
        cells["title_of_authority"].append(authority)
        cells["encounter_type"].append(choices.choice(["Apprehensions", "Expulsions"]))
        cells["encounters"].append(choices.choice([f"{count}", f"{count}.0", f"{count:,}"]))
    header = [choices.choice(HEADERS[name]) for name in dialect.order]
    body = zip(*(cells[name] for name in dialect.order), strict=True)
    lines = [",".join(with_variations(text, choices) for text in row) for row in (header, *body)]
    under = [quoted(note) if choices.random() < 0.5 else note for note in dialect.notes]
    text = dialect.line_end.join([*lines, *dialect.blanks, *under])
    return (BOM if dialect.bom else "") + text + (dialect.line_end if dialect.last_end else "")


def with_variations(text: str, choices: random.Random) -> str:
    """A text with other padding, and in another case if it is ASCII."""
    if text.isascii():
        text = choices.choice([text, text.upper(), text.lower()])
    return quoted(choices.choice(["", " "]) + text + choices.choice(["", "  ", "\t"]))


def month_of(row: Row) -> str:
    number = load_vocabulary().labels("month_name").index(row[1]) + 1
    return f"{int(row[0]) - (number >= 10)}-{number:02}-01"


def meaning_of(parsed: pl.DataFrame) -> list[tuple[str, str, str, str, str, int]]:
    """Month, labels of the vocabulary, and count of each row."""

    def label(dimension: str, text: str) -> str:
        return load_vocabulary().spellings(dimension)[fold(text)]

    return [
        (
            row["month_start"],
            label("component", row["component"]),
            label("demographic", row["demographic"]),
            fold(row["citizenship"]),
            label("title_of_authority", row["title_of_authority"]),
            int(row["encounters"].strip().partition(".")[0].replace(",", "")),
        )
        for row in parsed.iter_rows(named=True)
    ]
