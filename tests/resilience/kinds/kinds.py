"""The kinds of faults in files with one figure a row: CBP's cuts and transcribed series."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import polars as pl

from tests.resilience.kinds.kind import (
    NOTICEABLE_PEOPLE,
    NOTICEABLE_SHARE,
    Drawn,
    Kind,
    count,
    drawn_label,
    drawn_pair,
    in_months,
    noticeable,
    rows_at,
    summed,
    with_counts,
    with_label,
)
from tests.resilience.kinds.published import Published, after, people

Where = Callable[[Published, str, Random], list[str] | None]
SUBTOTALS = ("Sub Total", "SUBTOTAL", "Overall", "All Citizenships", "Grand Total", "TOTAL")
NOTHING = ("NULL", "null", "N/A", "None", "#N/A", "nan", "-")
LEAST_FACTOR, MOST_FACTOR = 15, 100  # below this, real events do the same to a citizenship
FEWEST_CELLS = 8
TIMES = ("period", "fiscal_year", "month_name", "month", "month_grouping")


def closed_year(file: Published, month: str, random: Random) -> list[str] | None:
    """The months of a fiscal year that the release before covers to its end."""
    known = [m for m in file.months if m <= month]
    ends = [m for m in known if m[5:7] == "09" and f"{after(m, -11)}-01" in known]
    if not ends:
        return None
    end = random.choice(ends)
    return [f"{after(end, -number)}-01" for number in range(12)]


def closed_month(file: Published, month: str, random: Random) -> list[str] | None:
    """A month of such a year."""
    months = closed_year(file, month, random)
    return None if months is None else [random.choice(months)]


def open_month(file: Published, month: str, random: Random) -> list[str] | None:
    """A month of the year that was unfinished in the release before."""
    october = f"{int(month[:4]) - (month[5:7] < '10')}-10-01"
    known = [m for m in file.months if october <= m <= month]
    return [random.choice(known)] if known and month[5:7] != "09" else None


def newest(file: Published, month: str, _: Random) -> list[str]:
    return [month]


def _named(months: list[str]) -> str:
    return months[0][:7] if len(months) == 1 else f"{min(months)[:7]} to {max(months)[:7]}"


def _dated(file: Published, rows: pl.DataFrame, month: str) -> pl.DataFrame:
    """Rows of a file as if they were of another of its months."""
    when = [name for name in TIMES if name in file.frame.columns]
    [texts] = file.frame.filter(pl.col("period") == month).select(when).unique().to_dicts()
    return rows.with_columns(pl.lit(text).alias(name) for name, text in texts.items())


def _exchanged(where: Where, apart: float) -> Callable[[Published, str, Random], Drawn | None]:
    def draw(file: Published, month: str, random: Random) -> Drawn | None:
        months = where(file, month, random)
        pair = drawn_pair(file, months, random, apart) if months else None
        if months is None or pair is None:
            return None
        column, one, other = pair
        frame = file.frame
        is_area = column == "area_of_responsibility" and "area_abbreviation" in frame.columns
        for name in (column, *["area_abbreviation"] * is_area):
            texts = [frame.filter(pl.col(column) == label)[name][0] for label in (one, other)]
            swapped = pl.col(name).replace(dict(zip(texts, reversed(texts), strict=True)))
            frame = frame.with_columns(
                pl.when(in_months(months)).then(swapped).otherwise(name).alias(name)
            )
        return Drawn(replace(file, frame=frame), f"{_named(months)}: {one} and {other}")

    return draw


def _merged(file: Published, month: str, random: Random) -> Drawn | None:
    months = closed_year(file, month, random)
    pair = drawn_pair(file, months, random, 1) if months else None
    if months is None or pair is None:
        return None
    column, one, other = pair
    if column == "area_of_responsibility":
        return None  # exchanged is the same fault here, as each area has an abbreviation
    moved = pl.when(in_months(months)).then(pl.col(column).replace(other, one)).otherwise(column)
    frame = file.frame.with_columns(moved.alias(column))
    return Drawn(summed(replace(file, frame=frame)), f"{_named(months)}: {other} under {one}")


def _shifted(where: Where) -> Callable[[Published, str, Random], Drawn | None]:
    def draw(file: Published, month: str, random: Random) -> Drawn | None:
        months = where(file, month, random)
        if months is None or file.frame.filter(in_months(months)).height < FEWEST_CELLS:
            return None
        by = random.choice([-1, 1])
        name = count(file)
        is_hit = in_months(months)
        hit = file.frame.filter(is_hit)[name].to_list()
        moved = iter([*hit[by:], *hit[:by]])
        texts = [
            next(moved) if period in months else text
            for period, text in file.frame.select("period", name).iter_rows()
        ]
        frame = file.frame.with_columns(pl.Series(name, texts))
        return Drawn(replace(file, frame=frame), f"{_named(months)}: by {by:+}")

    return draw


def _scaled(where: Where) -> Callable[[Published, str, Random], Drawn | None]:
    """Every count of a month in another unit."""

    def draw(file: Published, month: str, random: Random) -> Drawn | None:
        months = where(file, month, random)
        if months is None:
            return None
        factor = random.choice([0.01, 0.1, 10, 100])
        scaled = with_counts(file, in_months(months), people(count(file)) * factor)
        return Drawn(scaled, f"{_named(months)}: times {factor:g}")

    return draw


def _one_cell(where: Where) -> Callable[[Published, str, Random], Drawn | None]:
    """One of a month's large cells, a digit too long."""

    def draw(file: Published, month: str, random: Random) -> Drawn | None:
        months = where(file, month, random)
        if months is None:
            return None
        rows = file.frame.with_row_index("row").filter(in_months(months))
        whole = rows.select(people(count(file)).sum()).item()
        large = rows.filter(people(count(file)) >= max(NOTICEABLE_PEOPLE, NOTICEABLE_SHARE * whole))
        if large.is_empty():
            return None
        row = random.choice(large["row"].to_list())
        return Drawn(
            with_counts(file, rows_at([row]), people(count(file)) * 10),
            f"{_named(months)}: row {row} ten times",
        )

    return draw


