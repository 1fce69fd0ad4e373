"""Releases that arrive while runs are killed, as many as are asked for, each unlike the others,
so that losing one would be noticed.

What belongs here: a run of southwest files that the checks let in: a file a few days after the
other, each revising a figure of its newest month a little, until the next month's file comes.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from orchestration.releases.release import release_id_of
from tests.support.landing_folders import southwest_file, write_landing

FIRST_MONTH = "2024-10"
NEWEST_MONTHS = [  # not September: it closes the year, and a closed year must not be revised
    (2024 + (11 + number) // 12, (11 + number) % 12 + 1)
    for number in range(21)
    if (11 + number) % 12 != 8
]
A_MONTH = 8
AT_MOST = len(NEWEST_MONTHS) * A_MONTH
SETTLED_SECONDS = 60.0
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Offered:
    """A release in the landing folder; name: below the dataset's folder."""

    name: str
    content: bytes

    @property
    def release_id(self) -> str:
        return release_id_of(self.content)[0]


def offered(number: int) -> Offered:
    """The release of a number, from 0 to AT_MOST - 1; one with a higher number is newer."""
    if not 0 <= number < AT_MOST:
        raise ValueError(f"found the number {number}, expected 0 to {AT_MOST - 1}")
    newest, revision = divmod(number, A_MONTH)
    year, month = NEWEST_MONTHS[newest]
    published_year, published_month = year + month // 12, month % 12 + 1
    fiscal_year = year + (month >= 10)
    file_name = f"sbo-encounters-fy25-fy{fiscal_year % 100}-{MONTHS[month - 1]}.csv"
    published = f"{published_year}-{published_month:02d}-{1 + 3 * revision:02d}"
    content = southwest_file(FIRST_MONTH, f"{year}-{month:02d}", minors="UAC")
    return Offered(f"{published}/{file_name}", _revised(content, revision))


def arrive(landing: Path, release: Offered) -> None:
    """Lay a release down, as one that has lain there for some time."""
    write_landing(landing, {release.name: release.content})
    path = next(landing.glob(f"*/{release.name}"))
    then = path.stat().st_mtime - SETTLED_SECONDS
    os.utime(path, (then, then))


def _revised(content: bytes, revision: int) -> bytes:
    """The first figure of the newest month as revised so often, each time by one; that of a
    month before it, as it was revised last."""
    lines = content.decode().split("\r\n")
    starts = [i for i in range(1, len(lines) - 1) if _month_of(lines[i]) != _month_of(lines[i - 1])]
    for start in starts:
        labels, _, count = lines[start].rpartition(",")
        times = revision if start == starts[-1] else A_MONTH - 1
        lines[start] = f"{labels},{int(count) + times}"
    return "\r\n".join(lines).encode()


def _month_of(line: str) -> str:
    return line.split(",")[2]
