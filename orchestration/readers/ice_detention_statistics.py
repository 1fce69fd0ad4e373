"""ICE's detention statistics: a workbook with several tables side by side on a sheet.

A table is found by its title, which ends with the fiscal year (`ICE Removals: EOFY2023`).
It extends right to the next title in that row, and down to the next empty row. Only the
tables that the catalogue lists are read. The last day of the data is in the footnotes.

What belongs here: the tables whose cells are kept as they are. Those whose cells are labelled by
two or three axes are read by `detention_axes`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

import polars as pl

from orchestration.catalogue.dataset import Dataset, Table
from orchestration.catalogue.vocabulary import fold, load_vocabulary
from orchestration.printable import quoted
from orchestration.readers import detention_axes
from orchestration.readers.cells import COUNT, listed, mark_problems
from orchestration.readers.detention_sheet import (
    FoundTable,
    covered_through,
    extent,
    footnotes,
    is_dated_by_other_data,
    places,
    title_at,
    title_key,
    with_plain_figures,
    without_hidden_copies,
    year_at_end,
)
from orchestration.readers.reader import ParsedRelease, ReadContext, ReadError
from orchestration.readers.workbook import (
    Sheet,
    open_workbook,
    refuse_without_heading,
    without_footnote,
)
from orchestration.releases.publication import PublicationDate

COLUMNS = (  # of a cell of a table without axes, after its row
    *("sheet", "title", "table_name", "series", "fiscal_year", "updated_through"),
    *("row_label", "column_letter", "label", "figure"),
)

TITLE_OF_FIGURES = re.compile(r"(?!.*\bdata\b).*\bICE\b", re.IGNORECASE)  # and not of a sheet
OCTOBER = 10
SIMILAR_SHOWN = 2  # cells
_Cell = tuple[object, ...]


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one workbook. Raises ReadError, which names the sheet and what was expected, for a
    table that the catalogue requires; another table that cannot be read becomes a note."""
    sheets = [with_plain_figures(s) for s in open_workbook(content, context.limits).sheets()]
    tables, notes = without_hidden_copies(
        [table for sheet in sheets for table in _find_tables(sheet, context.dataset)]
    )
    _check_required(context.dataset, tables, sheets)
    days, last_months = footnotes(sheets), _last_months(tables)
    cells: list[_Cell] = []
    notes += _unlisted(sheets, context.dataset)
    for table in tables:
        through = covered_through(table, days, context.published_on, last_months[table.fiscal_year])
        if table.table.required and is_dated_by_other_data(table, days, context.published_on):
            notes.append(
                f"{quoted(table.title)}: found no footnote with the last day of removals, expected "
                f"one; taken as of {through}, the first last day of other data that can be"
            )
        try:
            cells += _cells(table, through)
        except ReadError as error:
            if table.table.required:
                raise
            notes.append(f"not read: {quoted(table.title)}: {error}")
    schema = {"row_number": pl.Int32()} | dict.fromkeys(COLUMNS, pl.String())
    rows = mark_problems(
        pl.DataFrame(cells, schema=schema, orient="row").with_columns(
            pl.lit("").alias(name) for name in context.dataset.columns if name not in COLUMNS
        ),
        context.dataset,
        context.vocabulary,
    )
    labelled, more_notes = detention_axes.read(sheets, context, last_months)
    no_month = pl.lit(None, pl.String).alias("month_start")
    notes += _months_after(rows)
    # the required tables say which months the release covers
    span = _span(rows, context.published_on)
    every_row = pl.concat([rows.select(labelled.columns), labelled])
    return ParsedRelease(every_row.with_columns(no_month), (*notes, *more_notes), span)


def _unlisted(sheets: Sequence[Sheet], dataset: Dataset) -> list[str]:
    """A note on each title of a table that the catalogue does not know, as a listed table may have
    been renamed."""
    listed = (title for table in dataset.tables for title in table.title)
    known = {title_key(title) for title in (*listed, *dataset.unread_tables)}
    notes = []
    for sheet in sheets:
        for row, columns in places(sheet):
            title = title_at(sheet, row, columns)
            found = year_at_end(title) if TITLE_OF_FIGURES.match(title) else None
            if found and title_key(found[0]) not in known:
                notes.append(
                    f"not read: {sheet.where(row)}: found the title {quoted(title)}, expected "
                    "one that the catalogue lists"
                )
    return list(dict.fromkeys(notes))


def _find_tables(sheet: Sheet, dataset: Dataset) -> Iterator[FoundTable]:
    """The tables of a sheet that the catalogue lists, without those that have axes."""
    for row, columns in places(sheet):
        if found := _table_at(sheet, row, columns, dataset):
            yield found


def _table_at(sheet: Sheet, row: int, columns: range, dataset: Dataset) -> FoundTable | None:
    """The table whose title is in the first of these columns; None if it is not a listed one."""
    title = title_at(sheet, row, columns)
    if (found := year_at_end(title)) is None or (table := _titled(found[0], dataset)) is None:
        return None
    _, fiscal_year, ended = found
    return FoundTable(sheet, table, title, fiscal_year, ended, row, columns)


def _titled(title: str, dataset: Dataset) -> Table | None:
    tables = (table for table in dataset.tables if table.axes is None)
    key = title_key(title)
    return next((table for table in tables if key in map(title_key, table.title)), None)


