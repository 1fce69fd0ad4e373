"""OHSS's monthly tables: a workbook of some 35 sheets, most with one table of a row per month.

A table is known by its title and by a heading row that begins with Fiscal Year and Month,
perhaps with a row of merged headings above it. A row of the frame is a cell of such a table. The
facts keep what the release before has of a table that cannot be read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from orchestration.catalogue.dataset import Dataset, Table, TableVocabulary
from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.printable import quoted
from orchestration.readers.cells import listed, mark_problems
from orchestration.readers.reader import ParsedRelease, ReadContext, ReadError
from orchestration.readers.workbook import (
    HEADING_ROWS,
    Sheet,
    begins_with,
    open_workbook,
    refuse_without_heading,
    without_footnote,
)

YEAR_TOTAL = re.compile(r"(?:(?:annual|fiscal year|fy|f?ytd) )?total(?: f?ytd)?")
YEAR = re.compile(r"(?:19|20)\d\d")
LIKE_A_TOTAL = r"(?i)\b(sub|grand)?-?totals?\b|^(all|overall|combined|sum)\b"
MonthRow = tuple[int, str, str, str | None]  # row number, fiscal year, month's name, first day


def read(content: bytes, context: ReadContext) -> ParsedRelease:
    """Parse one workbook. Raises ReadError, which names the sheet and what was expected, for a
    table that the catalogue requires; another table that cannot be read becomes a note."""
    months = context.vocabulary.month_numbers()
    notes: list[str] = []
    unlisted: list[str] = []
    without: list[str] = []  # the sheets without such a table
    frames: list[tuple[str, pl.DataFrame]] = []  # with the name of the table
    sheet_names: dict[str, str] = {}  # by the name of the table
    for sheet in open_workbook(content, context.limits).sheets():
        place = _find_place(sheet, context.dataset)
        if place is None:
            without.append(sheet.name)
            notes.append(f"sheet {quoted(sheet.name)}: no table by fiscal year and month")
            continue
        name = place.table.name if place.table else ""
        if place.table is None:
            unlisted.append(f"sheet {quoted(sheet.name)} is titled {quoted(place.title)}")
            notes.append(f"{unlisted[-1]}: a table that the catalogue does not list")
        try:
            if place.table is not None:
                _check_first(place, place.table, sheet_names)
            found = _find_table(place, context)
            month_rows, below = _month_rows(found, months)
        except ReadError as error:
            if place.table is not None and place.table.required:
                raise
            notes.append(f"not read: {quoted(place.title)}: {error}")
            if name in sheet_names:  # of two tables, nobody knows which one is right
                frames = [(other, frame) for other, frame in frames if other != name]
            continue
        frames.append((name, _cells(found, month_rows)))
        notes += [*found.unlisted, *below]
    _check_required(context.dataset, {name for name, _ in frames}, unlisted, without)
    cells = pl.concat([frame for _, frame in frames])
    cells = cells.select("row_number", *context.dataset.columns, "month_start")
    rows = mark_problems(cells, context.dataset, context.vocabulary)
    typed = pl.when(pl.col("problem").is_null()).then(pl.col("month_start"))
    return ParsedRelease(rows.with_columns(typed.alias("month_start")), tuple(notes))


@dataclass(frozen=True)
class _Place:
    """Where a table is.

    table: the catalogue's entry; None for a table that the catalogue does not list.
    header: the row of its headings, from 0.
    year, month: the columns of the fiscal years and of the months, from 0.
    groups: the merged heading above each column; empty without one.
    """

    sheet: Sheet
    title: str
    table: Table | None
    header: int
    year: int
    month: int
    groups: tuple[str, ...]


@dataclass(frozen=True)
class _Heading:
    """A column with figures: its letter, the merged heading above it and its own heading as
    published, and the catalogue's name of its series (empty if it has none)."""

    letter: str
    group: str
    text: str
    series: str


@dataclass(frozen=True)
class _FoundTable:
    """A table on its sheet.

    table: the catalogue's entry; None for a table that the catalogue does not list.
    header: the row of its headings, from 0.
    unlisted: a note on each heading because of which the facts leave the table out.
    """

    sheet: Sheet
    title: str
    table: Table | None
    header: int
    year_letter: str
    month_letter: str
    headings: tuple[_Heading, ...]
    unlisted: tuple[str, ...] = ()

    @property
    def must_be_filled(self) -> tuple[_Heading, ...]:
        """The columns that facts are made of."""
        if self.table is None:
            return ()
        if self.table.vocabulary is not None and not self.table.vocabulary.noted:
            return self.headings
        return tuple(heading for heading in self.headings if heading.series in self.table.needs)


