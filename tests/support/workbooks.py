"""Made workbooks in the layouts of OHSS and ICE: small, every figure invented.

What belongs here: making a workbook and changing one thing in it. The expected outcome is
in the tests.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import openpyxl  # type: ignore[import-untyped]
from openpyxl.utils import (  # type: ignore[import-untyped]
    coordinate_to_tuple,
    get_column_letter,
)

MONTHLY_TABLES = "ohss_monthly_tables"
KEY_METRICS = "ohss_key_metrics_usbp"
DETENTION = "ice_detention_statistics"

TABLES_NAME = "2024_0209_ohss_immigration-enforcement-and-legal-processes-tables-november-2023.xlsx"
METRICS_NAME = "KHSM Encounters (USBP) fy24m11.xlsx"

REPATS = "DHS Repats by Type"
REPATS_PART = "xl/worksheets/sheet2.xml"
CITIZENSHIP = "DHS Removals by Citizenship"
BOOK_OUTS = "CBP SWB Book-Outs by Agency"
ARRESTS = "ERO Arrests by Criminality"
APPOINTMENTS = "CBP One Appointments"
UNLISTED = "Arrests by Shoe Size"
BY_REGION = "Monthly Region"
BY_SECTOR = "Monthly Rgn and Sector"
YEARLY = "Annual Count"

YEARS = "Fiscal Years 2023 to 2024 YTD (November 2023)"
TITLE = f"DHS Repatriations by Type: {YEARS}"
FISCAL_MONTHS = (
    *("October", "November", "December", "January", "February", "March"),
    *("April", "May", "June", "July", "August", "September"),
)
NOTES = (
    "X Not applicable.",
    "NA Not available.",
    "1Removals are compulsory.",
    "Source: invented figures.",
)

TIME = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+Z")

Cell = str | int | None
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class MadeSheet:
    """A sheet as cells, from A1. merged: row, first and last column of each merged cell, from
    0. state: `visible`, `hidden` or `veryHidden`."""

    name: str
    rows: tuple[Row, ...]
    merged: tuple[tuple[int, int, int], ...] = ()
    state: str = "visible"

    def cell(self, address: str) -> Cell:
        row, column = _place(address)
        return self.rows[row - 1][column - 1]

    def with_cell(self, address: str, value: Cell) -> "MadeSheet":
        """With another value in one cell, such as `C4`; the sheet grows if need be."""
        row, column = _place(address)
        height = max(row, len(self.rows))
        rows = [list(cells) for cells in (*self.rows, *[()] * (height - len(self.rows)))]
        rows[row - 1] += [None] * (column - len(rows[row - 1]))
        rows[row - 1][column - 1] = value
        return replace(self, rows=tuple(map(tuple, rows)))

    def with_text(self, old: str, new: Cell) -> "MadeSheet":
        """With another value in every cell that has this text."""
        rows = (tuple(new if cell == old else cell for cell in row) for row in self.rows)
        return replace(self, rows=tuple(rows))

    def with_figures(self, change: Callable[[int], int]) -> "MadeSheet":
        """With every figure of a table by month changed: each number beside year and month."""
        rows = (
            (*row[:2], *(change(cell) if isinstance(cell, int) else cell for cell in row[2:]))
            for row in self.rows
        )
        return replace(self, rows=tuple(rows))

    def with_column(self, letter: str) -> "MadeSheet":
        """With an empty column where this one was."""
        at = _place(f"{letter}1")[1] - 1
        rows = ((*row[:at], None, *row[at:]) if len(row) > at else row for row in self.rows)
        merged = ((r, a + (a >= at), b + (b >= at)) for r, a, b in self.merged)
        return replace(self, rows=tuple(rows), merged=tuple(merged))

    def with_rows(self, *rows: Row, above: int = 1) -> "MadeSheet":
        """With more rows above the row with this number."""
        at = above - 1
        merged = ((r + len(rows) * (r >= at), a, b) for r, a, b in self.merged)
        return replace(self, rows=(*self.rows[:at], *rows, *self.rows[at:]), merged=tuple(merged))

    def without_row(self, number: int) -> "MadeSheet":
        """Without the row with this number, which must be below all merged headings."""
        return replace(self, rows=(*self.rows[: number - 1], *self.rows[number:]))


@dataclass(frozen=True)
class MadeWorkbook:
    sheets: tuple[MadeSheet, ...]

    def changed(self, name: str, change: Callable[[MadeSheet], MadeSheet]) -> "MadeWorkbook":
        """With one sheet changed."""
        assert name in [sheet.name for sheet in self.sheets]
        return MadeWorkbook(tuple(change(s) if s.name == name else s for s in self.sheets))

    def everywhere(self, change: Callable[[MadeSheet], MadeSheet]) -> "MadeWorkbook":
        return MadeWorkbook(tuple(map(change, self.sheets)))

    def without(self, name: str) -> "MadeWorkbook":
        return MadeWorkbook(tuple(sheet for sheet in self.sheets if sheet.name != name))

    def plus(self, *sheets: MadeSheet) -> "MadeWorkbook":
        return MadeWorkbook((*self.sheets, *sheets))

    def bytes(self) -> bytes:
        return saved(self.workbook())

    def workbook(self) -> openpyxl.Workbook:
        """As an openpyxl workbook, for changes beyond the values of cells."""
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for made in self.sheets:
            sheet = workbook.create_sheet(made.name)
            sheet.sheet_state = made.state
            for number, row in enumerate(made.rows, start=1):
                for column, value in enumerate(row, start=1):
                    if value is not None:
                        sheet.cell(number, column, value)
            for number, first, last in made.merged:
                letters = [get_column_letter(column + 1) for column in (first, last)]
                sheet.merge_cells(f"{letters[0]}{number + 1}:{letters[1]}{number + 1}")
        return workbook


def saved(workbook: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook, which do not depend on the time."""
    written, target = io.BytesIO(), io.BytesIO()
    workbook.save(written)
    with zipfile.ZipFile(written) as archive, zipfile.ZipFile(target, "w") as timeless:
        for part in archive.namelist():
            content = TIME.sub(b"2024-12-01T00:00:00Z", archive.read(part))
            timeless.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    """The unpacked parts of a workbook, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {part.filename: archive.read(part) for part in archive.infolist()}


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def with_shared_strings(strings: bytes) -> bytes:
    """OHSS's monthly tables with this part of shared strings; cell A20 of the table of
    repatriations shows the first of them."""
    parts = parts_of(monthly_tables().bytes())
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/>'
    types = "[Content_Types].xml"
    parts[types] = parts[types].replace(b"</Types>", override + b"</Types>")
    relation = (
        b'<Relationship Id="rId99" Target="sharedStrings.xml" Type="http://schemas.openxmlformats'
        b'.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", relation)
    cell = b'<c r="B20" '
    sheet = parts[REPATS_PART]
    assert b'<c r="A20" ' not in sheet
    parts[REPATS_PART] = sheet.replace(cell, b'<c r="A20" t="s"><v>0</v></c>' + cell, 1)
    return packed(parts | {"xl/sharedStrings.xml": strings})


def monthly_tables() -> MadeWorkbook:
    """OHSS's monthly tables, October 2022 to November 2023 (a fiscal year and two months of the
    next): a table under merged headings, one by citizenship, and one that the catalogue does
    not list."""
    return MadeWorkbook((_contents(), repatriations(), by_citizenship(), unlisted()))


def repatriations() -> MadeSheet:
    """Rows 1 and 2 are a link and the title, rows 3 and 4 the headings, row 5 the total of 2023,
    rows 6 to 17 its months, row 18 the total of 2024, rows 19 and 20 its months; then notes."""
    groups = (
        *(None, None, "Total Repatriations", None, None, "DHS Removals1", None),
        *("DHS Enforcement Returns2", None, "DHS Administrative Returns2", None),
    )
    headings = (
        *("Fiscal Year", "Month"),
        *("Total Repatriations3", "Total Title 8 Repatriations4", "Title 42 Expulsions5"),
        *("Total Removals", "Expedited Removals"),
        *("Total Enforcement Returns", "Voluntary Returns6"),
        *("Total Administrative Returns", "Crew Members Detained"),
    )
    figures: list[Row] = []
    for number in range(14):
        removed, returned, administrative = 1000 + 10 * number, 500 + 10 * number, 200
        expelled = 70 if number < 8 else "X"
        total = removed + returned + administrative
        figures.append(
            (
                *(total + (70 if number < 8 else 0), total, expelled),
                *(removed, removed // 2, returned, returned // 2),
                *(administrative, 50 if number else "NA"),
            )
        )
    merged = ((2, 2, 4), (2, 5, 6), (2, 7, 8), (2, 9, 10))
    return MadeSheet(REPATS, (*_top(TITLE), groups, headings, *_by_month(figures)), merged)


def added_up(sheet: MadeSheet) -> MadeSheet:
    """The repatriations with every total computed anew from the actions of the months."""
    rows, months = list(sheet.rows), list[Row]()
    for at in range(len(rows) - 1, 3, -1):
        name = rows[at][1] if len(rows[at]) > 1 else None
        if name in FISCAL_MONTHS:
            cells = rows[at]
            title_8 = sum(cell for cell in (cells[5], cells[7], cells[9]) if isinstance(cell, int))
            total = title_8 + (cells[4] if isinstance(cells[4], int) else 0)
            rows[at] = (*cells[:2], total, title_8, *cells[4:])
            months.append(rows[at])
        elif name == "Total":
            rows[at] = (
                *rows[at][:2],
                *(_sum(cells) for cells in list(zip(*months, strict=True))[2:]),
            )
            months.clear()
    return replace(sheet, rows=tuple(rows))


def by_citizenship(removals: Iterable[int] | None = None) -> MadeSheet:
    """Row 3 has the headings, row 4 the total of 2023. removals: of the fourteen months; default:
    those of `repatriations`."""
    headings = ("Fiscal Year", "Month", "Total", "Mexico", "Guatemala", "Other1")
    totals = (1000 + 10 * n for n in range(14)) if removals is None else removals
    figures: list[Row] = [(total, 600, 300, total - 900) for total in totals]
    title = f"DHS Removals by Selected Citizenship: {YEARS}"
    return MadeSheet(CITIZENSHIP, (*_top(title), headings, *_by_month(figures)))


def book_outs() -> MadeSheet:
    """Row 3 has the agencies and row 4 the headings: columns C to F are CBP, G to I USBP, J to L
    OFO. Row 5 is the total of 2023, and rows 6 to 17 are its months."""
    groups = (None, None, "Total CBP", *[None] * 3, "USBP", None, None, "OFO", None, None)
    headings = (
        *("Fiscal Year", "Month"),
        *("Total Encounters", "T8 repatriations1", "USBP Releases6", "OFO Paroles7"),
        *("Total Encounters", "T8 repatriations1", "USBP Releases6"),
        *("Total Encounters", "T8 repatriations1", "OFO Paroles7"),
    )
    figures: list[Row] = [
        (*(1600, 500, 800, 300), *(1200, 400, 800), *(400, 100, 300)) for _ in range(14)
    ]
    title = f"CBP SW Border Encounters Book-Outs by Agency: {YEARS}"
    merged = ((2, 2, 5), (2, 6, 8), (2, 9, 11))
    return MadeSheet(BOOK_OUTS, (*_top(title), groups, headings, *_by_month(figures)), merged)


def arrests() -> MadeSheet:
    """Row 3 has the merged headings and row 4 the headings: column C is the total, columns D to F
    are the convicted, G to I the others. Row 5 is the total of 2023, and rows 6 to 17 are its
    months; row 18 is the total of 2024, when the convictions begin, rows 19 and 20 its months."""
    groups = (*[None] * 3, "Convicted Criminals", None, None, "Non-Criminal", None, None)
    headings = (
        *("Fiscal Year", "Month", "Total", "Total Convicted", "Felons1", "Misdemeanors"),
        *("Total Non-Criminal", "Pending Criminal Charges", "Other Immigration Violators2"),
    )
    figures: list[Row] = [
        (100, 60, *((40, 20) if number > 11 else ("NA", "NA")), 40, 30, 10) for number in range(14)
    ]
    title = f"ERO Administrative Arrests by Criminality: {YEARS}"
    merged = ((2, 3, 5), (2, 6, 8))
    return MadeSheet(ARRESTS, (*_top(title), groups, headings, *_by_month(figures)), merged)


def appointments() -> MadeSheet:
    """Row 3 has the headings, row 4 the total of 2023, rows 5 to 16 its months, X at first."""
    headings = ("Fiscal Year", "Month", "Total", "Cuba", "Korea, South", "Other1")
    figures: list[Row] = [(90, 60, 20, 10) if number > 2 else ("X",) * 4 for number in range(14)]
    title = f"CBP One Appointments: {YEARS}"
    return MadeSheet(APPOINTMENTS, (*_top(title), headings, *_by_month(figures)))


def unlisted() -> MadeSheet:
    headings = ("Fiscal Year", "Month", "Small", "Large")
    figures: list[Row] = [(30, 40)] * 14
    return MadeSheet(UNLISTED, (*_top(f"{UNLISTED}: {YEARS}"), headings, *_by_month(figures)))


def _contents() -> MadeSheet:
    return MadeSheet(
        "TOC", (("Table of Contents",), (), ("Category", "Table"), ("Repatriations", "By type"))
    )


def _top(title: str) -> tuple[Row, Row]:
    link = ("Return to Table of Contents.", None, '* Please click on the "plus" sign.')
    return link, (title,)


def _by_month(figures: list[Row]) -> Iterable[Row]:
    """Two fiscal years, each with its total above its months, and the notes below."""
    for year, months in (("2023", figures[:12]), ("2024 YTD", figures[12:])):
        yield (
            int(year) if year.isdigit() else year,
            "Total",
            *map(_sum, zip(*months, strict=True)),
        )
        for name, cells in zip(FISCAL_MONTHS, months, strict=False):
            yield (None, name, *cells)
    yield from ((note,) for note in NOTES)


def _sum(cells: tuple[Cell, ...]) -> Cell:
    numbers = [cell for cell in cells if isinstance(cell, int)]
    return sum(numbers) if numbers else cells[0]


def key_metrics() -> MadeWorkbook:
    """OHSS's key metrics: a fiscal year and two months, by region, by sector, and by year."""
    years = {2023: FISCAL_MONTHS, 2024: FISCAL_MONTHS[:2]}
    months = [
        (y, f"{i:02} {name}") for y, names in years.items() for i, name in enumerate(names, 1)
    ]
    regions = ("Northern Land Border", "Southwest Land Border")
    sectors = (("Northern Land Border", "Blaine, WA"), ("Southwest Land Border", "San Diego, CA"))
    top = ("Fiscal\nYear", "Month")
    by_region = [
        (*m, r, 1000 + 100 * i + j) for i, m in enumerate(months) for j, r in enumerate(regions)
    ]
    by_sector = [
        (*month, *place, 1000 + 100 * i + j)
        for i, month in enumerate(months)
        for j, place in enumerate(sectors)
    ]
    return MadeWorkbook(
        (
            MadeSheet("About", (("Invented encounters",),)),
            MadeSheet(YEARLY, (("Fiscal\nYear", "Quantity"), (2023, 18000), (2024, 5000))),
            MadeSheet(BY_REGION, ((*top, "Region", "Quantity"), *by_region, (), (NOTES[-1],))),
            MadeSheet(BY_SECTOR, ((*top, "Region", "Sector", "Quantity"), *by_sector)),
        )
    )


