"""Tables of ICE's detention statistics of which each cell is labelled by its row and its column,
and often by the group of its row as well: an agency, a reason for release, an area.

What belongs here: finding these tables, and giving each cell its labels. None of them is required:
one that cannot be read becomes a note, which names sheet, row, what was found and what was
expected. So does one with a label that the vocabulary does not list, unless the catalogue leaves
the axis open and the parts add up to the total.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from orchestration.catalogue.dataset import Axes, Table
from orchestration.catalogue.file_names import MONTHS
from orchestration.catalogue.fiscal_years import fiscal_year_of
from orchestration.catalogue.vocabulary import Vocabulary, fold
from orchestration.printable import quoted
from orchestration.readers.cells import MEAN, NO_FIGURE, listed, mark_problems
from orchestration.readers.detention_sheet import (
    FISCAL_YEAR,
    FoundTable,
    before_year,
    covered_through,
    dated_by_footnote,
    dated_by_title,
    extent,
    footnotes,
    footnotes_by_term,
    places,
    title_at,
    title_key,
    without_hidden_copies,
    year_at_end,
)
from orchestration.readers.reader import ReadContext, ReadError
from orchestration.readers.workbook import (
    Sheet,
    begins_with,
    refuse_without_heading,
    without_footnote,
)
from orchestration.readers.written_days import after, days_in

SHEET_YEAR = re.compile(rf"\bdetention data\b.*?\b{FISCAL_YEAR}\b", re.IGNORECASE)
ROWS_TO_SHEET_YEAR = 8
AS_OF = after("as of")
TOTAL, UNLABELLED = "total", "Not stated"
OCTOBER = 10
DERIVED = "percent"  # columns of shares, which follow from the others
# how far the means of the parts may miss that of all: ICE rounds some tables to a tenth, and took
# the mean of families over the days on which there were any (0.43 percent of all, in May 2022; in
# the other workbooks nothing beyond rounding)
WITHIN, WITHIN_SHARE = 0.2, 0.03

# a row's number, its group and its label as published, and both in listed form
_LabelledRow = tuple[int, str, str, tuple[str, ...]]


@dataclass(frozen=True)
class _Cell:
    """One figure. group, row, column: its labels as published; `labels` in listed form, the group
    before the row before the column."""

    row: int
    letter: str
    group: str
    label: str
    column: str
    labels: tuple[str, ...]
    text: str

    @property
    def value(self) -> float:
        return float(self.text.replace(",", "")) if re.fullmatch(MEAN, self.text) else 0.0


def read(
    sheets: list[Sheet], context: ReadContext, last_months: Mapping[int, date]
) -> tuple[pl.DataFrame, list[str]]:
    """Every cell of the tables with axes, as the catalogue's columns and `problem`, which is null;
    and a note on each table that cannot be read.

    last_months: by fiscal year, the first day of the last month with figures in other tables.
    """
    days, by_term = footnotes(sheets), footnotes_by_term(sheets)
    schema = {"row_number": pl.Int32()} | dict.fromkeys(context.dataset.columns, pl.String())
    frames = [mark_problems(pl.DataFrame(schema=schema), context.dataset, context.vocabulary)]
    seen: set[tuple[str, int]] = set()
    tables, notes = without_hidden_copies(
        [table for sheet in sheets for table in _find(sheet, context)]
    )
    for found in tables:
        try:
            last_month = last_months.get(found.fiscal_year, date.min)
            through = _through(found, days, by_term, context, last_month)
            if through is None:
                through = _day_of_nested(tables, found.fiscal_year)
                if through is None or through > context.published_on.on:
                    # nobody could tell a month that is still to come from one without people
                    raise _unexpected(found, found.row, "no last day of its data", "a footnote")
                notes.append(
                    f"sheet {quoted(found.sheet.name)}: found no footnote with the last day of "
                    "its data, "
                    f"expected one; taken as of {through}, the day of the alternatives to detention"
                )
            cells = _cells_of(found, through, context.vocabulary)
            rows = pl.DataFrame(
                [_row(found, through, cell, list(context.dataset.columns)) for cell in cells],
                schema=schema,
                orient="row",
            )
            frame = mark_problems(rows, context.dataset, context.vocabulary)
            _check_frame(found, frame, seen)
        except ReadError as error:
            notes.append(f"not read: {quoted(found.title)}: {error}")
            continue
        frames.append(frame)
        notes += _unlisted(found, cells, context.vocabulary)
    return pl.concat(frames), list(dict.fromkeys(notes))


def _find(sheet: Sheet, context: ReadContext) -> Iterator[FoundTable]:
    with_axes = [table for table in context.dataset.tables if table.axes is not None]
    nested = [table for table in with_axes if table.axes and table.axes.nested]
    by_title = {
        title_key(t): table for table in with_axes if table not in nested for t in table.title
    }
    of_sheet = _sheet_year(sheet)
    for row, columns in places(sheet):
        title = title_at(sheet, row, columns)
        if found := _nested(title, nested) or _titled(title, by_title, of_sheet):
            table, fiscal_year, ended = found
            yield FoundTable(sheet, table, title, fiscal_year, ended, row, columns)


def _nested(title: str, tables: list[Table]) -> tuple[Table, int, bool] | None:
    """The nested table with this title, which ends with a day, and the fiscal year of that."""
    if (on := _as_of(title)) is None:
        return None
    found = (table for table in tables if begins_with(title, table.title))
    return next(((table, fiscal_year_of(on), False) for table in found), None)


def _titled(
    title: str, tables: dict[str, Table], of_sheet: tuple[int, bool] | None
) -> tuple[Table, int, bool] | None:
    """The table with this title, its fiscal year, and whether the title says that the year has
    ended. A title without a year is of the year of its sheet."""
    found = year_at_end(title)
    plain = found[0] if found else before_year(title, len(title))
    if (table := tables.get(title_key(plain))) is None:
        return None
    year = found[1:] if found else of_sheet
    return (table, *year) if year else None


def _sheet_year(sheet: Sheet) -> tuple[int, bool] | None:
    """The fiscal year of a sheet, as the top of it says, and whether it says that it has ended."""
    texts = (cell for row in sheet.grid[:ROWS_TO_SHEET_YEAR] for cell in row if cell)
    years = (SHEET_YEAR.search(" ".join(text.split())) for text in texts)
    return next(((2000 + int(y["year"]), y["ended"] is not None) for y in years if y), None)


def _through(
    found: FoundTable,
    days: list[str],
    by_term: list[tuple[str, str]],
    context: ReadContext,
    last_month: date,
) -> date | None:
    """The last day of a table's figures; of a snapshot, its day. None if the workbook does not
    say. Raises ReadError for a snapshot of a day after the publication."""
    if _axes(found).nested and (day := _as_of(found.title)):
        if day > context.published_on.on:
            raise _unexpected(found, found.row, f"{day:%Y-%m-%d}", "a day before the publication")
        return day
    through = dated_by_title(found, context.published_on)
    through = through or dated_by_footnote(found, by_term, context.published_on)
    return through or covered_through(found, days, context.published_on, last_month)


def _day_of_nested(tables: list[FoundTable], fiscal_year: int) -> date | None:
    """The day in the title of a table of a fiscal year: where the footnotes were left over from
    another year, the other data are of about that day (of the same, or up to two days later, in
    16 workbooks)."""
    days = [_as_of(table.title) for table in tables if _axes(table).nested]
    return max((day for day in days if day and fiscal_year_of(day) == fiscal_year), default=None)


def _as_of(title: str) -> date | None:
    """The day of a snapshot, as its title says."""
    return next(days_in(title, AS_OF), None)


def _cells_of(found: FoundTable, through: date, vocabulary: Vocabulary) -> list[_Cell]:
    """The figures of a table. Raises ReadError for a label that is not listed, a cell that is not
    a figure, or parts that do not add up to their total."""
    axes = _axes(found)
    header, rows = extent(found)
    columns = _columns(found, header, rows, vocabulary)
    labelled = _labelled_rows(found, rows, columns, vocabulary)
    cells = [
        _Cell(
            row,
            found.sheet.letters[i],
            group,
            label,
            heading,
            (*labels, column),
            found.sheet.grid[row][i],
        )
        for row, group, label, labels in labelled
        for i, (heading, column) in columns.items()
        if found.sheet.grid[row][i]
    ]
    _check_figures(found, cells)
    if axes.columns == "detention_month":
        cells = _without_future(found, cells, through)
    if axes.open or axes.figures == "mean":
        _check_parts(found, cells)
    return cells


def _columns(
    found: FoundTable, header: int, rows: range, vocabulary: Vocabulary
) -> dict[int, tuple[str, str]]:
    """By column, its heading as published and in listed form; without shares."""
    axes, sheet = _axes(found), found.sheet
    known = vocabulary.spellings(axes.columns)
    others = found.columns[2 if axes.group_column else 1 :]
    headings = {i: without_footnote(sheet.heading(header, i)) for i in others}
    if axes.nested:  # other notes stand beside it
        headings = {i: text for i, text in headings.items() if fold(text) in known}
    else:
        refuse_without_heading(sheet, header, rows, [i for i in others if not headings[i]])
    columns = {
        i: (text, known.get(fold(text), ""))
        for i, text in headings.items()
        if text and not fold(text).startswith(DERIVED)
    }
    if unknown := [text for text, label in columns.values() if not label]:
        raise _unexpected(found, header, f"the headings {listed(unknown)}", _one_of(known))
    labels = [label for _, label in columns.values()]
    if len(set(labels)) < len(labels):
        raise _unexpected(found, header, f"the headings {listed(labels)}", "each once")
    if set(labels) <= {TOTAL}:
        raise _unexpected(found, header, "no heading of a part", _one_of(known))
    return columns


def _labelled_rows(
    found: FoundTable, rows: range, columns: dict[int, tuple[str, str]], vocabulary: Vocabulary
) -> list[_LabelledRow]:
    """Each row with figures: its number, its group and label as published, and in listed form."""
    axes, grid, first = _axes(found), found.sheet.grid, found.columns.start
    filled = [row for row in rows if any(grid[row][i] for i in columns)]
    if axes.nested:
        return _nested_rows(found, filled, columns, vocabulary)
    labelled: list[_LabelledRow] = []
    group = ""
    for row in filled:
        text = without_footnote(grid[row][first])
        parts = {}
        if axes.group_column:
            group, text = text or group, without_footnote(grid[row][first + 1]) or TOTAL.title()
        elif axes.groups is not None and fold(text) in vocabulary.spellings(axes.groups):
            group, text = text, TOTAL.title()
        if axes.groups is not None:
            parts["groups"] = group
        parts["rows"] = text
        labels = tuple(_listed(found, row, axis, part, vocabulary) for axis, part in parts.items())
        labelled.append((row, group, text, labels))
    return labelled


def _nested_rows(
    found: FoundTable,
    filled: list[int],
    columns: dict[int, tuple[str, str]],
    vocabulary: Vocabulary,
) -> list[_LabelledRow]:
    """The rows of a table in which each area's row has its technologies below it. Only the sums
    say which row is which: an area is complete once its technologies add up to it."""
    axes, grid, first = _axes(found), found.sheet.grid, found.columns.start
    counted = next((i for i, (_, label) in columns.items() if label == "Count"), None)
    if counted is None or axes.groups is None:
        raise _unexpected(found, found.row, "no heading 'Count'", "one")
    technologies = vocabulary.spellings(axes.rows)
    labelled: list[_LabelledRow] = []
    area, missing, total = "", 0.0, None
    for row in filled:
        text, people = without_footnote(grid[row][first]), _count(found, row, counted)
        if total is None:
            if fold(text) != TOTAL:
                raise _unexpected(found, row, quoted(text), "'Total', above the areas")
            total = people
            labelled.append((row, text, text, (TOTAL, TOTAL)))
        elif area and (missing > 0 or (fold(text) in technologies and people == 0)):
            missing -= people
            if missing < 0:
                raise _unexpected(
                    found,
                    row,
                    f"{people:g} at {quoted(text)}",
                    f"at most {missing + people:g} more in {quoted(area)}",
                )
            label = technologies.get(fold(text), text) or UNLABELLED
            place = _listed(found, row, "groups", area, vocabulary)
            labelled.append((row, area, text or UNLABELLED, (place, label)))
        elif text:
            area, missing, total = text, people, total - people
            place = _listed(found, row, "groups", area, vocabulary)
            labelled.append((row, area, TOTAL.title(), (place, TOTAL)))
        elif total == 0:
            break  # once a number without a label stood below the last area
        else:
            raise _unexpected(found, row, f"{people:g} without a label", "an area")
    if missing or total:
        raise _unexpected(
            found, found.row, f"{missing or total:g} fewer people in the parts", "as many as in all"
        )
    return labelled


def _count(found: FoundTable, row: int, column: int) -> float:
    text = found.sheet.grid[row][column]
    if not re.fullmatch(MEAN, text):
        raise _unexpected(found, row, quoted(text), "a number of people")
    return float(text.replace(",", ""))


def _listed(found: FoundTable, row: int, axis: str, text: str, vocabulary: Vocabulary) -> str:
    """A label in listed form; as published if its axis is open."""
    axes = _axes(found)
    dimension = axes.groups if axis == "groups" else axes.rows
    assert dimension is not None
    known = vocabulary.spellings(dimension)
    if (label := known.get(fold(text))) is not None:
        return label
    if text and axis in axes.open:
        return text
    raise _unexpected(found, row, quoted(text), _one_of(known))


def _check_figures(found: FoundTable, cells: list[_Cell]) -> None:
    """Refuse a table without figures, with a cell that is none, or with a cell twice."""
    if not cells:
        raise _unexpected(found, found.row, "no figures below the title", "some")
    seen = set()
    for cell in cells:
        if not re.fullmatch(rf"{MEAN}|(?i:{NO_FIGURE})", cell.text):
            raise _unexpected(
                found, cell.row, f"{quoted(cell.text)} in column {cell.letter}", "a number"
            )
        if cell.labels in seen:
            raise _unexpected(found, cell.row, f"{listed(list(cell.labels))} again", "each once")
        seen.add(cell.labels)


def _without_future(found: FoundTable, cells: list[_Cell], through: date) -> list[_Cell]:
    """The cells without the months after the end of the data, which read 0."""
    kept = []
    for cell in cells:
        month = cell.labels[-1]
        if month == TOTAL or _first_of_month(found.fiscal_year, month) <= through:
            kept.append(cell)
        elif cell.value:
            raise _unexpected(
                found,
                cell.row,
                f"{cell.text} in {cell.column}",
                f"nothing after {through:%Y-%m-%d}, the end of the data",
            )
    if not kept:
        raise _unexpected(found, found.row, "no figures of the fiscal year", "some")
    return kept


def _first_of_month(fiscal_year: int, label: str) -> date:
    number = MONTHS.index(label.lower()) + 1
    return date(fiscal_year - (number >= OCTOBER), number, 1)


def _check_parts(found: FoundTable, cells: list[_Cell]) -> None:
    """Refuse a table whose rows do not add up to their total, in each of its columns."""
    axes = _axes(found)
    whole: dict[str, float] = {}
    parts: dict[str, float] = defaultdict(float)
    for cell in cells:
        column = cell.labels[-1]
        if all(label == TOTAL for label in cell.labels[:-1]):
            whole[column] = cell.value
        elif _is_part(cell, axes):
            parts[column] += cell.value
    for column, people in whole.items():
        if axes.nested and column != "Count":
            continue
        within = 0.0 if axes.figures == "count" else max(WITHIN, WITHIN_SHARE * people)
        if abs(parts[column] - people) > within:
            raise _unexpected(
                found,
                found.row,
                f"{parts[column]:g} as the sum of the rows in {quoted(column)}",
                f"{people:g}, their total",
            )
    if not whole:
        raise _unexpected(found, found.row, "no row of the total", "one")


def _is_part(cell: _Cell, axes: Axes) -> bool:
    """Whether a row is no sum of others: neither a total nor a subtotal."""
    rows = cell.labels[:-1]
    return TOTAL not in rows and rows[0] not in axes.subtotals


def _row(found: FoundTable, through: date, cell: _Cell, columns: list[str]) -> tuple[object, ...]:
    axes = _axes(found)
    is_mean = axes.figures != "count" or (axes.nested and cell.column != "Count")
    is_part = _is_part(cell, axes) and cell.labels[-1] != TOTAL
    values = {
        "sheet": found.sheet.name,
        "title": found.title,
        "table_name": found.table.name,
        "fiscal_year": str(found.fiscal_year),
        "updated_through": through.isoformat(),
        "row_group": cell.group,
        "row_label": cell.label,
        "column_letter": cell.letter,
        "label": cell.column,
        "role": "part" if is_part else TOTAL,
        "mean" if is_mean else "figure": cell.text,
    }
    return cell.row + 1, *(values.get(name, "") for name in columns)


def _check_frame(found: FoundTable, frame: pl.DataFrame, seen: set[tuple[str, int]]) -> None:
    """Refuse a table that has a row which cannot be typed, or that was read already."""
    problems = frame["problem"].drop_nulls()
    if len(problems):
        raise ReadError("cells_are_typed", f"sheet {quoted(found.sheet.name)}: {problems[0]}")
    key = (found.table.name, found.fiscal_year)
    if key in seen:
        raise _unexpected(found, found.row, f"the table of FY{found.fiscal_year} again", "one")
    seen.add(key)


def _unlisted(found: FoundTable, cells: list[_Cell], vocabulary: Vocabulary) -> list[str]:
    """A note on the labels that count under their own names."""
    axes = _axes(found)
    dimensions = (axes.groups, axes.rows) if axes.groups else (axes.rows,)
    known = [set(vocabulary.labels(dimension)) for dimension in dimensions]
    new = {
        label: None
        for cell in cells
        for label, listed_labels in zip(cell.labels, known, strict=False)
        if label not in listed_labels
    }
    return [f"{quoted(found.title)}: found the unlisted labels {listed(list(new))}"] if new else []


def _axes(found: FoundTable) -> Axes:
    assert found.table.axes is not None
    return found.table.axes


def _one_of(known: dict[str, str]) -> str:
    return f"one of {listed(list(dict.fromkeys(known.values())))}"


def _unexpected(found: FoundTable, row: int, what: str, expected: str) -> ReadError:
    return ReadError(
        "tables_keep_their_layout",
        f"{found.sheet.where(row)}: found {what}, expected {expected}",
    )