def _find_place(sheet: Sheet, dataset: Dataset) -> _Place | None:
    """Where the table below the row with a Fiscal Year and a Month is; None for a sheet without
    such a row."""
    tops = [[fold(without_footnote(cell)) for cell in row] for row in sheet.grid[:HEADING_ROWS]]
    headers = [row for row, cells in enumerate(tops) if {"fiscal year", "month"} <= set(cells)]
    if not headers:
        return None
    header = headers[0]
    year, month = tops[header].index("fiscal year"), tops[header].index("month")
    groups, title = _groups_and_title(sheet, header, year, month)
    table = next((t for t in dataset.tables if begins_with(title, t.title)), None)
    return _Place(sheet, title, table, header, year, month, tuple(groups))


def _find_table(place: _Place, context: ReadContext) -> _FoundTable:
    """The table at a place, with its headings. Raises ReadError."""
    sheet, header, table = place.sheet, place.header, place.table
    first = max(place.year, place.month) + 1
    headings = _headings(sheet, header, first, list(place.groups), table)
    unlisted = _unlisted(sheet, header, headings, table, context.vocabulary)
    letters = sheet.letters[place.year], sheet.letters[place.month]
    return _FoundTable(sheet, place.title, table, header, *letters, headings, unlisted)


def _groups_and_title(sheet: Sheet, header: int, year: int, month: int) -> tuple[list[str], str]:
    """The merged heading above each column (empty without one), and the title above them."""
    groups, title_row = [""] * len(sheet.letters), header - 1
    row = _row_of_groups(sheet, header, year, month)
    if row is not None:
        group = ""
        for i, cell in enumerate(sheet.grid[row]):
            group = without_footnote(cell) or group
            groups[i] = group
        title_row = row - 1
    for row in range(title_row, -1, -1):
        text = next((cell for cell in sheet.grid[row] if cell), "")
        if text:
            return groups, " ".join(text.split())
    return groups, ""


def _row_of_groups(sheet: Sheet, header: int, year: int, month: int) -> int | None:
    """The row of merged headings: the one above the headings that has nothing above the fiscal
    years and the months, perhaps with an empty row in between; None if there is none."""
    above = next((row for row in range(header - 1, -1, -1) if any(sheet.grid[row])), None)
    if above is None or sheet.grid[above][year] or sheet.grid[above][month]:
        return None
    is_next = above == header - 1
    return above if is_next or sum(map(bool, sheet.grid[above])) > 1 else None


def _headings(
    sheet: Sheet, header: int, first: int, groups: list[str], table: Table | None
) -> tuple[_Heading, ...]:
    """The columns with figures. Raises ReadError for figures without a heading, and for a
    series that the table needs and lacks, or has twice."""
    found: dict[str, str] = {}  # the letter of each series
    headings = []
    for i in range(first, len(sheet.letters)):
        letter, text = sheet.letters[i], sheet.grid[header][i]
        if not text:
            refuse_without_heading(sheet, header, range(header + 1, len(sheet.rows)), [i])
            continue
        series = _series(groups[i], without_footnote(text), table)
        if series and series in found:
            raise ReadError(
                "columns_are_known",
                f"{sheet.where(header, letter)}: found a second column {quoted(text)} for "
                f"{quoted(series)}, expected only column {found[series]}",
            )
        if series:
            found[series] = letter
        headings.append(_Heading(letter, groups[i], text, series))
    if table:
        _check_series(sheet, header, headings, table)
    return tuple(headings)


def _series(group: str, text: str, table: Table | None) -> str:
    names = {
        fold(published): name
        for name, headings in (table.series.items() if table else ())
        for published in headings
    }
    return names.get(fold(f"{group} > {text}"), names.get(fold(text), ""))


def _check_series(sheet: Sheet, header: int, headings: list[_Heading], table: Table) -> None:
    """Refuse a table without a series that facts need."""
    found = {heading.series for heading in headings}
    missing = [table.series[name] for name in table.needs if name not in found]
    if missing:
        expected = ", ".join(" or ".join(map(quoted, published)) for published in missing)
        raise ReadError(
            "columns_are_known",
            f"{sheet.where(header)}: found no column {expected} in the table "
            f"{quoted(table.title[0])}; found {listed([heading.text for heading in headings])}",
        )


