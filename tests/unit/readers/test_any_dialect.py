"""Any table, written in any dialect that publishers use, holds the same figures; and any
damage to a file is either told or leaves a table."""

import contextlib
import random
from dataclasses import dataclass

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.catalogue.vocabulary import fold, load_vocabulary
from orchestration.readers import ReadError
from tests.support.cbp_files import BORDER_PATROL, FIELD_OPERATIONS, made, quoted
from tests.support.parsing import read

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


def is_no_total(name: str) -> bool:
    return name.lower().split(" ")[0] not in ("all", "total", "totals", "subtotal", "grand")


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
    exclude_characters="\N{MICRO SIGN}",  # a letter of no script
)
SIGNS = st.sampled_from(" .,:;'\"&()/-0123456789")
names = st.tuples(LETTERS, st.text(LETTERS | SIGNS, max_size=7)).map("".join).filter(is_no_total)
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
def test_a_table_reads_alike_in_every_dialect(table: list[Row], dialect: Dialect) -> None:
    parsed = read(written(table, dialect).encode())
    assert parsed.rows["problem"].to_list() == [None] * len(table)
    assert meant(parsed.rows) == [
        (month_of(row), row[2], row[3], fold(row[4]), row[5], row[6]) for row in table
    ]
    assert parsed.notes == dialect.notes


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damage_is_told_or_leaves_a_table(data: st.DataObject) -> None:
    whole = DAMAGED.bytes()
    at = data.draw(st.integers(0, len(whole)))
    drop = data.draw(st.integers(0, 40))
    put = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from([b'"', b",", b"\n", b"\r"])))
    with contextlib.suppress(ReadError):
        read(whole[:at] + put + whole[at + drop :])


DAMAGED = made(first="2024-09", last="2024-10").with_cell(1, "encounters", "60,781")


def written(table: list[Row], dialect: Dialect) -> str:
    choices = random.Random(dialect.seed)  # noqa: S311
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
    lines = [",".join(varied(text, choices) for text in row) for row in (header, *body)]
    under = [quoted(note) if choices.random() < 0.5 else note for note in dialect.notes]
    text = dialect.line_end.join([*lines, *dialect.blanks, *under])
    bom = "\N{ZERO WIDTH NO-BREAK SPACE}" if dialect.bom else ""
    return bom + text + (dialect.line_end if dialect.last_end else "")


def varied(text: str, choices: random.Random) -> str:
    """Another letter case and padding, where ASCII letters have a case."""
    if text.isascii():
        text = choices.choice([text, text.upper(), text.lower()])
    return quoted(choices.choice(["", " "]) + text + choices.choice(["", "  ", "\t"]))


def month_of(row: Row) -> str:
    number = load_vocabulary().labels("month_name").index(row[1]) + 1
    return f"{int(row[0]) - (number >= 10)}-{number:02}-01"


def meant(parsed: pl.DataFrame) -> list[tuple[str, str, str, str, str, int]]:
    """What each row says, in the vocabulary's labels."""

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
