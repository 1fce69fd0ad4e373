"""Faults in the content of a file: wrong rows, labels and counts from an export, a spreadsheet
or a manual edit."""

from collections.abc import Callable
from dataclasses import replace

from tests.resilience.faults.faulty_releases import NEXT, PUBLISHED, File, release_fault
from tests.support.cbp_files import (
    BORDER_PATROL,
    BY_AREA,
    FIELD_OPERATIONS,
    SOUTHWEST,
    Made,
    made,
)

Change = Callable[[Made], Made]
LOOK_ALIKE = "\N{CYRILLIC CAPITAL LETTER EM}EXICO"
CLOSED, NEWEST = ("2024", "JUN"), ("2025 (FYTD)", "NOV")


def _alone(change: Change) -> Callable[[Made], tuple[File, ...]]:
    """The faulty release is the first of its dataset."""
    return lambda release: (File(change(release).bytes()),)


def _second(change: Change, dataset: str = SOUTHWEST) -> Callable[[Made], tuple[File, ...]]:
    """The faulty release follows the sound one."""
    return lambda release: (
        File(release.bytes(), PUBLISHED, dataset=dataset),
        File(change(release).bytes(), NEXT, dataset=dataset),
    )


def _rows_of(release: Made, month: tuple[str, str]) -> list[int]:
    times = zip(release.column("fiscal_year"), release.column("month_name"), strict=True)
    return [i for i, (year, name) in enumerate(times) if (year, name) == month]


def _largest(release: Made, month: tuple[str, str]) -> int:
    """The row with the most people in a month."""
    counts = release.column("encounters")
    return max(_rows_of(release, month), key=lambda i: int(counts[i].replace(",", "")))


def _times(release: Made, rows: list[int], factor: int) -> Made:
    chosen = set(rows)
    return release.with_cells(
        "encounters",
        lambda i, text: str(int(text.replace(",", "")) * factor) if i in chosen else text,
    )


def _with_count(text: str) -> Change:
    return lambda release: release.with_cell(7, "encounters", text)


def _named(text: str) -> Change:
    """A name in a row of few people; those of many rejected people are not passed over."""
    return lambda release: release.with_cell(7, "citizenship", text).with_cell(7, "encounters", "3")


def _without(release: Made, rows: list[int]) -> Made:
    gone = set(rows)
    return replace(release, rows=tuple(row for i, row in enumerate(release.rows) if i not in gone))


def _twice(release: Made, rows: list[int]) -> Made:
    return replace(release, rows=(*release.rows, *(release.rows[i] for i in rows)))


def _calendar_years(release: Made) -> Made:
    """October to December under the calendar year."""
    late, at = {"OCT", "NOV", "DEC"}, release.columns.index("month_name")
    return release.with_cells(
        "fiscal_year",
        lambda i, text: str(int(text[:4]) - 1) if release.rows[i][at] in late else text,
    )


def _with_totals(release: Made) -> Made:
    """A month's total, left among its details."""
    rows = _rows_of(release, CLOSED)
    counts = release.column("encounters")
    total = sum(int(counts[i].replace(",", "")) for i in rows)
    summed = _twice(release, rows[:1])
    last = len(summed.rows) - 1
    return summed.with_cell(last, "citizenship", "Total").with_cell(last, "encounters", str(total))


def _other_component(release: Made) -> Made:
    """The Border Patrol's label on Field Operations' rows of a month, and vice versa."""
    rows = set(_rows_of(release, CLOSED))
    other = {BORDER_PATROL: FIELD_OPERATIONS, FIELD_OPERATIONS: BORDER_PATROL}
    return release.with_cells("component", lambda i, text: other[text] if i in rows else text)


def _one_other_component(release: Made) -> Made:
    row = next(
        i for i in _rows_of(release, CLOSED) if release.column("component")[i] == BORDER_PATROL
    )
    return release.with_cell(row, "component", FIELD_OPERATIONS)


def _shifted(release: Made, column: str) -> Made:
    """Each cell of a column in the row below its own, the last one at the top."""
    cells = release.column(column)
    return release.with_cells(column, lambda i, _: cells[i - 1])


def _swapped(one: str, other: str) -> Change:
    """Swap the headers of two columns, but not their cells."""

    def change(release: Made) -> Made:
        first, second = (release.header[release.columns.index(name)] for name in (one, other))
        return release.with_header(one, second).with_header(other, first)

    return change