def _months_exchanged(file: Published, month: str, random: Random) -> Drawn | None:
    months = closed_year(file, month, random)
    if months is None:
        return None
    one, other = random.sample(months, 2)
    frame = pl.concat(
        [
            file.frame.filter(~in_months([one, other])),
            _dated(file, file.frame.filter(pl.col("period") == one), other),
            _dated(file, file.frame.filter(pl.col("period") == other), one),
        ]
    )
    return Drawn(replace(file, frame=frame), f"{one[:7]} and {other[:7]}")


def _rounded(file: Published, month: str, random: Random) -> Drawn | None:
    months = closed_year(file, month, random)
    if months is None:
        return None
    to = random.choice([100, 1000])
    counts = (people(count(file)) / to).round() * to
    return Drawn(with_counts(file, in_months(months), counts), f"{_named(months)}: to {to}")


def _label_gone(file: Published, month: str, random: Random) -> Drawn | None:
    drawn = drawn_label(file, [month], random)
    if drawn is None:
        return None
    column, label = drawn
    frame = file.frame.filter(~((pl.col("period") == month) & (pl.col(column) == label)))
    if month not in frame["period"]:
        return None  # the month as a whole
    return Drawn(replace(file, frame=frame), f"{month[:7]}: no {label}")


def _label_scaled(grows: bool) -> Callable[[Published, str, Random], Drawn | None]:
    def draw(file: Published, month: str, random: Random) -> Drawn | None:
        drawn = drawn_label(file, [month], random)
        if drawn is None:
            return None
        column, label = drawn
        factor = random.uniform(LEAST_FACTOR, MOST_FACTOR)
        counts = people(count(file)) * factor if grows else people(count(file)) / factor
        hit = (pl.col("period") == month) & (pl.col(column) == label)
        words = "times" if grows else "divided by"
        return Drawn(with_counts(file, hit, counts), f"{month[:7]}: {label} {words} {factor:.0f}")

    return draw


def _copied(months_before: int) -> Callable[[Published, str, Random], Drawn | None]:
    def draw(file: Published, month: str, _: Random) -> Drawn | None:
        source = f"{after(month, -months_before)}-01"
        if source not in file.months:
            return None
        rows = file.frame.filter(pl.col("period") == source)
        others = file.frame.filter(pl.col("period") != month)
        frame = pl.concat([others, _dated(file, rows, month)])
        return Drawn(replace(file, frame=frame), f"{month[:7]} is {source[:7]}")

    return draw


