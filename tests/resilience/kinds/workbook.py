"""A published workbook whose figures a fault can change: the figures by table, month and label,
each with its place on a sheet.

What belongs here: reading and writing. The faults are in `workbook_kinds`.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import polars as pl

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.readers import read_release
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits
from tests.resilience.faults.faulty_releases import File

Place = tuple[str, str]  # the sheet, and the address of a cell on it
KEY_METRICS = "ohss_key_metrics_usbp"
BY_REGION, BY_SECTOR = "monthly_by_region", "monthly_by_region_and_sector"


@dataclass(frozen=True)
class Workbook:
    """One workbook. cells: one row per figure of the tables that facts are made of: table, year
    (the fiscal one), month (YYYY-MM-01; NULL for a year), label, figure, sheet, address.
    """

    dataset: Dataset
    path: Path
    published: str
    cells: pl.DataFrame

    def changed(self, values: Mapping[Place, object], published: str = "") -> File:
        """The workbook with other values in some cells, saved anew."""
        # openpyxl drops the values of formulas, so that a workbook saved anew would be refused
        book = openpyxl.load_workbook(self.path, data_only=True)
        for (sheet, address), value in values.items():
            book[sheet][address] = value
        saved = io.BytesIO()
        book.save(saved)
        return File(
            saved.getvalue(), published or self.published, self.path.name, self.dataset.name
        )

    def as_published(self) -> File:
        return File(self.path.read_bytes(), self.published, self.path.name, self.dataset.name)


def read_workbook(path: Path, dataset: str) -> Workbook:
    """Read one of the publishers' workbooks, in the folder of its publication."""
    catalogued = load_catalogue()[dataset]
    on = PublicationDate.parse(path.parent.name)
    parsed = read_release(path.read_bytes(), catalogued, on, Limits())
    rows = parsed.typed
    used = [table.name for table in catalogued.tables if table.series]
    if dataset == KEY_METRICS:
        used = [BY_REGION, BY_SECTOR]
        letter = pl.when(pl.col("table_name") == BY_SECTOR).then(pl.lit("E")).otherwise(pl.lit("D"))
        rows = rows.with_columns(
            label=pl.concat_str("region", "sector", separator=", "),
            figure=pl.col("quantity"),
            column_letter=letter,
        )
    if "series" in rows.columns:
        breakdowns = [table.name for table in catalogued.tables if table.remainder]
        is_used = (pl.col("series") != "") | pl.col("table_name").is_in(breakdowns)
        rows = rows.filter(is_used)
    cells = rows.filter(pl.col("table_name").is_in(used)).select(
        table="table_name",
        year=pl.col("fiscal_year").str.extract(r"(\d{4})").cast(pl.Int32),
        month="month_start",
        label="label",
        figure=pl.col("figure").cast(pl.Float64, strict=False).cast(pl.Int64),
        sheet="sheet",
        address=pl.col("column_letter") + pl.col("row_number").cast(pl.String),
    )
    return Workbook(
        catalogued, path, path.parent.name, cells.filter(pl.col("figure").is_not_null())
    )
