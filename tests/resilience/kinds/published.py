"""A published CSV file as a table that a fault can change: cut at a month, altered, written again.

What belongs here: reading and writing. The faults are in `kinds`.
"""

import csv
import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.catalogue.file_names import MONTHS
from tests.resilience.faults.faulty_releases import File
from tests.support.cbp_files import NAMES

LABEL_KINDS = ("label", "name")
NOT_BREAKDOWNS = ("month_grouping", "area_abbreviation")


@dataclass(frozen=True)
class Published:
    """One file. frame: its rows as published under the catalogue's names, and `period`, the first
    day of the row's month. header: the columns' names in the file."""

    dataset: Dataset
    header: tuple[str, ...]
    frame: pl.DataFrame

    @property
    def figures(self) -> tuple[str, ...]:
        return self.dataset.figures

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns by which the file breaks its months down."""
        return tuple(
            name
            for name, column in self.dataset.columns.items()
            if column.kind in LABEL_KINDS
            and name not in NOT_BREAKDOWNS
            and name in self.frame.columns
            and self.frame[name].n_unique() > 1
        )

    @property
    def months(self) -> list[str]:
        return sorted(self.frame["period"].unique())

    def through(self, month: str) -> "Published":
        """The file as it would have been published when this was its last month."""
        frame = self.frame.filter(pl.col("period") <= month)
        if "month_grouping" in frame.columns:
            frame = _as_of(frame, month)
        return replace(self, frame=frame)

    def on(self, published: str) -> File:
        """The file in the folder of a publication, YYYY-MM."""
        frame = self.frame
        if "published_on" in frame.columns:
            frame = frame.with_columns(pl.lit(published).alias("published_on"))
        rows = frame.select(column for column in frame.columns if column != "period")
        rows.columns = list(self.header)
        return File(
            rows.write_csv(line_terminator="\r\n").encode(),
            published,
            self._name(published),
            self.dataset.name,
        )

    def _name(self, published: str) -> str:
        last = date.fromisoformat(self.months[-1])
        if self.dataset.name in NAMES:
            first = date.fromisoformat(self.months[0])
            start, end = NAMES[self.dataset.name]
            month = "" if last.month == 9 else f"-{MONTHS[last.month - 1]}"
            years = (f"fy{(d.year + (d.month > 9)) % 100}" for d in (first, last))
            return f"{start}-{'-'.join(years)}{month}{end}.csv"
        example = self.dataset.file_examples[0]
        return re.sub(r"\d{4}-\d\d(-\d\d)?", published, example)


def read_published(path: Path, dataset: str) -> Published:
    """Read one of the publishers' CSV files."""
    catalogued = load_catalogue()[dataset]
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    names = {text: name for name, column in catalogued.columns.items() for text in column.headers}
    frame = pl.DataFrame(rows, schema=[names[text] for text in header], orient="row")
    return Published(catalogued, tuple(header), frame.with_columns(_period(frame).alias("period")))


def people(figure: str) -> pl.Expr:
    """A figure's text as a number; NULL for a mark."""
    text = pl.col(figure).str.replace_all(",", "")
    return text.cast(pl.Float64, strict=False).cast(pl.Int64)


def after(month: str, months: int = 1) -> str:
    """The month so many months later, YYYY-MM."""
    on = date.fromisoformat(month[:7] + "-01")
    later = on.year * 12 + on.month - 1 + months
    return f"{later // 12}-{later % 12 + 1:02}"


def _period(frame: pl.DataFrame) -> pl.Expr:
    if "month" in frame.columns:
        return pl.col("month").str.slice(0, 7) + "-01"
    numbers = {name.upper(): number for number, name in enumerate(MONTHS, 1)}
    number = pl.col("month_name").replace_strict(numbers, return_dtype=pl.Int32)
    fiscal_year = pl.col("fiscal_year").str.slice(0, 4).cast(pl.Int32)
    return pl.date(fiscal_year - (number >= 10).cast(pl.Int32), number, 1).dt.to_string("%F")


def _as_of(frame: pl.DataFrame, month: str) -> pl.DataFrame:
    """CBP's marks of an unfinished year: its label, and the months that compare with it."""
    last = date.fromisoformat(month)
    if last.month == 9:
        return frame
    fiscal_year = str(last.year + (last.month > 9))
    number = (pl.col("period").str.slice(5, 2).cast(pl.Int32) + 2) % 12
    year = pl.col("fiscal_year").str.slice(0, 4)
    return frame.with_columns(
        fiscal_year=pl.when(year == fiscal_year).then(year + " (FYTD)").otherwise(year),
        month_grouping=pl.when(number <= (last.month + 2) % 12)
        .then(pl.lit("FYTD"))
        .otherwise(pl.lit("Remaining")),
    )
