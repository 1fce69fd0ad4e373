"""Whether the figures of a release add up as its dataset says.

What belongs here: comparing figures within one release. Sums across releases and tables are
checked on a build, by the suites.
"""

from typing import Any

import polars as pl

from orchestration.catalogue.categories import has_labels, in_one_spelling
from orchestration.catalogue.dataset import FIGURE_COLUMN, SPAN, Dataset, Sum
from orchestration.readers.cells import number
from orchestration.review.finding import Finding, shortened

SHOWN = 2  # of each sum


def sum_findings(rows: pl.DataFrame, dataset: Dataset) -> list[Finding]:
    """The sums of a release that do not add up, the worst of each table first; empty if all do.

    rows: as the archive holds the typed ones, with the corrections that apply.
    """
    if not dataset.sums:
        return []
    index = [name for name in rows.columns if name not in dataset.figures]
    has_month = pl.col("month_start").is_not_null()
    figures = rows.unpivot(
        on=dataset.figures, index=index, variable_name=FIGURE_COLUMN, value_name="text"
    ).with_columns(
        number("text").alias("people"),
        pl.when(has_month).then(pl.lit("month")).otherwise(pl.lit("year")).alias(SPAN),
    )
    figures = figures.filter(pl.col("people").is_not_null())
    named = {
        name: None
        for rule in dataset.sums
        for name in (*rule.by, *rule.total, *rule.parts)
        if name in dataset.columns
    }
    spelled = in_one_spelling(figures, dataset, named)
    return [found for rule in dataset.sums for found in _findings(spelled, rule, dataset)]


def _findings(spelled: pl.DataFrame, rule: Sum, dataset: Dataset) -> list[Finding]:
    """What a rule finds, one finding per table."""
    is_total = has_labels(rule.total, dataset)
    total, parts = (
        spelled.filter(chosen)
        .group_by(rule.by)
        .agg(pl.col("people").sum(), pl.len().cast(pl.Int64).alias("figures"))
        for chosen in (is_total, has_labels(rule.parts, dataset) & ~is_total)
    )
    excess = pl.col("people_of_parts") - pl.col("people")
    off = (
        total.join(parts, on=rule.by, how="full", coalesce=True, suffix="_of_parts")
        .with_columns(pl.selectors.integer().fill_null(0))
        .with_columns(
            difference=excess if rule.some else excess.abs(),
            allowed=rule.within
            + rule.rounded_to // 2 * (pl.col("figures") + pl.col("figures_of_parts")),
        )
        .filter(pl.col("difference") > pl.col("allowed"))
        .filter(pl.col("figures_of_parts") > 0 if rule.where_both else pl.lit(value=True))
        .filter(pl.col("figures") > 0 if rule.where_total else pl.lit(value=True))
        .sort(pl.col("difference").neg(), *rule.by)
    )
    [of_parts] = rule.parts["table_name"] if len(rule.parts.get("table_name", ())) == 1 else [None]
    sentences: dict[str | None, list[str]] = {}
    for row in off.iter_rows(named=True):
        sentences.setdefault(row.get("table_name", of_parts), []).append(_sentence(row, rule))
    return [
        Finding("parts_add_up", sentence, table)
        for table, found in sentences.items()
        for sentence in shortened(found, "sums", shown=SHOWN)
    ]


def _sentence(row: dict[str, Any], rule: Sum) -> str:
    place = ", ".join(str(row[name]).removesuffix("-01") for name in rule.by if row[name])
    if not row["figures"]:
        return (
            f"{place}: found {row['people_of_parts']:,} as the sum of {rule.name}, and no row of "
            "their total, expected one; its table may have another name"
        )
    return (
        f"{place}: found {row['people_of_parts']:,} as the sum of {rule.name}, expected "
        f"{'at most ' * rule.some}{row['people']:,}, their total, give or take {row['allowed']:,}"
    )
