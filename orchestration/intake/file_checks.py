"""The checks of one parsed file: can it be the release that it claims to be?

What belongs here: checks that need only the file. Each raises Refusal with its name, the
place, what was found and what was expected. Comparing with earlier releases belongs to
`review`.
"""

from calendar import monthrange
from datetime import UTC, date, datetime
from itertools import islice

import polars as pl

from orchestration.catalogue.categories import has_labels, in_one_spelling
from orchestration.catalogue.dataset import Column, Dataset
from orchestration.catalogue.fiscal_years import fiscal_year_of
from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.printable import quoted, shortened
from orchestration.readers.cells import number, place
from orchestration.readers.reader import ParsedRelease
from orchestration.releases.checks import Check, Refusal
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import Release


def check_file(
    parsed: ParsedRelease, dataset: Dataset, record: Release, rejected_share: float
) -> tuple[date, date]:
    """Run every check on a parsed file and return its first and last month with figures.

    rejected_share: the largest share of rows that may be rejected, 0 to 1.
    Raises Refusal with the check that failed.
    """
    typed = parsed.typed
    _check_publication(record)
    _check_rejected_rows(parsed, dataset, rejected_share)
    cells = _in_one_spelling(typed, dataset)
    months = _check_months(cells, parsed.span, dataset, record)
    required = _months_of(_rows_of_required(typed, dataset)) or months
    _check_promise(required[-1], dataset, record)
    _check_people(typed, dataset)
    _check_components(cells, dataset)
    _check_abbreviations(typed, dataset)
    _check_cells(cells, typed)
    return required[0], required[-1]


def _check_publication(record: Release) -> None:
    if not is_past(record.published):
        raise Refusal(
            "publication_is_past",
            f"found the publication date {record.published}, expected one not after "
            f"{datetime.now(UTC).date()}, the day on which the file was taken in",
        )


def _check_rejected_rows(parsed: ParsedRelease, dataset: Dataset, share: float) -> None:
    """A few rows may be rejected; many mean that the file is not what it claims to be."""
    rejected = parsed.rows.filter(pl.col("problem").is_not_null())
    if len(rejected) > max(share * len(parsed.rows), dataset.rejected_rows):
        first = rejected.row(0, named=True)
        raise Refusal(
            "cells_are_typed",
            f"{place(first)}: {first['problem']}; {len(rejected):,} of "
            f"{len(parsed.rows):,} rows cannot be typed, expected at most {share:.1%}",
        )