def _year_to_date(file: Published, month: str, _: Random) -> Drawn | None:
    number = (int(month[5:7]) + 2) % 12
    if not number:
        return None
    months = [f"{after(month, -before)}-01" for before in range(number + 1)]
    months = [m for m in months if m in file.months]
    year = _dated(file, file.frame.filter(in_months(months)), month)
    to_date = summed(replace(file, frame=year))
    frame = pl.concat([file.frame.filter(pl.col("period") != month), to_date.frame])
    return Drawn(replace(file, frame=frame), f"{month[:7]}: {len(months)} months")


def _one_count(file: Published, month: str, random: Random) -> Drawn | None:
    if file.frame.filter(pl.col("period") == month).height < FEWEST_CELLS:
        return None
    number = random.randint(1, 2_000)
    return Drawn(
        with_counts(file, pl.col("period") == month, pl.lit(number)), f"{month[:7]}: {number}"
    )


def _with_subtotals(file: Published, month: str, random: Random) -> Drawn | None:
    if "citizenship" not in file.labels:
        return None
    label = random.choice(SUBTOTALS)
    rows = file.frame.filter(pl.col("period") == month)
    newest_alone = replace(file, frame=rows)
    totals = summed(with_label(newest_alone, pl.lit(value=True), "citizenship", label))
    return Drawn(
        replace(file, frame=pl.concat([file.frame, totals.frame])), f"{month[:7]}: {label}"
    )


