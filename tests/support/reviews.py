"""Reviews for tests: files are taken in one by one, then the archive is reviewed.

What belongs here: filling an archive, releases with months large enough that one percent of a
total is several people, and reading a review.
"""

from dataclasses import dataclass
from pathlib import Path

from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.review import Review, review
from orchestration.settings import Settings
from tests.support.cbp_files import SOUTHWEST, Made, candidate, made, published_name
from tests.support.workbooks import MadeSheet

ROWS_PER_MONTH = 4  # of `counted`: adults and children, of Field Operations and Border Patrol


@dataclass(frozen=True)
class File:
    """A file as a publisher publishes it."""

    published: str
    content: bytes
    dataset: str = SOUTHWEST
    name: str = ""  # default: as CBP would name it


def counted(first: str = "2022-10", last: str = "2024-11", dataset: str = SOUTHWEST) -> Made:
    """A release with about 4,000 people in each month. A month has the same figures in every
    release made here."""
    release = made(dataset, first, last)
    year, month = map(int, first.split("-"))
    offset = ROWS_PER_MONTH * ((year - 2000) * 12 + month)
    return release.with_cells("encounters", lambda i, _: str(1000 + (offset + i) % 97))


BEFORE = counted(last="2024-11")  # covers FY2023 and FY2024 to their end; FY2025 is open
NEXT = counted(last="2024-12")
FIRST = File("2024-12", BEFORE.bytes())


def second(release: Made, published: str = "2025-01") -> File:
    """The release as a file that is published after `FIRST`."""
    return File(published, release.bytes())


def review_after_first(home: Path, release: Made) -> Review:
    """The review of `FIRST` and a release that follows it."""
    return review_files(home, FIRST, second(release))


def row_of(release: Made, year: int, month: str, number: int = 0) -> int:
    """The index of a month's row, for `with_cell`; `number` counts the month's rows from 0."""
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
    return sum(figure(release, first + i) for i in range(ROWS_PER_MONTH))


def with_figure(sheet: MadeSheet, address: str, by: int) -> MadeSheet:
    """The sheet with another figure in one cell."""
    before = sheet.cell(address)
    assert isinstance(before, int)
    return sheet.with_cell(address, before + by)


def archive_of(home: Path, *files: File) -> Archive:
    """The home's archive once it has taken these files in, in this order. No file may be
    refused."""
    intake = Intake(Settings(home, offline=True))
    for file in files:
        outcome = intake.take(
            candidate(
                home / "landing",
                file.content,
                file.published,
                file.name or published_name(file.content, file.dataset),
                file.dataset,
            )
        )
        assert outcome.kind in ("archived", "duplicate"), outcome.reason
    return intake.archive


def review_files(home: Path, *files: File) -> Review:
    """The review of these files, without the project's corrections."""
    return review(archive_of(home, *files), corrections=[])


def verdicts(reviewed: Review) -> list[str]:
    """In the order of publication."""
    return [release.verdict for release in reviewed.releases]


def only_held(reviewed: Review) -> Release:
    """The one release that is held."""
    [held] = reviewed.held()
    return held


def hold_reason(reviewed: Review) -> str:
    """Why the one held release is held, without its file's name."""
    held = only_held(reviewed)
    assert held.reason is not None
    assert held.reason.startswith(f"{held.file_name}: ")
    return held.reason.removeprefix(f"{held.file_name}: ")


def moved_cells(reviewed: Review) -> list[tuple[object, ...]]:
    """The cells that moved in held releases: period, cell, before, after, difference."""
    columns = ("period", "cell", "figure_before", "figure_after", "difference")
    return reviewed.moved.select(columns).rows()
