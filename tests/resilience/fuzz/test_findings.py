"""Regression tests for what fuzzing has found: crashes, hangs, unbounded memory."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from orchestration.readers import ReadError
from orchestration.settings import Limits
from tests.resilience.fuzz.intake_of_input import take_in
from tests.resilience.fuzz.mutations import packed, parts_of
from tests.resilience.fuzz.seeds import Seed, small_seeds, web_table
from tests.resilience.fuzz.watched_process import Answer, Watch
from tests.support.cbp_files import SOUTHWEST
from tests.support.parsing import read, refusal
from tests.support.workbooks import (
    DETENTION,
    MONTHLY_TABLES,
    MadeSheet,
    detention_statistics,
    saved,
    with_shared_strings,
)

YEAR_IN_OTHER_DIGITS = "\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT ZERO}" * 2
END = b"</sheetData>"


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    with Watch(take_in) as watch:
        yield watch


def seed_of(dataset: str) -> Seed:
    return next(seed for seed in small_seeds() if seed.dataset == dataset)


def answer(watch: Watch, dataset: str, change: Callable[[bytes], bytes]) -> Answer:
    """How a dataset's sound file ends after this change."""
    seed = seed_of(dataset)
    content = change(seed.content)
    assert content != seed.content
    return watch.ask(seed.given("changed", content))


def test_an_optional_day_may_be_a_blank() -> None:
    seed = seed_of("san_diego_street_releases")
    content = seed.content.replace(b",,,street", b", ,\xc2\xa0,street")
    assert content != seed.content
    parsed = read(content, seed.dataset, published=seed.published)
    assert parsed.rows["problem"].null_count() == len(parsed.rows)
    assert " " in parsed.rows["stated_on"].to_list()


@pytest.mark.parametrize("column", ["fiscal_year", "calendar_year"])
def test_a_year_in_other_digits_is_reported(column: str) -> None:
    content = web_table().with_cell(3, column, YEAR_IN_OTHER_DIGITS).bytes()
    problems = read(content, "ohss_monthly_web_table").rows["problem"].drop_nulls().to_list()
    assert len(problems) == 1
    assert YEAR_IN_OTHER_DIGITS in problems[0]


@pytest.mark.parametrize("rows", [1, 50])
def test_many_lines_that_are_not_rows_do_not_count_as_notes(watch: Watch, rows: int) -> None:
    """Comparing each with all the lines above it would take minutes."""
    lines = b"note\n" * 200_000
    assert answer(watch, SOUTHWEST, lambda whole: whole * rows + lines).outcome == "refused"


def test_a_hundred_notes_are_kept() -> None:
    notes = [f"Note {number}" for number in range(101)]
    whole = seed_of(SOUTHWEST).content
    assert read(whole + "\n".join(notes[:100]).encode()).notes == tuple(notes[:100])
    with pytest.raises(ReadError, match="found 1 cells in 'Note 0', expected 9"):
        read(whole + "\n".join(notes).encode())


def test_more_cells_than_fit_into_memory_are_refused() -> None:
    whole = seed_of(SOUTHWEST).content
    with pytest.raises(ReadError, match=r"expected a file of at most 10,000,000"):
        read(whole + b"\n" * 10_000_000)


@pytest.mark.parametrize("sign", ["-", "_", ":", "FY", "-FY2"])
def test_a_long_cell_is_searched_once_for_a_title(watch: Watch, sign: str) -> None:
    """A search for the year from every character would take minutes."""
    odd = MadeSheet("Odd", ((sign * (32_000 // len(sign)),),) * 20)
    workbook = detention_statistics().plus(odd)
    assert answer(watch, DETENTION, lambda _: workbook.bytes()).outcome == "read"


def test_a_long_text_that_many_cells_share_is_refused(watch: Watch) -> None:
    """A megabyte shared by 400 cells is within the limit for a part, but does not fit into
    memory once each cell has a copy."""
    parts = parts_of(with_shared_strings(b"<sst><si><t>%s</t></si></sst>" % (b"a" * 1_000_000)))
    sheet = "xl/worksheets/sheet4.xml"
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v> 00 </v></c></row>' % (row, row)
        for row in range(100, 500)
    )
    content = packed(parts | {sheet: parts[sheet].replace(END, cells + END)})
    assert answer(watch, MONTHLY_TABLES, lambda _: content).outcome == "refused"
    assert refusal(content, MONTHLY_TABLES) == (
        "found 401,000,000 characters in the cells that use a shared text, expected at most "
        "314,572,800"
    )


def test_texts_that_a_usual_number_of_cells_share_are_read() -> None:
    text = b"<sst><si><r><t>20</t></r><r><t>24 YTD</t></r></si></sst>"
    assert len(read(with_shared_strings(text), MONTHLY_TABLES).rows) == 240


def test_many_sheets_with_far_cells_are_refused() -> None:
    """Each is within the limit for a sheet, but a reader that loads them all would hold them
    all at once."""
    workbook = detention_statistics().workbook()
    for number in range(20):
        _with_far_cell(workbook.create_sheet(f"Far {number}"))
    assert_larger_than_two_sheets(saved(workbook))


def test_a_sheet_that_is_listed_many_times_is_refused() -> None:
    """It is unpacked once, but read as often as it is listed."""
    workbook = detention_statistics().workbook()
    _with_far_cell(workbook.create_sheet("Far"))
    assert_larger_than_two_sheets(listed_often(saved(workbook), b"Far"))


def test_a_long_text_on_a_sheet_that_is_listed_many_times_is_refused() -> None:
    workbook = detention_statistics().workbook()
    workbook.create_sheet("Far")["A1"] = "a" * 32_000
    content = listed_often(saved(workbook), b"Far")
    reason = r"found [0-9,]+ bytes on the sheets up to this one, expected at most 500,000"
    with pytest.raises(ReadError, match=reason):
        read(content, DETENTION, limits=Limits(workbook_bytes=500_000))


def listed_often(content: bytes, name: bytes) -> bytes:
    parts = dict(parts_of(content))
    listed = re.search(rb'<sheet [^>]*name="%s"[^>]*/>' % name, parts["xl/workbook.xml"])
    assert listed
    again = b"".join(listed[0].replace(name, b"%s %d" % (name, number)) for number in range(200))
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(listed[0], again)
    return packed(parts)


def assert_larger_than_two_sheets(content: bytes) -> None:
    reason = r"sheet 'Far \d': found [0-9,]+ cells on the sheets up to this one, expected at most "
    with pytest.raises(ReadError, match=reason + "60,000"):
        read(content, DETENTION, limits=Limits(sheet_cells=30_000, workbook_cells=60_000))


def _with_far_cell(sheet: Any) -> None:
    sheet["A1"], sheet["IZ100"] = 1, 1


def test_a_file_of_another_dataset_is_refused(watch: Watch) -> None:
    for seed in small_seeds():
        other = seed_of(SOUTHWEST if seed.dataset != SOUTHWEST else MONTHLY_TABLES)
        given = replace(seed.given("another's", other.content))
        assert watch.ask(given).outcome == "refused"
