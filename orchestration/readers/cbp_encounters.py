"""CBP's encounter files: a row has a fiscal year, a month's abbreviation and some labels.

The southwest, by-area and by-state files share this layout; the catalogue lists which
columns each one has. A last row with the total of all rows is checked, and is no row; nor are the
rows without people of months that had not ended at the publication.
"""

import re
from datetime import date

import polars as pl

from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.printable import quoted
from orchestration.readers.cells import PADDING, first_of_fiscal_month, mark_problems, number
from orchestration.readers.delimited import read_table
from orchestration.readers.reader import ParsedRelease, ReadContext, ReadError

COUNT = "encounters"
TOTAL = r"(?i)^((grand|overall) )?totals?:?$"


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one file. Raises ReadError."""
    table, notes = read_table(content, context.dataset, context.limits)
    table, total = _without_total(table)
    if total is not None:
        notes = (*notes, total)
    rows = mark_problems(table, context.dataset, context.vocabulary)
    rows = rows.with_columns(_month_start(rows, context.vocabulary))
    rows, ahead = _without_months_ahead(rows, context.published_on.on)
    return ParsedRelease(rows, (*notes, *ahead))


def _without_total(table: pl.DataFrame) -> tuple[pl.DataFrame, str | None]:
    """The rows without the total below them, and a note on it; None if there is none. Raises
    ReadError unless the total is the sum of the rows: otherwise some are missing, or changed."""
    labels = [
        text.strip(PADDING)
        for text in table.drop("row_number", COUNT).row(-1)
        if text.strip(PADDING)
    ]
    if len(table) < 2 or len(labels) > 1 or not all(re.match(TOTAL, text) for text in labels):
        return table, None
    rows, total = table[:-1], table.select("row_number", COUNT, published=number(COUNT)).row(-1)
    found = rows.select(number(COUNT).sum()).item()
    if total[2] != found:
        raise ReadError(
            "parts_add_up",
            f"line {total[0]}: found the total {quoted(total[1])}, expected {found:,}, the sum of "
            f"the {len(rows):,} rows above it",
        )
    return rows, f"line {total[0]}: the total {total[1]} is the sum of the rows"


def _month_start(rows: pl.DataFrame, vocabulary: Vocabulary) -> pl.Expr:
    """The first day of the row's month: fiscal year N runs from October N-1 to September N."""
    numbers = vocabulary.month_numbers()
    month = pl.col("month_name").replace_strict(
        {text: numbers[fold(text)] for text in rows["month_name"].unique()}, return_dtype=pl.Int32
    )
    first_day = first_of_fiscal_month(pl.col("fiscal_year"), month)
    return pl.when(pl.col("problem").is_null()).then(first_day).alias("month_start")


def _without_months_ahead(rows: pl.DataFrame, on: date) -> tuple[pl.DataFrame, list[str]]:
    """The rows without the months that have nobody and ended on this day or later, as in a file
    that lists every month of its year; and a note on each of them."""
    months = (
        rows.filter(pl.col("month_start") >= f"{on:%Y-%m}-01")
        .group_by("month_start")
        .agg(number(COUNT).sum().alias("people"), pl.len().alias("rows"))
        .filter(pl.col("people") == 0)
        .sort("month_start")
    )
    notes = [
        f"{month[:7]}: found nobody in each of {count:,} rows; left out, as the month had not "
        "ended at the publication"
        for month, count in months.select("month_start", "rows").iter_rows()
    ]
    return rows.join(months, on="month_start", how="anti", maintain_order="left"), notes
