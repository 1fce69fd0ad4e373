"""Labels that cannot be right where they stand: one label in two spellings, or one that has ended.

What belongs here: what the labels of one release show. Whether a label is in the vocabulary is
checked by the readers.
"""

from itertools import combinations

import polars as pl

from orchestration.catalogue.categories import spelling
from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.review.finding import Finding

RARE = 0.2  # of the rows that the other spelling has
SHORTEST = 4  # letters: Iran and Iraq are as near to each other as a slip, and both are common


def label_findings(rows: pl.DataFrame, dataset: Dataset) -> list[Finding]:
    """Names that differ from a more frequent one by a letter or by punctuation.

    rows: the typed rows of a release.
    """
    findings = []
    for name, column in dataset.columns.items():
        if column.kind != "name":
            continue
        texts = rows[name].value_counts()
        spelled = spelling(texts[name].to_list(), column)
        counts: dict[str, int] = {}
        for text, count in texts.iter_rows():
            counts[spelled[text]] = counts.get(spelled[text], 0) + count
        for one, other in combinations(sorted(counts, key=lambda label: -counts[label]), 2):
            if counts[other] < RARE * counts[one] and _is_near(one, other):
                findings.append(
                    Finding(
                        "labels_are_distinct",
                        f"column {column.headers[0]!r}: found {other!r} in {counts[other]:,} rows, "
                        f"expected {one!r}, as in {counts[one]:,} rows",
                    )
                )
    return findings


def _is_near(one: str, other: str) -> bool:
    """Whether two names are equal but for punctuation, one letter, or two neighbours exchanged."""
    short, long = sorted((_letters(one), _letters(other)), key=len)
    if short == long:
        return True
    if len(short) < SHORTEST or len(long) - len(short) > 1:
        return False
    same = next(
        (i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short)
    )
    rest, longer = short[same:], long[same:]
    if len(short) < len(long):
        return rest == longer[1:]
    return rest[1:] == longer[1:] or (rest[:2] == longer[1::-1] and rest[2:] == longer[2:])


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def ended_findings(figures: pl.DataFrame, dataset: Dataset) -> list[Finding]:
    """Months with people under a label that had ended by then, such as a law.

    figures: as `figures_of` returns them.
    """
    findings = []
    for name in dataset.revised_labels:
        vocabulary = dataset.columns[name].vocabulary
        ended = load_vocabulary().ended(vocabulary) if vocabulary else {}
        for label, month in ended.items():
            later = figures.filter(
                (pl.col(name) == label)
                & (pl.col("period").str.slice(0, 7) > month)
                & ~pl.col("is_year")
                & (pl.col("figure") > 0)
            )
            if len(later):
                findings.append(
                    Finding(
                        "labels_have_not_ended",
                        f"{str(later['period'].min())[:7]}: found {later['figure'].sum():,} people "
                        f"in {len(later):,} rows of {label!r}, expected nobody, as it ended with "
                        f"{month}",
                    )
                )
    return findings
