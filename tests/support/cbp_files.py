"""Synthetic releases in the layouts of CBP's files: small, every figure invented.

What belongs here: making a release and changing one thing in it. The tests say what the
outcome must be.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from orchestration.catalogue.dataset import load_catalogue
from orchestration.catalogue.file_names import MONTHS
from orchestration.releases.publication import PublicationDate
from orchestration.sources.candidate import Candidate

SOUTHWEST = "cbp_southwest_encounters"
BY_AREA = "cbp_nationwide_encounters_by_area"
BY_STATE = "cbp_nationwide_encounters_by_state"
NAMES = {  # how a file's name begins and ends
    SOUTHWEST: ("sbo-encounters", ""),
    BY_AREA: ("nationwide-encounters", "-aor"),
    BY_STATE: ("nationwide-encounters", "-state"),
}

BORDER_PATROL = "U.S. Border Patrol"
FIELD_OPERATIONS = "Office of Field Operations"
PEOPLE = (
    {"demographic": "Single Adults", "citizenship": "Mexico"},
    {"demographic": "UC / Single Minors", "citizenship": "El Salvador"},
)
PLACES: dict[str, tuple[dict[str, str], ...]] = {
    SOUTHWEST: (
        {"component": FIELD_OPERATIONS, "encounter_type": "Inadmissibles"},
        {"component": BORDER_PATROL, "encounter_type": "Apprehensions"},
    ),
    BY_AREA: (
        {
            "component": FIELD_OPERATIONS,
            "encounter_type": "Inadmissibles",
            "land_border_region": "Other",
            "area_of_responsibility": "Miami Field Office",
            "area_abbreviation": "Miami",
        },
        {
            "component": BORDER_PATROL,
            "encounter_type": "Apprehensions",
            "land_border_region": "Southwest Land Border",
            "area_of_responsibility": "San Diego Sector",
            "area_abbreviation": "SDC",
        },
    ),
    BY_STATE: (
        {"land_border_region": "Northern Land Border", "state": "WA"},
        {"land_border_region": "Southwest Land Border", "state": "CA"},
    ),
}


@dataclass(frozen=True)
class Made:
    """A release as cells. `columns` are the catalogue's names, `header` is as published."""

    columns: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        return [row[self.columns.index(name)] for row in self.rows]

    def with_cell(self, row: int, column: str, text: str) -> "Made":
        """Return the release with another text in one cell; row 0 is line 2 of the file."""
        return self.with_cells(column, lambda i, old: text if i == row else old)

    def with_cells(self, column: str, change: Callable[[int, str], str]) -> "Made":
        at = self.columns.index(column)
        rows = (
            (*cells[:at], change(i, cells[at]), *cells[at + 1 :])
            for i, cells in enumerate(self.rows)
        )
        return replace(self, rows=tuple(rows))

    def with_header(self, column: str, text: str) -> "Made":
        at = self.columns.index(column)
        return replace(self, header=(*self.header[:at], text, *self.header[at + 1 :]))

    def without_column(self, column: str) -> "Made":
        return self.in_order(name for name in self.columns if name != column)

    def in_order(self, names: Iterable[str]) -> "Made":
        at = [self.columns.index(name) for name in names]
        return Made(
            columns=tuple(self.columns[i] for i in at),
            header=tuple(self.header[i] for i in at),
            rows=tuple(tuple(cells[i] for i in at) for cells in self.rows),
        )

    def keeping(self, wanted: Callable[[dict[str, str]], bool]) -> "Made":
        kept = (row for row in self.rows if wanted(dict(zip(self.columns, row, strict=True))))
        return replace(self, rows=tuple(kept))

    def text(self, line_end: str = "\r\n", last_end: bool = True) -> str:
        lines = [",".join(map(quoted, cells)) for cells in (self.header, *self.rows)]
        return line_end.join(lines) + (line_end if last_end else "")

    def bytes(self, line_end: str = "\r\n", last_end: bool = True) -> bytes:
        return self.text(line_end, last_end).encode()


def made(
    dataset: str = SOUTHWEST,
    first: str = "2022-10",
    last: str = "2024-11",
    people: Iterable[dict[str, str]] = PEOPLE,
    places: Iterable[dict[str, str]] | None = None,
) -> Made:
    """Return a release with every month from `first` to `last`; its last fiscal year is marked
    as unfinished unless `last` is a September. Each count occurs once.

    places: default: those of `PLACES`.
    """
    catalogued = load_catalogue()[dataset].columns
    months = pl.date_range(_first_of(first), _first_of(last), "1mo", eager=True).to_list()
    everywhere = PLACES[dataset] if places is None else tuple(places)
    rows: list[tuple[str, ...]] = []
    for month in months:
        for labels in ({**place, **person} for place in everywhere for person in people):
            cells = _of_month(month, months[-1]) | labels
            cells |= {"title_of_authority": "Title 8", "encounters": str(len(rows) + 1003)}
            rows.append(tuple(cells[name] for name in catalogued))
    header = tuple(column.headers[0] for column in catalogued.values())
    return Made(tuple(catalogued), header, tuple(rows))


def citizenships(count: int) -> list[dict[str, str]]:
    """Return `count` kinds of people, for a release with more rows."""
    return [{"demographic": "FMUA", "citizenship": f"COUNTRY {i:03}"} for i in range(count)]


def candidate(
    folder: Path, content: bytes, published: str, name: str, dataset: str = SOUTHWEST
) -> Candidate:
    """Put a file into a landing folder and return it as a candidate."""
    path = folder / dataset / published / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    source = path.relative_to(folder).as_posix()
    return Candidate(path, dataset, PublicationDate.parse(published), name, source)


def published_name(content: bytes, dataset: str = SOUTHWEST) -> str:
    """The name under which CBP would publish these rows, by their fiscal years and last month."""
    text = content.decode("utf-8-sig", errors="replace")
    rows = text.replace(";", ",").splitlines()
    first = rows[0].split(",").index("Fiscal Year") if "Fiscal Year" in rows[0].split(",") else None
    cells = rows if first is None else [",".join(row.split(",")[first : first + 1]) for row in rows]
    years = sorted(
        {int(year) for cell in cells for year in re.findall(r"(?<!\d)(20\d\d)(?!\d)", cell)}
    )
    newest = " ".join(row for row in rows if str(years[-1]) in row).lower()
    in_fiscal_order = [*MONTHS[9:], *MONTHS[:9]]
    last = [month for month in in_fiscal_order if re.search(rf"\b{month}", newest)][-1]
    month = "" if last == "sep" else f"-{last}"
    start, end = NAMES[dataset]
    return f"{start}-fy{years[0] % 100}-fy{years[-1] % 100}{month}{end}.csv"


def quoted(text: str) -> str:
    """Return a cell as CSV writers write it."""
    if any(char in text for char in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _of_month(month: date, last: date) -> dict[str, str]:
    fiscal_year = _fiscal_year(month)
    unfinished = fiscal_year == _fiscal_year(last) and last.month != 9
    comparable = (month.month + 2) % 12 <= (last.month + 2) % 12
    return {
        "fiscal_year": f"{fiscal_year} (FYTD)" if unfinished else str(fiscal_year),
        "month_grouping": "FYTD" if comparable else "Remaining",
        "month_name": MONTHS[month.month - 1].upper(),
    }


def _fiscal_year(month: date) -> int:
    return month.year + (month.month >= 10)


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