def _unlisted(
    sheet: Sheet,
    header: int,
    headings: tuple[_Heading, ...],
    table: Table | None,
    vocabulary: Vocabulary,
) -> tuple[str, ...]:
    """A note on each heading that the table's vocabulary does not list, or that is there twice.
    Raises ReadError instead, unless the facts can leave the table out."""
    if table is None or table.vocabulary is None:
        return ()
    errors = tuple(_heading_errors(sheet, header, headings, table.vocabulary, vocabulary))
    if errors and not table.vocabulary.noted:
        raise ReadError("columns_are_known", errors[0])
    return tuple(f"{error}; until then the facts leave out this table" for error in errors)


def _heading_errors(
    sheet: Sheet,
    header: int,
    headings: tuple[_Heading, ...],
    rule: TableVocabulary,
    vocabulary: Vocabulary,
) -> Iterator[str]:
    groups = vocabulary.spellings(rule.heading_group) if rule.heading_group else {}
    labels = vocabulary.spellings(rule.label)
    letters: dict[tuple[str, str], str] = {}  # of each pair of labels
    for heading in headings:
        place = sheet.where(header, heading.letter)
        text = without_footnote(heading.text)
        group = fold(heading.group) if rule.heading_group else ""
        is_name = rule.names and not re.search(LIKE_A_TOTAL, text)
        is_whole = (
            group == ""
            and rule.noted
            and (labels.get(fold(text), "").startswith("total") or rule.heading_group == rule.label)
        )
        if rule.heading_group and group not in groups and not is_whole:
            yield _not_listed(f"{place}, merged heading", heading.group, groups)
        elif fold(text) not in labels and not is_name:
            yield _not_listed(place, text, labels)
        else:
            pair = groups.get(group, ""), labels.get(fold(text), fold(text))
            if pair in letters:
                of_group = f" of {quoted(heading.group)}" if heading.group else ""
                yield (
                    f"{place}: found a second column {quoted(text)}{of_group}, expected only "
                    f"column {letters[pair]}"
                )
            letters.setdefault(pair, heading.letter)


def _not_listed(place: str, text: str, labels: dict[str, str]) -> str:
    return (
        f"{place}: found {quoted(text)}, expected one of {', '.join(labels)}; if it is a new "
        "label, add it to the vocabulary"
    )


def _month_rows(found: _FoundTable, months: dict[str, int]) -> tuple[list[MonthRow], list[str]]:
    """The rows of months and of yearly totals, and the notes among and below them."""
    sheet = found.sheet
    rows: list[MonthRow] = []
    notes: list[str] = []
    year = ""  # published on a year's total only, above its months
    last: int | None = None
    for row in range(found.header + 1, len(sheet.rows)):
        cells = dict(zip(sheet.letters, sheet.grid[row], strict=True))
        word = fold(without_footnote(cells[found.month_letter]))
        is_total = YEAR_TOTAL.fullmatch(word) is not None
        if word not in months and not is_total:
            notes.extend(_note(found, row, cells))
            continue
        year = without_footnote(cells[found.year_letter]) or year
        _check_year(sheet, row, year)
        if is_total:
            _check_total(sheet, row, year, [other for _, other, _, day in rows if day is None])
        first_day = None
        if word in months:
            last = _next_month(sheet, row, year, months[word], last)
            first_day = _first_day(year, months[word])
        # tables that are compared with each other may name their totals differently
        name = "Total" if is_total and word != "total" else cells[found.month_letter]
        rows.append((row + 1, year, name, first_day))
    if last is None:
        raise ReadError(
            "tables_keep_their_layout",
            f"{sheet.where(found.header)}: found no month below the headings",
        )
    _check_filled(found, [number for number, *_ in rows])
    return rows, notes


def _note(found: _FoundTable, row: int, cells: dict[str, str]) -> list[str]:
    """The first text of a row that is neither a month nor a total; none if the row is empty.
    Raises ReadError if the row has figures."""
    month = cells[found.month_letter]
    filled = [cells[heading.letter] for heading in found.headings if cells[heading.letter]]
    if any(cell[0].isdigit() for cell in filled) or (month and filled):
        raise ReadError(
            "tables_keep_their_layout",
            f"{found.sheet.where(row, found.month_letter)}: found {quoted(month)}, expected a "
            "month or Total",
        )
    return [text for text in cells.values() if text][:1]


