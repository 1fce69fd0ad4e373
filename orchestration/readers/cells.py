"""Text cells, and whether each one can be typed.

What belongs here: the kinds of cells that the catalogue knows, whatever file they come
from. How a file is laid out belongs to each reader.
"""

import re
from collections.abc import Iterable
from typing import Any

import polars as pl

from orchestration.catalogue.dataset import Column, Dataset
from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.printable import LONGEST, quoted
from orchestration.readers.reader import ReadError
from orchestration.releases.publication import PublicationDate

COUNT = r"([0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2})(\.0+)?"
MEAN = r"([0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2})(\.[0-9]+)?([eE]-[0-9]{1,2})?"
# signs that mark a footnote: asterisk, daggers, raised digits
MARKS = "*\u2020\u2021\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
YEAR = "(19|20)[0-9]{2}"
TO_DATE = "((FY ?)?TD|YTD|(fiscal )?year[ -]to[ -]date)"
OF_A_YEAR = rf"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{{0,6}}\.?( {YEAR})?"
THROUGH_MONTH = rf"(([ ,:\u2013-]|through|thru)*{OF_A_YEAR}( ?[\u2013-] ?{OF_A_YEAR})?)"
# 2025, FY2025, 2025 (FYTD), 2025 YTD (July 2025), 2025 (FYTD - Nov), 2025 through July, 2025*,
# FYTD 2025, 2025-FYTD, 2025.0
FISCAL_YEAR = (
    rf"(?i)^(FY(TD)? ?|YTD |Fiscal Year )?{YEAR}(\.0+)?([ -]?\(?{TO_DATE}{THROUGH_MONTH}?\)?)?"
    rf"( \(?{THROUGH_MONTH}\)?)?[{MARKS}]*$"
)
MONTH = r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])"
DATE = MONTH + r"(-[0-3][0-9])?"
NAME = r"[\p{Latin}\p{M}][\p{Latin}\p{M}0-9 .,:;'\u2019\"&()/\-]*"
# UTF-8 that was read as Windows-1252 and written as UTF-8 again: `Ü` is then `Ãœ`
DECODED_TWICE = (
    "[\u00c2-\u00c5][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013-\u203a\u20ac\u2122]|\u00e2\u20ac"
)
TOTAL = r"(?i)^((sub|grand)[ -]*)?-?totals?( |$)|^(all|overall|combined|sum)( |$)"
NOTHING = r"(?i)^(null|nan|none|nil|n/?a|undefined)$"  # what programs write for no value
NO_FIGURE = r"\(?(X|N/?A|D)\)?|-|\u2013|\u2014|\*|\.\.\.?"
KINDS = {
    "count": (f"^({COUNT})$", "a whole number, zero or more"),
    "figure": (
        f"^({COUNT}|(?i:{NO_FIGURE}))$",
        "a whole number, zero or more, or a mark for no figure (X, NA, D, -)",
    ),
    "mean": (f"^({MEAN})$", "a number, zero or more, with or without decimals"),
    "people": (f"^({COUNT})( ?[-\u2013] ?({COUNT}))?$", "a whole number, or a range such as 5-10"),
    "fiscal_year": (FISCAL_YEAR, "a fiscal year such as 2024 or 2025 (FYTD)"),
    "year": (r"^(19|20)[0-9]{2}$", "a calendar year such as 2024"),
    "month": (f"^{MONTH}(-01)?$", "a month such as 2024-11 or 2024-11-01"),
    "month_number": (r"^([0-9]|0[0-9]|1[0-2])$", "a month from 1 to 12, or 0 for the year's total"),
    "date": (f"^{DATE}$", "a date such as 2024-11-08, or a month such as 2024-11"),
    "period": (
        f"^({DATE}(/{DATE})?|FY(19|20)[0-9]{{2}})$",
        "a month, a date, two of either with a slash between them, or a fiscal year such as FY2024",
    ),
    "coverage": (f"(?i)^(full year|through {DATE})$", "full year, or through 2022-09-24"),
    "name": (f"^{NAME}$", "a name in Latin letters, not a total, decoded once"),
    "text": (r"^[^\x00-\x1f\x7f]+$", "text, decoded once"),
}
PADDING = " \t\u00a0"
INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")  # what editors of pages leave behind
SHOWN = 5


def mark_problems(table: pl.DataFrame, dataset: Dataset, vocabulary: Vocabulary) -> pl.DataFrame:
    """Add `problem`: why a row cannot be typed; null if it can. Raises ReadError for a label
    that the vocabulary does not list."""
    for name, column in dataset.columns.items():
        if column.vocabulary is not None:
            _check_labels(table, name, column, vocabulary)
    problems = [_problem(name, column) for name, column in dataset.columns.items()]
    return table.with_columns(pl.coalesce(*problems, pl.lit(None, pl.String)).alias("problem"))