def _cells(found: FoundTable, through: date | None) -> list[_Cell]:
    """One tuple per cell with a figure: its row and COLUMNS. through: the last
    day that the figures cover, if it is known."""
    sheet = found.sheet
    header, rows = extent(found)
    first, *others = found.columns
    labels = {i: without_footnote(sheet.heading(header, i)) for i in others}
    refuse_without_heading(sheet, header, rows, [i for i in others if not labels[i]])
    headed = {i: label for i, label in labels.items() if label}
    cells: list[_Cell] = [
        (
            row + 1,
            sheet.name,
            found.title,
            found.table.name,
            _series(found.table, sheet.grid[row][first], label),
            str(found.fiscal_year),
            through.isoformat() if through else "",
            sheet.grid[row][first],
            sheet.letters[i],
            label,
            sheet.grid[row][i],
        )
        for row in rows
        for i, label in headed.items()
        if sheet.grid[row][i]
    ]
    _check_series(found, header, cells, list(dict.fromkeys(headed.values())))
    return cells


def _series(table: Table, row_label: str, label: str) -> str:
    """The catalogue's name of a figure; empty for one that it does not name."""
    pair = fold(f"{without_footnote(row_label)} > {label}")
    names = (name for name, pairs in table.series.items() if pair in map(fold, pairs))
    return next(names, "")


def _check_series(found: FoundTable, header: int, cells: list[_Cell], headings: list[str]) -> None:
    """Refuse a table that lacks a figure of which facts are made, or has it twice."""
    figures = Counter(
        series
        for _, _, _, _, series, *_, figure in cells
        if series and re.fullmatch(COUNT, str(figure))
    )
    for name, wanted in found.table.series.items():
        if figures[name] == 1 or (figures[name] == 0 and name not in found.table.needs):
            continue
        texts = [str(cell[-1]) for cell in cells if cell[4] == name]
        instead = f"; found {listed(texts)} there" if texts and not figures[name] else ""
        raise ReadError(
            "tables_keep_their_layout",
            f"{found.sheet.where(header)}: found {figures[name] or 'no'} figures for "
            f"{' or '.join(map(quoted, wanted))} (row > column) below {quoted(found.title)}, "
            f"expected one{instead}; found the headings {listed(headings)}",
        )


def _span(rows: pl.DataFrame, published_on: PublicationDate) -> tuple[date, date]:
    """The first month of the first fiscal year, and the month of the last day covered: at the
    latest that of the publication, where the workbook does not say."""
    years = [int(year) for year in rows["fiscal_year"].to_list()]
    days = [date.fromisoformat(day) for day in rows["updated_through"].to_list() if day]
    last = max(days, default=min(published_on.on, date(max(years), 9, 30)))
    return date(min(years) - 1, 10, 1), last.replace(day=1)


def _months_after(rows: pl.DataFrame) -> list[str]:
    """A note on each fiscal year of which another table has figures for a month after the last day
    of the removals: the footnote with that day may be left over from the workbook before."""
    removals = rows.filter(pl.col("table_name") == "removals", pl.col("updated_through") != "")
    notes = []
    for year, day in (
        removals.select("fiscal_year", "updated_through").unique().sort(pl.all()).rows()
    ):
        through = date.fromisoformat(day)
        of_year = rows.filter(
            pl.col("fiscal_year") == year,
            pl.col("table_name") != "removals",
            pl.col("figure").str.contains("[1-9]"),
        )
        later = [text for text in of_year["label"].unique() if _month_in(int(year), text) > through]
        if later:
            notes.append(
                f"FY{year}: found figures for {listed(sorted(later))} and removals through "
                f"{through} only, expected none later; the footnote may be left over"
            )
    return notes


def _last_months(tables: list[FoundTable]) -> dict[int, date]:
    """By fiscal year, the first day of the last month with figures in one of its tables; the first
    of all days if there is none."""
    last = {found.fiscal_year: date.min for found in tables}
    for found in tables:
        try:
            header, rows = extent(found)
        except ReadError:
            continue  # `_cells` says so
        for i in found.columns:
            if any(re.search("[1-9]", found.sheet.grid[row][i]) for row in rows):
                month = _month_in(found.fiscal_year, found.sheet.heading(header, i))
                last[found.fiscal_year] = max(last[found.fiscal_year], month)
    return last


def _month_in(fiscal_year: int, label: str) -> date:
    """The first day of a month in a fiscal year; the first of all days for another label."""
    number = load_vocabulary().month_numbers().get(fold(label), 0)
    return date(fiscal_year - (number >= OCTOBER), number, 1) if number else date.min


def _check_required(dataset: Dataset, tables: list[FoundTable], sheets: list[Sheet]) -> None:
    for table in dataset.tables:
        if table.required and not any(found.table is table for found in tables):
            names = listed([sheet.name for sheet in sheets])
            raise ReadError(
                "tables_are_found",
                f"found no table titled {quoted(table.title[0] + ': FY…')} on the sheets {names}, "
                f"expected one{_similar(table.title[0], sheets)}",
            )


def _similar(title: str, sheets: list[Sheet]) -> str:
    """Where a cell begins with a title, without being one."""
    key = title_key(title)
    cells = (
        (sheet, row, title_at(sheet, row, at)) for sheet in sheets for row, at in places(sheet)
    )
    near = (
        f"{sheet.where(row)} has {quoted(text)}"
        for sheet, row, text in cells
        if title_key(text).startswith(key) and TITLE_OF_FIGURES.match(text)
    )
    found = "; ".join(islice(near, SIMILAR_SHOWN))
    return f"; {found}" if found else ""
