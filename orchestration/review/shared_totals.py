"""Totals that several datasets publish, compared between the datasets.

What belongs here: totals of a release beside those of other datasets, such as a workbook's beside
a transcription's. A release beside earlier ones of its own dataset is `comparison`'s business.
"""

import polars as pl

from orchestration.catalogue.categories import has_labels
from orchestration.catalogue.dataset import Dataset, RevisionLimits, load_catalogue
from orchestration.releases.release import Release
from orchestration.review.cells import totals_too_far
from orchestration.review.figures import days_of_year
from orchestration.review.finding import Finding, shortened

FEWEST_DAYS = 14
NO_TOTALS = pl.DataFrame(
    schema={
        "release_id": pl.String(),
        "is_year": pl.Boolean(),
        "is_closed": pl.Boolean(),
        "through": pl.Date(),
        "period": pl.String(),
        "series": pl.String(),
        "figure": pl.Int64(),
        "dataset": pl.String(),
        "published_on": pl.Date(),
        "last_month": pl.Date(),
    }
)


class SharedTotals:
    """The shared totals of the releases that were accepted so far.

    A release is compared with the figures that another dataset published last before it, and
    with those that it published first after it: an old workbook that turns up late must fit
    between them.
    """

    def __init__(self) -> None:
        self._known = NO_TOTALS
        self._new: list[pl.DataFrame] = []

    def add(self, totals: pl.DataFrame) -> None:
        """Remember the totals of an accepted release, as `totals_of` returns them."""
        self._new.append(totals)

    def findings(self, figures: pl.DataFrame, release: Release, dataset: Dataset) -> list[Finding]:
        """Where a release's totals are too far from those of the other datasets. figures: as
        `figures_of` returns them."""
        if self._new:  # all at once: of hundreds of releases, few may have been compared anew
            self._known = pl.concat([self._known, *self._new], rechunk=True)
            self._new = []
        mine = totals_of(figures, release, dataset)
        findings = _years_too_fast(mine, self._known, dataset)
        for name, theirs in self._of_others(mine, dataset):
            limits = limits_of_both(dataset, load_catalogue()[name])
            earlier = theirs.filter(pl.col("published_on") <= release.published_on)
            later = theirs.filter(pl.col("published_on") > release.published_on)
            before = earlier.unique(("series", "period"), keep="last", maintain_order=True)
            after = later.unique(("series", "period"), keep="first", maintain_order=True)
            sentences = [
                *_sentences(totals_too_far(before, mine, limits), name, limits),
                *_sentences_of_later(totals_too_far(mine, after, limits), after, name),
                *_unequal(_first_of_month(theirs), self._first_of(mine, dataset), name),
            ]
            findings += [Finding("datasets_agree", s) for s in shortened(sentences, "totals")]
        return findings

    def _first_of(self, mine: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
        """A release's totals if its dataset has published no other release that ends with the
        same month before: a later one may have been corrected."""
        known = self._known.filter(pl.col("dataset") == dataset.name)
        earlier = known.filter(pl.col("published_on") <= mine["published_on"].max())
        return mine.join(earlier, on=("series", "period", "last_month"), how="anti")

    def _of_others(self, mine: pl.DataFrame, dataset: Dataset) -> list[tuple[str, pl.DataFrame]]:
        """The other datasets that publish some of these totals, each with its totals in the order
        of publication."""
        shared = self._known.filter(
            (pl.col("dataset") != dataset.name)
            & pl.col("series").is_in(mine["series"].unique().to_list())
        )
        ordered = shared.sort("published_on", "last_month", "release_id", maintain_order=True)
        return [
            (part["dataset"][0], part)
            for part in ordered.partition_by("dataset", maintain_order=True)
        ]


def totals_of(figures: pl.DataFrame, release: Release, dataset: Dataset) -> pl.DataFrame:
    """The shared totals of a release: as NO_TOTALS, one row per series and period."""
    periods = ("release_id", "is_year", "is_closed", "through", "period")
    totals = [
        figures.filter(has_labels(labels, dataset) & pl.col("figure").is_not_null())
        .group_by(periods, maintain_order=True)
        .agg(pl.lit(name).alias("series"), pl.col("figure").sum())
        for name, labels in dataset.shared_totals.items()
    ]
    known = pl.concat(totals) if totals else NO_TOTALS.select(*periods, "series", "figure")
    return known.with_columns(
        pl.lit(dataset.name).alias("dataset"),
        pl.lit(release.published_on).alias("published_on"),
        pl.lit(release.last_month, pl.Date()).alias("last_month"),
    ).select(NO_TOTALS.columns)


def limits_of_both(one: Dataset, other: Dataset) -> RevisionLimits:
    """The wider limits of two datasets, for totals without labels; a year's growth has that of the
    first."""
    assert one.revisions is not None
    assert other.revisions is not None
    return one.revisions.wider(other.revisions)


def _years_too_fast(mine: pl.DataFrame, known: pl.DataFrame, dataset: Dataset) -> list[Finding]:
    """The years to date that nobody has published before and that have many times the people per
    day of every year before them."""
    times = dataset.revisions.year_growth_times if dataset.revisions else None
    if times is None:
        return []
    paces = _paces(known)
    new = _paces(mine).join(paces, on=("series", "period"), how="anti")
    before = (
        new.join(paces, on="series", suffix="_before")
        .filter(pl.col("period_before") < pl.col("period"))
        .group_by("series", "period", "figure", "through", "pace", maintain_order=True)
        .agg(pl.col("pace_before").max())
    )
    return [
        Finding(
            "totals_do_not_leap",
            f"{_place(row)}: found {row['figure']:,} through {row['through']}, "
            f"{row['pace']:,.0f} a day, expected at most {times:g} times {row['pace_before']:,.0f} "
            "a day, the fastest year before it",
        )
        for row in before.filter(pl.col("pace") > times * pl.col("pace_before")).iter_rows(
            named=True
        )
    ]


def _paces(totals: pl.DataFrame) -> pl.DataFrame:
    """The years among totals, each with its people per day."""
    # the first days of a year say little
    pace = pl.col("figure") / pl.max_horizontal(days_of_year("through"), FEWEST_DAYS)
    return totals.filter("is_year").with_columns(pace=pace)


def _sentences(far: pl.DataFrame, name: str, limits: RevisionLimits) -> list[str]:
    """What is wrong with totals that follow those of another dataset."""
    return [
        f"{_place(row)}: found {row['total_after']:,}, expected "
        + (
            f"growth from the {row['total_before']:,} through {row['through_before']} in release "
            f"{row['release_id']} of {name} at no more than {limits.year_growth_times:g} times "
            "the pace until then"
            if row["grew_too_fast"]
            else f"{row['total_before']:,} as in release {row['release_id']} of {name}, within "
            f"{row['percent']:g} %"
        )
        for row in far.iter_rows(named=True)
    ]


def _sentences_of_later(far: pl.DataFrame, later: pl.DataFrame, name: str) -> list[str]:
    """What is wrong with totals that precede those of another dataset."""
    of_later = later.select("period", "series", later_release_id="release_id")
    return [
        f"{_place(row)}: found {row['total_before']:,}, expected a figure that fits the "
        f"{row['total_after']:,} published later, in release {row['later_release_id']} of {name}"
        for row in far.join(of_later, on=("period", "series")).iter_rows(named=True)
    ]


def _first_of_month(theirs: pl.DataFrame) -> pl.DataFrame:
    """Of the releases of a dataset that end with the same month, the totals of the first."""
    return theirs.unique(("series", "period", "last_month"), keep="first", maintain_order=True)


def _unequal(theirs: pl.DataFrame, mine: pl.DataFrame, name: str) -> list[str]:
    """Two datasets that both end with the same month were made from the same data, as they were
    first published."""
    both = mine.filter(~pl.col("is_year")).join(
        theirs, on=("series", "period", "last_month"), suffix="_of_theirs"
    )
    unequal = both.filter(pl.col("figure") != pl.col("figure_of_theirs"))
    return [
        f"{_place(row)}: found {row['figure']:,}, expected {row['figure_of_theirs']:,} as in "
        f"release {row['release_id_of_theirs']} of {name}, which ends with the same month"
        for row in unequal.iter_rows(named=True)
    ]


def _place(row: dict[str, object]) -> str:
    return f"{str(row['period']).removesuffix('-01')}, {str(row['series']).replace('_', ' ')}"
