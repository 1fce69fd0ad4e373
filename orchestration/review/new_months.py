"""Months that no release had before, compared with the months before them.

What belongs here: what a new month must be like. How far a known month may move is decided in
`comparison`.
"""

from itertools import combinations
from typing import Any

import polars as pl

from orchestration.catalogue.categories import has_labels
from orchestration.catalogue.dataset import Dataset, Steady
from orchestration.catalogue.events import load_events
from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.review.figures import tables_of
from orchestration.review.finding import Finding, shortened
from orchestration.review.slips import copied, one_figure, rounded_months, years_to_date

LEARNED_MONTHS = 12
MONTHS_BEFORE = 3  # with which a label is compared; after an event they are soon those after it
FEWEST_PEOPLE = 100
# what a small label may lose or gain by chance
LOST_BY_CHANCE, GAINED_BY_CHANCE = 5, 20
FEWEST_MIXED = 1_000  # people of a month; fewer are divided by chance
CELL_TIMES = 4  # in one cell, less is usual
TOTAL = "total"  # the series that is the sum of a table's others
MARGIN = 1.5  # on the largest move in the label's own past


def new_month_findings(
    figures: pl.DataFrame, dataset: Dataset, current: pl.DataFrame | None = None
) -> list[Finding]:
    """What is wrong with the months of a release that are new, table by table.

    figures: as `figures_of` returns them. current: the figures that were current before; None
    for the first release, all of whose months are new.
    """
    if dataset.new_months is None:
        return []
    findings = []
    for table, mine in tables_of(figures):
        earlier = current
        if current is not None and table is not None:
            earlier = current.filter(pl.col("table_name") == table)
        months = _Months(table, mine, earlier, dataset)
        if months.new:
            findings += [Finding(f.check, f.sentence, table) for f in months.findings()]
    return findings


