"""One bad night: a landing folder receives four faulty releases and a sound one.

What belongs here: the files of that night and of the nights before, what must be shown of the
faulty ones, and the decisions on them. How they are shown and what is published then is in the
tests.

Their months are in no other release of the bundle or of the tests' homes, or have the bundle's
figures, so that only the faults themselves are found.
"""

import csv
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestration.settings import BUNDLED
from tests.support.cbp_files import (
    BORDER_PATROL,
    BY_AREA,
    PLACES,
    SOUTHWEST,
    Made,
    made,
    published_name,
)
from tests.support.landing_folders import write_ice_case
from tests.support.published_file import ask
from tests.support.reviews import with_figure
from tests.support.workbooks import (
    CITIZENSHIP,
    DETENTION,
    MONTHLY_TABLES,
    REPATS,
    Cell,
    MadeSheet,
    MadeWorkbook,
    added_up,
    by_citizenship,
    monthly_tables,
)


@dataclass(frozen=True)
class Shown:
    """What must be shown of a held release.

    sentence: place, found, expected. moved: one of the cells that moved, as period, a part of its
    labels, figure before, figure after; None if no cell did. cells: how many moved.
    """

    sentence: str
    moved: tuple[str, str, int, int] | None = None
    cells: int = 0


@dataclass(frozen=True)
class Decided:
    """A decision: a command, and its options besides reason and name."""

    command: str
    dataset: str
    options: tuple[str, ...] = ()


FAULTY = {
    SOUTHWEST: Shown(
        "2024-12, closed fiscal year: found 4,002 people in another category than in release ",
        ("2024-12-01", "demographic: FMUA", 1_003, 3_004),
        40,
    ),
    BY_AREA: Shown(
        "2025-09: found nobody for U.S. Border Patrol, Spokane Sector, expected some, as there "
        "were 2,087 or more in each of the three months before"
    ),
    DETENTION: Shown(
        "FY2024, closed fiscal year: found 109,535 in total, expected 271,484 as in release ",
        ("FY2024", "table_name: removals; series: total", 271_484, 109_535),
        1,
    ),
    MONTHLY_TABLES: Shown(
        "held in part, removals_by_citizenship: 2024, march: found 29,770 as the sum of the "
        "citizenships, expected 30,270, their total, give or take 20"
    ),
}
REFUSED = Decided("refuse", SOUTHWEST)
DECISIONS = (  # OHSS's table goes on waiting
    Decided("redate", BY_AREA, ("--published-on", "2025-10-20")),
    Decided("accept", BY_AREA),
    Decided("accept", DETENTION),
    Decided("withdraw", DETENTION),
)

# by dataset, what the published tables say: the figure that is at fault, and its release
PUBLISHED = {
    SOUTHWEST: """
        select sum(encounters) filter (where demographic = 'Single Adults')
            > sum(encounters) filter (where demographic = 'FMUA'), string_agg(distinct release_id)
        from fct_southwest_encounters where month between '2024-12-01' and '2025-09-01'
    """,
    BY_AREA: """
        select max(month)::text, max_by(release_id, month) from fct_encounters
        where land_border_region = 'Other'
    """,
    DETENTION: """
        select people, release_ids from deportations_by_fiscal_year
        where fiscal_year = 2024 and measure = 'ICE removals'
    """,
    MONTHLY_TABLES: """
        select max(period_start)::text, max_by(release_id, period_start),
            (select count(*) from fct_deportations_by_citizenship)
        from fct_deportations where agency = 'DHS' and action = 'removal'
    """,
}

FAMILIES, ADULTS = "FMUA", "Single Adults"
AREAS = (
    PLACES[BY_AREA][0],
    *(
        {
            "component": BORDER_PATROL,
            "encounter_type": "Apprehensions",
            "land_border_region": "Northern Land Border",
            "area_of_responsibility": f"{name} Sector",
            "area_abbreviation": abbreviation,
        }
        for name, abbreviation in (("Blaine", "BLW"), ("Spokane", "SPW"))
    ),
)
LOST_AREA, NEW_MONTH = "Spokane Sector", "SEP"
ACTIONS = {"F": "Removals", "H": "Enforcement Returns", "J": "Administrative Returns"}  # by column
MONTH_ROWS = (*range(6, 18), 19, 20)  # of the sheet of repatriations
MISSING_PEOPLE = 500


def write_nights_before(folder: Path) -> None:
    """CBP's sound releases, with which two of the faulty ones are compared."""
    _write_cbp(folder, southwest(), SOUTHWEST, "2025-10")
    _write_cbp(folder, by_area("2025-08"), BY_AREA, "2025-09")


