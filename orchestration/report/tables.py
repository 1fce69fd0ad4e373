"""Rows as a table of a page: the text of each cell."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from orchestration.report.exhibit import Row, amount

DAY_OR_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")


@dataclass(frozen=True)
class Column:
    """A column of a table. kind: number or date, by which its cells are aligned; else empty."""

    name: str
    kind: str


@dataclass(frozen=True)
class Table:
    """What a page shows of some rows, as text."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def table_of(rows: Sequence[Row]) -> Table:
    """The rows as text, with their columns."""
    names = list(rows[0]) if rows else []
    columns = tuple(Column(name, _kind(rows, name)) for name in names)
    return Table(columns, tuple(tuple(_shown(name, row[name]) for name in names) for row in rows))


def csv_of(rows: Sequence[Row]) -> str:
    """The rows as CSV (RFC 4180), empty where a cell is NULL; lists joined by `|`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(rows[0] if rows else [])
    for row in rows:
        writer.writerow("" if cell is None else _plain(cell) for cell in row.values())
    return text.getvalue()


def _kind(rows: Sequence[Row], name: str) -> str:
    found = {type(row[name]) for row in rows if row[name] is not None}
    if found and found <= {int, float}:
        return "number"
    if found == {date}:
        return "date"
    is_day_or_month = found == {str} and all(
        DAY_OR_MONTH.fullmatch(row[name]) for row in rows if row[name]
    )
    return "date" if is_day_or_month else ""


def _shown(name: str, cell: Any) -> str:
    if cell is None:
        return ""
    if type(cell) is int and name.endswith("year"):
        return str(cell)
    return amount(cell) if type(cell) in (int, float) else _plain(cell, ", ")


def _plain(cell: Any, between: str = "|") -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list):
        return between.join(str(part) for part in cell if part is not None)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M} UTC"
    return cell.isoformat() if isinstance(cell, date) else str(cell)
