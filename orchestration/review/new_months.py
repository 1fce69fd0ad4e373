"""Months that no release had before, compared with the months before them.

What belongs here: what a new month must be like. How far a known month may move is decided in
`comparison`.
"""

from itertools import combinations
from typing import Any

import polars as pl

from orchestration.catalogue.dataset import Dataset, RevisionLimits
from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.review.finding import Finding, shortened

LEARNED_MONTHS = 12
MONTHS_BEFORE = 3  # in each of which a label was there, if it is missed
FEWEST_PEOPLE = 100
SMALLEST_SHARE = 0.005
FEWEST_CELLS = 4  # fewer may be equal by chance


def new_month_findings(
    figures: pl.DataFrame,
    dataset: Dataset,
    limits: RevisionLimits,
    current: pl.DataFrame | None = None,
) -> list[Finding]:
    """What is wrong with the months of a release that are new.

    figures: as `figures_of` returns them. current: the figures that were current before; None
    for the first release, all of whose months are new.
    """
    covered = figures["period"].unique().to_list()
    earlier = None if current is None else current.filter(~pl.col("period").is_in(covered))
    known = figures if earlier is None else pl.concat([earlier, figures])
    known = known.filter(~pl.col("is_year"))
    before = set() if current is None else set(current["period"].unique())
    new = sorted(set(known["period"].unique()) & set(covered) - before)
    usual = [month for month in new if month[:7] not in limits.breaks]
    if not new:
        return []
    months = sorted(known["period"].unique())
    start = months[max(0, months.index(new[0]) - MONTHS_BEFORE)]
    recent = known.filter(pl.col("period") >= start)
    return [
        *(Finding("totals_do_not_leap", found) for found in _leaps(known, new, dataset, limits)),
        *(Finding("labels_remain", found) for found in _missed(recent, usual, dataset, limits)),
        *(Finding("shares_stay", found) for found in _shares_moved(recent, usual, dataset, limits)),
        *(Finding("months_differ", found) for found in _copied(recent, new, dataset)),
    ]


def _leaps(
    known: pl.DataFrame, new: list[str], dataset: Dataset, limits: RevisionLimits
) -> list[str]:
    """New months whose total, or the total of a component or region, is many times the largest
    of the twelve months before."""
    if limits.new_month_times is None:
        return []
    sentences = []
    for name in (None, *dataset.complete_by):
        label = pl.lit("") if name is None else pl.col(name)
        totals = known.group_by("period", label.alias("label")).agg(pl.col("figure").sum())
        before = pl.col("figure").rolling_max(LEARNED_MONTHS, min_samples=1).shift(1).over("label")
        leapt = (
            totals.sort("label", "period")
            .with_columns(before=before)
            .filter(
                pl.col("period").is_in(new)
                & (pl.col("figure") > limits.new_month_times * pl.col("before"))
                & (pl.col("figure") - pl.col("before") > limits.people)
            )
        )
        sentences += [
            f"{row['period'][:7]}{', ' * bool(row['label'])}{row['label']}: found "
            f"{row['figure']:,} in total, expected at most {limits.new_month_times:g} times "
            f"{row['before']:,}, the largest total of the twelve months before"
            for row in leapt.iter_rows(named=True)
        ]
    return shortened(sentences, "totals")


def _missed(
    known: pl.DataFrame, new: list[str], dataset: Dataset, limits: RevisionLimits
) -> list[str]:
    """Labels, or else pairs of labels, that each of the three months before had, within the first
    column by which months are complete, and that a new month lacks: it may have been cut off."""
    if limits.missed_percent is None:
        return []
    within = dataset.complete_by[:1]
    others = [name for name in dataset.revised_labels if name not in within]
    singles = [(*within, name) for name in others] + [within] * bool(within)
    for keys in (singles, [(*within, *pair) for pair in combinations(others, 2)]):
        sentences = [
            _missed_sentence(row, key)
            for key in keys
            for row in _gone(known, list(key), limits.missed_percent).iter_rows(named=True)
            if row["period"] in new and not _has_ended(row, key, dataset)
        ]
        if sentences:
            return shortened(sentences, "labels")
    return []


def _missed_sentence(row: dict[str, Any], key: tuple[str, ...]) -> str:
    place = ", ".join(str(row[label]) for label in key)
    return (
        f"{row['period'][:7]}: found nobody for {place}, expected some, as there were "
        f"{row['fewest']:,} or more in each of the three months before"
    )