def write_bad_night(folder: Path) -> None:
    """Four faulty releases: southwest, with families and adults exchanged in a closed year; by
    area, with a new month that lacks a sector; OHSS's tables, with a breakdown that does not add
    up; and ICE's second workbook, with a closed year that falls. ICE's first one is sound."""
    _write_cbp(folder, exchanged(southwest()), SOUTHWEST, "2025-11")
    _write_cbp(folder, without_an_area(by_area("2025-09")), BY_AREA, "2025-10")
    name = "2025_0207_ohss_immigration-enforcement-and-legal-processes-tables-november-2024.xlsx"
    path = folder / MONTHLY_TABLES / "2025-02-07" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(tables_that_do_not_add_up().bytes())
    write_ice_case(folder)


def published(home: Path) -> dict[str, tuple[Any, ...]]:
    """What the published tables of a home say, by dataset."""
    return {dataset: ask(home, query)[0] for dataset, query in PUBLISHED.items()}


def southwest() -> Made:
    """The rest of FY2025, to its end: in each month many more adults than families."""
    people = [{"demographic": name, "citizenship": "Mexico"} for name in (FAMILIES, ADULTS)]
    release = made(SOUTHWEST, "2024-12", "2025-09", people)
    return release.with_cells("encounters", lambda i, old: str(int(old) + 2000 * (i % 2)))


def exchanged(release: Made) -> Made:
    """The release with families and adults exchanged: every total stays."""
    other = {FAMILIES: ADULTS, ADULTS: FAMILIES}
    return release.with_cells("demographic", lambda _, name: other[name])


def by_area(last: str) -> Made:
    """Areas away from the southwest border, from December 2024 on."""
    return made(BY_AREA, "2024-12", last, places=AREAS)


def without_an_area(release: Made) -> Made:
    """The release without one sector in its newest month, as if it had been cut off."""
    return release.keeping(
        lambda row: row["month_name"] != NEW_MONTH or row["area_of_responsibility"] != LOST_AREA
    )


def tables_that_do_not_add_up() -> MadeWorkbook:
    """OHSS's monthly tables, October 2023 to November 2024: repatriations with the bundle's
    figures as far as it has them, and removals by citizenship, in which 500 people of March 2024
    have none."""
    actions = {letter: _bundled(name) for letter, name in ACTIONS.items()}
    later = monthly_tables().everywhere(_a_year_later)
    return later.changed(REPATS, lambda sheet: _with_actions(sheet, actions)).changed(
        CITIZENSHIP, lambda _: _without_people(_a_year_later(by_citizenship(actions["F"])))
    )


def _with_actions(sheet: MadeSheet, actions: dict[str, list[int]]) -> MadeSheet:
    for number, row in enumerate(MONTH_ROWS):
        sheet = sheet.with_cell(f"E{row}", "X")  # Title 42 has ended
        for letter, figures in actions.items():
            sheet = sheet.with_cell(f"{letter}{row}", figures[number])
    return added_up(sheet)


def _without_people(sheet: MadeSheet) -> MadeSheet:
    """In the other citizenships of March 2024, and of the fiscal year."""
    return with_figure(with_figure(sheet, "F10", -MISSING_PEOPLE), "F4", -MISSING_PEOPLE)


def _bundled(action: str) -> list[int]:
    """An action's monthly figures from October 2023 on; ten more in each month that the bundle
    does not have."""
    [path] = (BUNDLED / "ohss_repatriations_summary").glob("*/*.csv")
    with path.open(newline="") as file:
        figures = [
            int(row["repatriations"])
            for row in csv.DictReader(file)
            if row["month"] >= "2023-10" and row["repatriation_type"] == action
        ]
    more = range(1, len(MONTH_ROWS) - len(figures) + 1)
    return figures + [figures[-1] + 10 * n for n in more]


def _a_year_later(sheet: MadeSheet) -> MadeSheet:
    """The sheet with every year in its texts and labels one later."""

    def later(cell: Cell) -> Cell:
        if isinstance(cell, str):
            return re.sub(r"\b20\d\d\b", lambda year: str(int(year[0]) + 1), cell)
        return cell

    rows = (
        tuple(
            cell + 1 if isinstance(cell, int) and at == 0 else later(cell)
            for at, cell in enumerate(cells)
        )
        for cells in sheet.rows
    )
    return replace(sheet, rows=tuple(rows))


def _write_cbp(folder: Path, release: Made, dataset: str, published: str) -> None:
    content = release.bytes()
    path = folder / dataset / published / published_name(content, dataset)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
