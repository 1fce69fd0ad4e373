"""The original, sound files: several for each reader.

What belongs here: small made files, which are always there, and the agencies' own files where
they are present. Changing them belongs to `mutations` and `structures`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from orchestration.catalogue.dataset import load_catalogue
from orchestration.settings import BUNDLED
from tests.resilience.fuzz.watched_process import Input
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, Made, made
from tests.support.custody_pages import CUSTODY, NAME, PUBLISHED, custody_page
from tests.support.workbooks import (
    DETENTION,
    KEY_METRICS,
    MONTHLY_TABLES,
    detention_statistics,
    key_metrics,
    monthly_tables,
)

WEB_TABLE = "ohss_monthly_web_table"
WORKBOOKS = {
    MONTHLY_TABLES: (monthly_tables, "monthly-tables-november-2023.xlsx"),
    KEY_METRICS: (key_metrics, "key-metrics.xlsx"),
    DETENTION: (detention_statistics, "FY24_detentionStats.xlsx"),
}


@dataclass(frozen=True)
class Seed:
    """A sound file. folder: a name for where it is; `made` if it is not on disk."""

    dataset: str
    published: str
    file_name: str
    content: bytes
    folder: str = "made"

    @property
    def reader(self) -> str:
        return load_catalogue()[self.dataset].reader

    @property
    def is_workbook(self) -> bool:
        return self.content.startswith(b"PK")

    def given(self, number: int | str, content: bytes) -> Input:
        """This file with other content, under a name with this number."""
        name = f"{self.dataset}, {self.folder} {self.file_name}, {number}"
        return Input(name, self.dataset, self.file_name, self.published, content)


@cache
def small_seeds() -> tuple[Seed, ...]:
    """Made files and the bundled ones: at least one of every dataset."""
    return (*_made_texts(), *_made_workbooks(), *_files_below(BUNDLED, "bundled"))


@cache
def real_seeds(folder: Path) -> tuple[Seed, ...]:
    """The agencies' own files from a landing folder."""
    return tuple(_files_below(folder, "real"))


def _made_texts() -> Iterator[Seed]:
    for dataset in (SOUTHWEST, BY_AREA, BY_STATE):
        name = "encounters-fy24-fy25-nov.csv"
        content = made(dataset, first="2024-07").bytes()
        yield Seed(dataset, "2024-12", name, content)
    yield Seed(WEB_TABLE, "2024-01", "web-table.csv", web_table().bytes())
    yield Seed(CUSTODY, PUBLISHED, NAME, custody_page().bytes())


def _made_workbooks() -> Iterator[Seed]:
    for dataset, (workbook, name) in WORKBOOKS.items():
        yield Seed(dataset, "2024-12", name, workbook().bytes())


def _files_below(folder: Path, kind: str) -> Iterator[Seed]:
    for path in sorted(folder.glob("*/*/*")):
        if path.suffix in (".csv", ".xlsx"):
            dataset, published, name = path.parts[-3:]
            yield Seed(dataset, published, name, path.read_bytes(), kind)


def web_table() -> Made:
    """OHSS's web table: October 2022 to December 2023, and the total of 2023."""
    columns = load_catalogue()[WEB_TABLE].columns
    months = [(2022 + i // 12, i % 12 + 1) for i in range(9, 24)]
    times = [(2022, 2023, 0), *((year, year + (month >= 10), month) for year, month in months)]
    figures = len(columns) - len(times[0])
    return Made(
        tuple(columns),
        tuple(column.headers[0] for column in columns.values()),
        tuple(
            (*map(str, time), *(str(10 * (row + 1) * column) for column in range(1, figures + 1)))
            for row, time in enumerate(times)
        ),
    )