def labels_for(texts: pl.Series, spellings: dict[str, str]) -> dict[str, str]:
    """The label of each text that is a known spelling; the other texts are left out."""
    labels = {text: spellings.get(fold(text)) for text in texts.unique().to_list()}
    return {text: label for text, label in labels.items() if label is not None}


def first_of_month(year: pl.Expr, month: pl.Expr) -> pl.Expr:
    """The first day of a calendar month, as text."""
    return pl.format("{}-{}-01", year, month.cast(pl.String).str.zfill(2))


def first_of_fiscal_month(fiscal_year: pl.Expr, month: pl.Expr) -> pl.Expr:
    """The first day of a month in a fiscal year, as text: year N runs from October N-1 to
    September N. fiscal_year: a text that contains the year; month: its calendar number."""
    year = fiscal_year.str.extract(r"([0-9]{4})").cast(pl.Int32)
    return first_of_month(year - (month >= 10).cast(pl.Int32), month)


def number(name: str) -> pl.Expr:
    """A published figure as a number; null for a mark such as X."""
    digits = pl.col(name).str.extract(r"([0-9][0-9,]*)").str.replace_all(",", "", literal=True)
    return digits.cast(pl.Int64, strict=False)


def refuse_days_after(
    typed: pl.DataFrame, names: Iterable[str], published_on: PublicationDate
) -> None:
    """Raise ReadError if one of these columns has a day after the publication."""
    for name in names:
        for number, text in typed.select("row_number", name).iter_rows():
            if text.strip() and PublicationDate.parse(text.strip()).earliest > published_on.on:
                raise ReadError(
                    "figures_precede_publication",
                    f"line {number}: column {quoted(name)}: found {quoted(text)}, expected none "
                    f"after {published_on}, as its folder says",
                )


def place(row: dict[str, Any]) -> str:
    """The place of a row in its file, for an error."""
    number = row["row_number"]
    return f"sheet {quoted(row['sheet'])}, row {number}" if "sheet" in row else f"line {number}"


def listed(values: list[str]) -> str:
    """Texts in quotes, with commas between them, for an error."""
    return ", ".join(map(quoted, values))


def some_listed(values: list[str]) -> str:
    """As `listed`, the first few of values of which there may be any number."""
    more = f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
    return f"{listed(values[:SHOWN])}{more}"


def _check_labels(table: pl.DataFrame, name: str, column: Column, vocabulary: Vocabulary) -> None:
    assert column.vocabulary is not None
    known = labels_for(table[name], vocabulary.spellings(column.vocabulary))
    blank = column.optional & (pl.col(name).str.strip_chars() == "")
    unknown = table.filter(~(pl.col(name).is_in(list(known)) | blank))
    if unknown.is_empty():
        return
    values = unknown[name].unique(maintain_order=True)[:SHOWN].to_list()
    word = "rows" if "sheet" in unknown.columns else "lines"
    more = f" and {len(unknown) - 1:,} more {word}" if len(unknown) > 1 else ""
    raise ReadError(
        "labels_are_known",
        f"{place(unknown.row(0, named=True))}{more}: column {quoted(column.headers[0])}: found "
        f"{listed(values)}, expected one of {listed(vocabulary.labels(column.vocabulary))}",
    )


def _problem(name: str, column: Column) -> pl.Expr:
    """Why a cell cannot be typed, as text; null where it can."""
    if column.kind not in KINDS:
        return pl.lit(None, pl.String)
    pattern, expected = KINDS[column.kind]
    text = pl.col(name).str.strip_chars(PADDING)
    if column.kind in ("name", "fiscal_year"):
        text = text.str.replace_all("[ \u00a0]+", " ")
    invalid = ~text.str.contains(pattern)
    if column.kind in ("date", "period", "coverage"):
        invalid |= _has_impossible_date(text)
    if column.kind in ("name", "text"):
        invalid |= text.str.contains(DECODED_TWICE)
    if column.kind == "name":
        invalid |= text.str.contains(TOTAL) | text.str.contains(NOTHING)
    if column.optional:
        invalid &= text != ""
    found = pl.col(name)
    cut = pl.when(found.str.len_chars() > LONGEST).then(found.str.head(LONGEST - 1) + "…")
    described = pl.format(
        f"column '{column.headers[0]}': found '{{}}', expected {expected}", cut.otherwise(found)
    )
    return pl.when(invalid).then(described)


def _has_impossible_date(text: pl.Expr) -> pl.Expr:
    """Whether a cell has a date that is not in the calendar, such as 2024-02-31."""
    first_day = pl.when(pl.element().str.len_chars() == len("2024-02")).then(pl.lit("-01"))
    day = pl.element() + first_day.otherwise(pl.lit(""))
    return (
        text.str.extract_all(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
        .list.eval(day.str.to_date("%Y-%m-%d", strict=False).is_null())
        .list.any()
    )