def _other_spelling(file: Published, month: str, random: Random) -> Drawn | None:
    """Some of a country's rows in the newest month under another spelling."""
    if "citizenship" not in file.labels:
        return None
    sizes = noticeable(file, [month], "citizenship")
    names = [name for name in sizes if name.upper() not in ("OTHER",)]
    if not names:
        return None
    name = random.choice(names)
    at = random.randrange(1, len(name) - 1)
    spelled = random.choice(
        [
            f"{name}.",
            f"{name}*",
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
        ]
    )
    if spelled == name:
        spelled = f"{name}."
    rows = file.frame.with_row_index("row").filter(
        (pl.col("period") == month) & (pl.col("citizenship") == name)
    )["row"]
    some = random.sample(rows.to_list(), max(1, len(rows) // 2))
    changed = with_label(file, rows_at(some), "citizenship", spelled)
    return Drawn(changed, f"{month[:7]}: {name} as {spelled}")


def _no_name(file: Published, month: str, random: Random) -> Drawn | None:
    if "citizenship" not in file.labels:
        return None
    sizes = noticeable(file, [month], "citizenship")
    if not sizes:
        return None
    name, nothing = random.choice(sorted(sizes)), random.choice(NOTHING)
    hit = (pl.col("period") == month) & (pl.col("citizenship") == name)
    changed = with_label(file, hit, "citizenship", nothing)
    return Drawn(changed, f"{month[:7]}: {name} as {nothing}")


def _ended_law(file: Published, month: str, random: Random) -> Drawn | None:
    if "title_of_authority" not in file.labels or month <= "2023-05-01":
        return None
    rows = file.frame.with_row_index("row").filter(pl.col("period") == month)["row"].to_list()
    some = random.sample(rows, max(1, len(rows) // random.randint(2, 20)))
    changed = with_label(file, rows_at(some), "title_of_authority", "Title 42")
    return Drawn(changed, f"{month[:7]}: {len(some)} rows of Title 42")


def _cut_off(file: Published, month: str, random: Random) -> Drawn | None:
    """The last rows of the file are missing, of which all are of the newest month."""
    rows = file.frame.filter(pl.col("period") == month).sort(file.labels)
    if rows.height < FEWEST_CELLS:
        return None
    part = random.uniform(0.3, 0.8)
    kept = rows[: int(rows.height * part)]
    frame = pl.concat([file.frame.filter(pl.col("period") != month), kept])
    return Drawn(replace(file, frame=frame), f"{month[:7]}: {part:.0%} of its rows left")


def _starred(file: Published, month: str, random: Random) -> Drawn | None:
    """Marks in place of the largest counts of a month."""
    rows = file.frame.with_row_index("row").filter(pl.col("period") == month)
    rows = rows.sort(people(count(file)), descending=True)
    whole = rows.select(people(count(file)).sum()).item()
    part = random.uniform(0.2, 0.8)
    marked = rows.filter(people(count(file)).cum_sum() <= part * whole)["row"].to_list()
    if not marked:
        return None
    mark = random.choice(["*", "D", "-", "n/a"])
    changed = with_label(file, rows_at(marked), count(file), mark)
    return Drawn(changed, f"{month[:7]}: {mark} in {len(marked)} cells, {part:.0%} of the people")


def _months_gone(file: Published, month: str, random: Random) -> Drawn | None:
    gone = random.choice(file.months[1:-1])
    frame = file.frame.filter(pl.col("period") != gone)
    return Drawn(replace(file, frame=frame), gone[:7])


KINDS = (
    Kind(
        "labels exchanged in a closed year",
        "Two labels on each other's rows; the total stays.",
        _exchanged(closed_year, 1),
        False,
    ),
    Kind(
        "labels exchanged in an open month",
        "The same in one month of the unfinished year.",
        _exchanged(open_month, 1.1),
        False,
    ),
    Kind(
        "label under another in a closed year",
        "A label's people under a neighbour's name.",
        _merged,
        False,
    ),
    Kind(
        "counts shifted by a row in a closed month",
        "The counts stand one row off.",
        _shifted(closed_month),
        False,
    ),
    Kind(
        "closed month in another unit",
        "Thousands, or a digit too many.",
        _scaled(closed_month),
        False,
    ),
    Kind(
        "open month in another unit", "The same in the unfinished year.", _scaled(open_month), False
    ),
    Kind(
        "a digit too many in a closed month",
        "One large cell ten times as large.",
        _one_cell(closed_month),
        False,
    ),
    Kind(
        "a digit too many in an open month",
        "The same in the unfinished year.",
        _one_cell(open_month),
        False,
    ),
    Kind(
        "two months exchanged",
        "Two months of a closed year under each other's name.",
        _months_exchanged,
        False,
    ),
    Kind("closed year rounded", "A spreadsheet's rounding was pasted.", _rounded, False),
    Kind("known month gone", "A month in the middle is missing.", _months_gone, False),
    Kind("label gone from a new month", "Nobody is counted under a label.", _label_gone, True),
    Kind(
        "label almost gone from a new month",
        "A label falls to a small part.",
        _label_scaled(grows=False),
        True,
    ),
    Kind(
        "label leaps in a new month",
        "A label has many times its people.",
        _label_scaled(grows=True),
        True,
    ),
    Kind("new month in another unit", "Thousands, or a digit too many.", _scaled(newest), True),
    Kind(
        "a digit too many in a new month",
        "One large cell ten times as large.",
        _one_cell(newest),
        True,
    ),
    Kind("new month is the month before", "A month's rows were dated anew.", _copied(1), True),
    Kind(
        "new month is that of the year before",
        "An old month's rows were dated anew.",
        _copied(12),
        True,
    ),
    Kind(
        "new month is the year to date",
        "The sum of the year in place of the month.",
        _year_to_date,
        True,
    ),
    Kind("one count in every row of a new month", "A spreadsheet's fill.", _one_count, True),
    Kind(
        "counts shifted by a row in a new month",
        "The counts stand one row off.",
        _shifted(newest),
        True,
    ),
    Kind(
        "labels exchanged in a new month",
        "A small label's rows under a large one's name.",
        _exchanged(newest, 15),
        True,
    ),
    Kind("new month cut off", "The file ends in the middle of the newest month.", _cut_off, True),
    Kind("largest counts of a new month marked", "Marks in place of numbers.", _starred, True),
    Kind(
        "subtotals among the citizenships",
        "Each cell's total is a citizenship.",
        _with_subtotals,
        True,
    ),
    Kind("country in two spellings", "A slip in some of a country's rows.", _other_spelling, True),
    Kind("nothing in place of a country", "A database's word for no value.", _no_name, True),
    Kind("a law that has ended", "Rows of a new month under Title 42.", _ended_law, True),
)
