"""An entity-relationship picture as SVG: tables at both sides of the dimensions that they refer to.

What belongs here: placing and drawing. The colours are CSS variables of the page, with defaults, so
that the picture follows its light and dark.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from orchestration.dictionary.tables import Column, Table

# in pixels
CHARACTER = 6.7
ROW = 17
GAP = 22
PADDING = 9
MARGIN = 8
BETWEEN = 130  # for the lines
SIDE, MIDDLE = 300, 230  # the boxes' widths
COLOURS = 5
BY_RELEASE = "_by_release"


@dataclass(frozen=True)
class _Box:
    """A table with its place: x and y of the upper left corner."""

    table: Table
    columns: tuple[Column, ...]
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return _height(self.columns)

    def row(self, column: str) -> float:
        """The middle of a column's line."""
        names = [shown.name for shown in self.columns]
        return self.y + PADDING + ROW * (names.index(column) + 1.5) + 4


def picture(tables: Sequence[Table], link: Callable[[Table], str], title: str) -> str:
    """Draw the tables of main among these with the dimensions that they refer to: each with the
    columns of its key and its references. Where there is a table of current figures, that of what
    each release reported is left out; it refers to the same dimensions.

    link: the address of a table's entry. title: what is drawn, for who cannot see it.
    Returns an svg element.
    """
    facts = _drawn(tables)
    names = {to for fact in facts for column in fact.columns for to in _table_of(column)}
    dimensions = [table for table in tables if table.name in names]
    facts = [fact for fact in facts if fact.name not in names]
    left, right = _two_columns(facts)
    heights = [_stack_height(side) for side in (left, dimensions, right)]
    height = max(heights) + 2 * MARGIN
    middle_x = MARGIN + SIDE + BETWEEN
    placed = [
        *_stack(left, MARGIN, SIDE, MARGIN),
        *_stack(right, middle_x + MIDDLE + BETWEEN, SIDE, MARGIN),
    ]
    centres = _stack(dimensions, middle_x, MIDDLE, (height - heights[1]) / 2)
    width = 2 * (MARGIN + SIDE + BETWEEN) + MIDDLE
    parts = [*_lines(placed, centres), *(_drawing(box, link) for box in (*placed, *centres))]
    return (
        f'<svg class="entities" role="group" viewBox="0 0 {width:g} {height:g}"'
        ' xmlns="http://www.w3.org/2000/svg"'
        ' font-family="ui-monospace, monospace" font-size="11" fill="currentColor">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _drawn(tables: Sequence[Table]) -> list[Table]:
    names = {table.name for table in tables}
    return [
        table
        for table in tables
        if table.schema == "main"
        and not table.name.startswith("dim_")
        and not (table.name.endswith(BY_RELEASE) and table.name.removesuffix(BY_RELEASE) in names)
    ]


def _table_of(column: Column) -> tuple[str, ...]:
    return (column.references[0],) if column.references else ()


def _shown(table: Table) -> tuple[Column, ...]:
    """The columns of the key, in its order, then the other references."""
    by_name = {column.name: column for column in table.columns}
    others = [c for c in table.columns if c.references and c.key_position is None]
    return (*(by_name[name] for name in table.key), *others)


def _height(columns: Sequence[Column]) -> float:
    return ROW * (len(columns) + 1) + 2 * PADDING


def _stack_height(tables: Iterable[Table]) -> float:
    return sum(_height(_shown(table)) + GAP for table in tables)


def _two_columns(facts: Iterable[Table]) -> tuple[list[Table], list[Table]]:
    """The tables in two stacks of about the same height, in their order."""
    left: list[Table] = []
    right: list[Table] = []
    for fact in facts:
        (left if _stack_height(left) <= _stack_height(right) else right).append(fact)
    return left, right


def _stack(tables: Iterable[Table], x: float, width: float, top: float) -> list[_Box]:
    boxes = []
    for table in tables:
        box = _Box(table, _shown(table), x, top, width)
        boxes.append(box)
        top += box.height + GAP
    return boxes


def _lines(facts: Iterable[_Box], dimensions: Sequence[_Box]) -> list[str]:
    """A line from each reference to the key of its dimension, in the dimension's colour."""
    lines = []
    for number, dimension in enumerate(dimensions):
        colour = f"var(--series-{number % COLOURS + 1}, currentColor)"
        for fact in facts:
            is_left = fact.x < dimension.x
            start = fact.x + fact.width if is_left else fact.x
            end = dimension.x if is_left else dimension.x + dimension.width
            for column in fact.columns:
                if column.references and column.references[0] == dimension.table.name:
                    y, to_y = fact.row(column.name), dimension.row(column.references[1])
                    middle = (start + end) / 2
                    lines.append(
                        f'<path d="M{start:g} {y:g}C{middle:g} {y:g} {middle:g} {to_y:g}'
                        f' {end:g} {to_y:g}" fill="none" stroke="{colour}" stroke-opacity=".6"/>'
                    )
    return lines


def _drawing(box: _Box, link: Callable[[Table], str]) -> str:
    texts = [
        f'<a href="{escape(link(box.table))}"><text x="{box.x + PADDING:g}"'
        f' y="{box.y + PADDING + ROW - 5:g}" font-weight="700">{escape(_name(box))}</text></a>'
    ]
    for column in box.columns:
        is_key = column.key_position is not None
        mark, faint = ("◆ ", "") if is_key else ("◇ ", ' fill-opacity=".75"')
        texts.append(
            f'<text x="{box.x + PADDING:g}" y="{box.row(column.name) + 4:g}"'
            f"{faint}>{mark}{escape(column.name)}</text>"
        )
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="5"'
        f' fill="var(--wash, none)" stroke="currentColor" stroke-opacity=".4"/>{"".join(texts)}'
    )


def _name(box: _Box) -> str:
    """The table's name, as much of it as fits."""
    most = int((box.width - 2 * PADDING) / CHARACTER)
    name = box.table.name
    return name if len(name) <= most else f"{name[: most - 1]}…"