def _in_one_spelling(typed: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Return row number, month and labels of each row, each category in one spelling."""
    names = [
        name
        for name in dict.fromkeys((*dataset.cell, *dataset.complete_by))
        if dataset.columns[name].kind not in ("month", "month_name")  # month_start has it
    ]
    return in_one_spelling(typed.select("row_number", "month_start", *names), dataset, names)


def _check_months(
    cells: pl.DataFrame, span: tuple[date, date] | None, dataset: Dataset, record: Release
) -> list[date]:
    """Check that the months run without a gap, for every component and region, and that none is
    after the publication. Returns the months; if the rows have none, the first and last of
    the span that the reader found."""
    months = _months_of(cells) or list(span or ())
    if not months:
        raise Refusal("file_has_rows", "found no month with figures, expected at least one")
    if months[-1] > record.published_on:
        raise Refusal(
            "figures_precede_publication",
            f"found figures for {months[-1]:%Y-%m}, expected none after the publication in "
            f"{record.published}",
        )
    if dataset.cut is not None and not _has_ended(months[-1], record.published_on):
        raise Refusal(
            "figures_precede_publication",
            f"found figures for {months[-1]:%Y-%m}, which had not ended at the publication on "
            f"{record.published}, expected none of it, as {dataset.publisher} counts whole months",
        )
    if span is None:
        _check_gaps(cells, months, dataset)
    return months


def _has_ended(month: date, on: date) -> bool:
    """Whether a month, given by its first day, ends on a day or before it."""
    return month.replace(day=monthrange(month.year, month.month)[1]) <= on


def _rows_of_required(typed: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """The rows of the tables that a workbook cannot do without: the others may end elsewhere."""
    required = [table.name for table in dataset.tables if table.required]
    return typed.filter(pl.col("table_name").is_in(required)) if required else typed


def is_past(published_on: PublicationDate) -> bool:
    return published_on.earliest <= datetime.now(UTC).date()


def _check_gaps(cells: pl.DataFrame, months: list[date], dataset: Dataset) -> None:
    spans = {"": cells}
    for name in dataset.complete_by:
        spans |= {f" for {part[name][0]}": part for part in cells.partition_by(name)}
    for where, span in spans.items():
        missing = sorted(set(_run(months[0], months[-1])) - set(_months_of(span)))
        if missing:
            raise Refusal(
                "months_are_complete",
                f"found no row for {missing[0]:%Y-%m}{where}, expected every month from "
                f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}",
            )


def _check_promise(last_month: date, dataset: Dataset, record: Release) -> None:
    """The last month is the one that the file's name promises. Where a publisher's names lag
    behind, figures of the year of publication pass under the name of another year: `review`
    holds them, as a person can decide."""
    promised = dataset.span_in_name(record.file_name)
    if promised is None:
        return
    fiscal_year = fiscal_year_of(last_month)
    if dataset.names_lag and fiscal_year == fiscal_year_of(record.published_on):
        return
    if promised[0] != fiscal_year or promised[1] not in (None, last_month.month):
        month = "" if promised[1] is None else f"month {promised[1]} of "
        raise Refusal(
            "name_keeps_its_promise",
            f"found {last_month:%Y-%m} (FY{fiscal_year}) as the last month, expected {month}"
            f"FY{promised[0]}, which the file's name promises",
        )


def _check_people(typed: pl.DataFrame, dataset: Dataset) -> None:
    """Every month must count at least one person, in any of its figures. A capacity, which is there
    in a month to come as well, counts nobody."""
    if not dataset.figures or typed["month_start"].is_null().all():
        return
    people = pl.sum_horizontal(number(name).fill_null(0) for name in dataset.figures)
    if dataset.not_people:
        spelled = in_one_spelling(typed, dataset, dataset.not_people)
        typed = typed.with_columns(
            spelled.select(has_labels(dataset.not_people, dataset).alias("counts_nobody"))
        )
        people = pl.when("counts_nobody").then(0).otherwise(people)
    months = typed.group_by("month_start").agg(people.sum().alias("people")).sort("month_start")
    if (empty := months.filter(pl.col("people") == 0)["month_start"].drop_nulls()).len():
        raise Refusal(
            "months_have_people",
            f"found nobody counted in {empty[0][:7]}, expected some people in every month; "
            f"{len(empty):,} months are affected",
        )


def _check_components(cells: pl.DataFrame, dataset: Dataset) -> None:
    """A label that belongs to one component must be in rows of that component only."""
    if "component" not in cells.columns:
        return
    for name, column in dataset.columns.items():
        owners = load_vocabulary().components(column.vocabulary) if column.vocabulary else {}
        if owners and name in cells.columns:
            expected = pl.col(name).replace_strict(owners, default=None, return_dtype=pl.String)
            misfits = cells.filter(expected != pl.col("component")).select(
                "row_number", "component", label=name, expected=expected
            )
            _refuse_misfits(
                "labels_fit_components",
                misfits,
                column,
                "found {label} in a row of {component}, expected one of {expected}",
            )


def _check_abbreviations(typed: pl.DataFrame, dataset: Dataset) -> None:
    """An abbreviation is in the rows of its own label only: of two columns that name different
    areas, nobody can say to which of them the people belong."""
    for short, column in dataset.columns.items():
        dimension, _, abbreviated = (column.vocabulary or "").partition(".")
        for name, of_label in dataset.columns.items():
            if abbreviated and of_label.vocabulary == dimension:
                found = typed.with_columns(published=short)
                spelled = in_one_spelling(found, dataset, (name, short))
                misfits = spelled.filter(pl.col(name) != pl.col(short)).select(
                    "row_number", "published", stands_for=short, expected=name
                )
                _refuse_misfits(
                    "labels_fit_each_other",
                    misfits,
                    column,
                    "found {published}, which is {stands_for}, in a row of {expected}, "
                    "expected its own abbreviation",
                )


def _refuse_misfits(check: Check, misfits: pl.DataFrame, column: Column, found: str) -> None:
    """Raise Refusal if there are rows that a check does not let pass.

    found: what is wrong, with the names of the misfits' columns in braces.
    """
    if misfits.is_empty():
        return
    row = misfits.row(0, named=True)
    values = {name: quoted(str(value)) for name, value in row.items()}
    raise Refusal(
        check,
        f"{place(row)}: column {quoted(column.headers[0])}: {found.format(**values)}; "
        f"{len(misfits):,} rows are affected",
    )


def _check_cells(cells: pl.DataFrame, typed: pl.DataFrame) -> None:
    """No cell may occur twice, however its labels are spelled."""
    labels = cells.columns[1:]
    twice = cells.select(pl.struct(labels).is_duplicated().arg_true()).to_series()
    if twice.is_empty():
        return
    cell = cells.row(twice[0])[1:]
    same = (i for i in twice if cells.row(i)[1:] == cell)
    rows = [typed.row(i, named=True) for i in islice(same, 2)]
    places = (
        " and ".join(map(place, rows)).replace(" and line ", " and ").replace("line ", "lines ")
    )
    raise Refusal(
        "cells_stand_once",
        f"{places}: found the same cell twice ({', '.join(map(shortened, filter(None, cell)))}), "
        f"expected each once; {len(twice):,} rows are affected",
    )


def _months_of(frame: pl.DataFrame) -> list[date]:
    months = frame["month_start"].drop_nulls().unique().sort()
    return [date.fromisoformat(month) for month in months.to_list()]


def _run(first: date, last: date) -> list[date]:
    return pl.date_range(first, last, "1mo", eager=True).to_list()
