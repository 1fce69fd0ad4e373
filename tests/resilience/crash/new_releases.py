"""A sequence of distinct releases to publish while runs are killed, so that a lost one shows.

What belongs here: southwest files that the checks accept. Each is published a few days after
the one before and revises a figure of its newest month by one, until the next month's file.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from orchestration.releases.release import release_id_of
from tests.support.landing_folders import southwest_file, write_landing

FIRST_MONTH = "2024-12"  # the bundle has other counts for the months before
NEWEST_MONTHS = [  # not September: it closes the year, and a closed year must not be revised
    (2024 + (11 + number) // 12, (11 + number) % 12 + 1)
    for number in range(21)
    if (11 + number) % 12 != 8
]
PER_MONTH = 8
AT_MOST = len(NEWEST_MONTHS) * PER_MONTH
SETTLED_SECONDS = 60.0
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class NewRelease:
    """A release for the landing folder. name: its path below the dataset's folder."""

    name: str
    content: bytes

    @property
    def release_id(self) -> str:
        return release_id_of(self.content)[0]


def new_release(number: int) -> NewRelease:
    """The release of this number, 0 to AT_MOST - 1; a higher number is a newer release."""
    if not 0 <= number < AT_MOST:
        raise ValueError(f"found the number {number}, expected 0 to {AT_MOST - 1}")
    newest, revision = divmod(number, PER_MONTH)
    year, month = NEWEST_MONTHS[newest]
    published_year, published_month = year + month // 12, month % 12 + 1
    fiscal_year = year + (month >= 10)
    file_name = f"sbo-encounters-fy25-fy{fiscal_year % 100}-{MONTHS[month - 1]}.csv"
    published = f"{published_year}-{published_month:02d}-{1 + 3 * revision:02d}"
    content = southwest_file(FIRST_MONTH, f"{year}-{month:02d}", minors="UAC")
    return NewRelease(f"{published}/{file_name}", _revised(content, revision))


def put_in_landing(landing: Path, release: NewRelease) -> None:
    """Write a release into a landing folder, dated back so that it counts as settled."""
    write_landing(landing, {release.name: release.content})
    path = next(landing.glob(f"*/{release.name}"))
    settled = path.stat().st_mtime - SETTLED_SECONDS
    os.utime(path, (settled, settled))


def _revised(content: bytes, revision: int) -> bytes:
    """Add the number of the revision to the first figure of the newest month, and that of the
    last revision to the first figure of every earlier month."""
    lines = content.decode().split("\r\n")
    starts = [i for i in range(1, len(lines) - 1) if _month_of(lines[i]) != _month_of(lines[i - 1])]
    for start in starts:
        labels, _, count = lines[start].rpartition(",")
        times = revision if start == starts[-1] else PER_MONTH - 1
        lines[start] = f"{labels},{int(count) + times}"
    return "\r\n".join(lines).encode()


def _month_of(line: str) -> str:
    return line.split(",")[2]