def detention_statistics() -> MadeWorkbook:
    """ICE's detention statistics for the fiscal year 2024."""
    return MadeWorkbook((MadeSheet("Header", (("ICE",),)), detention(), footnotes()))


def detention(
    fiscal_year: int = 2024, label: str = "EOFY2024", total: int = 1234, removals_at: str = "L16"
) -> MadeSheet:
    """A sheet for one fiscal year: in row 8 an unlisted table, and beside it the book-ins by
    month; from row 16 book-ins, book-outs and removals, side by side."""
    named = f"Detention FY{fiscal_year % 100}"
    months = [name[:3] for name in FISCAL_MONTHS]
    cbp, ice = [10 + i for i in range(12)], [20 + i for i in range(12)]
    both = [a + b for a, b in zip(cbp, ice, strict=True)]
    sheet = MadeSheet(
        named,
        (
            ("U.S. Immigration and Customs Enforcement",),
            (f"ICE DETENTION DATA, {label}",),
        ),
    )
    blocks: dict[str, tuple[Row, ...]] = {
        "A8": (
            (f"ICE Average Length of Hearings by Month: {label}",),
            ("Agency", "Days"),
            ("CBP", 30),
        ),
        "H8": (
            (f"ICE Initial Book-Ins by Arresting Agency and Month: {label}",),
            ("Agency", *months, "Total"),
            ("Total", *both, sum(both)),
            ("CBP", *cbp, sum(cbp)),
            ("ICE  ", *ice, sum(ice)),
        ),
        "A16": (
            (f"ICE Initial Book-Ins by Criminality: {label}",),
            ("Facility Type", "Convicted Criminal", "Pending Criminal Charges", "Total"),
            ("Total", 11, 22, 33),
            ("Adult", 11, 22, 33),
        ),
        "G16": (
            (f"ICE Final Book Outs : {label}",),
            ("Facility Type", None, "Total"),
            ("Total", None, 77),
        ),
        removals_at: (
            (f"ICE Removals: {label}",),
            ("Removals", None, "Total"),
            ("Total", None, total),
            ("Removals with a FAMU Identifier", None, 56),
        ),
        "A24": (("Notes below are not a table.",),),
    }
    for corner, cells in blocks.items():
        sheet = _with_block(sheet, corner, cells)
    return sheet


def footnotes(through: str = "09/30/2024") -> MadeSheet:
    """The footnotes. `through` is the last day of the removals; other data end on other days."""
    run = "(IIDS Run Date 10/04/2024; EID as of 10/03/2024)"
    return MadeSheet(
        "Footnotes",
        (
            ("ICE FOOTNOTES",),
            ("Term", "Definition"),
            (
                "FY2024 ICE Final Book Outs",
                f"ICE Final Book Out data are updated through 08/15/2024 {run}.",
            ),
            ("FY2024 ICE Removals", f"ICE Removals data are updated through {through} {run}."),
        ),
    )


def _with_block(sheet: MadeSheet, corner: str, cells: tuple[Row, ...]) -> MadeSheet:
    """With a block of cells whose upper left corner is at this address."""
    top, left = _place(corner)
    for row, values in enumerate(cells, start=top):
        for column, value in enumerate(values, start=left):
            if value is not None:
                sheet = sheet.with_cell(f"{get_column_letter(column)}{row}", value)
    return sheet


def _place(address: str) -> tuple[int, int]:
    """Row and column of an address such as `C4`, both from 1."""
    row, column = coordinate_to_tuple(address)
    return int(row), int(column)
