"""The kinds of faults in workbooks: OHSS's monthly tables and key metrics, ICE's detention
statistics.

Totals are put right after a fault, as a spreadsheet does by itself, so that sums alone do not
show it; the kinds that are about a sum leave it wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import openpyxl  # type: ignore[import-untyped]
import polars as pl

from tests.resilience.kinds.kind import NOTICEABLE_PEOPLE, NOTICEABLE_SHARE
from tests.resilience.kinds.workbook import Place, Workbook

Values = dict[Place, object]
TOTAL = re.compile("total", re.IGNORECASE)
UPDATED = re.compile(r"(\d\d)/(\d\d)/(\d{4})")
FEWEST_LABELS = 3


@dataclass(frozen=True)
class WorkbookKind:
    """One kind of fault in a workbook.

    draw: other values for some cells, and in words what was drawn; None if the workbook has
        nothing that the kind could hit. It takes the workbook and the months that the release
        before does not have.
    datasets: those that it fits.
    """

    name: str
    about: str
    draw: Callable[[Workbook, list[str], Random], tuple[Values, str] | None]
    datasets: tuple[str, ...] = ("ohss_monthly_tables", "ohss_key_metrics_usbp")


def _table(book: Workbook, random: Random) -> pl.DataFrame:
    """The figures of one table by month."""
    monthly = book.cells.filter(pl.col("month").is_not_null())
    name = random.choice(sorted(monthly["table"].unique()))
    return book.cells.filter(pl.col("table") == name)


def _closed_year(table: pl.DataFrame, random: Random) -> pl.DataFrame:
    years = sorted(table.filter(pl.col("month").is_not_null())["year"].unique())[:-1]
    return table.filter(pl.col("year") == random.choice(years))


def _labels(rows: pl.DataFrame) -> dict[str, int]:
    """The labels that are worth a look, with their people; totals left out."""
    counted = rows.filter(pl.col("month").is_not_null()).group_by("label").agg(pl.sum("figure"))
    sizes = {label: people for label, people in counted.iter_rows() if not TOTAL.search(label)}
    fewest = max(NOTICEABLE_PEOPLE, NOTICEABLE_SHARE * sum(sizes.values()))
    return {label: sizes[label] for label in sorted(sizes) if sizes[label] >= fewest}


def _with_years(table: pl.DataFrame, months: dict[Place, int]) -> Values:
    """The months' new figures, and the rows of years with the difference."""
    values: Values = dict(months)
    of_years: dict[tuple[int, str], int] = {}
    for row in table.iter_rows(named=True):
        place = (row["sheet"], row["address"])
        if place in months:
            key = (row["year"], row["label"])
            of_years[key] = of_years.get(key, 0) + months[place] - row["figure"]
    for row in table.filter(pl.col("month").is_null()).iter_rows(named=True):
        if moved := of_years.get((row["year"], row["label"])):
            values[row["sheet"], row["address"]] = row["figure"] + moved
    return values


def _from(rows: pl.DataFrame, figures: list[int]) -> dict[Place, int]:
    places = zip(rows["sheet"], rows["address"], strict=True)
    return dict(zip(places, figures, strict=True))


def _exchanged_in_a_closed_year(
    book: Workbook, _: list[str], random: Random
) -> tuple[Values, str] | None:
    table = _table(book, random)
    year = _closed_year(table, random)
    labels = sorted(_labels(year))
    if len(labels) < 2:
        return None
    one, other = random.sample(labels, 2)
    rows = [year.filter(pl.col("label") == label).sort("month") for label in (one, other)]
    if rows[0]["month"].to_list() != rows[1]["month"].to_list():
        return None
    values = _from(rows[0], rows[1]["figure"].to_list()) | _from(
        rows[1], rows[0]["figure"].to_list()
    )
    return dict(values), f"{table['table'][0]}, FY{year['year'][0]}: {one} and {other}"


def _months_shifted(book: Workbook, _: list[str], random: Random) -> tuple[Values, str] | None:
    table = _table(book, random)
    year = _closed_year(table, random).filter(pl.col("month").is_not_null())
    values: dict[Place, int] = {}
    for rows in year.sort("month").partition_by("label", maintain_order=True):
        figures = rows["figure"].to_list()
        values |= _from(rows, [*figures[1:], *figures[:1]])
    return _with_years(table, values), f"{table['table'][0]}, FY{year['year'][0]}"


