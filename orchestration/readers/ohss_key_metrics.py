"""OHSS's Key Homeland Security Metrics: a workbook of plain lists, one sheet per breakdown.

A sheet is known by its headings (Fiscal Year, Month, Region, …, Quantity), whatever its
name. A month such as `01 October` has its number in the fiscal year and its name; a sheet may
have all of its months without numbers.
"""

from dataclasses import dataclass

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.printable import quoted
from orchestration.readers.cells import (
    FISCAL_YEAR,
    first_of_fiscal_month,
    listed,
    mark_problems,
)
from orchestration.readers.reader import ParsedRelease, ReadContext, ReadError
from orchestration.readers.workbook import (
    HEADING_ROWS,
    Sheet,
    open_workbook,
    refuse_without_heading,
    without_footnote,
)

ADDED_COLUMNS = ("sheet", "table_name")  # which the reader fills; no sheet has them
IN_EVERY_LIST = {"fiscal_year", "quantity"}
MONTH = r"^(?:(0?[1-9]|1[0-2])[ .\u00a0-]+)?([a-z]{3,9})\.?$"


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one workbook. Raises ReadError, which names the sheet and what was expected, if it
    lacks a list that the catalogue requires, or has one again with other rows; another sheet that
    cannot be read becomes a note."""
    lists: dict[str, pl.DataFrame] = {}  # by the name of the list, or else of the sheet
    notes: list[str] = []
    problems: list[ReadError] = []
    for sheet in open_workbook(content, context.limits).sheets():
        try:
            found = _find_list(sheet, context.dataset)
        except ReadError as error:
            problems.append(error)
            notes.append(f"not read: {error}")
            continue
        if found is None:
            notes.append(f"sheet {quoted(sheet.name)}: no list with a Fiscal Year and a Quantity")
            continue
        rows, below = _rows_and_notes(found, context.dataset)
        name = found.table_name or f"sheet {sheet.name}"
        if name in lists:
            notes.append(_repetition(found, rows, lists[name]))
            continue
        lists[name] = rows
        notes.extend(below)
    _check_required(context.dataset, set(lists), problems)
    rows = mark_problems(pl.concat(lists.values()), context.dataset, context.vocabulary)
    rows = rows.with_columns(pl.coalesce("problem", "blank").alias("problem"))
    return ParsedRelease(_with_months(rows.drop("blank"), context.vocabulary), tuple(notes))


@dataclass(frozen=True)
class _FoundList:
    """A list on its sheet.

    table_name: as in the catalogue; empty for a list that the catalogue does not name.
    header: the row of its headings, from 0.
    columns: the letter of each of the catalogue's columns that it has.
    """

    sheet: Sheet
    table_name: str
    header: int
    columns: dict[str, str]


def _find_list(sheet: Sheet, dataset: Dataset) -> _FoundList | None:
    """The list below the row with a Fiscal Year and a Quantity; None for a sheet without such a
    row. Raises ReadError for a heading that the catalogue does not list."""
    known = {
        fold(text): name
        for name, column in dataset.columns.items()
        if name not in ADDED_COLUMNS
        for text in column.headers
    }
    for header, cells in enumerate(sheet.rows.head(HEADING_ROWS).select(sheet.letters).rows()):
        names = [known.get(fold(without_footnote(cell))) for cell in cells]
        if not set(names) >= IN_EVERY_LIST:
            continue
        columns = {name: sheet.letters[i] for i, name in enumerate(names) if name}
        _check_headings(sheet, header, cells, columns, dataset)
        tables = (t.name for t in dataset.tables if set(t.headings) == set(columns))
        return _FoundList(sheet, next(tables, ""), header, columns)
    return None


def _check_headings(
    sheet: Sheet, header: int, cells: tuple[str, ...], columns: dict[str, str], dataset: Dataset
) -> None:
    """Refuse figures without a heading, and a heading that is unknown or there twice."""
    empty = [i for i, cell in enumerate(cells) if not cell]
    refuse_without_heading(sheet, header, range(header + 1, len(sheet.rows)), empty)
    headings = [cell for cell in cells if cell]
    if len(columns) < len(headings):
        expected = [
            column.headers[0]
            for name, column in dataset.columns.items()
            if name not in ADDED_COLUMNS
        ]
        raise ReadError(
            "columns_are_known",
            f"{sheet.where(header)}: found the headings {listed(headings)}, expected each of "
            f"{listed(expected)} at most once",
        )


def _repetition(found: _FoundList, rows: pl.DataFrame, first: pl.DataFrame) -> str:
    """The note on a second list with the same columns. Raises ReadError if its rows are others."""
    place = f"sheet {quoted(found.sheet.name)}"
    columns = f"the columns of sheet {quoted(next(iter(first['sheet']), ''))} again"
    if not rows.drop("sheet", "row_number").equals(first.drop("sheet", "row_number")):
        raise ReadError(
            "tables_are_found", f"{place}: found {columns}, expected each breakdown once"
        )
    return f"not read: {place}: found {columns}, with the same rows"


def _rows_and_notes(found: _FoundList, dataset: Dataset) -> tuple[pl.DataFrame, list[str]]:
    """The list's rows, with the column `blank` (the problem of an empty cell), and the notes
    below them: rows with a single text that is not a figure and, below the last quantity, rows
    without a year."""
    sheet, columns = found.sheet, found.columns
    filled = pl.sum_horizontal((pl.col(letter) != "") for letter in sheet.letters)
    below = sheet.rows[found.header + 1 :].filter(filled > 0)
    last = below.filter(pl.col(columns["quantity"]) != "")["row_number"].max()
    is_note = (filled == 1) & ~pl.concat_str(sheet.letters).str.contains(r"^[0-9]")
    has_year = pl.col(columns["fiscal_year"]).str.contains(FISCAL_YEAR)
    is_note |= (pl.col("row_number") > pl.lit(last, pl.Int32)).fill_null(False) & ~has_year
    rows, notes = below.filter(~is_note), below.filter(is_note)
    cells = {
        name: pl.col(columns[name]) if name in columns else pl.lit("") for name in dataset.columns
    }
    cells |= {"sheet": pl.lit(sheet.name), "table_name": pl.lit(found.table_name)}
    blanks = [
        pl.when(pl.col(letter) == "").then(
            pl.lit(
                f"column '{dataset.columns[name].headers[0]}': found an empty cell, expected none"
            )
        )
        for name, letter in columns.items()
    ]
    text = pl.concat_list(sheet.letters).list.eval(pl.element().filter(pl.element() != ""))
    texts = notes.select(text.list.join(" ")).to_series().to_list()
    return rows.select("row_number", **cells, blank=pl.coalesce(*blanks)), texts


def _with_months(rows: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """Add `month_start`, and a problem where the month is unknown or its number is wrong."""
    months = vocabulary.month_numbers()
    text = pl.col("month_name").str.to_lowercase()
    month = text.str.extract(MONTH, 2).replace_strict(months, default=None, return_dtype=pl.Int32)
    in_fiscal_year = text.str.extract(MONTH, 1).cast(pl.Int32)
    in_no_row = in_fiscal_year.is_null().all().over("sheet")
    agrees = month.is_not_null() & (((month + 2) % 12 + 1 == in_fiscal_year) | in_no_row)
    described = pl.format(
        "column 'Month': found '{}', expected a month such as 01 October", pl.col("month_name")
    )
    wrong = pl.when((pl.col("month_name") != "") & ~agrees.fill_null(False)).then(described)
    first_day = first_of_fiscal_month(pl.col("fiscal_year"), month)
    return rows.with_columns(pl.coalesce("problem", wrong).alias("problem")).with_columns(
        pl.when(pl.col("problem").is_null()).then(first_day).alias("month_start")
    )


def _check_required(dataset: Dataset, found: set[str], problems: list[ReadError]) -> None:
    """Raises ReadError without a required list: why a sheet was not read, if one was not, since
    that may be the list."""
    for table in dataset.tables:
        if table.required and table.name not in found:
            if problems:
                raise problems[0]
            headings = [dataset.columns[name].headers[0] for name in table.headings]
            raise ReadError(
                "tables_are_found",
                f"found no sheet with the headings {listed(headings)}, expected one",
            )