def _moved_people(release: Made, people: int) -> Made:
    row = _largest(release, CLOSED)
    return release.with_cell(
        row, "encounters", str(int(release.column("encounters")[row]) + people)
    )


def _exchanged(release: Made, month: tuple[str, str]) -> Made:
    """Move people between the two largest cells of a month; the total grows by one."""
    counts = [int(text.replace(",", "")) for text in release.column("encounters")]
    rows = sorted(_rows_of(release, month), key=lambda i: counts[i])
    one, other = rows[-1], rows[-2]
    people = counts[other] // 2
    moved = release.with_cell(one, "encounters", str(counts[one] + people))
    return moved.with_cell(other, "encounters", str(counts[other] - people + 1))


def _zero(release: Made, rows: list[int] | None = None) -> Made:
    chosen = set(range(len(release.rows)) if rows is None else rows)
    return release.with_cells("encounters", lambda i, text: "0" if i in chosen else text)


def _fewer_rows(release: Made, every: int) -> Made:
    """Drop every nth row; every month and component keeps some."""
    return _without(release, [i for i in range(len(release.rows)) if i % every == 0])


def _without_last_demographic(release: Made) -> Made:
    """Without Border Patrol's unaccompanied minors in the newest month."""
    rows = zip(
        release.column("fiscal_year"),
        release.column("month_name"),
        release.column("component"),
        release.column("demographic"),
        strict=True,
    )
    newest = [
        i
        for i, (year, month, component, people) in enumerate(rows)
        if (year, month) == NEWEST
        and component == BORDER_PATROL
        and people.startswith(("UAC", "UC"))
    ]
    assert newest
    return _without(release, newest)


def _children_exchanged(month: tuple[str, str]) -> Change:
    """Adults and unaccompanied children exchanged in one month; its total stays."""

    def change(release: Made) -> Made:
        chosen = set(_rows_of(release, month))
        names = release.column("demographic")
        child = next(name for name in names if name.startswith("UC"))
        other = {"Single Adults": child, child: "Single Adults"}
        return release.with_cells(
            "demographic", lambda i, text: other.get(text, text) if i in chosen else text
        )

    return change


