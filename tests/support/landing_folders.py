"""Releases of the tests' own making, in the shape in which CBP and ICE publish."""

import itertools
from datetime import date
from pathlib import Path

from tests.support.workbooks import MadeWorkbook, detention, footnotes

ICE = "ice_detention_statistics"
HEADER = (
    "Fiscal Year,Month Grouping,Month (abbv),Component,Demographic,Citizenship Grouping,"
    "Title of Authority,Encounter Type,Encounter Count"
)
TYPES = {"U.S. Border Patrol": "Apprehensions", "Office of Field Operations": "Inadmissibles"}


def southwest_file(first_month: str, last_month: str, minors: str) -> bytes:
    """A southwest file from one month (YYYY-MM) to another, with invented counts; `minors` is
    what it calls unaccompanied children. Months that the bundle has by area, too, would
    contradict it, and the gates would say so."""
    first, last = (date.fromisoformat(f"{month}-01") for month in (first_month, last_month))
    lines = [HEADER]
    for month in _months(first, last):
        fiscal_year = month.year + (month.month >= 10)
        open_year = last.month != 9 and fiscal_year == last.year + (last.month >= 10)
        shown = f"{fiscal_year} (FYTD)" if open_year else str(fiscal_year)
        for (component, kind), demographic, citizenship in itertools.product(
            TYPES.items(), ("FMUA", "Single Adults", minors), ("Mexico", "Other")
        ):
            count = 1000 + month.month * 10 + len(demographic) + len(citizenship)
            labels = f"{component},{demographic},{citizenship},Title 8,{kind}"
            lines.append(
                f"{shown},FYTD,{month:%b},{labels},{count}".replace(
                    f"{month:%b}", f"{month:%b}".upper()
                )
            )
    return ("\r\n".join(lines) + "\r\n").encode()


def write_ice_case(folder: Path) -> tuple[Path, Path]:
    """What ICE did in June 2025: of the fiscal year 2024, closed with 271,484 removals, a
    workbook told 109,535. Gives both workbooks, laid out in a landing folder."""
    paths = (
        folder / ICE / "2025-01-15" / "FY24_detentionStats01152025.xlsx",
        folder / ICE / "2025-06-27" / "FY24_detentionStats06272025.xlsx",
    )
    for path, removals in zip(paths, (271_484, 109_535), strict=True):
        path.parent.mkdir(parents=True)
        path.write_bytes(MadeWorkbook((detention(total=removals), footnotes())).bytes())
    return paths


def write_landing(folder: Path, files: dict[str, bytes]) -> Path:
    """Lay files out below `cbp_southwest_encounters/`, each under `<date>/<name>`."""
    for name, content in files.items():
        path = folder / "cbp_southwest_encounters" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [
        date(first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1, 1)
        for i in range(count)
    ]