class _Months:
    """The months of one table, of which some are new."""

    def __init__(
        self,
        table: str | None,
        figures: pl.DataFrame,
        earlier: pl.DataFrame | None,
        dataset: Dataset,
    ) -> None:
        assert dataset.new_months is not None
        self._dataset, self._limits = dataset, dataset.new_months
        self._steady = [
            rule for rule in dataset.new_months.steady if not rule.tables or table in rule.tables
        ]
        covered = figures["period"].unique()
        before = None if earlier is None else earlier.filter(~pl.col("period").is_in(covered))
        known = figures if before is None else pl.concat([before, figures])
        self._known = known.filter(
            ~pl.col("is_year") & pl.col("figure").is_not_null(),
            has_labels(self._limits.only, dataset),
        )
        if (self._known["series"] != TOTAL).any():
            self._known = self._known.filter(pl.col("series") != TOTAL)
        of_releases = set() if earlier is None else set(earlier["period"].unique())
        self.new = sorted((set(self._known["period"]) & set(covered)) - of_releases)
        self._usual = [month for month in self.new if month[:7] not in load_events()]
        months = sorted(self._known["period"].unique())
        first = months.index(self.new[0]) if self.new else 0
        self._recent = self._known.filter(
            pl.col("period") >= months[max(0, first - LEARNED_MONTHS)] if months else True
        )
        self._counted: dict[tuple[str, ...], pl.DataFrame] = {}

    def findings(self) -> list[Finding]:
        """What is wrong with the new months."""
        key = list(dict.fromkeys(("period", *self._key, "series")))
        cells = self._known.select(*key, "figure")
        return [
            *(Finding("totals_do_not_leap", found) for found in self._leaps()),
            *(Finding("labels_remain", found) for found in self._missed()),
            *(Finding("labels_are_steady", found) for found in self._moved()),
            *(Finding("shares_stay", found) for found in self._mixed()),
            *(Finding("labels_are_steady", found) for found in self._cells_moved()),
            *(Finding("months_differ", found) for found in copied(cells, self.new)),
            *(Finding("months_differ", found) for found in one_figure(cells, self.new)),
            *(Finding("figures_are_exact", found) for found in rounded_months(cells, self.new)),
            *(
                Finding("months_differ", found)
                for found in years_to_date(self._people(self._key), self._usual)
            ),
        ]

    def _people(self, key: tuple[str, ...]) -> pl.DataFrame:
        """The people of the new months and the twelve before them, by label; see `_people`."""
        if key not in self._counted:
            self._counted[key] = _people(self._recent, list(key))
        return self._counted[key]

    def _leaps(self) -> list[str]:
        """New months with many times the people of the largest, or a small part of those of the
        smallest of the twelve months before."""
        times = self._limits.total_times
        if times is None:
            return []
        people = pl.col("figure")
        totals = (
            self._known.group_by("period")
            .agg(people.sum())
            .sort("period")
            .with_columns(
                most=people.rolling_max(LEARNED_MONTHS, min_samples=1).shift(1),
                fewest=people.rolling_min(LEARNED_MONTHS, min_samples=1).shift(1),
            )
            .filter(
                pl.col("period").is_in(self._usual)
                & (pl.max_horizontal("figure", "most") > FEWEST_PEOPLE)
                & ((people > times * pl.col("most")) | (people * times < pl.col("fewest")))
            )
        )
        return shortened(
            [
                f"{row['period'][:7]}: found {row['figure']:,} in total, expected "
                f"{row['fewest'] / times:,.0f} to {row['most'] * times:,.0f}, within {times:g} "
                f"times of the {row['fewest']:,} to {row['most']:,} of the twelve months before"
                for row in totals.iter_rows(named=True)
            ],
            "totals",
        )

    def _missed(self) -> list[str]:
        """Labels, or else pairs of labels, that each of the three months before had, within the
        first column by which months are complete, and that a new month lacks: it may have been
        cut off."""
        percent = self._limits.missed_percent
        if percent is None:
            return []
        within = self._dataset.complete_by[:1]
        others = [name for name in self._dataset.revised_labels if name not in within]
        singles = [(*within, name) for name in others] + [within] * bool(within)
        for keys in (singles, [(*within, *pair) for pair in combinations(others, 2)]):
            sentences = [
                _missed_sentence(row, key)
                for key in keys
                for row in _gone(self._people(key), key, percent).iter_rows(named=True)
                if row["period"] in self._usual and not _has_ended(row, key, self._dataset)
            ]
            if sentences:
                return shortened(sentences, "labels")
        return []

    def _moved(self) -> list[str]:
        """Labels with a small part, or with many times, of what they had in each of the three
        months before."""
        return shortened(
            [
                _moved_sentence(row, steady)
                for steady in self._steady
                for row in self._moves(steady).iter_rows(named=True)
                if not _has_ended(row, steady.by, self._dataset)
            ],
            "labels",
        )

    def _moves(self, steady: Steady) -> pl.DataFrame:
        """The labels of new months that moved too far.

        How far one may: so many times, or more if it has moved further in the past.
        """
        of_label = list(steady.by)
        fallen, grown, period = pl.col("fallen"), pl.col("grown"), pl.col("period")
        is_usual = ~period.str.slice(0, 7).is_in(list(load_events()))
        largest = pl.when(is_usual).then(pl.max_horizontal(fallen, grown)).otherwise(1)
        past = largest.fill_null(1).cum_max().shift(1, fill_value=1).over(of_label)
        return (
            _beside_months_before(self._known, of_label)
            .with_columns(
                fallen=(pl.col("fewest") + LOST_BY_CHANCE) / (pl.col("figure") + LOST_BY_CHANCE),
                grown=(pl.col("figure") + GAINED_BY_CHANCE) / (pl.col("most") + GAINED_BY_CHANCE),
            )
            .with_columns(allowed=pl.max_horizontal(pl.lit(steady.times), past * MARGIN))
            .filter(
                period.is_in(self._usual) & (pl.max_horizontal(fallen, grown) > pl.col("allowed"))
            )
            .sort(pl.max_horizontal(fallen, grown), descending=True)
        )

    def _cells_moved(self) -> list[str]:
        """Cells of which a large part of the month came, or went, within a month."""
        percent, key = self._limits.cell_percent, self._key
        if percent is None:
            return []
        larger = (pl.col("figure") + GAINED_BY_CHANCE) / (pl.col("most") + GAINED_BY_CHANCE)
        smaller = (pl.col("fewest") + LOST_BY_CHANCE) / (pl.col("figure") + LOST_BY_CHANCE)
        moved = pl.max_horizontal(
            pl.col("figure") - pl.col("most"), pl.col("fewest") - pl.col("figure")
        )
        cells = (
            self._people(key)
            .with_columns(
                fewest=pl.col("figure").rolling_min(MONTHS_BEFORE).shift(1).over(key),
                most=pl.col("figure").rolling_max(MONTHS_BEFORE).shift(1).over(key),
                whole=pl.col("figure").sum().over("period"),
            )
            .filter(
                pl.col("period").is_in(self._usual)
                & (pl.max_horizontal(larger, smaller) >= CELL_TIMES)
                & (100 * moved > percent * pl.col("whole"))
                & (moved > FEWEST_PEOPLE)
            )
        )
        return shortened(
            [
                f"{row['period'][:7]}: found {row['figure']:,} for "
                f"{', '.join(str(row[name]) for name in key)}, expected {row['fewest']:,} to "
                f"{row['most']:,} as in the three months before, within {percent:g} % of the month"
                for row in cells.iter_rows(named=True)
                if not _has_ended(row, key, self._dataset)
            ],
            "cells",
        )

    @property
    def _key(self) -> tuple[str, ...]:
        """The columns that identify a cell within a month of the table."""
        labels = [name for name in self._dataset.revised_labels if name != "table_name"]
        several = self._known["series"].n_unique() > 1 and "series" not in labels
        return *labels, *["series"] * several

    def _mixed(self) -> list[str]:
        """New months whose people are divided otherwise, among the labels of a column or among
        all cells, than in each of the three months before: rows shifted or exchanged."""
        limits: dict[tuple[str, ...], float | None]
        limits = {(name,): self._limits.mix_percent for name in self._key}
        if len(self._key) > 1:
            limits[self._key] = self._limits.cells_percent
        sentences = []
        for key, limit in limits.items():
            if limit is None:
                continue
            people = self._people(key)
            for row in _mixes(people, key, self._usual, limit).iter_rows(named=True):
                by = "cells" if len(key) > 1 else f"labels of {key[0].replace('_', ' ')}"
                sentences.append(
                    f"{row['period'][:7]}: found {row['percent']:.0f} % of the people in other "
                    f"{by} than in any of the three months before, expected at most {limit:g} %; "
                    f"most of all {_movers(people, key, row['period'])}"
                )
        return shortened(sentences, "mixes")