def _check_year(sheet: Sheet, row: int, year: str) -> None:
    if not YEAR.search(year):
        raise ReadError(
            "tables_keep_their_layout",
            f"{sheet.where(row)}: found the fiscal year {quoted(year)}, expected a year",
        )


def _check_total(sheet: Sheet, row: int, year: str, totals: list[str]) -> None:
    """Refuse a second total of a fiscal year. totals: the years that have one."""
    if YEAR.findall(year) in map(YEAR.findall, totals):
        raise ReadError(
            "cells_stand_once",
            f"{sheet.where(row)}: found a second total of the fiscal year {year}, expected one",
        )


def _next_month(sheet: Sheet, row: int, year: str, month: int, last: int | None) -> int:
    """The row's month, in months since the year 0. Raises ReadError unless it follows the month
    before it: a row takes its fiscal year from the total above it, so that a row out of
    order would be counted in the wrong year."""
    number = int(_first_day(year, month)[:4]) * 12 + month
    if last is not None and number != last + 1:
        raise ReadError(
            "months_are_complete",
            f"{sheet.where(row)}: found {_month_text(number)} after {_month_text(last)}, expected "
            "month by month",
        )
    return number


def _first_day(year: str, month: int) -> str:
    """First day of a month in a fiscal year such as `2024 YTD`."""
    found = YEAR.search(year)
    assert found is not None
    return f"{int(found[0]) - (month >= 10)}-{month:02}-01"


def _month_text(number: int) -> str:
    return f"{(number - 1) // 12}-{(number - 1) % 12 + 1:02}"


def _check_filled(found: _FoundTable, row_numbers: list[int]) -> None:
    """Refuse an empty cell in a column that facts need; a mark such as X is not empty."""
    filled = found.sheet.rows.filter(pl.col("row_number").is_in(row_numbers))
    for heading in found.must_be_filled:
        empty = filled.filter(pl.col(heading.letter) == "")
        if not empty.is_empty():
            raise ReadError(
                "cells_are_typed",
                f"{found.sheet.where(empty['row_number'][0] - 1, heading.letter)}: found an empty "
                f"cell under {quoted(heading.text)}, expected a figure",
            )


def _cells(found: _FoundTable, month_rows: list[MonthRow]) -> pl.DataFrame:
    """One row per filled cell, with its month, its headings and its table."""
    names = ["row_number", "fiscal_year", "month_name", "month_start"]
    types = [pl.Int32(), pl.String(), pl.String(), pl.String()]
    rows = pl.DataFrame(month_rows, schema=dict(zip(names, types, strict=True)), orient="row")
    columns = pl.DataFrame(
        [(h.letter, h.group, " ".join(h.text.split()), h.series) for h in found.headings],
        schema=dict.fromkeys(("column_letter", "heading_group", "heading", "series"), pl.String()),
        orient="row",
    ).with_columns(
        pl.col("heading").map_elements(without_footnote, return_dtype=pl.String).alias("label")
    )
    return (
        rows.join(found.sheet.rows, on="row_number")
        .unpivot(
            index=names,
            on=columns["column_letter"].to_list(),
            variable_name="column_letter",
            value_name="figure",
        )
        .filter(pl.col("figure") != "")
        .join(columns, on="column_letter")
        .with_columns(
            pl.lit(found.sheet.name).alias("sheet"),
            pl.lit(found.title).alias("title"),
            pl.lit(found.table.name if found.table else "").alias("table_name"),
        )
    )


def _check_first(place: _Place, table: Table, sheet_names: dict[str, str]) -> None:
    """Refuse a second table with the same title. sheet_names: of the tables so far, to which this
    one is added."""
    if table.name in sheet_names:
        raise ReadError(
            "tables_are_found",
            f"sheet {quoted(place.sheet.name)}: found a second table titled "
            f"{quoted(place.title)}, expected "
            f"only the one of sheet {quoted(sheet_names[table.name])}",
        )
    sheet_names[table.name] = place.sheet.name


def _check_required(
    dataset: Dataset, found: set[str], unlisted: list[str], without: list[str]
) -> None:
    missing = [table for table in dataset.tables if table.required and table.name not in found]
    if missing:
        titles = listed([table.title[0] for table in missing])
        others = "; ".join(unlisted) or "the catalogue lists the tables of all other sheets"
        if without:
            others += f"; no row with the headings 'Fiscal Year' and 'Month' on {listed(without)}"
        raise ReadError(
            "tables_are_found",
            f"found no sheet with a table titled {titles}, expected one; {others}",
        )