def _closed_month_in_another_unit(
    book: Workbook, _: list[str], random: Random
) -> tuple[Values, str] | None:
    table = _table(book, random)
    year = _closed_year(table, random)
    month = random.choice(sorted(year["month"].drop_nulls().unique()))
    factor = random.choice([0.1, 10])
    return _scaled(table, month, factor), f"{table['table'][0]}, {month[:7]}: times {factor:g}"


def _new_month_in_another_unit(
    book: Workbook, new: list[str], random: Random
) -> tuple[Values, str] | None:
    table, factor = _table(book, random), random.choice([0.1, 10])
    return _scaled(table, new[-1], factor), f"{table['table'][0]}: times {factor:g}"


def _scaled(table: pl.DataFrame, month: str, factor: float) -> Values:
    rows = table.filter(pl.col("month") == month)
    figures = [round(figure * factor / 10) * 10 for figure in rows["figure"]]
    return _with_years(table, _from(rows, figures))


def _digit_too_many(book: Workbook, _: list[str], random: Random) -> tuple[Values, str] | None:
    table = _table(book, random)
    rows = table.filter(pl.col("month").is_not_null())
    largest = rows.sort("figure", descending=True)[: max(10, len(rows) // 10)]
    row = largest.row(random.randrange(len(largest)), named=True)
    place = (row["sheet"], row["address"])
    values = _with_years(table, {place: row["figure"] * 10})
    return values, f"{row['table']}, {row['month'][:7]}, {row['label']}"


def _month_before(book: Workbook, new: list[str], random: Random) -> tuple[Values, str] | None:
    table = _table(book, random)
    months = sorted(table["month"].drop_nulls().unique())
    before = months[months.index(new[-1]) - 1]
    both = table.filter(pl.col("month") == new[-1]).join(
        table.filter(pl.col("month") == before).select("label", before="figure"), on="label"
    )
    if len(both) < FEWEST_LABELS:
        return None
    values = _with_years(table, _from(both, both["before"].to_list()))
    return values, f"{table['table'][0]}: {new[-1][:7]} is {before[:7]}"


def _year_to_date(book: Workbook, new: list[str], random: Random) -> tuple[Values, str] | None:
    table = _table(book, random)
    rows = table.filter(pl.col("month") == new[-1])
    year = table.filter((pl.col("year") == rows["year"][0]) & pl.col("month").is_not_null())
    sums = dict(year.group_by("label").agg(pl.sum("figure")).iter_rows())
    values = _with_years(table, _from(rows, [sums[label] for label in rows["label"]]))
    return values, f"{table['table'][0]}: {new[-1][:7]}"


def _label_gone(book: Workbook, new: list[str], random: Random) -> tuple[Values, str] | None:
    table = _table(book, random)
    rows = table.filter(pl.col("month") == new[-1])
    labels = sorted(_labels(rows))
    if not labels:
        return None
    label = random.choice(labels)
    gone = rows.filter(pl.col("label") == label)
    values = _with_years(table, _from(gone, [0] * len(gone)))
    return values, f"{table['table'][0]}: {new[-1][:7]}, no {label}"


def _exchanged_in_a_new_month(
    book: Workbook, new: list[str], random: Random
) -> tuple[Values, str] | None:
    table = _table(book, random)
    rows = table.filter(pl.col("month") == new[-1])
    sizes = _labels(rows)
    pairs = [(a, b) for a in sizes for b in sizes if sizes[a] >= 15 * sizes[b]]
    if not pairs:
        return None
    one, other = random.choice(pairs)
    hit = [rows.filter(pl.col("label") == label) for label in (one, other)]
    values = _from(hit[0], hit[1]["figure"].to_list()) | _from(hit[1], hit[0]["figure"].to_list())
    return _with_years(table, values), f"{table['table'][0]}: {one} and {other}"


def _year_off(book: Workbook, _: list[str], random: Random) -> tuple[Values, str] | None:
    years = book.cells.filter(pl.col("month").is_null() & (pl.col("figure") >= 1_000))
    row = years.row(random.randrange(len(years)), named=True)
    figure = round(row["figure"] * random.choice([0.9, 1.1]) / 10) * 10
    return {
        (row["sheet"], row["address"]): figure
    }, f"{row['table']}, FY{row['year']}, {row['label']}"


def _total_of_removals(
    factor: float,
) -> Callable[[Workbook, list[str], Random], tuple[Values, str]]:
    def draw(book: Workbook, _: list[str], random: Random) -> tuple[Values, str]:
        row = book.cells.sort("figure").row(-1, named=True)
        times = factor * random.uniform(1, 5) if factor > 1 else factor * random.uniform(0.2, 1)
        figure = round(row["figure"] * times)
        return {(row["sheet"], row["address"]): figure}, f"{row['figure']:,} to {figure:,}"

    return draw


def _updated_before(book: Workbook, _: list[str], random: Random) -> tuple[Values, str] | None:
    """The footnotes' days some weeks earlier, as if they were those of an older workbook."""
    back = timedelta(days=random.randint(30, 60))
    values: Values = {}
    for sheet in openpyxl.load_workbook(book.path, read_only=True):
        for row in sheet.iter_rows():
            for cell in row:
                text = cell.value
                if not isinstance(text, str) or "through" not in text:
                    continue

                def earlier(found: re.Match[str]) -> str:
                    month, day, year = map(int, found.groups())
                    return f"{date(year, month, day) - back:%m/%d/%Y}"

                if UPDATED.search(text):
                    values[sheet.title, cell.coordinate] = UPDATED.sub(earlier, text)
    return (values, f"{back.days} days") if values else None


def _parts_off(book: Workbook, _: list[str], random: Random) -> tuple[Values, str] | None:
    """A figure of a table by agency and month, which is no part of its totals any more."""
    sheet = next(
        s
        for s in openpyxl.load_workbook(book.path).worksheets
        if s.title.strip().startswith("Detention FY")
    )
    found = [
        cell
        for row in sheet.iter_rows()
        if isinstance(row[8].value, str) and row[8].value.strip() in ("CBP", "ICE", "Total")
        for cell in row[9:22]
        if isinstance(cell.value, int | float) and cell.value >= 1_000
    ]
    if not found:
        return None
    cell = random.choice(found)
    figure = round(cell.value * random.choice([0.1, 0.9, 1.2, 10]))
    return {(sheet.title, cell.coordinate): figure}, f"{cell.coordinate}: {cell.value} to {figure}"


ICE = ("ice_detention_statistics",)
OHSS = ("ohss_monthly_tables",)
WORKBOOK_KINDS = (
    WorkbookKind(
        "columns exchanged in a closed year",
        "Two labels have each other's figures.",
        _exchanged_in_a_closed_year,
    ),
    WorkbookKind(
        "months shifted in a closed year", "The figures stand one row off.", _months_shifted
    ),
    WorkbookKind(
        "closed month of a table in another unit",
        "A digit too many or too few.",
        _closed_month_in_another_unit,
    ),
    WorkbookKind(
        "new month of a table in another unit",
        "A digit too many or too few.",
        _new_month_in_another_unit,
    ),
    WorkbookKind(
        "a digit too many in a table", "One large figure ten times as large.", _digit_too_many
    ),
    WorkbookKind("new month of a table is the month before", "A row was copied.", _month_before),
    WorkbookKind(
        "new month of a table is the year to date", "The year in place of the month.", _year_to_date
    ),
    WorkbookKind(
        "label gone from a new month of a table", "Nobody is counted under it.", _label_gone
    ),
    WorkbookKind(
        "labels exchanged in a new month of a table",
        "A small one's figure under a large one.",
        _exchanged_in_a_new_month,
    ),
    WorkbookKind("total of a year off", "It is not the sum of its months.", _year_off, OHSS),
    WorkbookKind(
        "year to date too large", "A digit too many in ICE's removals.", _total_of_removals(10), ICE
    ),
    WorkbookKind(
        "year to date too small", "A digit too few in ICE's removals.", _total_of_removals(0.1), ICE
    ),
    WorkbookKind(
        "as of an earlier day",
        "The data end before those of the workbook before.",
        _updated_before,
        ICE,
    ),
    WorkbookKind(
        "total is not the sum of its parts", "A figure of ICE's book-ins.", _parts_off, ICE
    ),
)