def _mixes(
    people: pl.DataFrame, key: tuple[str, ...], months: list[str], limit: float
) -> pl.DataFrame:
    """The months of which more than so many percent of the people are in other cells than in the
    most similar of the three months before: period, percent."""
    before = range(1, MONTHS_BEFORE + 1)
    whole = pl.col("figure").sum().over("period")
    return (
        people.with_columns(share=pl.col("figure") / whole, whole=whole)
        .with_columns(
            (pl.col("share") - pl.col("share").shift(number).over(key))
            .abs()
            .alias(f"moved_{number}")
            for number in before
        )
        .filter(
            pl.col("period").is_in(months),
            pl.col("whole") >= FEWEST_MIXED,
            pl.col(f"moved_{MONTHS_BEFORE}").is_not_null(),
        )
        .group_by("period")
        # each person who is in another cell is missing in one and new in another
        .agg(pl.col(f"moved_{number}").sum() * 50 for number in before)
        .select("period", percent=pl.min_horizontal(f"moved_{number}" for number in before))
        .filter(pl.col("percent") > limit)
        .sort("period")
    )


def _movers(people: pl.DataFrame, key: tuple[str, ...], month: str) -> str:
    """The two labels, or cells, whose share of the month changed most, with the change."""
    share = 100 * pl.col("figure") / pl.col("figure").sum().over("period")
    moved = (
        people.with_columns(share=share)
        .with_columns(before=pl.col("share").shift(1).over(key))
        .filter(pl.col("period") == month)
        .sort((pl.col("share") - pl.col("before")).abs(), descending=True)
    )
    return " and ".join(
        f"{', '.join(str(row[name]) for name in key)} from {row['before']:.0f} to "
        f"{row['share']:.0f} %"
        for row in moved[:2].iter_rows(named=True)
    )


