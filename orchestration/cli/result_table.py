"""The result of a query as lines of a given width.

What belongs here: what is wrapped, shortened or left out so that a line fits, and saying so. A
result that is too wide has its text columns wrapped; if that is not enough, its last columns are
left out, and a single row is shown upright instead.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size

from orchestration.cli.values import as_text
from orchestration.printable import printable

GAP = "  "
NARROWEST = 12  # to which a text column is wrapped
MOST_LINES = 6  # of a cell
UPRIGHT_LINES = 12
MORE = "…"


@dataclass(frozen=True)
class _Column:
    """A column: its name, whether its cells are numbers, and each cell in lines."""

    name: str
    is_number: bool
    cells: list[list[str]]

    @property
    def widest(self) -> int:
        """The width of its widest cell."""
        return max((cell_len(line) for cell in self.cells for line in cell), default=0)

    @property
    def natural(self) -> int:
        return max(self.widest, cell_len(self.name))

    @property
    def narrowest(self) -> int:
        """The least width: a number is never wrapped, a name only after a `_`."""
        parts = [cell_len(part) for part in _name_parts(self.name)]
        cell = self.widest if self.is_number else min(self.widest, NARROWEST)
        return max(cell, *parts)


def table_lines(
    names: Sequence[str],
    numeric: Sequence[bool],
    rows: Sequence[Sequence[Any]],
    width: int,
    more_rows: int = 0,
) -> list[str]:
    """The lines of a table, none wider than `width` characters, and what is not shown.

    numeric: whether each column has numbers. more_rows: how many rows follow those given.
    """
    columns = [
        _Column(printable(name), is_number, [_lines(row[place]) for row in rows])
        for place, (name, is_number) in enumerate(zip(names, numeric, strict=True))
    ]
    shown = _fitting(columns, width)
    if len(shown) < len(columns) and len(rows) == 1:
        lines, is_short = _upright(columns, width)
        shown = columns
    else:
        lines, is_short = _table(shown, _widths(shown, width), len(rows))
    hidden = [column.name for column in columns[len(shown) :]]
    return [*lines, *_left_out(hidden, more_rows, is_short, width)]


def _lines(value: Any) -> list[str]:
    return [printable(line) for line in as_text(value, null="NULL").split("\n")]


def _name_parts(name: str) -> list[str]:
    """A name in parts between which it may be wrapped."""
    return [part for part in name.replace("_", "_\n").split("\n") if part] or [""]


def _fitting(columns: Sequence[_Column], width: int) -> list[_Column]:
    """The first columns, as many as fit when each is as narrow as it can be, but at least one."""
    used = -len(GAP)
    shown: list[_Column] = []
    for column in columns:
        used += column.narrowest + len(GAP)
        if shown and used > width:
            break
        shown.append(column)
    return shown


def _widths(columns: Sequence[_Column], width: int) -> list[int]:
    """Widths that fill the line: the narrowest column that needs more room gets it first."""
    widths = [min(column.narrowest, width) for column in columns]
    spare = width - sum(widths) - len(GAP) * (len(columns) - 1)
    while spare > 0:
        wanting = [i for i, column in enumerate(columns) if widths[i] < column.natural]
        if not wanting:
            break
        widths[min(wanting, key=lambda place: widths[place])] += 1
        spare -= 1
    return widths


def _table(columns: Sequence[_Column], widths: Sequence[int], rows: int) -> tuple[list[str], bool]:
    """The lines of names and cells, and whether a cell is shortened."""
    heads = [
        _wrapped_name(column.name, width) for column, width in zip(columns, widths, strict=True)
    ]
    numbers = [column.is_number for column in columns]
    lines = _row(heads, widths, numbers)
    lines.append(GAP.join("-" * width for width in widths))
    is_short = False
    for place in range(rows):
        cells = []
        for column, width in zip(columns, widths, strict=True):
            cell, cut = _wrapped(column.cells[place], width, MOST_LINES)
            is_short |= cut
            cells.append(cell)
        lines += _row(cells, widths, numbers)
    return lines, is_short


def _row(cells: Sequence[list[str]], widths: Sequence[int], numbers: Sequence[bool]) -> list[str]:
    """Cells of one or several lines, beside each other."""
    lines = []
    for place in range(max(map(len, cells), default=0)):
        parts = []
        for cell, width, is_number in zip(cells, widths, numbers, strict=True):
            text = cell[place] if place < len(cell) else ""
            padding = " " * (width - cell_len(text))
            parts.append(padding + text if is_number else text + padding)
        lines.append(GAP.join(parts).rstrip())
    return lines


def _wrapped_name(name: str, width: int) -> list[str]:
    lines = [""]
    for part in _name_parts(name):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return [piece for line in lines for piece in _pieces(line, width)]


def _wrapped(cell: Sequence[str], width: int, most: int) -> tuple[list[str], bool]:
    """A cell's lines, wrapped to a width, and whether some are left out."""
    lines = [piece for line in cell for piece in _pieces(line, width)]
    if len(lines) <= most:
        return lines, False
    last = set_cell_size(lines[most - 1], min(cell_len(lines[most - 1]), width - 1))
    return [*lines[: most - 1], f"{last}{MORE}"], True


def _pieces(line: str, width: int) -> list[str]:
    """A line in pieces that are not wider; spaces inside one that fits stay as they are."""
    if cell_len(line) <= width:
        return [line]
    pieces = textwrap.wrap(line, max(width, 1), break_on_hyphens=False)
    return [part for piece in pieces for part in _halves(piece, width)]


def _halves(piece: str, width: int) -> list[str]:
    """A piece of wide characters, such as Chinese ones, which textwrap counts as narrow."""
    if cell_len(piece) <= width or len(piece) < 2:
        return [piece]
    middle = len(piece) // 2
    return [*_halves(piece[:middle], width), *_halves(piece[middle:], width)]


def _upright(columns: Sequence[_Column], width: int) -> tuple[list[str], bool]:
    """One row, with a line for each column."""
    widest = min(max(cell_len(column.name) for column in columns), width // 2)
    lines, is_short = [], False
    for column in columns:
        cell, cut = _wrapped(column.cells[0], max(width - widest - len(GAP), 1), UPRIGHT_LINES)
        is_short |= cut
        name = _wrapped_name(column.name, widest)
        lines += _row([name, cell], [widest, width], [False, False])
    return lines, is_short


def _left_out(hidden: Sequence[str], rows: int, is_short: bool, width: int) -> list[str]:
    """A sentence on what is not shown; none if everything is."""
    parts = []
    if rows:
        parts.append(f"{rows:,} more row{'s' * (rows != 1)}")
    if hidden:
        parts.append(f"{len(hidden)} more column{'s' * (len(hidden) != 1)} ({', '.join(hidden)})")
    if is_short:
        parts.append("the rest of long cells")
    if not parts:
        return []
    return textwrap.wrap(f"{MORE} {', '.join(parts)}; --csv has all", max(width, 20))