def _few_children(release: Made) -> Made:
    """A fiftieth of the newest month's unaccompanied children."""
    newest, names = set(_rows_of(release, NEWEST)), release.column("demographic")
    chosen = {i for i in newest if names[i].startswith("UC")}
    return release.with_cells(
        "encounters",
        lambda i, text: str(int(text.replace(",", "")) // 50 + 1) if i in chosen else text,
    )


def _month_before(release: Made) -> Made:
    """The newest month with the rows of the month before."""
    october = [release.rows[i] for i in _rows_of(release, ("2025 (FYTD)", "OCT"))]
    at = release.columns.index("month_name")
    copied = tuple((*row[:at], NEWEST[1], *row[at + 1 :]) for row in october)
    kept = _without(release, _rows_of(release, NEWEST))
    return replace(kept, rows=(*kept.rows, *copied))


def _counts_shifted(release: Made) -> Made:
    """The newest month's counts one row off, after adults have become a hundred times as many in
    all months: in a made release all counts are alike."""
    names = release.column("demographic")
    uneven = _times(release, [i for i, name in enumerate(names) if name == "Single Adults"], 100)
    rows = _rows_of(uneven, NEWEST)
    counts = uneven.column("encounters")
    moved = dict(zip(rows, [counts[i] for i in (*rows[1:], rows[0])], strict=True))
    return uneven.with_cells("encounters", lambda i, text: moved.get(i, text))


def _under_title_42(release: Made) -> Made:
    return release.with_cell(_largest(release, NEWEST), "title_of_authority", "Title 42")


def _rounded(release: Made) -> Made:
    years = release.column("fiscal_year")

    def hundreds(i: int, text: str) -> str:
        return str(round(int(text.replace(",", "")) / 100) * 100) if years[i] == "2024" else text

    return release.with_cells("encounters", hundreds)


VALUES = (
    release_fault(
        "month missing",
        "A month in the middle is gone.",
        "refused",
        "months_are_complete",
        "found no row for 2024-06",
        _alone(lambda r: _without(r, _rows_of(r, CLOSED))),
    ),
    release_fault(
        "month missing for a component",
        "One component's rows of a month are gone.",
        "refused",
        "months_are_complete",
        ("2024-06", "Border Patrol"),
        _alone(
            lambda r: r.keeping(
                lambda row: (
                    (row["fiscal_year"], row["month_name"]) != CLOSED
                    or row["component"] != BORDER_PATROL
                )
            )
        ),
    ),
    release_fault(
        "month twice",
        "A month's rows were exported twice.",
        "refused",
        "cells_stand_once",
        "found the same cell twice",
        _alone(lambda r: _twice(r, _rows_of(r, CLOSED))),
    ),
    release_fault(
        "all rows twice",
        "The file was appended to itself.",
        "refused",
        "cells_stand_once",
        "found the same cell twice",
        _alone(lambda r: _twice(r, list(range(len(r.rows))))),
    ),
    release_fault(
        "fiscal year taken for a calendar year",
        "October to December are a year too early.",
        "refused",
        "months_are_complete",
        "found no row for",
        _alone(_calendar_years),
    ),
    release_fault(
        "negative count",
        "A correction entered as a negative count.",
        "rows rejected",
        "cells_are_typed",
        "found '-5', expected a whole number",
        _alone(_with_count("-5")),
        is_wide=True,
    ),
    release_fault(
        "fractional count",
        "Half a person.",
        "rows rejected",
        "cells_are_typed",
        "found '12.5', expected a whole number",
        _alone(_with_count("12.5")),
        is_wide=True,
    ),
    release_fault(
        "empty count",
        "A cell without a figure.",
        "rows rejected",
        "cells_are_typed",
        "found '', expected a whole number",
        _alone(_with_count("")),
        is_wide=True,
    ),
    release_fault(
        "X for a count",
        "A figure that was withheld.",
        "rows rejected",
        "cells_are_typed",
        "found 'X', expected a whole number",
        _alone(_with_count("X")),
        is_wide=True,
    ),
    release_fault(
        "count of another unit",
        "A figure in scientific notation, by a spreadsheet.",
        "rows rejected",
        "cells_are_typed",
        "found '1.2E+04'",
        _alone(_with_count("1.2E+04")),
        is_wide=True,
    ),
    release_fault(
        "many counts withheld",
        "A tenth of the figures is X.",
        "refused",
        "cells_are_typed",
        ("found 'X'", "rows cannot be typed"),
        _alone(lambda r: r.with_cells("encounters", lambda i, text: "X" if i % 10 == 0 else text)),
    ),
    release_fault(
        "count ten times",
        "A digit too many in a closed year.",
        "held",
        "totals_stay",
        ("2024-06, closed fiscal year",),
        _second(lambda r: _times(r, [_largest(r, CLOSED)], 10)),
    ),
    release_fault(
        "count a thousand times",
        "A count in a closed year in thousands.",
        "held",
        "totals_stay",
        ("2024-06, closed fiscal year",),
        _second(lambda r: _times(r, [_largest(r, CLOSED)], 1000)),
    ),
    release_fault(
        "new month ten times",
        "The newest month in another unit.",
        "held",
        "totals_do_not_leap",
        ("2024-11", "within 2.5 times of the"),
        _alone(lambda r: _times(r, _rows_of(r, NEWEST), 10)),
    ),
    release_fault(
        "one person more in a closed year",
        "A closed month grew by one.",
        "held",
        "totals_stay",
        ("2024-06, closed fiscal year", "moved by +1"),
        _second(lambda r: _moved_people(r, 1)),
    ),
    release_fault(
        "open month revised too far",
        "The month before the newest grew far more than allowed.",
        "held",
        "totals_stay",
        ("2024-10", "within 1 %"),
        _second(lambda r: _times(r, [_largest(r, ("2025 (FYTD)", "OCT"))], 3)),
    ),
    release_fault(
        "cells exchanged",
        "People of an open month moved to another cell; its total stays.",
        "held",
        "cells_stay",
        ("2024-10: found a cell moved by", "at most 1 %"),
        _second(lambda r: _exchanged(r, ("2025 (FYTD)", "OCT"))),
    ),
    release_fault(
        "two columns swapped",
        "The headers of demographic and citizenship are swapped.",
        "refused",
        "labels_are_known",
        "column 'Demographic': found",
        _alone(_swapped("demographic", "citizenship")),
    ),
    release_fault(
        "counts and years swapped",
        "The headers of fiscal year and count are swapped.",
        "refused",
        "cells_are_typed",
        "column 'Fiscal Year': found",
        _alone(_swapped("fiscal_year", "encounters")),
    ),
    release_fault(
        "component on another's rows",
        "Each component's label on the other's rows of a month.",
        "refused",
        "labels_fit_components",
        "in a row of",
        _alone(_other_component),
    ),
    release_fault(
        "component on another's row",
        "One row under the other component.",
        "refused",
        "labels_fit_components",
        ("found 'Apprehensions' in a row of 'Office of Field Operations'",),
        _alone(_one_other_component),
    ),
    release_fault(
        "sector of the other component",
        "A sector in a row of Field Operations.",
        "refused",
        "labels_fit_components",
        "found 'San Diego Sector'",
        lambda _: (
            File(
                made(BY_AREA).with_cell(0, "area_of_responsibility", "San Diego Sector").bytes(),
                dataset=BY_AREA,
            ),
        ),
        on_real=False,
    ),
    release_fault(
        "abbreviations a row too low",
        "The column of abbreviations was shifted by one row.",
        "refused",
        "labels_fit_each_other",
        ("column 'AOR (Abbv)': found", "expected its own abbreviation"),
        lambda release: (File(_shifted(release, "area_abbreviation").bytes(), dataset=BY_AREA),),
        dataset=BY_AREA,
    ),
    release_fault(
        "unknown sector",
        "A sector that no vocabulary lists.",
        "refused",
        "labels_are_known",
        ("found 'Gotham Sector'", "line 3"),
        lambda release: (
            File(
                release.with_cell(1, "area_of_responsibility", "Gotham Sector").bytes(),
                dataset=BY_AREA,
            ),
        ),
        dataset=BY_AREA,
    ),
    release_fault(
        "unknown demographic",
        "A category that was renamed.",
        "refused",
        "labels_are_known",
        "found 'Lone Adults'",
        _alone(
            lambda r: r.with_cells("demographic", lambda _, text: text.replace("Single", "Lone"))
        ),
    ),
    release_fault(
        "all counts zero",
        "A query that matched nobody.",
        "refused",
        "months_have_people",
        "found nobody counted in",
        _alone(_zero),
    ),
    release_fault(
        "new month zero",
        "The newest month was not filled in yet.",
        "refused",
        "months_have_people",
        "found nobody counted in 2024-11",
        _alone(lambda r: _zero(r, _rows_of(r, NEWEST))),
    ),
    release_fault(
        "nulls in a key",
        "The column of components is empty.",
        "refused",
        "labels_are_known",
        "column 'Component': found ''",
        _alone(lambda r: r.with_cells("component", lambda *_: "")),
    ),
    release_fault(
        "nulls in a name",
        "The column of citizenships is empty.",
        "refused",
        "cells_are_typed",
        "found '', expected a name",
        _alone(lambda r: r.with_cells("citizenship", lambda *_: "")),
    ),
    release_fault(
        "total row among the details",
        "The sum of a month as a citizenship.",
        "held",
        "rejected_rows_are_few",
        ("2024-06: found 1 rejected rows", "50.0 % of the month"),
        _alone(_with_totals),
        is_wide=True,
    ),
    release_fault(
        "total row of a component",
        "The sum of a month as a component.",
        "refused",
        "labels_are_known",
        "found 'Total'",
        _alone(lambda r: _twice(r, [5]).with_cell(len(r.rows), "component", "Total")),
    ),
    release_fault(
        "one region gone",
        "The rows of coasts and airports are gone.",
        "held",
        "labels_remain",
        ("'Land Border Region'", "found no row for Other"),
        _second(lambda r: r.keeping(lambda row: row["land_border_region"] != "Other"), BY_AREA),
        dataset=BY_AREA,
    ),
    release_fault(
        "one component gone",
        "The rows of the Border Patrol are gone.",
        "held",
        "labels_remain",
        "found no row for U.S. Border Patrol",
        _second(lambda r: r.keeping(lambda row: row["component"] != BORDER_PATROL)),
    ),
    release_fault(
        "rows lost",
        "One row in ten is gone.",
        "held",
        "rows_remain",
        "cells of the months that both cover",
        _second(lambda r: _fewer_rows(r, 10)),
        is_wide=True,
    ),
    release_fault(
        "rows of a month lost",
        "Three quarters of the newest month's rows are gone.",
        "held",
        "rows_are_as_many",
        "2024-11: found",
        _second(
            lambda r: _without(
                r, _rows_of(r, NEWEST)[::4] + _rows_of(r, NEWEST)[1::4] + _rows_of(r, NEWEST)[2::4]
            )
        ),
        is_wide=True,
    ),
    release_fault(
        "citizenship of look-alikes",
        "MEXICO with a Cyrillic letter, which would be another country.",
        "rows rejected",
        "cells_are_typed",
        ("Latin letters",),
        _alone(_named(LOOK_ALIKE)),
        is_wide=True,
    ),
    release_fault(
        "citizenship with an invisible character",
        "A zero-width space in a name.",
        "rows rejected",
        "cells_are_typed",
        ("Latin letters",),
        _alone(_named("MEX\N{ZERO WIDTH SPACE}ICO")),
        is_wide=True,
    ),
    release_fault(
        "control character in a label",
        "A BEL character in a name.",
        "rows rejected",
        "cells_are_typed",
        ("Latin letters",),
        _alone(_named("MEXICO\a")),
        is_wide=True,
    ),
    release_fault(
        "text decoded twice",
        "A country's name in UTF-8 that was read as Windows-1252.",
        "rows rejected",
        "cells_are_typed",
        ("decoded once",),
        _alone(_named("TÜRKIYE".encode().decode("cp1252"))),
        is_wide=True,
    ),
    release_fault(
        "newest month cut off at the end of a line",
        "The rows of a component's minors are gone from the newest month.",
        "held",
        "labels_remain",
        ("2024-11", "found nobody"),
        _alone(_without_last_demographic),
    ),
    release_fault(
        "adults and children exchanged in a closed year",
        "The month's total stays, and other people are in it.",
        "held",
        "categories_stay",
        ("2024-06, closed fiscal year", "in another category"),
        _second(_children_exchanged(CLOSED)),
    ),
    release_fault(
        "children of the newest month almost gone",
        "A category falls to a fiftieth.",
        "held",
        "labels_are_steady",
        ("2024-11", "going by the three months before, within 4 times"),
        _alone(_few_children),
    ),
    release_fault(
        "newest month is the month before",
        "A month's rows were copied and dated anew.",
        "held",
        "months_differ",
        ("2024-11", "found the figures of 2024-10 in", "expected others"),
        _alone(_month_before),
    ),
    release_fault(
        "counts of the newest month shifted",
        "The counts stand one row off.",
        "held",
        "shares_stay",
        ("2024-11", "of the people in other"),
        _alone(_counts_shifted),
    ),
    release_fault(
        "a law that has ended",
        "A row of the newest month is under Title 42.",
        "held",
        "labels_have_not_ended",
        ("2024-11", "'Title 42', expected nobody, as it ended with 2023-05"),
        _alone(_under_title_42),
    ),
    release_fault(
        "closed year rounded",
        "A spreadsheet's rounding was pasted over FY2024.",
        "held",
        "figures_are_exact",
        ("FY2024: found multiples of 100",),
        _alone(_rounded),
    ),
    release_fault(
        "country misspelled in a row",
        "Two letters of a name exchanged, which would be another country.",
        "held",
        "labels_are_distinct",
        ("'mexcio'", "expected 'mexico'"),
        _alone(
            lambda r: r.with_cell(
                next(i for i, text in enumerate(r.column("citizenship")) if "exico" in text),
                "citizenship",
                "Mexcio",
            )
        ),
        on_real=False,
    ),
    release_fault(
        "largest count of the newest month starred",
        "One rejected row, and a large part of the month's people.",
        "held",
        "rejected_rows_are_few",
        ("2024-11: found 1 rejected rows", "% of the month"),
        _alone(lambda r: r.with_cell(_largest(r, NEWEST), "encounters", "*")),
        is_wide=True,
    ),
    release_fault(
        "null for a country",
        "What a program writes for no value.",
        "rows rejected",
        "cells_are_typed",
        ("'NULL'",),
        _alone(_named("NULL")),
        is_wide=True,
    ),
    release_fault(
        "formula in a label",
        "A spreadsheet formula as a country.",
        "rows rejected",
        "cells_are_typed",
        ("=HYPERLINK",),
        _alone(_named("=HYPERLINK(1)")),
        is_wide=True,
    ),
)