def _beside_months_before(known: pl.DataFrame, of_label: list[str]) -> pl.DataFrame:
    """One row per label and month, with the fewest and the most people that it would have going
    by the three months before: as many as then, or as many beside the other labels, whichever is
    nearer, because an event that empties a border moves all of its labels alike."""
    within = of_label[:-1]
    whole = pl.col("figure").sum().over([*within, "period"])
    people = _people(known, of_label).with_columns(rest=whole - pl.col("figure"))
    odds = pl.when(pl.col("rest") > 0).then(pl.col("figure") / pl.col("rest"))
    return (
        people.with_columns(odds=odds)
        .with_columns(
            pl.col(name).rolling_min(MONTHS_BEFORE).shift(1).over(of_label).alias(f"least_{name}")
            for name in ("figure", "odds")
        )
        .with_columns(
            pl.col(name).rolling_max(MONTHS_BEFORE).shift(1).over(of_label).alias(f"most_{name}")
            for name in ("figure", "odds")
        )
        .filter(pl.col("least_figure").is_not_null())
        .with_columns(
            fewest=pl.min_horizontal("least_figure", pl.col("least_odds") * pl.col("rest")),
            most=pl.max_horizontal("most_figure", pl.col("most_odds") * pl.col("rest")),
        )
    )


def _moved_sentence(row: dict[str, Any], steady: Steady) -> str:
    place = ", ".join(str(row[name]) for name in steady.by)
    return (
        f"{row['period'][:7]}: found {row['figure']:,} for {place}, expected {row['fewest']:,.0f} "
        f"to {row['most']:,.0f}, going by the three months before, within {row['allowed']:.3g} "
        "times"
    )


def _missed_sentence(row: dict[str, Any], key: tuple[str, ...]) -> str:
    place = ", ".join(str(row[label]) for label in key)
    return (
        f"{row['period'][:7]}: found nobody for {place}, expected some, as there were "
        f"{row['fewest']:,} or more in each of the three months before"
    )


def _gone(people: pl.DataFrame, key: tuple[str, ...], percent: float) -> pl.DataFrame:
    """The labels and months without anybody, after three months with at least so many percent
    of their people."""
    share = 100 * pl.col("figure") / pl.col("figure").sum().over("period")
    enough = (pl.col("figure") >= FEWEST_PEOPLE) & (share >= percent)
    # a label that is too small in one of the months counts as absent in it
    counts = pl.when(enough).then("figure").otherwise(0)
    fewest = pl.col("counts").rolling_min(MONTHS_BEFORE).shift(1).over(key)
    return (
        people.with_columns(counts=counts)
        .with_columns(fewest=fewest)
        .filter((pl.col("figure") == 0) & (pl.col("fewest") > 0))
        .sort("period", *key)
    )


def _people(known: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """One row per label and month, in this order, with its people; 0 where a month lacks it."""
    counted = known.group_by(*key, "period").agg(pl.col("figure").sum())
    labels = counted.select(key).unique().sort(key)
    months = known.select("period").unique().sort("period")
    return (
        labels.join(months, how="cross", maintain_order="left_right")
        .join(counted, on=[*key, "period"], how="left", maintain_order="left")
        .with_columns(pl.col("figure").fill_null(0))
    )


def _has_ended(row: dict[str, Any], key: tuple[str, ...], dataset: Dataset) -> bool:
    """Whether one of a row's labels is known to have ended by its month."""
    vocabularies = {
        name: dataset.columns[name].vocabulary for name in key if name in dataset.columns
    }
    return any(
        vocabulary is not None
        and load_vocabulary().ended(vocabulary).get(row[name], row["period"]) < row["period"][:7]
        for name, vocabulary in vocabularies.items()
    )
