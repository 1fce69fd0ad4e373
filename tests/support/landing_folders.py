"""Made releases in CBP's and ICE's file layouts, and landing folders with them."""

import itertools
from datetime import date
from pathlib import Path

from tests.support.cbp_files import BY_STATE, made, published_name
from tests.support.workbooks import MadeWorkbook, detention, footnotes

ICE = "ice_detention_statistics"
HEADER = (
    "Fiscal Year,Month Grouping,Month (abbv),Component,Demographic,Citizenship Grouping,"
    "Title of Authority,Encounter Type,Encounter Count"
)
TYPES = {"U.S. Border Patrol": "Apprehensions", "Office of Field Operations": "Inadmissibles"}


def southwest_file(first_month: str, last_month: str, minors: str) -> bytes:
    """A southwest file from one month (YYYY-MM) to another, with invented counts. minors: its label
    for unaccompanied children. Do not use months that the bundle has, up to November 2024: the
    counts would differ and the release would be held."""
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
    """ICE's error of June 2025: fiscal year 2024 had closed with 271,484 removals, and a later
    workbook showed 109,535. Writes both workbooks to a landing folder and returns their paths."""
    paths = (
        folder / ICE / "2025-01-15" / "FY24_detentionStats01152025.xlsx",
        folder / ICE / "2025-06-27" / "FY24_detentionStats06272025.xlsx",
    )
    for path, removals in zip(paths, (271_484, 109_535), strict=True):
        path.parent.mkdir(parents=True)
        path.write_bytes(MadeWorkbook((detention(total=removals), footnotes())).bytes())
    return paths


def write_gate_case(folder: Path) -> Path:
    """A release that passes intake and review, and whose rows fail a gate on a fact: no month
    leaps, and no count can be true. Its months are in no other release, so that no comparison of
    cuts fails as well. Writes it to a landing folder and returns its path."""
    release = made(BY_STATE, "2025-10", "2026-06").with_cells(
        "encounters", lambda i, _: str(400_000 + i)
    )
    path = folder / BY_STATE / "2026-07" / published_name(release.bytes(), BY_STATE)
    path.parent.mkdir(parents=True)
    path.write_bytes(release.bytes())
    return path


def write_landing(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files, by `<date>/<name>`, below `cbp_southwest_encounters/`. Returns the folder."""
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