def _shares_moved(
    known: pl.DataFrame, new: list[str], dataset: Dataset, limits: RevisionLimits
) -> list[str]:
    """Labels whose share of a new month is many times smaller or larger than in each of the three
    months before: rows shifted, exchanged or multiplied. Shares, because an event that empties a
    border moves all of its labels alike."""
    sentences = []
    for name, times in limits.share_times.items():
        within = [column for column in dataset.complete_by[:1] if column != name]
        shares = _shares(known, within, name).filter(
            pl.col("period").is_in(new) & pl.col("least").is_not_null()
        )
        far = shares.filter(
            (
                (pl.col("fewest") >= FEWEST_PEOPLE)
                & (pl.col("least") >= SMALLEST_SHARE)
                & (pl.col("least") * pl.col("whole") >= FEWEST_PEOPLE / 2)
                & (pl.col("figure") > 0)
                & (pl.col("share") * times < pl.col("least"))
            )
            | (
                (pl.col("figure") >= FEWEST_PEOPLE)
                & (pl.col("share") >= SMALLEST_SHARE)
                & (
                    pl.col("figure")
                    > times * pl.max_horizontal(pl.col("most") * pl.col("whole"), FEWEST_PEOPLE / 5)
                )
            )
        )
        sentences += [
            f"{row['period'][:7]}: found {row['figure']:,} people for "
            f"{', '.join(row[column] for column in (*within, name))}, {row['share']:.2%} of "
            f"{row['whole']:,}, expected a share within {times:g} times the {row['least']:.2%} to "
            f"{row['most']:.2%} of the three months before"
            for row in far.iter_rows(named=True)
        ]
    return shortened(sentences, "shares")


def _shares(known: pl.DataFrame, within: list[str], name: str) -> pl.DataFrame:
    """One row per label and month: its share of the month, and of the three months before the
    least and the most share and the fewest people."""
    key = [*within, name]
    whole = pl.col("figure").sum().over([*within, "period"])
    people = _people(known, key).with_columns(whole=whole)
    return people.with_columns(share=pl.col("figure") / pl.col("whole")).with_columns(
        least=pl.col("share").rolling_min(MONTHS_BEFORE).shift(1).over(key),
        most=pl.col("share").rolling_max(MONTHS_BEFORE).shift(1).over(key),
        fewest=pl.col("figure").rolling_min(MONTHS_BEFORE).shift(1).over(key),
    )


def _copied(known: pl.DataFrame, new: list[str], dataset: Dataset) -> list[str]:
    """New months that are the month before cell by cell, or that have one count in every row."""
    labels = ["series", *(name for name in dataset.revised_labels if name != "series")]
    sentences = []
    months = sorted(known["period"].unique())
    by_month = {
        month: frame.select(*labels, "figure").sort(labels)
        for (month,), frame in known.group_by("period")
    }
    for month in new:
        cells = by_month[month]
        if len(cells) < FEWEST_CELLS:
            continue
        before = months[months.index(month) - 1] if months.index(month) else None
        if before is not None and cells.equals(by_month[before]):
            sentences.append(
                f"{month[:7]}: found the {len(cells):,} figures of {before[:7]}, expected others"
            )
        if cells["figure"].n_unique() == 1:
            sentences.append(
                f"{month[:7]}: found {cells['figure'][0]:,} in each of {len(cells):,} rows, "
                "expected different figures"
            )
    return shortened(sentences, "months")


def _gone(known: pl.DataFrame, key: list[str], percent: float) -> pl.DataFrame:
    """The labels and months without anybody, after three months with at least so many percent
    of their people."""
    share = 100 * pl.col("figure") / pl.col("figure").sum().over("period")
    enough = (pl.col("figure") >= FEWEST_PEOPLE) & (share >= percent)
    # a label that is too small in one of the months counts as absent in it
    counts = pl.when(enough).then("figure").otherwise(0)
    fewest = pl.col("counts").rolling_min(MONTHS_BEFORE).shift(1).over(key)
    return (
        _people(known, key)
        .with_columns(counts=counts)
        .with_columns(fewest=fewest)
        .filter((pl.col("figure") == 0) & (pl.col("fewest") > 0))
        .sort("period", *key)
    )


def _people(known: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """One row per label and month, in this order, with its people; 0 where a month lacks it."""
    counted = known.group_by(*key, "period").agg(pl.col("figure").sum())
    every = counted.select(key).unique().join(known.select("period").unique(), how="cross")
    return (
        every.join(counted, on=[*key, "period"], how="left")
        .with_columns(pl.col("figure").fill_null(0))
        .sort(*key, "period")
    )


def _has_ended(row: dict[str, Any], key: tuple[str, ...], dataset: Dataset) -> bool:
    """Whether one of a row's labels is known to have ended."""
    vocabularies = {name: dataset.columns[name].vocabulary for name in key}
    return any(
        vocabulary is not None and row[name] in load_vocabulary().ended(vocabulary)
        for name, vocabulary in vocabularies.items()
    )
