"""OHSS's Key Homeland Security Metrics: a workbook of plain lists, one sheet a breakdown.

A sheet is known by its headings (Fiscal Year, Month, Region, …, Quantity), whatever its
name. The month reads `01 October`: its number in the fiscal year and its name.
"""

from dataclasses import dataclass

import polars as pl

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.readers.cells import (
    ParsedRelease,
    ReadError,
    first_of_fiscal_month,
    listed,
    mark_problems,
)
from orchestration.readers.workbook import (
    HEADING_ROWS,
    Sheet,
    open_workbook,
    refuse_without_heading,
    without_footnote,
)
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits

OURS = ("sheet", "table_name")
IN_EVERY_LIST = {"fiscal_year", "quantity"}
MONTH = r"^(0?[1-9]|1[0-2]) ([A-Za-z]+)$"


def read(
    content: bytes,
    dataset: Dataset,
    vocabulary: Vocabulary,
    published_on: PublicationDate,
    limits: Limits,
) -> ParsedRelease:
    """Parse one workbook. Raises ReadError that names the sheet and what it looked for."""
    frames, notes = [], []
    found: dict[str, str] = {}
    for sheet in open_workbook(content, limits).sheets():
        placed = _find(sheet, dataset)
        if placed is None:
            notes.append(f"sheet {sheet.name!r}: no list with a Fiscal Year and a Quantity")
            continue
        if placed.table_name in found:
            raise ReadError(
                "tables_are_found",
                f"sheet {sheet.name!r}: found the columns of sheet {found[placed.table_name]!r} "
                "again, expected each breakdown once",
            )
        if placed.table_name:
            found[placed.table_name] = sheet.name
        rows, below = _rows_of(placed, dataset)
        frames.append(rows)
        notes.extend(below)
    _check_required(dataset, found)
    judged = mark_problems(pl.concat(frames), dataset, vocabulary).with_columns(
        pl.coalesce("problem", "blank").alias("problem")
    )
    return ParsedRelease(_with_months(judged.drop("blank"), vocabulary), tuple(notes))


@dataclass(frozen=True)
class _Placed:
    """A list where it stands. header: the row of its headings, counted from 0; columns: the
    letters of each column of the catalogue that it has."""

    sheet: Sheet
    table_name: str
    header: int
    columns: dict[str, str]


def _find(sheet: Sheet, dataset: Dataset) -> _Placed | None:
    """The list of a sheet: below the row that has a Fiscal Year and a Quantity. Raises
    ReadError for a heading that the catalogue does not list."""
    known = {
        fold(text): name
        for name, column in dataset.columns.items()
        if name not in OURS
        for text in column.headers
    }
    for header, cells in enumerate(sheet.rows.head(HEADING_ROWS).select(sheet.letters).rows()):
        named = [known.get(fold(without_footnote(cell))) for cell in cells]
        if not set(named) >= IN_EVERY_LIST:
            continue
        columns = {name: sheet.letters[i] for i, name in enumerate(named) if name}
        headings = [cell for cell in cells if cell]
        unnamed = [i for i, cell in enumerate(cells) if not cell]
        refuse_without_heading(sheet, header, range(header + 1, len(sheet.rows)), unnamed)
        if len(columns) < len(headings):
            expected = [dataset.columns[name].headers[0] for name in known.values()]
            raise ReadError(
                "columns_are_known",
                f"{sheet.where(header)}: found the headings {listed(headings)}, expected each of "
                f"{listed(expected)} at most once",
            )
        names = (t.name for t in dataset.tables if set(t.headings) == set(columns))
        return _Placed(sheet, next(names, ""), header, columns)
    return None


def _rows_of(placed: _Placed, dataset: Dataset) -> tuple[pl.DataFrame, list[str]]:
    """The list's rows, and the notes under it: rows with one text that is no figure."""
    sheet, columns = placed.sheet, placed.columns
    filled = pl.sum_horizontal((pl.col(letter) != "") for letter in sheet.letters)
    below = sheet.rows[placed.header + 1 :].filter(filled > 0)
    is_note = (filled == 1) & ~pl.concat_str(sheet.letters).str.contains(r"^[0-9]")
    rows, notes = below.filter(~is_note), below.filter(is_note)
    cells = {
        name: pl.col(columns[name]) if name in columns else pl.lit("") for name in dataset.columns
    }
    cells |= {"sheet": pl.lit(sheet.name), "table_name": pl.lit(placed.table_name)}
    blanks = [
        pl.when(pl.col(letter) == "").then(
            pl.lit(
                f"column '{dataset.columns[name].headers[0]}': found an empty cell, expected none"
            )
        )
        for name, letter in columns.items()
    ]
    texts = notes.select(pl.concat_str(sheet.letters)).to_series().to_list()
    return rows.select("row_number", **cells, blank=pl.coalesce(*blanks)), texts


def _with_months(judged: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """Add `month_start`, and a problem where a month is none or its number is another's."""
    months = vocabulary.month_numbers()
    text = pl.col("month_name").str.to_lowercase()
    month = text.str.extract(MONTH, 2).replace_strict(months, default=None, return_dtype=pl.Int32)
    in_fiscal_year = text.str.extract(MONTH, 1).cast(pl.Int32)
    agrees = month.is_not_null() & ((month + 2) % 12 + 1 == in_fiscal_year)
    described = pl.format(
        "column 'Month': found '{}', expected a month such as 01 October", pl.col("month_name")
    )
    wrong = pl.when((pl.col("month_name") != "") & ~agrees.fill_null(False)).then(described)
    first = first_of_fiscal_month(pl.col("fiscal_year"), month)
    return judged.with_columns(pl.coalesce("problem", wrong).alias("problem")).with_columns(
        pl.when(pl.col("problem").is_null()).then(first).alias("month_start")
    )


def _check_required(dataset: Dataset, found: dict[str, str]) -> None:
    for table in dataset.tables:
        if table.required and table.name not in found:
            headings = [dataset.columns[name].headers[0] for name in table.headings]
            raise ReadError(
                "tables_are_found",
                f"found no sheet with the headings {listed(headings)}, expected one",
            )
