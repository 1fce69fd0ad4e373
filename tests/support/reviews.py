"""How the tests of vintages judge: files are taken in one by one, then the archive is judged.

What belongs here: filling an archive, and months in which a percent is some people.
"""

from dataclasses import dataclass
from pathlib import Path

from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.review import Review, review
from orchestration.settings import Settings
from tests.support.cbp_files import SOUTHWEST, Made, candidate, made
from tests.support.workbooks import FISCAL_MONTHS, MadeSheet

ROWS_A_MONTH = 4  # of `counted`: Field Operations' adults and children, Border Patrol's
MONTHS = tuple(name[:3].upper() for name in FISCAL_MONTHS)


@dataclass(frozen=True)
class File:
    """A file as a publisher candidates it."""

    published: str
    content: bytes
    dataset: str = SOUTHWEST
    name: str = "a.csv"


def counted(first: str = "2022-10", last: str = "2024-11", dataset: str = SOUTHWEST) -> Made:
    """A release in which a month has about 4,000 people, equal months the same ones."""
    release = made(dataset, first, last)
    year, month = map(int, first.split("-"))
    offset = ROWS_A_MONTH * ((year - 2000) * 12 + month)
    return release.with_cells("encounters", lambda i, _: str(1000 + (offset + i) % 97))


def row_of(release: Made, year: int, month: str, number: int = 0) -> int:
    """Where a row of a month stands, for `with_cell`; `number` counts them from 0."""
    years, months = release.column("fiscal_year"), release.column("month_name")
    rows = [i for i, name in enumerate(months) if name == month and years[i].startswith(str(year))]
    return rows[number]


def moved(release: Made, year: int, month: str, by: int, number: int = 0) -> Made:
    """The release with another figure in one of the rows of a month."""
    row = row_of(release, year, month, number)
    return release.with_cell(row, "encounters", str(figure(release, row) + by))


def figure(release: Made, row: int) -> int:
    return int(release.column("encounters")[row])


def month_total(release: Made, year: int, month: str) -> int:
    first = row_of(release, year, month)
    return sum(figure(release, first + i) for i in range(ROWS_A_MONTH))


def with_figure(sheet: MadeSheet, address: str, by: int) -> MadeSheet:
    """The sheet with another figure in one cell."""
    before = sheet.cell(address)
    assert isinstance(before, int)
    return sheet.with_cell(address, before + by)


def archive_of(home: Path, *files: File) -> Archive:
    """An archive that has taken these files in, in this order, if it has not yet; every one is
    fit to be read."""
    intake = Intake(Settings(home, offline=True))
    for file in files:
        arrival = intake.take(
            candidate(home / "landing", file.content, file.published, file.name, file.dataset)
        )
        assert arrival.kind in ("archived", "duplicate"), arrival.reason
    return intake.archive


def judged(home: Path, *files: File) -> Review:
    """The reviewed of these files, without the corrections of the project."""
    return review(archive_of(home, *files), corrections=[])


def verdicts(reviewed: Review) -> list[str]:
    """In the order of publication."""
    return [release.verdict for release in reviewed.releases]


def the_held(reviewed: Review) -> Release:
    """The one release that is held."""
    [held] = reviewed.held()
    assert held.reason is not None
    return held


def hold_reason(reviewed: Review) -> str:
    """Why the one release is held, without its file's name."""
    held = the_held(reviewed)
    assert held.reason is not None
    assert held.reason.startswith(f"{held.file_name}: ")
    return held.reason.removeprefix(f"{held.file_name}: ")


def cells(reviewed: Review) -> list[tuple[object, ...]]:
    """What moved: period, cell, before, after, difference."""
    columns = ("period", "cell", "figure_before", "figure_after", "difference")
    return reviewed.moved.select(columns).rows()
